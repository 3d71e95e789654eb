import tracemalloc

import numpy as np
import pytest

from schedules.feedback import FEEDBACK
from schedules.feedback.none import Planned
from schedules.policies.constant import Constant
from schedules.schedule import Schedule
from schedules.training import finals as module
from schedules.training.engine import _kept_noise, simulate
from schedules.training.finals import Finals, finals, finals_of
from schedules.training.limits import limit_everywhere
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS, AnalyticProblem
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.least_squares import LeastSquares
from schedules.training.runs import Run
from schedules.training.verdict.batch import Batch
from schedules.training.verdict.rules import SEED_RULES
from tests.boxes import sample

ANALYTIC = [cls for cls in PROBLEMS.values() if issubclass(cls, AnalyticProblem)]


def random_run(rng, problem):
    """A random short run, at a rate that often does not blow up, with a feedback rule in one case of three."""
    schedule = sample(Schedule, rng, total_steps=int(rng.integers(1, 60)), peak_lr=10 ** rng.uniform(-3, 1), update_every=1)
    optimizer = sample(list(OPTIMIZERS.values())[rng.integers(len(OPTIMIZERS))], rng)
    feedback = sample(list(FEEDBACK.values())[rng.integers(len(FEEDBACK))], rng) if rng.random() < 1 / 3 else Planned()
    return Run(
        schedule=schedule, problem=sample(problem, rng), optimizer=optimizer, feedback=feedback,
        seeds=int(rng.integers(1, 13)), first_seed=int(rng.integers(20)),
    )  # fmt: skip


@pytest.mark.parametrize("problem", ANALYTIC, ids=lambda c: c.slug)
def test_a_row_equals_the_last_loss_of_simulate(problem, monkeypatch):
    """Bit for bit, for random runs of random lengths, also in blocks of a few rows."""
    rng = np.random.default_rng(problem.rank)
    runs = [random_run(rng, problem) for _ in range(30)]
    traces, found = simulate(runs), finals(runs)
    for trace, end in zip(traces, found, strict=True):
        assert end.loss.tobytes() == trace.loss[-1].tobytes()
    monkeypatch.setattr(module, "rows_at_once", lambda problem: 3)
    for end, small in zip(found, finals(runs), strict=True):
        assert small.loss.tobytes() == end.loss.tobytes()
        assert (small.diverged == end.diverged).all()


@pytest.mark.parametrize("problem", ANALYTIC, ids=lambda c: c.slug)
def test_seeds_diverge_by_the_rule_of_the_verdicts(problem):
    """Around the rate at which some seeds blow up, with both answers on most problems."""
    rules = [rule for rule in SEED_RULES if rule.name in ("blown", "walls")]
    peaks = problem.default_peak * np.geomspace(0.3, 100, 12)
    made = problem(batch=1) if problem is LeastSquares else problem()
    runs = [Run(schedule=Schedule(policy=Constant(), peak_lr=min(peak, 100), total_steps=60), problem=made) for peak in peaks]
    for run, trace, end in zip(runs, simulate(runs), finals(runs), strict=True):
        batch = Batch([trace], [limit_everywhere(run)])
        held = [rule.holds(batch, np.ones((1, run.seeds), dtype=bool)) for rule in rules]
        assert (end.diverged == np.any([found[0] for found in held if found is not None], axis=0)).all()
        assert end.diverged[~np.isfinite(end.loss)].all() and np.isinf(end.ends[end.diverged]).all()


@pytest.mark.parametrize("peak", [0.02, 0.1, 0.3, 1.2])
def test_seeds_that_most_are_thrown_at_walls_diverge_as_in_the_verdict(peak):
    """On the double well no loss exceeds that of its walls, about 400 times the initial one."""
    run = Run(schedule=Schedule(policy=Constant(), peak_lr=peak, total_steps=300), problem=PROBLEMS["double_well"](), seeds=64)
    [end], [trace] = finals([run]), simulate([run])
    judged = finals_of(trace)
    assert (end.diverged == judged.diverged).all() and end.diverged.any() == (peak > 0.2)
    first, second = finals([run], range(40))[0], finals([run], range(40, 64))[0]
    assert (first.followed_by(second).diverged == end.diverged).all()


def test_walls_count_only_where_most_seeds_are_thrown_at_them():
    loss, blown = np.ones(4), np.array([True, False, False, False])
    few, most = (Finals(loss, blown, np.arange(4) >= first) for first in (2, 1))
    assert few.diverged.tolist() == [True, False, False, False] and most.diverged.all()
    assert few.followed_by(most).diverged.sum() == 7 and few.followed_by(few).diverged.sum() == 2


def test_a_loss_that_recovered_counts_as_diverged():
    schedule = Schedule(policy=Constant(), peak_lr=0.25, total_steps=200, cooldown=1)
    [end] = finals([Run(schedule=schedule, problem=Bowl(noise=0))])
    assert (end.loss < 1e-3).all() and end.diverged.all()


def test_seeds_of_every_run_can_be_replaced_and_joined():
    runs = [Run(), Run(schedule=Run().schedule.replace(peak_lr=0.05))]
    few, many = finals(runs, range(1_000_000, 1_000_003)), finals(runs, range(1_000_000, 1_000_200))
    rest = finals(runs, range(1_000_003, 1_000_200))
    for begin, end, both in zip(few, rest, many, strict=True):
        assert (begin.followed_by(end).loss == both.loss).all() and len(both) == 200
    assert (finals([runs[0].replace(first_seed=1_000_000)])[0].loss == many[0].loss[:8]).all()


def test_the_cached_noise_of_the_page_stays():
    simulate([Run()])
    before = _kept_noise.cache_info()
    finals([Run()], range(100))
    assert _kept_noise.cache_info() == before


def test_the_end_of_a_trace():
    run = Run(seeds=5)
    [end], [trace] = finals([run]), simulate([run])
    assert (finals_of(trace).loss == end.loss).all() and not finals_of(trace).diverged.any()


def test_memory_does_not_grow_with_the_seeds():
    """2,048 seeds of 500 steps: their paths would take 16 MB for each run."""
    runs = [Run(schedule=Run().schedule.replace(peak_lr=peak)) for peak in (0.02, 0.05, 0.1)]
    tracemalloc.start()
    finals(runs, range(2_048))
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 15_000_000


def test_a_network_is_refused():
    with pytest.raises(ValueError, match="is a network"):
        finals([Run(problem=PROBLEMS["digits"]())])


def test_no_runs_have_no_ends():
    assert finals([]) == []
