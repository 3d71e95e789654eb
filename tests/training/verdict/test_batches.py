"""Runs judged as a batch get the same verdicts as each of them judged alone."""

from collections import Counter

import numpy as np
import pytest

from schedules import POLICIES, Run, Schedule
from schedules.feedback import FEEDBACK
from schedules.training.engine import simulate, watch
from schedules.training.limits import limit
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.moons import Moons
from schedules.training.study import with_continuation
from schedules.training.verdict.batch import Batch, batches
from schedules.training.verdict.judge import judge
from schedules.training.verdict.rules import RULES, Kind, classify, facts_of
from schedules.training.verdict.run_facts import RunFacts
from tests.boxes import sample
from tests.training.cases import BOUNDED, COSINE, NETS, PREDICTED, UNBOUNDED, bowls, spectra
from tests.training.cases import run as make_run

SIMULATED = [slug for slug, problem in PROBLEMS.items() if problem.keeps_path]


def random_runs(count: int, rng: np.random.Generator) -> list[Run]:
    """Random problems, schedules and optimizers with few lengths and seed counts, so that batches form; some with feedback."""
    found = []
    for i in range(count):
        schedule = Schedule(
            policy=sample(POLICIES[rng.choice(list(POLICIES))], rng),
            peak_lr=10 ** rng.uniform(-3, 0.5),
            total_steps=int(rng.choice([1, 3, 60, 200])),
            warmup=float(rng.choice([0, 0.2])),
        )
        slug = SIMULATED[i % len(SIMULATED)]
        optimizer = sample(list(OPTIMIZERS.values())[rng.integers(len(OPTIMIZERS))], rng)
        found.append(
            Run(
                schedule=schedule,
                problem=sample(PROBLEMS[slug], rng) if i % 3 else PROBLEMS[slug](),
                optimizer=optimizer if i % 4 == 0 else OPTIMIZERS["sgd"](),
                feedback=FEEDBACK["plateau" if i % 5 == 0 else "none"](),
                seeds=int(rng.choice([1, 2, 8])),
            )
        )
    return found


def all_traces() -> list:
    rng = np.random.default_rng(61)
    bowl_runs = [*bowls(120, rng), *bowls(60, rng, seeds=1), *spectra(60, rng)]
    lengths = rng.choice([100, 300, 600], len(bowl_runs))
    runs = [run.replace(schedule=run.schedule.replace(total_steps=int(n))) for run, n in zip(bowl_runs, lengths, strict=True)]
    runs += random_runs(500, rng)
    runs += [make_run(peak=0.2, steps=200, problem=Bowl(noise=0, condition=c), seeds=s) for c in (5, 20) for s in (1, 8)]
    circling = Schedule(policy=POLICIES["constant"](), peak_lr=0.2, total_steps=400)
    runs += [Run(schedule=circling, problem=Bowl(noise=n), optimizer=OPTIMIZERS["lion"](), seeds=8) for n in (0, 0.01)]
    falling = Schedule(policy=POLICIES["noam"](), peak_lr=0.03, total_steps=24, warmup=0.0, cooldown=0.1)
    runs.append(Run(schedule=falling, problem=Bowl(noise=0, condition=30), optimizer=OPTIMIZERS["momentum"](), seeds=8))
    passing = Schedule(policy=COSINE, peak_lr=0.05, total_steps=10)
    runs.append(Run(schedule=passing, problem=Bowl(noise=0, condition=1), optimizer=OPTIMIZERS["momentum"](), seeds=8))
    parts = [runs[i : i + 100] for i in range(0, len(runs), 100)]
    traces = [with_continuation(trace) for part in parts for trace in simulate(part, probed=part[::2])]
    moons = [
        Run(schedule=Schedule(policy=POLICIES[slug](), peak_lr=peak, total_steps=60), problem=Moons(), seeds=3)
        for slug in ("constant", "cosine")
        for peak in (1e-3, 0.1, 20.0)
    ]
    noisy = Schedule(policy=POLICIES["constant"](), peak_lr=0.7, total_steps=300)
    heavy = OPTIMIZERS["momentum"](momentum=0.9)
    moons += [Run(schedule=noisy, problem=Moons(), optimizer=heavy, seeds=8, first_seed=first) for first in (0, 100, 200)]
    traces += [
        *map(with_continuation, watch(moons, probed=moons)),
        *NETS.values(),
        *BOUNDED.values(),
        *UNBOUNDED.values(),
        *PREDICTED,
    ]
    order = rng.permutation(len(traces))
    return [traces[i] for i in order]


