"""Exact results about a run agree with simulations of it."""

import numpy as np
import pytest

from schedules import Constant, Cosine, Run, Schedule, from_token
from schedules.theory.expected import expected_loss
from schedules.training import exact
from schedules.training.engine import BLOWN, simulate
from schedules.training.limits import stability_limit
from schedules.training.optimizers.adam import Adam
from schedules.training.optimizers.momentum import Momentum
from schedules.training.optimizers.nesterov import Nesterov
from schedules.training.optimizers.sgd import SGD
from schedules.training.problems import PROBLEMS
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.least_squares import LeastSquares
from tests.training.exact import moments

SCHEDULE = Schedule(policy=Cosine(), peak_lr=0.05, total_steps=200, warmup=0.1)


@pytest.mark.parametrize("problem", [Bowl(), Bowl(dimensions=20, spectrum="hard"), LeastSquares(), LeastSquares(dimensions=9)])
@pytest.mark.parametrize("optimizer", [None, Momentum(momentum=0.5)])
def test_the_mean_of_many_seeds_matches_the_expected_loss(problem, optimizer):
    run = Run(schedule=SCHEDULE, problem=problem, seeds=400)
    run = run.replace(optimizer=optimizer) if optimizer else run
    known = exact.expected(run, SCHEDULE.lrs())
    if known is None:
        assert optimizer
        assert isinstance(problem, LeastSquares), "the heavy ball is known on the bowl only"
        return
    [trace] = simulate([run])
    for step in (1, 20, 100, 200):
        seen = trace.loss[step]
        assert abs(seen.mean() - known.total[step]) < 5 * seen.std() / 20 + 1e-12


def test_expected_loss_matches_the_reference_recursion():
    run = Run(schedule=SCHEDULE)
    known, ((distance, noise),) = exact.expected(run, SCHEDULE.lrs()), moments([run])
    np.testing.assert_allclose(known.distance, distance, rtol=1e-12)
    np.testing.assert_allclose(known.noise, noise, rtol=1e-12)


@pytest.mark.parametrize("slug", [slug for slug in PROBLEMS if slug not in ("bowl", "least_squares")])
def test_problems_that_are_not_quadratic_have_no_expected_loss(slug):
    run = Run(problem=PROBLEMS[slug]())
    assert exact.expected(run, SCHEDULE.lrs()) is None
    assert not exact.has_best(run)
    assert exact.known_best(run) is None


@pytest.mark.parametrize("optimizer", [Adam(), Nesterov(), Momentum()])
def test_the_best_schedule_is_known_for_plain_descent_only(optimizer):
    assert exact.has_best(Run())
    assert not exact.has_best(Run(optimizer=optimizer))
    assert not exact.has_best(Run(problem=LeastSquares()))
    assert not exact.has_best(Run(schedule=Schedule(total_steps=exact.LONGEST + 1)))


def test_the_best_schedule_is_cached_and_not_beaten():
    run = Run(problem=Bowl(condition=7), schedule=SCHEDULE)
    assert exact.known_best(run) is None
    found = exact.find_best_schedule(run)
    assert exact.known_best(run.replace(schedule=SCHEDULE.replace(peak_lr=0.01))) is found, "it does not depend on the schedule"
    given = found.rates
    assert exact.regret(run, given, found) == pytest.approx(1)
    directions = run.problem.directions()
    for rates in (SCHEDULE.lrs(), 0.9 * given, np.minimum(1.1 * given, 0.2), np.full(200, 0.02)):
        assert exact.regret(run, rates, found) > 1
        assert exact.regret(run, rates, found) == pytest.approx(expected_loss(rates, *directions[:3]).total[-1] / found.loss)
    assert exact.regret(run, np.full(200, 3.0), found) is None, "the best schedule keeps to the limit"


