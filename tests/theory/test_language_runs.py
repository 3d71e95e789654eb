"""The table of the language model's runs: best peaks, ties and ratios, and the cells beside those of the bowl."""

import numpy as np
import pytest

from schedules import Constant, Run, Schedule
from schedules.theory.cooldown_by_peak import RELATIVE_PEAKS, SHARES, bowl_cells, language_cells
from schedules.theory.language_runs import COSINE, FULL, LOSSES, PEAKS, at_peak, best_of_runs, ratio_of_runs, tied
from schedules.theory.peak_ratio import BOWL_STEPS, bowl_peak, linear_to_zero, shape
from schedules.training.exact import expected


def test_every_row_has_a_loss_at_every_peak():
    assert all(len(losses) == len(PEAKS) for losses in LOSSES.values())
    assert list(PEAKS) == sorted(PEAKS)
    assert list(SHARES) == sorted(SHARES)


@pytest.mark.parametrize(
    ("row", "peak", "loss", "ratio"),
    [
        ("0", 5e-4, 3.112, 0.25),
        ("10", 1e-3, 2.983, 0.5),
        ("20", 1e-3, 2.967, 0.5),
        ("40", 1e-3, 2.955, 0.5),
        ("60", 2e-3, 2.951, 1),
        ("80", 2e-3, 2.952, 1),
        (FULL, 2e-3, 2.954, 1),
        (COSINE, 2e-3, 2.955, 1),
    ],
)
def test_best_peaks_and_ratios_are_those_of_the_reference(row, peak, loss, ratio):
    best = best_of_runs(row)
    assert (best.peak, best.loss) == (peak, loss)
    assert peak in best.tied
    assert ratio_of_runs(row) == (row, pytest.approx(ratio), pytest.approx(ratio / 2), pytest.approx(ratio * 2))


def test_losses_that_differ_by_a_repeat_are_ties():
    assert tied(at_peak(2e-3)) == ("60", "80", "90")
    assert tied({"a": 1.0, "b": 1.002, "c": 1.0021}) == ("a", "b")
    assert best_of_runs("60").tied == (1e-3, 2e-3), "2.953 and 2.951 differ by no more than repeats do"


def test_a_peak_without_runs_is_refused():
    with pytest.raises(ValueError, match=r"peak must be one of 0\.0001"):
        at_peak(4e-3)


def test_a_short_cooldown_wins_only_where_the_peak_is_too_small_on_the_bowl_and_in_the_runs():
    """Short is up to 20 % of the run."""
    for cells, expected_peaks in ((bowl_cells(), [0, 1]), (language_cells(), [0])):
        short = [i for i in range(len(RELATIVE_PEAKS)) if cells.tied_shares(i)[0] <= 20]
        assert short == expected_peaks and max(short) < cells.best_peak
        assert RELATIVE_PEAKS[cells.best_peak] == 1
        for row, ties in zip(cells.loss, cells.ties, strict=True):
            assert ties[0] == np.argmin(row)


def test_the_cells_of_the_bowl_are_those_of_its_runs():
    linear = linear_to_zero(Schedule(policy=Constant()))
    best = bowl_peak(shape(linear, BOWL_STEPS))
    for i, peak in ((0, RELATIVE_PEAKS[0]), (3, RELATIVE_PEAKS[3])):
        for j in (1, 4):
            schedule = Schedule(policy=Constant(), peak_lr=best * peak, total_steps=BOWL_STEPS, cooldown=SHARES[j] / 100)
            run = Run(schedule=schedule)
            assert bowl_cells().loss[i, j] == pytest.approx(expected(run, run.trained_rates()).total[-1], rel=1e-9)
