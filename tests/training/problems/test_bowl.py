"""The bowl, compared with theory and tables: the effect of the rate, the noise floor, and a published table."""

import numpy as np
import pytest

from schedules import Run, Schedule
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.inverse_time import InverseTime
from schedules.training.engine import simulate
from schedules.training.limits import limit
from schedules.training.problems import AnalyticProblem
from schedules.training.problems.bowl import Bowl
from schedules.training.verdict.judge import judge
from schedules.training.verdict.rules import Kind

STEEP = Bowl.STEEP
LEFT = {  # rate times largest curvature: share of the loss left after 500 steps, condition number 100, start (1, 1)
    0.01: "9.0e-03", 0.1: "3.6e-03", 0.5: "6.6e-05", 1.0: "4.3e-07", 1.9: "4.6e-11", 1.98: "1.7e-09",
    2.0: "0.99", 2.0001: "1.09", 2.01: "2.1e+04", 2.05: "1.5e+21", 2.2: "1.5e+79",
}  # fmt: skip
STEPS_TO_A_MILLIONTH = {10: 35, 100: 346, 1_000: 3_454, 10_000: 34_539}


def quiet(condition):
    return Bowl(noise=0, condition=condition, start_x=1, start_y=1)


def constant(rate, steps):
    return Schedule(policy=Constant(), peak_lr=rate, total_steps=steps)


def test_loss_after_500_steps_matches_theory_by_rate():
    """Past 1e30 the engine records no loss: the steep direction's growth factor, the same at each step, is applied instead."""
    traces = simulate([Run(schedule=constant(rate / STEEP, 500), problem=quiet(100), seeds=1) for rate in LEFT])
    for trace, (rate, printed) in zip(traces, LEFT.items(), strict=True):
        loss = trace.loss[:, 0] / trace.loss[0, 0]
        finite = np.isfinite(loss).sum() - 1
        left = loss[finite] * (1 - rate) ** (2 * (500 - finite))
        assert (finite == 500) == (rate < 2.2)
        assert (f"{left:.1e}" if "e" in printed else f"{left:.2f}") == printed


@pytest.fixture
def unlimited(monkeypatch):
    """A bowl trains as many steps as its schedule has, more than a page allows."""
    monkeypatch.setattr(Bowl, "max_steps", 1_000_000, raising=False)


def test_the_best_constant_rate_shrinks_by_the_condition_number(unlimited):
    """At 2 / (smallest + largest curvature) every step leaves (k - 1) / (k + 1) of the distance, to six digits."""
    runs = [
        Run(schedule=constant(2 / (STEEP + STEEP / k), steps + 10), problem=quiet(k), seeds=1)
        for k, steps in STEPS_TO_A_MILLIONTH.items()
    ]
    for trace, (k, steps) in zip(simulate(runs), STEPS_TO_A_MILLIONTH.items(), strict=True):
        loss = trace.loss[:, 0]
        assert int(np.argmax(loss <= 1e-6 * loss[0])) == steps
        assert np.sqrt(loss[steps] / loss[0]) ** (1 / steps) == pytest.approx((k - 1) / (k + 1), abs=5e-7)
        factors = np.abs(trace.path[1:steps, :, 0] / trace.path[: steps - 1, :, 0])
        np.testing.assert_allclose(factors, (k - 1) / (k + 1), atol=5e-7)


def test_no_other_constant_rate_is_as_fast_in_its_slowest_direction():
    best = 2 / (STEEP + STEEP / 100)
    runs = [Run(schedule=constant(rate * best, 346), problem=quiet(100), seeds=1) for rate in (0.999, 1, 1.001)]
    slower, fastest, faster = (np.abs(trace.path[-1]).max() for trace in simulate(runs))
    assert fastest < min(slower, faster)


def test_the_verdict_is_diverged_exactly_above_the_limit():
    """50 rates times 50 condition numbers: all 2,500 cells as in theory, rate times largest curvature above 2."""
    rates = np.concatenate([np.linspace(0.02, 1.98, 43), [1.999, 2.0005, 2.001, 2.003, 2.01, 2.05, 2.2]])
    conditions = np.geomspace(1, 1e4, 50)
    runs = [Run(schedule=constant(rate / STEEP, 500), problem=quiet(k), seeds=1) for rate in rates for k in conditions]
    traces = simulate(runs)
    found = [judge(trace, limit(trace.run, trace)).kind is Kind.DIVERGED for trace in traces]
    truth = np.repeat(rates > 2, 50)
    assert truth.sum() == 300
    np.testing.assert_array_equal(found, truth)
    blown = np.array([not trace.loss[-1, 0] <= 1_000 * trace.loss[0, 0] for trace in traces])
    assert blown.sum() == 150, "half of them grow too slowly to overflow"


# The noise floor: curvatures 1 and 1/100 and noise of variance 0.01, in the units of this bowl

