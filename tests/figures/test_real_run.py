"""The charts of a real run."""

from __future__ import annotations

import numpy as np
import pytest

from schedules.figures.real_run import REAL_STYLES, logged_loss_figure, logged_rates, real_run_figure
from schedules.figures.runs import Rates
from schedules.logs import Series
from schedules.logs.losses import find_spikes

RATES = Rates("a", np.linspace(1, 0, 50))


def series(values) -> Series:
    steps = np.arange(len(values), dtype=np.float64)
    return Series(steps, np.asarray(values, dtype=np.float64), steps.astype(np.int64))


@pytest.mark.parametrize("names", [["intended"], ["intended", "used"], list(REAL_STYLES)])
def test_each_curve_has_its_style_and_the_used_one_is_drawn_last(names):
    figure = real_run_figure(dict.fromkeys(names, RATES), last=49)
    drawn = [line["legendgroup"] for line in figure["data"]]
    assert sorted(drawn) == sorted(REAL_STYLES[name].group for name in names)
    assert drawn[-1] == ("used" if "used" in names else "run")
    for line in figure["data"]:
        style = next(style for style in REAL_STYLES.values() if style.group == line["legendgroup"])
        assert (line["line"]["color"], line["line"]["dash"]) == (style.color, style.dash)


def test_logged_rates_are_at_steps_of_the_run_without_gaps():
    found = logged_rates(series([1, np.inf, 3]), "log", steps_per_unit=10)
    assert found is not None
    assert found.rates.tolist() == [1, 3]
    assert found.at.tolist() == [0, 20]
    assert logged_rates(series([np.inf]), "log") is None


def test_a_logged_loss_has_its_spikes_and_gaps():
    values = np.full(200, 2.0) + 0.01 * np.sin(np.arange(200))
    values[120], values[150] = 9, np.inf
    logged = series(values)
    spikes = find_spikes(series(np.where(np.isfinite(values), values, 2)), series(np.ones(200)))
    figure = logged_loss_figure(logged, spikes, last=100, steps_per_unit=5)
    assert figure is not None
    curve, mark = figure["data"]
    assert mark["x"] == [600]
    assert mark["y"] == [9]
    assert None in curve["y"]
    assert figure["layout"]["xaxis"]["range"] == [0, 995]
    assert logged_loss_figure(series([np.inf, np.inf]), (), last=1) is None


@pytest.mark.parametrize("loss", [[0.0], [-3.0, -1.0], [5.0] * 3, [1e-9, 2e9]])
def test_any_finite_loss_can_be_drawn(loss):
    figure = logged_loss_figure(series(loss), (), last=1)
    assert figure is not None
    low, high = figure["layout"]["meta"]["y"]["linear"]
    assert low <= min(loss) <= max(loss) <= high
    assert low < high