def test_no_run_beats_the_best_schedule():
    """For random shapes at rates up to beyond the limit: the ratio is defined if the rates respect the limit, and is at least 1
    up to the tolerance of the search.
    """
    rng, given = np.random.default_rng(0), 0
    for _ in range(60):
        problem = Bowl(condition=10 ** rng.uniform(0, 3), noise=rng.choice([0, 0.5]), dimensions=int(rng.integers(2, 6)))
        run = Run(problem=problem, schedule=SCHEDULE.replace(total_steps=int(rng.integers(1, 60))))
        found = exact.find_best_schedule(run)
        rates = 10 ** rng.uniform(-3, -0.4) * rng.uniform(0, 1, run.schedule.total_steps)
        ratio = exact.regret(run, rates, found)
        assert ratio is None or rates.max() <= 0.2 * (1 + 1e-9)
        given += ratio is not None
        assert ratio is None or ratio >= 1 - 2e-3, "the search ends where a sweep gains less than 1e-4"
    assert given > 30


def test_a_stopped_search_is_not_cached():
    run = Run(problem=Bowl(condition=8), schedule=SCHEDULE)
    assert exact.find_best_schedule(run, stop=lambda: True) is None
    assert exact.known_best(run) is None


TEN = np.array(10.0)


@pytest.mark.parametrize(("factor", "lower"), [(0.99, False), (0.95, True)])
def test_effect_of_a_warm_up_on_the_bowl_is_as_the_second_consideration_states(factor, lower):
    """In expectation, and for the eight seeds that Explore draws."""
    cold, warm = (from_token(f"1~policy-factor~policy.gamma-{factor}~warmup-{share}")[0] for share in (0, 0.1))
    exactly = [exact.expected(run, run.schedule.lrs()).total[-1] for run in (cold, warm)]
    drawn = [trace.loss[-1].mean() for trace in simulate([cold, warm])]
    assert (exactly[1] < exactly[0]) == (drawn[1] < drawn[0]) == lower


LINED = {
    "sgd": SGD(),
    "momentum": Momentum(),
    "dampened": Momentum(dampening=0.5),
    "nesterov": Nesterov(momentum=0.8),
}


@pytest.mark.parametrize("optimizer", LINED.values(), ids=LINED)
@pytest.mark.parametrize("batch", [1, 4, 64])
def test_least_squares_settles_below_its_limit_and_diverges_above_it(optimizer, batch):
    """The mean over fresh seeds, which is dominated by the largest values: a mean square does not describe a typical run."""
    run = Run(problem=LeastSquares(batch=batch), optimizer=optimizer, seeds=128, first_seed=1_000)
    limit = float(stability_limit(run, TEN))
    schedules = [Schedule(policy=Constant(), peak_lr=share * limit, total_steps=2_000) for share in (0.8, 2)]
    below, above = simulate([run.replace(schedule=schedule) for schedule in schedules])
    assert below.loss[-1].mean() < 0.2 * below.loss[0].mean()
    assert np.nan_to_num(above.loss[-1], nan=BLOWN).mean() > 1_000 * above.loss[0].mean()


def test_momentum_accumulates_batch_noise():
    """In 2 dimensions with condition number 20, limit of the curvature over the true one: the numbers in the problem's text for
    a batch of 4.
    """
    for batch, ball, ahead in ((1, 39.5, 7.58), (4, 10.6, 1.91), (64, 1.60, 1.05)):
        problem = LeastSquares(batch=batch)
        for optimizer, times in ((Momentum(), ball), (Nesterov(), ahead)):
            found = stability_limit(Run(problem=problem, optimizer=optimizer), TEN)
            assert optimizer.limit(TEN) / found == pytest.approx(times, rel=5e-3)
    plain, dampened = (stability_limit(Run(problem=LeastSquares(), optimizer=Momentum(dampening=d)), TEN) for d in (0, 0.75))
    assert dampened == pytest.approx(4 * plain, rel=1e-12)
    assert stability_limit(Run(problem=LeastSquares(), optimizer=Adam()), TEN) is None


def test_small_batches_lower_the_limit():
    ten = np.full(3, 10.0)
    small, large = (
        stability_limit(Run(problem=LeastSquares(batch=b, dimensions=50, spectrum="easy", condition=50**1.5)), ten)
        for b in (4, 64)
    )
    assert small == pytest.approx(np.full(3, 0.127), rel=5e-3), "1.27 for a curvature of 1"
    assert small[0] < large[0] < 0.2
    assert stability_limit(Run(), ten) == pytest.approx(np.full(3, 0.2))
