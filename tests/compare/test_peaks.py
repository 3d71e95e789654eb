"""Final loss against peak: known best peaks, exact beside sampled curves, and limiting cases."""

import math

import numpy as np
import pytest

from schedules.compare.peaks import (
    FACTOR,
    OTHER_SEEDS,
    SEEDS,
    PeakCurve,
    affordable_seeds,
    best_peak,
    curve_work,
    peak_curve,
)
from schedules.compare.slots import untouched
from schedules.core.quantities import Rate
from schedules.policies import POLICIES
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.schedule import Schedule
from schedules.training.exact import expected
from schedules.training.finals import finals
from schedules.training.optimizers.adam import Adam
from schedules.training.optimizers.momentum import Momentum
from schedules.training.own_numbers import at_problem_peak
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.double_well import DoubleWell
from schedules.training.problems.least_squares import LeastSquares
from schedules.training.problems.moons import Moons
from schedules.training.runs import Run


def made(peaks, loss, exact=True):
    return PeakCurve(np.array(peaks), np.array(loss), np.zeros(len(peaks), dtype=np.int64), 0 if exact else 8, exact)


# Best peaks


@pytest.mark.parametrize(
    ("key", "peak", "loss", "forgiving"),
    [("a", 0.0433, 9.36e-4, 3.26), ("b", 0.0440, 9.56e-4, 4.31), ("c", 0.0225, 1.374e-3, 2.78), ("d", 0.0179, 2.633e-3, 2.09)],
)
def test_best_peaks_of_the_untouched_comparison(key, peak, loss, forgiving):
    """Linear, cosine, cool-down of 20 % and constant, as found over 6,000 peaks."""
    curve = peak_curve(untouched().run(key))
    found = best_peak(curve)
    assert curve.exact and curve.seeds == 0 and found.at_end == ""
    assert found.peak == pytest.approx(peak, rel=0.03)
    assert found.loss == pytest.approx(loss, rel=0.01)
    assert found.forgiving == pytest.approx(forgiving, rel=0.02)


def test_the_parabola_finds_the_minimum_between_the_peaks():
    peaks = FACTOR ** np.arange(-30.0, 5)
    loss = 3 * np.exp(2 * np.log(peaks / 0.123) ** 2)
    for exact in (True, False):
        found = best_peak(made(peaks, loss, exact))
        assert found.peak == pytest.approx(0.123) and found.loss == pytest.approx(3) and not found.at_end
        assert found.forgiving == pytest.approx(math.exp(2 * math.sqrt(math.log(1.5) / 2)), rel=0.02)


def test_a_best_peak_beside_a_cliff_is_one_of_the_grid():
    found = best_peak(made([1, 2, 4, 8], [4, 2, 1, math.inf]))
    assert (found.peak, found.loss, found.at_end) == (pytest.approx(4), pytest.approx(1), "")
    assert found.forgiving == pytest.approx(1.5), "from the point where the loss is 1.5 to the last one that is finite"


def test_a_curve_that_jumps_has_its_best_peak_on_the_grid():
    peaks = FACTOR ** np.arange(-5.0, 6.0)
    loss = np.array([1, 1, 0.5, 1, 0.4, 1e-4, 1, 0.6, 1, 1, 1])
    assert best_peak(made(peaks, loss, exact=False))[:2] == pytest.approx((1, 1e-4))
    beside_limit = [0.012, 0.0066, 0.0046, 0.113, math.inf]
    assert best_peak(made(FACTOR ** np.arange(-2.0, 3.0), beside_limit))[:2] == pytest.approx((1, 0.0046))


def test_a_fit_beside_a_cliff_does_not_leave_a_sampled_curve():
    """Seven points of the double well, the last two beyond the rate at which it jumps to its walls."""
    loss = [0.668, 0.597, 0.528, 0.422, 0.428, 4.093, 63.967]
    curve = made(FACTOR ** np.arange(-3.0, 4.0), loss, exact=False)
    found = best_peak(curve)
    assert 1 / 1.2 < found.loss / curve.at(found.peak) < 1.2 and 1 <= found.peak <= FACTOR


@pytest.mark.parametrize("policy", ["linear", "cosine", "constant", "warm_restarts"])
def test_a_best_peak_is_on_its_curve(policy):
    run = Run(problem=DoubleWell(), schedule=Schedule(policy=POLICIES[policy]()))
    found = best_peak(curve := peak_curve(run))
    assert found.loss == pytest.approx(curve.at(found.peak), rel=0.2)


