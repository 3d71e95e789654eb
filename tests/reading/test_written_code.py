"""The code that this library writes is read back to the same curve, where it calls a library's own schedules."""

from __future__ import annotations

import random

import numpy as np
import pytest

from schedules import Cosine, Schedule, read_code, write_code
from schedules.policies.factor import Factor
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.polynomial import Polynomial
from schedules.policies.rex import REX
from schedules.policies.step import Step

LIBRARIES = ("torch", "timm", "transformers", "optax", "keras")
RAMPS = {"torch", "timm", "optax", "transformers"}
"""Libraries in which the policies may have a linear warm-up; MultiFactor as a function of a step is not read."""

EXACT, FUNCTION = 2e-6, 1e-4
"""Largest difference of rates, relative to the peak: of a library's own schedules, and of a function, drawn as knots."""


def drawn(library: str, seed: int) -> Schedule:
    """A random schedule that the library has, or that is a function of the step in PyTorch."""
    pick = random.Random(seed)
    policy = pick.choice([
        Cosine(floor=pick.choice([0.0, 0.1])),
        Linear(end=pick.choice([0.0, 0.2])),
        Polynomial(power=2.0, floor=pick.choice([0.0, 0.1])),
        Factor(gamma=pick.choice([0.9, 0.99])),
        Step(every=pick.choice([0.2, 0.25]), gamma=0.5),
        MultiFactor(milestones=(0.5, 0.75), gamma=0.1) if library != "transformers" else Cosine(),
    ])  # fmt: skip
    ramps = library in RAMPS and not isinstance(policy, MultiFactor)
    warmup = pick.choice([0.0, 0.1, 0.23]) if ramps or isinstance(policy, Cosine) else 0.0
    start = pick.choice([0.0, 0.1]) if warmup else 0.0
    peak, steps = pick.choice([3e-4, 0.1]), pick.randint(30, 300)
    return Schedule(policy=policy, peak_lr=peak, total_steps=steps, warmup=warmup, warmup_start=start)


@pytest.mark.parametrize("library", LIBRARIES)
def test_written_code_is_read_back_without_a_question(library):
    for seed in range(60):
        schedule = drawn(library, seed)
        code = write_code(schedule, library)
        reading = read_code(code)
        assert reading.complete, (library, seed, [each.name for each in reading.missing], reading.notices, code)
        knots = "reading.knots" in {each.sentence.key for each in reading.notices}
        of_peak, steps = FUNCTION if knots else EXACT, np.arange(schedule.total_steps)
        assert reading.schedule.total_steps == schedule.total_steps, (seed, code)
        np.testing.assert_allclose(
            reading.schedule(steps), schedule.lrs(), rtol=0, atol=of_peak * schedule.peak_lr, err_msg=code
        )


def test_a_scheduler_that_is_handed_to_the_trainer_is_read_in_place_of_its_arguments():
    reading = read_code(write_code(Schedule(policy=REX(), total_steps=70), "transformers"))
    assert (reading.name, reading.schedule.total_steps) == ("LambdaLR", 70)


def test_the_name_total_steps_is_the_length_of_a_run_that_has_no_other():
    text = "total_steps = 70\nschedule = optax.exponential_decay(1e-3, 10, 0.9)\n"
    reading = read_code(text)
    assert reading.complete and reading.schedule.total_steps == 70
    assert [each.sentence.key for each in reading.notices] == ["reading.as_long_as_named"]
    assert read_code(text.replace("total_steps", "n")).missing[0].name == "total_steps"


def test_a_plan_of_another_length_than_the_name_total_steps_is_said():
    text = "total_steps = {}\n"
    text += "schedule = optax.sgdr_schedule([dict(init_value=0.0, peak_value=0.1, warmup_steps=5, decay_steps=35)] * 3)"
    reading = read_code(text.format(100))
    assert reading.schedule is not None and reading.schedule.total_steps == 105
    assert [each.sentence.key for each in reading.notices] == ["reading.not_as_long_as_named"]
    assert not read_code(text.format(105)).notices
