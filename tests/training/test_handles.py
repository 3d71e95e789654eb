"""Handles: positions on the charts agree with the curves and starts of the runs that their fields give."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import POLICIES, Constant, Run, Schedule
from schedules.core.quantities import Steps
from schedules.training.drawing import draw, first_step, without_start
from schedules.training.engine import simulate
from schedules.training.handles import Along, Handle, rate_handles, start_handle
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.double_well import DoubleWell
from schedules.training.problems.rosenbrock import Rosenbrock
from schedules.training.problems.valley import Valley
from tests.boxes import sample

DRAWN = [slug for slug, problem in PROBLEMS.items() if problem.drawing in ("contour", "landscape")]


def on_rates(run: Run, **more: bool) -> dict[str, Handle]:
    return {handle.name: handle for handle in rate_handles(run, run.trained_rates(), **more)}


@pytest.mark.parametrize("slug", PROBLEMS)
def test_the_start_has_a_field_for_each_drawn_axis(slug):
    problem = PROBLEMS[slug]
    assert len(problem.start_fields) == {"contour": 2, "landscape": 1}.get(problem.drawing, 0)
    assert (start_handle(Run(problem=problem())) is None) == (slug not in DRAWN)


def test_default_starts_are_where_they_were():
    seeds = np.arange(3)
    assert Rosenbrock().start(seeds).T.tolist() == 3 * [[-1.2, 1.0]]
    assert DoubleWell().start(seeds).T.tolist() == 3 * [[1.0]]
    np.testing.assert_array_equal(Valley().start(seeds), Valley(start_v=0.0, start_u=4).start(seeds))
    assert np.all(np.abs(Valley().start(seeds)[1]) <= 0.3)


@pytest.mark.parametrize("slug", DRAWN)
@pytest.mark.parametrize("share", [0.1, 0.7])
def test_a_start_is_moved_to_the_coordinates_of_its_handle(slug, share):
    problem = PROBLEMS[slug]()
    before = start_handle(Run(problem=problem))
    for axis, along in enumerate((before.x, before.y)):
        if along is None:
            continue
        name = along.key.removeprefix("problem.")
        param = problem.param(name)
        assert along.zero + along.unit * getattr(problem, name) == before.at[axis]
        value = param.low + share * (param.high - param.low)
        moved = problem.replace(**{name: value})
        after = start_handle(Run(problem=moved))
        assert after.at[axis] == pytest.approx(along.zero + along.unit * value)
        assert simulate([Run(problem=moved, seeds=1)])[0].path[0, axis, 0] == after.at[axis]
        np.testing.assert_array_equal(draw(moved).z, draw(without_start(moved)).z)
        assert without_start(moved) == without_start(problem)


def test_a_landscape_has_its_start_on_the_curve():
    handle = start_handle(Run(problem=DoubleWell(start_x=-1.5)))
    assert handle.y is None and handle.at[1] == DoubleWell().loss(np.array([[-1.5]]))[0]


def test_a_start_that_does_not_count_cannot_be_moved():
    handle = start_handle(Run(problem=Bowl(spectrum="hard", dimensions=9)))
    assert handle.x is None and handle.y.key == "problem.start_y"


@pytest.mark.parametrize("slug", POLICIES)
def test_lengths_and_peak_on_the_rate_chart_are_those_of_the_schedule(slug):
    run = Run(schedule=Schedule(policy=POLICIES[slug](), peak_lr=0.1, total_steps=400, warmup=0.2, cooldown=0.25))
    handles, ends = on_rates(run), {phase.name: phase for phase in run.schedule.phases()}
    assert handles["warmup"].at[0] == ends["warmup"].end == 80
    assert handles["cooldown"].at[0] == ends["cooldown"].start == 300
    for name, updates in (("warmup", 80), ("cooldown", 100)):
        assert handles[name].x.zero + handles[name].x.unit * updates == handles[name].at[0]
    assert ("peak" in handles) == (slug != "knots"), "a curve drawn by hand has knots instead"
    if "peak" not in handles:
        return
    step, height = handles["peak"].at
    along = handles["peak"].y
    assert along.key == "peak_lr" and height == pytest.approx(along.zero + along.unit * 0.1)
    higher = run.replace(schedule=run.schedule.replace(peak_lr=0.3))
    assert higher.trained_rates()[int(step)] == pytest.approx(along.zero + along.unit * 0.3)
    assert height == run.trained_rates()[int(step)] >= 0.95 * run.trained_rates().max()


@pytest.mark.parametrize("slug", POLICIES)
def test_the_floor_is_where_the_curve_ends_or_comes_closest_to_it(slug):
    policy = POLICIES[slug]
    fields = {param.name for param in policy.params} & {"floor", "end"}
    run = Run(schedule=Schedule(policy=policy(**dict.fromkeys(fields, 0.2)), peak_lr=0.1, total_steps=400))
    handles = on_rates(run)
    assert ("floor" in handles) == bool(fields)
    if fields:
        (name,) = fields
        assert handles["floor"].y == Along(f"policy.{name}", 0.0, 0.1)
        assert handles["floor"].at[1] == pytest.approx(0.02)
        rates = run.trained_rates()
        assert handles["floor"].at[0] == (399 if name == "end" else np.flatnonzero(rates <= rates.min() * (1 + 1e-9))[-1])


def test_updates_of_several_steps_and_lengths_in_steps():
    schedule = Schedule(total_steps=1_000, update_every=10, warmup=Steps(200), cooldown=Steps(100), first_step=1)
    handles = on_rates(Run(schedule=schedule))
    assert [handles[name].at[0] for name in ("warmup", "cooldown")] == [190, 890]
    assert handles["warmup"].x == Along("warmup", -10.0, 10.0) and handles["cooldown"].x == Along("cooldown", 990.0, -10.0)


def test_own_numbers_have_the_peak_of_the_shown_axis():
    schedule = Schedule(peak_lr=3e-4, total_steps=100_000, warmup=0.1)
    run = Run(schedule=schedule, rate_scale=600, step_scale=200)
    problem, own = on_rates(run, own=True), on_rates(run, own=True, own_axis=True)
    assert problem["peak"].y.key == "trained_peak" and own["peak"].y.key == "peak_lr"
    assert problem["peak"].at[0] == own["peak"].at[0]
    assert problem["peak"].at[1] == pytest.approx(600 * own["peak"].at[1])
    assert problem["peak"].at[1] == pytest.approx(problem["peak"].y.unit * 0.18)
    assert problem["warmup"].at[0] == own["warmup"].at[0] == 50, "the step axis counts steps of the problem"
    assert problem["warmup"].x.unit == 1 / 200


def test_handles_of_random_runs_are_finite():
    rng = np.random.default_rng(5)
    for _ in range(150):
        run = Run(schedule=sample(Schedule, rng).replace(total_steps=int(rng.integers(1, 300))))
        for handle in rate_handles(run, run.trained_rates()):
            numbers = [number for number in handle.at if number is not None]
            numbers += [number for along in (handle.x, handle.y) if along for number in along[1:]]
            assert np.isfinite(numbers).all(), f"{run}: {handle}"


def test_a_first_step_of_gradient_descent_goes_against_the_gradient():
    for problem in (Bowl(noise=0), Rosenbrock(start_x=0.5), DoubleWell(noise=0, start_x=-0.3)):
        schedule = Schedule(policy=Constant(), peak_lr=1e-3, total_steps=20, warmup=0.2)
        (trace,) = simulate([Run(schedule=schedule, problem=problem, seeds=2)])
        found = first_step(trace)
        np.testing.assert_allclose(found.step, -trace.rates[1] * np.array(found.gradient), rtol=1e-9)
        assert found.noisy == (problem.noise > 0)
        assert trace.rates[0] == 0 < trace.rates[1], "a warm-up from zero does not move at its first step"
    assert first_step(simulate([Run(problem=Bowl(noise=0, start_x=2, start_y=-1))])[0]).gradient == (1.0, -10.0)


def test_a_first_step_is_that_of_the_optimizer_and_of_nothing_where_there_is_none():
    run = Run(problem=Bowl(), optimizer=OPTIMIZERS["adam"](), seeds=1)
    (trace,) = simulate([run])
    assert first_step(trace).noisy
    assert np.abs(first_step(trace).step) == pytest.approx(trace.rates[1], rel=0.02), "Adam's first step is as long as the rate"
    assert first_step(simulate([Run(problem=PROBLEMS["logistic"]())])[0]) is None
    (lost,) = simulate([run.replace(schedule=run.schedule.replace(warmup=0.0))])
    lost.path[1] = np.nan
    assert first_step(lost) is None
