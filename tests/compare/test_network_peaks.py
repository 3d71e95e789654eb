"""Final loss against peak of networks, from the traces of seven peaks."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Run
from schedules.compare.network_peaks import TRIED, tried_curve, tried_runs
from schedules.compare.peaks import best_peak
from schedules.training import nets
from schedules.training.problems.digits import Digits
from schedules.training.runs import usual_peak


def test_seven_peaks_are_tried_around_the_usual_one_with_one_seed():
    run = Run(problem=Digits(), seeds=3)
    runs = tried_runs(run)
    usual = usual_peak(run.problem, run.optimizer)
    assert [each.trained_peak for each in runs] == pytest.approx([usual * each for each in TRIED])
    assert {each.seeds for each in runs} == {1}
    assert all(set(each.seed_numbers).isdisjoint(run.seed_numbers) for each in runs)
    assert {each.first_seed for each in tried_runs(run.replace(first_seed=700_000))} == {200_000}


def test_the_curve_has_the_final_losses():
    run = Run(problem=Digits())
    traces = nets.train(tried_runs(run.replace(schedule=run.schedule.replace(total_steps=4))))
    curve = tried_curve(traces)
    ended = curve.diverged == 0
    last = np.array([trace.loss[-1, 0] for trace in traces])
    np.testing.assert_array_equal(curve.loss[ended], last[ended])
    assert ended.sum() >= 5 and np.isinf(curve.loss[~ended]).all()
    assert (curve.seeds, curve.exact) == (1, False)
    assert curve.peaks[0] <= best_peak(curve).peak <= curve.peaks[-1]