FLOOR_RATES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
FLOORS = (0.00010, 0.00025, 0.00051, 0.00106, 0.00292, 0.00751)
FLOORS_MEASURED = (0.00012, 0.00023, 0.00054, 0.00108, 0.00287, 0.00756)


def floor(rate):
    """Half the sum of rate * c / (2 - rate * curvature): the loss at which a constant rate settles."""
    return 0.5 * sum(rate * 0.01 / (2 - rate * curvature) for curvature in (1.0, 0.01))


def test_the_noise_floor_matches_the_formula(unlimited):
    """20 seeds, the last half of 20,000 steps; the error is that of the mean over seeds."""
    problem = Bowl(condition=100, noise=np.sqrt(0.01 * STEEP), start_x=0, start_y=0)
    runs = [Run(schedule=constant(rate / STEEP, 20_000), problem=problem, seeds=20) for rate in FLOOR_RATES]
    for rate, printed, theirs, trace in zip(FLOOR_RATES, FLOORS, FLOORS_MEASURED, simulate(runs), strict=True):
        assert round(floor(rate), 5) == printed
        levels = trace.loss[10_000:].mean(axis=0)
        error = levels.std(ddof=1) / np.sqrt(20)
        assert levels.mean() == pytest.approx(floor(rate), abs=4 * error)
        assert error < 0.1 * floor(rate), "small enough to detect half the floor"
        last = trace.loss[-1]  # the table is a mean over 20 seeds and an unknown number of steps: at least the last one
        assert theirs == pytest.approx(floor(rate), abs=4 * last.std(ddof=1) / np.sqrt(20))


def test_half_the_rate_halves_the_noise_floor():
    assert floor(0.02) / floor(0.01) == pytest.approx(2, rel=0.01)


# A published table: one dimension, curvature 1, noise 1, start 3, 2,000 steps, peak 0.3, the mean loss of 200 seeds

BOOK = {
    "constant": (Schedule(policy=Constant(), peak_lr=0.3, total_steps=2_000), "9.53e-02", "9.19e-02"),
    "c/k": (Schedule(policy=InverseTime(timescale=50), peak_lr=0.3, total_steps=2_000), "2.82e-03", "1.94e-03"),
    "cosine": (Schedule(policy=Cosine(), peak_lr=0.3, total_steps=2_000), "8.71e-03", "1.58e-03"),
    "wsd": (Schedule(policy=Constant(), peak_lr=0.3, total_steps=2_000, cooldown=0.2), "9.53e-02", "5.48e-03"),
}
"""Printed at 80 % of the steps and at the end in smolix/d2l-neu, "Schedules and Warmup", a rewrite of Dive into Deep Learning.

Its stored outputs come from NumPy's default generator, seeds 0 to 199, one standard normal number per step. With the same
numbers all eight values match as printed; with this project's noise they agree up to sampling error, by the exact recursion."""
EXPECTED = {  # the same without sampling
    "constant": (8.824e-2, 8.824e-2), "c/k": (2.363e-3, 1.900e-3), "cosine": (7.872e-3, 1.679e-3), "wsd": (8.824e-2, 6.132e-3),
}  # fmt: skip


class Line(AnalyticProblem):
    """The book's problem, with this project's noise."""

    title, convex = "x^2 / 2", True

    @property
    def draws(self):
        return 1

    def start(self, seeds):
        return np.full((1, len(seeds)), 3.0)

    def loss(self, theta):
        return 0.5 * theta[0] * theta[0]

    def gradient(self, theta, noise):
        return theta + noise

    def curvature(self, theta):
        return np.ones(theta.shape[1:])


class BookLine(Line):
    """The book's problem, with the book's noise."""

    def stream(self, seed):
        normal = np.random.default_rng(seed).standard_normal
        return lambda steps: normal((steps, 1))


def trained(problem):
    return simulate([Run(schedule=schedule, problem=problem, seeds=200) for schedule, *_ in BOOK.values()])


def test_the_published_table_is_reproduced():
    problem = BookLine()
    for trace, (_, *printed) in zip(trained(problem), BOOK.values(), strict=True):
        assert [f"{trace.loss[step].mean():.2e}" for step in (1_600, 2_000)] == printed


def test_other_noise_gives_the_same_table_up_to_sampling_error():
    problem = Line()
    for name, trace in zip(BOOK, trained(problem), strict=True):
        mean, var = 3.0, 0.0
        for step in range(2_001):
            if step in (1_600, 2_000):
                exact = 0.5 * (mean**2 + var)
                assert exact == pytest.approx(EXPECTED[name][step == 2_000], rel=6e-4)
                spread = np.sqrt((0.5 * var**2 + mean**2 * var) / 200)
                assert trace.loss[step].mean() == pytest.approx(exact, abs=3.5 * spread)
            if step < 2_000:
                rate = trace.rates[step]
                mean, var = (1 - rate) * mean, (1 - rate) ** 2 * var + rate**2