def test_a_curve_on_which_nothing_is_learned_forgives_nothing():
    """Adam stays in the wrong well at every low peak: a flat line, of which any peak is as good as the best."""
    curve = peak_curve(Run(problem=DoubleWell(), optimizer=Adam(), schedule=Schedule(policy=Cosine(), total_steps=300)))
    assert math.isnan(best_peak(curve).forgiving) and best_peak(curve).loss > 0.9 * curve.start
    learned = PeakCurve(curve.peaks, curve.loss, curve.diverged, curve.seeds, False, 2 * curve.start)
    assert best_peak(learned).forgiving > 10


def test_ends_of_the_grid_are_reported():
    assert best_peak(made([1, 2, 4], [1, 2, 4])).at_end == "low"
    assert best_peak(made([1, 2, 4], [4, 2, 1])).at_end == "high"


def test_divergence_at_the_next_peak_is_reported_only_beside_a_best_peak_without_any():
    sampled = {(0, 0, 5): 0.5, (0, 0, 10): 1.0, (0, 0, 0): 0.0, (2, 2, 5): 0.0, (0, 4, 10): 0.4}
    for diverged, share in sampled.items():
        loss = np.where(np.array(diverged) * 2 >= 10, np.inf, [3.0, 2.0, 2.5])
        curve = PeakCurve(np.array([1.0, 2.0, 4.0]), loss, np.array(diverged), 10, False)
        assert best_peak(curve).diverging == share
    exact = PeakCurve(np.array([1.0, 2.0, 4.0]), np.array([3.0, 2.0, np.inf]), np.zeros(3, dtype=int), 0, True)
    found = best_peak(exact)
    assert (found.peak, found.diverging, found.at_end) == (pytest.approx(2), 1, "")


def test_a_curve_that_diverges_everywhere_has_no_best_peak():
    found = best_peak(made([1, 2, 4], [math.inf] * 3))
    assert math.isnan(found.peak) and found.loss == math.inf and math.isnan(found.forgiving)


def test_a_loss_of_zero_is_no_error():
    found = best_peak(made([1, 2, 4], [1, 0, 1]))
    assert found.peak == pytest.approx(2) and found.loss < 1e-300


# The curve


def test_the_exact_curve_is_the_expected_loss_at_each_peak():
    run = untouched().run("b")
    curve = peak_curve(run)
    assert np.allclose(curve.peaks[1:] / curve.peaks[:-1], FACTOR)
    for peak, loss in zip(curve.peaks, curve.loss, strict=True):
        one = at_problem_peak(run, float(peak))
        exact = expected(one, one.trained_rates()).total
        assert loss == (math.inf if exact.max() > 1_000 * exact[0] else pytest.approx(exact[-1]))
    assert np.isinf(curve.loss[-1])


def test_a_long_run_of_many_directions_is_computed_in_blocks(monkeypatch):
    run = Run(problem=Bowl(dimensions=10), schedule=Schedule(policy=Cosine(), total_steps=50))
    together = peak_curve(run)
    monkeypatch.setattr("schedules.compare.peaks.EXACT_BLOCK", 2_000)
    assert (peak_curve(run).loss == together.loss).all()


def test_a_sampled_curve_agrees_with_the_exact_one(monkeypatch):
    run = untouched().run("b")
    exact = peak_curve(run)
    monkeypatch.setattr("schedules.compare.peaks.has_expected", lambda run: False)
    sampled = peak_curve(run, 1_024)
    assert not sampled.exact and sampled.seeds == 1_024
    both = np.isfinite(exact.loss)
    assert np.allclose(np.log(sampled.loss[both]), np.log(exact.loss[both]), atol=0.25)
    assert (sampled.diverged[both] == 0).all() and (sampled.diverged[~both] == 1_024).all()
    assert best_peak(sampled).loss == pytest.approx(best_peak(exact).loss, rel=0.1)
    assert exact.at(best_peak(sampled).peak) < 1.03 * best_peak(exact).loss


def test_peaks_are_chosen_on_other_seeds_than_those_that_judge():
    run = Run(problem=DoubleWell(), schedule=Schedule(policy=Cosine(), total_steps=100), first_seed=7)
    curve = peak_curve(run, 8)
    i = len(curve.peaks) // 2
    [end] = finals([at_problem_peak(run, float(curve.peaks[i]))], range(7 + OTHER_SEEDS, 15 + OTHER_SEEDS))
    assert curve.seeds == 8 and curve.loss[i] == end.loss.mean()


