"""Two deep networks fail at their peak rate without a warm-up, and train with one; `make bench` runs all 20 seeds."""

import pytest

from schedules import Linear, Run, Schedule
from schedules.training.nets import train
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.study import study
from schedules.training.verdict.rules import Kind
from tests.bench.warmup import fails, warmed

pytestmark = pytest.mark.network
SEEDS = 8


@pytest.mark.parametrize(("slug", "steps", "cold", "warm"), [("deep_relu", 100, 5, 2), ("post_norm", 50, 7, 2)])
def test_without_a_warm_up_most_seeds_fail_and_with_one_nearly_none(slug, steps, cold, warm):
    """At least `cold` of eight fail, and at most `warm`: another machine rounds differently, which may change a seed."""
    assert fails(warmed(slug, 0, SEEDS)).sum() >= cold
    assert fails(warmed(slug, steps, SEEDS)).sum() <= warm


def test_a_warm_up_is_advised_where_it_saves_the_run():
    run = Run(
        schedule=Schedule(policy=Linear(), peak_lr=0.06, total_steps=200),
        problem=PROBLEMS["deep_relu"](),
        optimizer=OPTIMIZERS["momentum"](),
        seeds=2,
    )
    found = study(run, train=train)
    assert found.verdict.kind is Kind.DIVERGED
    assert found.advice[0].sentence.key.startswith("advice.warm")


@pytest.mark.parametrize(("slug", "scale", "peak"), [("deep_relu", {"scale": 1.0}, 0.06), ("post_norm", {}, 0.003)])
def test_at_a_smaller_initial_scale_or_peak_seeds_train_without_a_warm_up(slug, scale, peak):
    problem = PROBLEMS[slug](**scale)
    schedule = Schedule(policy=Linear(), peak_lr=peak, total_steps=200)
    [trace] = train([Run(schedule=schedule, problem=problem, optimizer=OPTIMIZERS[problem.default_optimizer](), seeds=3)])
    assert not fails(trace).any()
