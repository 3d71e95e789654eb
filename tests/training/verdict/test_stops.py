"""A run stopped early equals the shorter run, and gets the same verdict."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest

from schedules import Run, Schedule, WarmRestarts
from schedules.training import limits
from schedules.training.engine import simulate
from schedules.training.problems.double_well import DoubleWell
from schedules.training.problems.valley import Valley
from schedules.training.runs import NetworkTrace, Trace
from schedules.training.verdict.judge import judge
from schedules.training.verdict.stops import CHANGES, MANY_CYCLES, MOST, cut, marked_cycle_ends, stops

RUNS = {
    "first screen": Run(),
    "diverging": Run(schedule=Run().schedule.replace(peak_lr=0.22)),
    "valley": Run(problem=Valley(), schedule=Schedule(peak_lr=0.5, total_steps=300, warmup=0.2, cooldown=0.2)),
    "restarts": Run(
        problem=DoubleWell(), seeds=20, schedule=Schedule(policy=WarmRestarts(first_cycle=0.2), peak_lr=0.16, total_steps=400)
    ),
}


def shorter(run: Run, steps: int) -> Run:
    """The run with the same plan, but only this many steps."""
    schedule = run.schedule
    return run.replace(schedule=schedule.replace(total_steps=steps, horizon=schedule.total_steps / steps))


def found(run: Run, also=()):
    trace = simulate([run])[0]
    return stops(trace, limits.limit(run, trace), also)


@pytest.mark.parametrize("name", RUNS)
def test_the_verdict_at_a_stop_equals_that_of_the_shorter_run(name):
    run = RUNS[name]
    made = [stop for stop in found(run) if run.schedule.total_steps <= 100 * stop.step]
    assert len(made) >= MOST
    ended = simulate([shorter(run, stop.step) for stop in made])
    for stop, trace in zip(made, ended, strict=True):
        assert stop.verdict == judge(trace, limits.limit(trace.run, trace)), stop.step


def test_a_run_thrown_at_walls_is_said_to_be_at_every_later_stop_whether_it_came_back_or_not():
    run = Run(problem=DoubleWell(), seeds=8, schedule=Schedule(peak_lr=0.25, total_steps=500, warmup=0.1))
    stops_of_run, [trace] = found(run), simulate([run])
    names = [stop.verdict.decided_by for stop in stops_of_run]
    first = names.index("walls")
    assert set(names[first:]) == {"walls"} and len(names) - first > 10
    losses = [trace.loss[stop.step].mean() for stop in stops_of_run[first:]]
    assert max(losses) > 200 and losses[-1] < 1, "stays at the walls for a while, then comes back"


def test_the_last_stop_has_the_verdict_of_the_run():
    for run in RUNS.values():
        trace = simulate([run])[0]
        limit = limits.limit(run, trace)
        assert stops(trace, limit)[-1].verdict == judge(trace, limit)


def test_a_cut_trace_equals_the_trace_of_the_shorter_run():
    run = RUNS["diverging"]
    trace, ended = simulate([run, shorter(run, 180)])
    part = cut(trace, 180)
    for name in ("rates", "steps", "loss", "overflow_at", "path"):
        np.testing.assert_array_equal(getattr(part, name), getattr(ended, name), err_msg=name)


@pytest.mark.parametrize("steps", [1, 2, 3, 29, 30, 31, 60, 100, 400, 500, 1_000, 4_999])
def test_stops_are_few_round_steps_and_include_the_end(steps):
    at = [stop.step for stop in found(Run(seeds=1, schedule=Schedule(total_steps=steps)))]
    assert at == sorted(set(at)) and at[0] == 1 and at[-1] == steps
    assert len(at) <= MOST + 12 + CHANGES * 8
    assert np.diff([0, *at]).max() <= -(-steps // 10), "a tenth of the run, rounded up"


@pytest.mark.parametrize("name", RUNS)
def test_the_first_changes_of_the_verdict_are_located_exactly(name):
    made = found(RUNS[name])
    rounds = [stop for stop in made if stop.step % 10 == 0 or stop.step in (1, 2, 5)]
    changes = [(a.step, b.step) for a, b in pairwise(rounds) if a.verdict.kind is not b.verdict.kind]
    known = [(a.step, b.step) for a, b in pairwise(made) if a.verdict.kind is not b.verdict.kind and b.step == a.step + 1]
    assert changes
    for low, high in changes[:CHANGES]:
        assert any(low <= a < b <= high for a, b in known), (low, high)


def test_a_stop_can_be_requested():
    at = [stop.step for stop in found(Run(), also=[137, 0, 501])]
    assert 137 in at and at[0] == 1 and at[-1] == 500


def test_stops_of_a_sparsely_measured_run_are_at_measurements():
    steps, rng = np.arange(0, 111, 11), np.random.default_rng(0)
    trace = Trace(
        run=Run(seeds=2), rates=np.ones(110), steps=steps, loss=rng.uniform(1, 2, (11, 2)),
        overflow_at=np.array([-1, -1]),
        network=NetworkTrace(rng.uniform(1, 2, (110, 2)), accuracy=rng.uniform(0, 1, (11, 2))),
    )  # fmt: skip
    made = stops(trace, None)
    assert [stop.step for stop in made] == steps[1:].tolist()
    part = cut(trace, 55)
    assert len(part.rates) == len(part.network.batch_loss) == 55 and len(part.loss) == len(part.network.accuracy) == 6


def test_every_array_of_a_network_is_cut_to_its_step():
    """Values are their own index, so that a wrong end or a swapped field is seen."""
    T, K = np.arange(110.0), np.arange(0, 111, 11.0)
    trace = NetworkTrace(batch_loss=T, test_loss=K, accuracy=100 + K, train_accuracy=200 + K, answers=np.ones(3))
    assert all(getattr(trace, field.name) is not None for field in fields(NetworkTrace))
    part, uncut = trace.cut(55, 6, at_end=False), trace.cut(110, 11, at_end=True)
    assert part.batch_loss[-1] == 54 and part.test_loss[-1] == 55 and part.answers is None
    assert (part.accuracy[-1], part.train_accuracy[-1]) == (155, 255)
    for field in fields(NetworkTrace):
        assert np.array_equal(getattr(uncut, field.name), getattr(trace, field.name))


def test_cycles_are_marked_only_if_they_are_few():
    def ends(first: float) -> tuple[int, ...]:
        policy = WarmRestarts(first_cycle=first, cycle_mult=1)
        return marked_cycle_ends(simulate([Run(seeds=1, schedule=Schedule(policy=policy, total_steps=120))])[0])

    assert ends(0.25) == (30, 60, 90, 120)
    assert len(ends(1 / MANY_CYCLES)) == MANY_CYCLES
    assert ends(1 / 20) == ()
