"""Final losses over the cool-down at one peak: the check values of the law, and the table of the real runs."""

import pytest

from schedules.theory.language_runs import LOSSES, REPEATED, UNIT
from schedules.theory.loss_laws import LOSS_LAWS
from schedules.theory.short_cooldowns import SIZE, SMALLEST_PEAK, law_row, runs_row


def test_the_law_at_its_peak_has_its_check_values():
    row = law_row()
    assert row.peak == 3e-4
    assert (row.losses[0], row.losses[10], row.losses[20], row.cosine) == pytest.approx(
        (3.0330, 2.9261, 2.9275, 2.9900), abs=5e-4
    )
    assert row.tolerance == LOSS_LAWS[SIZE].tolerance
    assert row.best == 10


def test_the_shortest_cooldowns_are_best_at_small_peaks_and_long_ones_at_the_best_peak():
    small, best = runs_row(SMALLEST_PEAK), runs_row(UNIT)
    assert small.losses[10] == LOSSES["10"][0] and best.cosine == LOSSES["cosine"][3]
    assert small.tied == (10, 20) and best.tied == (60, 80, 90)
    for row in (small, best):
        assert row.tolerance == REPEATED
        assert row.losses[row.best] == min(row.losses.values())
        others = [loss for share, loss in row.losses.items() if share not in row.tied]
        assert min(others) > row.losses[row.best] + row.tolerance


def test_another_peak_has_no_runs():
    with pytest.raises(ValueError, match="peak must be one of"):
        runs_row(4e-3)