def test_where_seeds_diverge_the_median_counts():
    run = Run(problem=LeastSquares(batch=1), optimizer=Momentum(), schedule=Schedule(policy=Constant(), total_steps=200))
    curve = peak_curve(run)
    some = (curve.diverged > 0) & (2 * curve.diverged < curve.seeds)
    [end] = finals([at_problem_peak(run, float(curve.peaks[some][0]))], range(OTHER_SEEDS, OTHER_SEEDS + SEEDS))
    assert curve.loss[some][0] == np.median(end.ends)
    assert np.isinf(curve.loss[2 * curve.diverged > curve.seeds]).all()


@pytest.mark.parametrize(("steps", "condition", "noise"), [(10_000, 1, 2), (10, 100, 0)])
def test_a_best_peak_near_the_end_widens_the_grid(steps, condition, noise):
    run = Run(problem=Bowl(condition=condition, noise=noise), schedule=Schedule(policy=Constant(), total_steps=steps))
    curve = peak_curve(run)
    found = best_peak(curve)
    assert found.at_end == "" and curve.peaks[0] < found.peak < curve.peaks[-1]
    around = [float(peak_curve(run).at(found.peak * factor)) for factor in (0.8, 1.25)]
    assert found.loss <= min(around)


def test_a_loss_that_falls_without_end_widens_the_grid_to_a_bound():
    """A start at the minimum: the lower the peak, the lower the loss."""
    problem = Bowl(start_x=0, start_y=0)
    found = best_peak(curve := peak_curve(Run(problem=problem, schedule=Schedule(policy=Constant(), total_steps=20))))
    assert found.at_end == "low" and len(curve.peaks) < 150


def test_the_loss_between_peaks_is_interpolated_in_logarithms():
    curve = made([1, 2, 4, 8], [1, 4, 16, math.inf])
    assert curve.at(math.sqrt(2)) == pytest.approx(2) and curve.at(2) == 4
    assert curve.at(9) == curve.at(5) == curve.at(8) == math.inf and curve.at(4) == pytest.approx(16)
    assert math.isnan(curve.at(0.5)) and math.isnan(made([1, 2], [0, 1]).at(3)), "no peak was tried there"
    assert made([1, 2], [0, 1]).at(1.5) == 0


# Other peaks of a run


def test_a_run_gets_a_peak_with_and_without_own_numbers():
    run = Run(schedule=Schedule(policy=Cosine(floor=Rate(0.01)), peak_lr=0.1, total_steps=200))
    mine = run.replace(rate_scale=100.0, step_scale=2.0)
    for each in (run, mine):
        changed = at_problem_peak(each, 0.05)
        assert changed.trained_peak == pytest.approx(0.05) and changed.trained_steps == each.trained_steps
    assert at_problem_peak(run, 0.05).schedule(200) == pytest.approx(0.01), "a floor given as a rate stays"
    assert at_problem_peak(mine, 0.05).schedule == mine.schedule, "a person's schedule stays"
    assert at_problem_peak(run, 0.001).trained_rates().max() <= 0.0101, "and is cut where the peak is below it"


def test_the_curve_does_not_depend_on_the_peak_of_the_run():
    run = untouched().run("b")
    assert (peak_curve(at_problem_peak(run, 0.3)).loss == peak_curve(run).loss).all()


# Cost


def test_expensive_runs_get_fewer_seeds():
    cheap, expensive = Run(optimizer=Adam()), Run(problem=Moons(), schedule=Schedule(total_steps=300))
    assert curve_work(Run()) == 0 and affordable_seeds(Run(), 1) == SEEDS
    assert affordable_seeds(cheap, 60) == SEEDS > affordable_seeds(expensive, 300) >= 4
    assert curve_work(expensive, affordable_seeds(expensive, 300)) <= 300


def test_a_curve_can_be_stopped():
    class Stop(Exception):  # noqa: N818 - a signal
        pass

    def between():
        raise Stop

    with pytest.raises(Stop):
        peak_curve(Run(optimizer=Adam()), between=between)


def test_divergences_count_before_the_loss_in_the_choice_of_a_peak():
    peaks, loss = np.array([0.1, 0.2, 0.4, 0.8]), np.array([3.0, 2.0, 1.0, np.inf])
    curve = PeakCurve(peaks, loss, np.array([0, 0, 3, 40]), 64, False)
    assert best_peak(curve).peak < 0.3
    assert best_peak(PeakCurve(peaks, loss, np.array([3, 3, 3, 40]), 64, False)).peak > 0.3, "as many diverge at each peak"