def test_a_batch_of_runs_gets_the_verdicts_of_each_run_alone():
    traces = all_traces()
    limits = [limit(trace.run, trace) for trace in traces]
    together, alone = classify(traces, limits), [judge(*each) for each in zip(traces, limits, strict=True)]
    assert together.kinds == tuple(verdict.kind for verdict in alone)
    assert together.names == tuple(verdict.decided_by for verdict in alone)
    assert together.reasons == tuple(verdict.reason for verdict in alone)
    np.testing.assert_allclose(together.values, [verdict.decided.value for verdict in alone], rtol=1e-9, atol=1e-12)
    used = Counter(together.rows.tolist())
    assert set(used) == set(range(len(RULES))), [RULES[row] for row in range(len(RULES)) if row not in used]
    assert any(0 < sum(end is None for end in verdict.ends) < verdict.seeds for verdict in alone)
    stacked = [len(positions) for positions in batches(traces, limits)]
    assert max(stacked) > 20 and sum(size for size in stacked if size > 1) > 0.7 * len(traces)


def test_facts_of_a_run_do_not_depend_on_the_batch():
    traces = simulate([make_run(COSINE, peak, 200, Bowl(condition=c)) for peak in (0.01, 0.19, 0.3) for c in (2, 50)])
    limits = [limit(trace.run, trace) for trace in traces]
    [positions] = batches(traces, limits)
    with np.errstate(all="ignore"):
        facts = facts_of(Batch(traces, limits))
        for i in positions:
            beside, alone = RunFacts(facts, i), RunFacts(facts_of(Batch(traces[i : i + 1], limits[i : i + 1])), 0)
            for name in (
                "start",
                "half",
                "end",
                "ends",
                "share",
                "highest_ratio",
                "judged",
                "faded_at",
                "crossed_at",
                "cosine",
            ):
                np.testing.assert_allclose(
                    np.array(getattr(beside, name), dtype=float), np.array(getattr(alone, name), dtype=float), rtol=1e-12
                )


def test_a_grid_of_2500_runs_is_judged_as_one_batch():
    runs = [
        Run(schedule=Schedule(policy=COSINE, peak_lr=peak, total_steps=300), problem=Bowl(condition=condition))
        for peak in np.geomspace(1e-3, 0.3, 50)
        for condition in np.geomspace(1, 1e3, 50)
    ]
    traces = simulate(runs)
    limits = [limit(trace.run, trace) for trace in traces]
    assert [len(positions) for positions in batches(traces, limits)] == [2_500]
    found = classify(traces, limits)
    for i in range(0, 2_500, 49):
        assert found.kinds[i] is judge(traces[i], limits[i]).kind
    assert {Kind.DIVERGED, Kind.CONVERGED, Kind.IMPROVING, Kind.STALLED} <= set(found.kinds)


def test_an_empty_list_of_runs_has_no_verdicts():
    found = classify([], [])
    assert found.kinds == () and found.values.shape == (0,)


@pytest.mark.parametrize("row", range(len(RULES)))
def test_each_rule_has_a_name_and_a_positive_threshold(row):
    rule = RULES[row]
    assert rule.name and rule.threshold > 0
    assert not rule.reason or rule.kind is Kind.STALLED
