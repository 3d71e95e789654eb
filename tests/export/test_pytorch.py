"""Exported scripts are executed unchanged, and the rate of every optimizer step is compared with the schedule's."""

import ast
import builtins
import io
import itertools
import random
import re

import numpy as np
import pytest
import torch

from schedules import POLICIES, Rate, Run, Schedule, Steps
from schedules.core.numbers import FloatArray
from schedules.core.params import number, ratio
from schedules.core.spec import declared
from schedules.export._exported import ExportedSchedule
from schedules.export._source import curve_of, written
from schedules.export.torch_builtins import LONGEST_CLIMB, LONGEST_CYCLES, LONGEST_HALF_LIFE, LONGEST_RECURSION, built_in
from schedules.export.torch_code import pytorch_code
from schedules.export.torch_plateau import plateau_code
from schedules.feedback import FEEDBACK
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.cyclic import Cyclic
from schedules.policies.delayed_exponential import DelayedExponential
from schedules.policies.factor import Factor
from schedules.policies.inverse_time import InverseTime
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.noam import Noam
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.power_law import PowerLaw
from schedules.policies.range_test import RangeTest
from schedules.policies.square_root import SquareRoot
from schedules.policies.step import Step
from schedules.policies.warm_restarts import WarmRestarts
from schedules.recipes import RECIPES
from schedules.schedule import COOLDOWNS, WARMUP_PROGRESS, WARMUPS
from tests.boxes import corners
from tests.export.runners.torch import execute
from tests.export.scripts import close


def classes(code):
    """The scheduler classes that a script imports."""
    found = re.search(r"^from torch\.optim\.lr_scheduler import (.+)$", code, re.MULTILINE)
    return set(found[1].split(", ")) if found else set()


def check(schedule):
    """Assert that the script uses exactly the schedule's rates; return the scheduler classes that it imports."""
    code = pytorch_code(schedule)
    used, _ = execute(code)
    assert all(type(rate) is float for rate in used)
    close(used, schedule)
    return classes(code)


def edited(code, steps):
    """A script with another number of steps."""
    return re.sub(r"^total_steps = .*", f"total_steps = {steps}", code, flags=re.MULTILINE)


def stepped(schedule, steps=None):
    """The rates of a long run, from a script without its training part, with another number of steps if one is given."""
    code = pytorch_code(schedule)
    changed = edited(code, steps or schedule.total_steps)
    _, left = execute(changed[: changed.index("\nfor step")])
    left["optimizer"].step()
    rates, every = [], schedule.update_every if "% update_every == 0" in code else 1
    for step in range(steps or schedule.total_steps):
        rates.append(left["optimizer"].param_groups[0]["lr"])
        if "scheduler" in left and (step + 1) % every == 0:
            left["scheduler"].step()
    return classes(code), rates


MANY = 1_000
"""Corners of a policy that are exported: all of them, or a random sample of so many."""


@pytest.mark.parametrize("cls", POLICIES.values(), ids=POLICIES)
def test_the_script_matches_corners_of_every_policy(cls):
    """All corners that PyTorch has a scheduler for; every seventh of the others, whose formula the next test compares.

    Every seventh runs with its training part; apart from the curve, the script is the same for all corners.
    """
    for i, policy in enumerate(corners(cls, most=MANY)):
        schedule = Schedule(policy=policy, total_steps=40)
        if i % 7 == 0:
            check(schedule)
        elif built_in(ExportedSchedule(schedule)) is not None:
            close(stepped(schedule)[1], schedule)


@pytest.mark.parametrize("cls", POLICIES.values(), ids=POLICIES)
def test_the_formula_matches_corners_of_every_policy(cls):
    for policy in corners(cls, most=MANY):
        schedule = Schedule(policy=policy, total_steps=40, warmup=0.1, horizon=0.6, after="continue")
        used, rates = stepped(schedule)
        assert used == {"LambdaLR"}
        close(rates, schedule)


FIELDS = {
    "peak_lr": (1e-10, 1e-6, 0.1, 100),
    "total_steps": (1, 2, 37, 40),
    "warmup": (0, 0, 0, 0, 0.25, 1, Steps(7), Steps(1_000)),
    "warmup_start": (0, 1e-9, 0.1, 1, 10, Rate(0.02)),
    "warmup_shape": tuple(WARMUPS),
    "warmup_progress": ("to_next", *WARMUP_PROGRESS),
    "warmup_time": (1, 7.5, 1e6),
    "warmup_unit": ("updates", "updates", "steps"),
    "warmup_target": ("start", "end", "curve"),
    "hold": (*(0,) * 8, 0.2, 1, Steps(3)),
    "cooldown": (*(0,) * 8, 0.3, 1, Steps(11)),
    "cooldown_shape": tuple(COOLDOWNS),
    "cooldown_floor": (0, 0.2, 1, Rate(1e-3)),
    "cooldown_from": ("curve", "level"),
    "cooldown_ratio": (1e-6, 0.1, 0.99),
    "cooldown_inner": (0.1, 1, 2),
    "cooldown_power": (0.1, 1.2, 10),
    "cooldown_cycles": (0.5, 0.5, 2),
    "horizon": (1e-4, 0.5, 1, 1, 2, 100, Steps(20), Steps(60)),
    "after": ("hold", "continue", "restart", "drop"),
    "restart_factor": (1, 1, 0.5),
    "restart_growth": (1, 1, 1, 1.5, 10),
    "restart_limit": (0, 0, 0, 2),
    "lowest": (*(0,) * 8, 0.3, Rate(2e-3)),
    "update_every": (1, 1, 3, 100),
    "first_step": (-1, 0, 0, 0, 0, 1),
    "warmup_over": (False, False, False, True),
    "warmup_multiplies": (False, True),
    "rounding": ("nearest", "up", "down"),
}


def draw(seed):
    """A schedule at or near a random corner, with a policy at a random corner."""
    pick = random.Random(seed).choice
    policy = pick(list(POLICIES.values()))
    hyper = {param.name: pick(param.corners()) for param in policy.params}
    if pick((False, True)):
        hyper |= {name: pick(policy.param(name).quantities()) for name in policy.quantities}
    return Schedule(policy=policy(**hyper), **{name: pick(values) for name, values in FIELDS.items()})


@pytest.mark.parametrize("cls", POLICIES.values(), ids=POLICIES)
def test_the_script_matches_policies_with_lengths_in_steps_and_with_rates(cls):
    for policy in corners(cls, most=60, quantities=True):
        for peak_lr in (0.01, 3.0):
            schedule = Schedule(policy=policy, peak_lr=peak_lr, total_steps=40, warmup=Steps(4), horizon=1.2)
            close(stepped(schedule)[1], schedule)


def test_the_script_has_the_unit_that_was_given():
    schedule = Schedule(policy=Cosine(floor=Rate(1e-6)), peak_lr=3e-4, total_steps=3_500, warmup_start=0.1)
    assert "eta_min=1e-6" in pytorch_code(schedule)
    assert "floor = 1e-6 / peak_lr" in pytorch_code(schedule.replace(warmup=Steps(2_000), warmup_start=0))
    assert "warmup_steps = min(2000, total_steps - 1)" in pytorch_code(schedule.replace(warmup=Steps(2_000)))
    assert "cooldown_floor = 1e-7 / peak_lr" in pytorch_code(schedule.replace(cooldown=0.1, cooldown_floor=Rate(1e-7)))
    above = schedule.replace(policy=Cosine(floor=Rate(1e-3)))
    assert "eta_min=1.0 * peak_lr" in pytorch_code(above), "a floor is at most the peak"


@pytest.mark.parametrize("seed", [1125, 1174, 1688, 2244])
def test_the_script_matches_ramps_that_end_inside_an_update_and_curves_that_leave_their_floor(seed):
    close(stepped(drawn := draw(seed).replace(total_steps=200, update_every=5))[1], drawn)


OTHER_LENGTHS = 160, 607


@pytest.mark.parametrize("cls", POLICIES.values(), ids=POLICIES)
def test_lengths_of_a_policy_keep_their_unit_when_total_steps_is_edited(cls):
    for i, policy in enumerate(corners(cls, most=24, quantities=True)):
        warmup, hold = ((Steps(7), 0.1), (0.1, Steps(9)), (0.0, 0.0))[i % 3]
        schedule = Schedule(policy=policy, total_steps=200, warmup=warmup, warmup_start=0.1, hold=hold)
        for steps in OTHER_LENGTHS:
            close(stepped(schedule, steps)[1], schedule.replace(total_steps=steps), 1e-9)


def test_phases_keep_their_unit_when_total_steps_is_edited():
    for seed in range(150):
        schedule = draw(seed)
        schedule = schedule.replace(total_steps=200, update_every=min(schedule.update_every, 3))
        for steps in OTHER_LENGTHS:
            close(stepped(schedule, steps)[1], schedule.replace(total_steps=steps), 1e-9)


@pytest.mark.parametrize("slug", [slug for slug, recipe in RECIPES.items() if recipe.published])
def test_a_recipe_keeps_its_rates_when_total_steps_is_edited(slug):
    """Runs too short for its phases, and one three times as long; long runs of PyTorch's own schedulers are left out."""
    published = RECIPES[slug].published
    for steps in (500, 1_000, min(3 * published.total_steps, 10_000_000)):
        expected = published.replace(total_steps=steps)
        code = edited(pytorch_code(published), steps)
        _, left = execute(code[: code.index("\nfor step")])
        if "factor" in left:
            every = published.update_every if "def factor(update)" in code else 1
            at = np.unique(np.append(np.linspace(0, steps - 1, 101).astype(int), phase_ends(expected)))
            rates = [expected.peak_lr * left["factor"](step // every) for step in at.tolist()]
            np.testing.assert_allclose(rates, expected(at), rtol=1e-9, atol=1e-9 * expected.peak_lr)
        elif steps <= 20_000:
            close(stepped(published, steps)[1], expected, 1e-9)


def phase_ends(schedule):
    """The steps of the run next to where a phase begins or ends."""
    near = {end + i for phase in schedule.phases() for end in (phase.start, phase.end) for i in (-1, 0, 1)}
    return sorted(step for step in near if 0 <= step < schedule.total_steps)


@pytest.mark.parametrize("steps", [2, 3, 5, 11])
def test_very_short_runs_cut_off_phases_as_the_schedule_does(steps):
    for seed in range(60):
        schedule = draw(seed).replace(total_steps=200, update_every=1)
        close(stepped(schedule, steps)[1], schedule.replace(total_steps=steps), 1e-9)


@pytest.mark.parametrize(
    ("schedule", "line"),
    [
        (Schedule(policy=Step(every=Steps(100)), warmup=Steps(50), warmup_start=0.1), "step_size=100"),
        (Schedule(policy=Step(every=0.25)), "step_size=int(0.25 * total_steps + 0.5)"),
        (Schedule(policy=MultiFactor(milestones=(Steps(100), 0.9)), warmup=0.1, warmup_start=0.1), "int(0.9 * T + 0.5), 100]"),
        (Schedule(policy=WarmRestarts(first_cycle=Steps(100), cycle_mult=1.5)), "first_cycle = 100 / T"),
        (Schedule(policy=OneCycle(climb=Steps(100))), "pct_start=100 / T"),
        (Schedule(warmup=0.03, rounding="up"), "warmup_steps = math.ceil(0.03 * total_steps)"),
        (Schedule(cooldown=Steps(100), horizon=Steps(400)), "planned_steps = 400"),
        (Schedule(hold=Steps(100), update_every=7), "hold_updates = min(int(100 / update_every + 0.5), planned_updates - 1)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_lengths_are_written_in_the_unit_that_was_given(schedule, line):
    assert line in pytorch_code(schedule)
    check(schedule)


@pytest.mark.parametrize("start", range(0, 300, 50))
def test_the_script_matches_corners_of_the_schedule(start):
    used = [check(draw(seed)) for seed in range(start, start + 50)]
    assert {"LambdaLR"} in used


def test_corners_of_the_schedule_use_torchs_own_schedulers_too():
    found = [classes(pytorch_code(draw(seed))) for seed in range(300)]
    assert sum("LambdaLR" not in used for used in found) >= 5


def test_the_script_matches_every_pair_of_phase_shapes():
    for warmup, cooldown in itertools.product(FIELDS["warmup_shape"], FIELDS["cooldown_shape"]):
        shapes = {"warmup_shape": warmup, "cooldown_shape": cooldown, "cooldown_floor": 0.1}
        used = check(Schedule(policy=Cyclic(), total_steps=40, warmup=0.2, warmup_start=0.3, cooldown=0.4, **shapes))
        assert used == {"LambdaLR"}


RAMP = {"warmup": 0.1, "warmup_start": 0.1}
RESTARTS, SEQUENCE, LAMBDA = {"CosineAnnealingWarmRestarts"}, {"LinearLR", "SequentialLR"}, {"LambdaLR"}


@pytest.mark.parametrize(
    ("policy", "fields", "expected"),
    [
        (Constant(), {}, set()),
        (Constant(), {"first_step": 1, "horizon": 0.5, "update_every": 3}, set()),
        (Constant(), RAMP, {"LinearLR"}),
        (Constant(), RAMP | {"warmup_shape": "constant"}, {"ConstantLR"}),
        (Constant(), {"warmup": 0.1}, LAMBDA),
        (Constant(), {"cooldown": 0.2}, LAMBDA),
        (Constant(), {"cooldown": 0.2, "horizon": 2}, set()),
        (SquareRoot(), {}, LAMBDA),
        (Factor(), {}, {"ExponentialLR"}),
        (Factor(gamma=0.9, floor=0.9**39), {}, LAMBDA),
        (Factor(), RAMP, SEQUENCE | {"ExponentialLR"}),
        (Factor(), {"horizon": 0.5, "after": "restart"}, {"ExponentialLR"}),
        (Factor(by="half_life", half_life=7.5), {}, {"ExponentialLR"}),
        (Factor(by="half_life", half_life=7.5, floor=0.5 ** (38 / 7.5)), {}, LAMBDA),
        (Factor(by="half_life", half_life=1e6), {}, {"ExponentialLR"}),
        (Step(), {}, {"StepLR"}),
        (Step(every=0, gamma=0.9), {}, {"StepLR"}),
        (Step(gamma=0), RAMP, SEQUENCE | {"StepLR"}),
        (Step(every=0.25, gamma=0.5, floor=0.01), {}, LAMBDA),
        (Step(), {"horizon": 0.5, "after": "continue"}, {"StepLR"}),
        (Step(), {"horizon": 0.5}, LAMBDA),
        (Step(), {"horizon": 0.5, "after": "restart"}, LAMBDA),
        (Linear(), {}, {"LinearLR"}),
        (Linear(start=1 / 3, end=1), {"horizon": 0.5}, {"LinearLR"}),
        (Linear(start=1 / 3, end=0), {}, {"LinearLR"}),
        (Linear(start=0.2, end=0.9), RAMP, SEQUENCE),
        (Linear(start=0, end=1), {}, LAMBDA),
        (Linear(), {"horizon": 0.5, "after": "restart"}, LAMBDA),
        (RangeTest(shape="linear"), {}, {"LinearLR"}),
        (RangeTest(shape="linear", start=1e-8), {}, LAMBDA),
        (RangeTest(), {}, LAMBDA),
        (InverseTime(), {}, LAMBDA),
        (PowerLaw(timescale=5), {}, LAMBDA),
        (Noam(climb=5), {}, LAMBDA),
        (DelayedExponential(delay_start=0.1), {}, LAMBDA),
        (MultiFactor(), {}, {"MultiStepLR"}),
        (MultiFactor(milestones=(0, 0, 0.5, 1)), {"horizon": 0.5}, {"MultiStepLR"}),
        (MultiFactor(), {"horizon": 0.5, "after": "restart"}, LAMBDA),
        (MultiFactor(), RAMP | {"update_every": 3}, SEQUENCE | {"MultiStepLR"}),
        (MultiFactor(milestones=(0, 0, 0.5)), RAMP, SEQUENCE | {"MultiStepLR"}),
        (MultiFactor(milestones=(0, 0.5), gamma=0), RAMP, LAMBDA),
        (Polynomial(), {}, {"PolynomialLR"}),
        (Polynomial(power=2), {"horizon": 0.5}, {"PolynomialLR"}),
        (Polynomial(power=2), {"horizon": 0.5, "after": "restart"}, LAMBDA),
        (Polynomial(power=2, floor=0.1), {}, LAMBDA),
        (Polynomial(k=2), {}, LAMBDA),
        (Polynomial(cycle=True), {"horizon": 0.5, "after": "continue"}, LAMBDA),
        (Polynomial(cycle=True), {"horizon": 0.5}, {"PolynomialLR"}),
        (Polynomial(floor=0.1), {}, {"LinearLR"}),
        (Polynomial(floor=0.1), RAMP | {"horizon": 0.5}, SEQUENCE),
        (Cosine(), {}, {"CosineAnnealingLR"}),
        (Cosine(exponent=2), {}, LAMBDA),
        (Cosine(cycles=1), {}, LAMBDA),
        (Cosine(k=2), {}, LAMBDA),
        (Cosine(floor=0.1), {"update_every": 3}, {"CosineAnnealingLR"}),
        (Cosine(floor=0.1), RAMP, SEQUENCE | {"CosineAnnealingLR"}),
        (Cosine(), RAMP | {"warmup_shape": "constant"}, {"ConstantLR", "SequentialLR", "CosineAnnealingLR"}),
        (Cosine(), RAMP | {"warmup_shape": "cosine"}, LAMBDA),
        (Cosine(), RAMP | {"warmup_shape": "exponential"}, LAMBDA),
        (Cosine(), RAMP | {"warmup_over": True}, LAMBDA),
        (Cosine(), {"warmup_over": True}, {"CosineAnnealingLR"}),
        (Cosine(), {"warmup": 0.1}, LAMBDA),
        (Cosine(), {"cooldown": 0.2}, LAMBDA),
        (Cosine(), {"horizon": 2, "after": "restart"}, {"CosineAnnealingLR"}),
        (Cosine(), {"horizon": 39 / 40}, LAMBDA),
        (Cosine(), {"horizon": 39 / 40, "after": "restart"}, RESTARTS),
        (Cosine(floor=0.1), RAMP | {"horizon": 0.3, "after": "restart"}, SEQUENCE | RESTARTS),
        (Cosine(floor=0.1), {"horizon": 0.2, "after": "continue"}, {"CosineAnnealingLR"}),
        (Cosine(), {"first_step": 1}, LAMBDA),
        (Cosine(), {"first_step": -1}, LAMBDA),
        (WarmRestarts(), {}, RESTARTS),
        (WarmRestarts(cycle_mult=1.5), {}, LAMBDA),
        (WarmRestarts(peak_decay=0.5), {}, LAMBDA),
        (WarmRestarts(equal_cycles=4), {}, LAMBDA),
        (WarmRestarts(first_cycle=0.1, cycle_mult=3, floor=0.1), RAMP, SEQUENCE | RESTARTS),
        (WarmRestarts(), {"horizon": 0.5}, LAMBDA),
        (WarmRestarts(), {"horizon": 0.5, "after": "continue"}, RESTARTS),
        (WarmRestarts(), {"horizon": 0.5, "after": "restart"}, LAMBDA),
        (Cyclic(), {}, {"CyclicLR"}),
        (Cyclic(mode="triangular2", floor=0), {}, {"CyclicLR"}),
        (Cyclic(mode="exp_range", up=0.2), {"update_every": 2}, {"CyclicLR"}),
        (Cyclic(), RAMP, SEQUENCE | {"CyclicLR"}),
        (Cyclic(floor=0), RAMP, LAMBDA),
        (Cyclic(), {"horizon": 0.5}, LAMBDA),
        (Cyclic(), {"horizon": 0.5, "after": "continue"}, {"CyclicLR"}),
        (Cyclic(), {"horizon": 0.5, "after": "restart"}, LAMBDA),
        (OneCycle(), {}, {"OneCycleLR"}),
        (OneCycle(climb=0.28, shape="linear", start=1, end=0.9), {"update_every": 3}, {"OneCycleLR"}),
        (OneCycle(phases="three"), {"horizon": 1.7}, {"OneCycleLR"}),
        (OneCycle(phases="three", climb=0.01, settle=0.02), {}, {"OneCycleLR"}),
        (OneCycle(phases="three", settle=0.85), {}, LAMBDA),
        (OneCycle(finish="one_step_after"), {}, LAMBDA),
        (OneCycle(start=0), {}, LAMBDA),
        (OneCycle(climb=1), {}, LAMBDA),
        (OneCycle(climb=1 / 40), {}, LAMBDA),
        (OneCycle(climb=0), {}, {"OneCycleLR"}),
        (OneCycle(), RAMP, LAMBDA),
        (OneCycle(), {"first_step": 1}, LAMBDA),
        (OneCycle(), {"cooldown": 0.2}, LAMBDA),
        *((OneCycle(), {"horizon": 39 / 40, "after": after}, LAMBDA) for after in ("hold", "continue", "restart")),
    ],
    ids=lambda value: str(sorted(value)) if isinstance(value, set) else str(value),
)
def test_a_torch_scheduler_is_used_only_for_exactly_its_curve(policy, fields, expected):
    assert check(Schedule(policy=policy, total_steps=40, **fields)) == expected


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(policy=Cosine(floor=0.1)),
        Schedule(policy=Polynomial(power=0.5)),
        Schedule(policy=Polynomial(floor=0.001)),
        Schedule(policy=Linear(start=0.3)),
        Schedule(policy=Linear(start=1e-6, end=1)),
        Schedule(policy=Linear(start=1 / 3, end=0.7)),
        Schedule(policy=Constant(), warmup=0.9, warmup_start=0.01),
    ],
    ids=lambda schedule: schedule.policy.slug,
)
def test_torch_recursions_are_used_only_while_exact(schedule):
    longest = schedule.replace(total_steps=LONGEST_RECURSION)
    used, rates = stepped(longest)
    assert used != LAMBDA
    close(rates, longest)
    assert classes(pytorch_code(schedule.replace(total_steps=2 * LONGEST_RECURSION))) == LAMBDA


@pytest.mark.parametrize("half_life", [10, LONGEST_HALF_LIFE / 3, LONGEST_HALF_LIFE - 0.1, LONGEST_HALF_LIFE])
def test_a_half_life_is_exported_as_a_factor_only_while_exact(half_life):
    schedule = Schedule(policy=Factor(by="half_life", half_life=half_life), total_steps=4 * LONGEST_HALF_LIFE)
    used, rates = stepped(schedule)
    assert used == {"ExponentialLR"}
    close(rates, schedule)
    longer = schedule.replace(policy=schedule.policy.replace(half_life=2 * LONGEST_HALF_LIFE))
    assert classes(pytorch_code(longer)) == LAMBDA


def test_the_warm_up_of_torch_is_used_only_while_exact():
    for T, floor in itertools.product(range(1, LONGEST_CLIMB + 1, 3), (0, 0.1, 0.5)):
        schedule = Schedule(policy=Cosine(floor=floor), total_steps=20 * T + 1, horizon=T / (20 * T + 1), after="continue")
        used, rates = stepped(schedule)
        assert used == {"CosineAnnealingLR"}
        close(rates, schedule)
        assert classes(pytorch_code(schedule.replace(total_steps=20 * T + 2))) == LAMBDA
    assert classes(pytorch_code(Schedule(policy=Cosine(), horizon=0.5, after="continue"))) == LAMBDA


@pytest.mark.parametrize("mode", ["triangular", "triangular2", "exp_range"])
@pytest.mark.parametrize(("up", "down"), [(1, 1), (1, 100), (100, 1), (7, 3)])
def test_the_cycles_of_torch_are_used_only_while_exact(mode, up, down):
    n = LONGEST_CYCLES * min(up, down) - up - down + 1
    schedule = Schedule(policy=Cyclic(up=up / n, down=down / n, mode=mode, gamma=0.9999), total_steps=n)
    used, rates = stepped(schedule)
    assert used == {"CyclicLR"}
    close(rates, schedule)
    longer = schedule.replace(policy=schedule.policy.replace(up=up / 2 / n, down=down / 2 / n), total_steps=2 * n)
    assert classes(pytorch_code(longer)) == LAMBDA


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("policy", [Constant(), Cosine(), SquareRoot()], ids=str)
def test_the_loop_calls_backward_optimizer_and_scheduler_in_order(policy, every):
    """Backward pass, optimizer step, then scheduler step if there is one; so the first update uses the first rate."""
    schedule = Schedule(policy=policy, total_steps=40, update_every=every, warmup=0.1, warmup_start=0.5)
    schedule = schedule.replace(warmup=0) if isinstance(policy, Constant) else schedule
    code = pytorch_code(schedule)
    loop = next(node for node in ast.parse(code).body if isinstance(node, ast.For))
    found = sorted((node for node in ast.walk(loop) if isinstance(node, ast.Call)), key=lambda node: node.lineno)
    calls = [ast.unparse(node.func) for node in found]
    order = ["optimizer.zero_grad", "loss.backward", "optimizer.step", "scheduler.step"]
    order = order[:3] if isinstance(policy, Constant) else order
    assert [call for call in calls if call in {*order, "scheduler.step"}] == order
    assert execute(code)[0][0] == schedule.lrs()[0]


@pytest.mark.parametrize("policy", [Cosine(floor=0.1), Cyclic(), SquareRoot()], ids=str)
def test_another_peak_scales_all_rates(policy):
    code = pytorch_code(Schedule(policy=policy, peak_lr=0.1, total_steps=20))
    doubled = code.replace("peak_lr = 0.1", "peak_lr = 0.2")
    np.testing.assert_allclose(execute(doubled)[0], 2 * np.array(execute(code)[0]), rtol=1e-15)


@pytest.mark.parametrize("policy", [Cyclic(), SquareRoot()], ids=str)
def test_the_script_creates_the_chosen_optimizer(policy):
    schedule = Schedule(policy=policy, total_steps=20)
    used, left = execute(pytorch_code(schedule, "torch.optim.AdamW(model.parameters(), lr=peak_lr, betas=(0.8, 0.9))"))
    close(used, schedule)
    assert isinstance(left["optimizer"], torch.optim.AdamW)
    assert left["optimizer"].param_groups[0]["betas"] == (0.8, 0.9)


def test_checkpoints_of_a_script_load():
    """torch refuses to load the state of an optimizer whose rate is a NumPy number."""
    _, left = execute(pytorch_code(Schedule(policy=SquareRoot(), total_steps=5, warmup=0.4, warmup_shape="cosine")))
    file = io.BytesIO()
    torch.save([left["optimizer"].state_dict(), left["scheduler"].state_dict()], file)
    file.seek(0)
    assert torch.load(file)[0]["param_groups"][0]["lr"] == left["optimizer"].param_groups[0]["lr"]


def mistakes(code):
    """Names that a script assigns but never reads, without loop variables, and names that it may read before assigning them."""
    tree = ast.parse(code)
    loops = {node.target.id for node in tree.body if isinstance(node, ast.For)}
    stores = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    reads = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    made = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    made |= {node.asname or node.name for node in ast.walk(tree) if isinstance(node, ast.alias)}
    made |= {argument.arg for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for argument in node.args.args}
    found = {name for name in stores | made if name not in reads | loops | {"_"}}
    top = {name for node in tree.body if not isinstance(node, ast.FunctionDef) for name in assigned(node)} | made
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            given = {argument.arg for argument in node.args.args}
            found |= unassigned(node.body, {*top, *dir(builtins)} - assigned(node) | given)
    return found


def assigned(node):
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def unassigned(statements, known):
    """Names that some statements read where they are not in `known` and may not be assigned; `known` gets what is assigned."""
    found = set()
    for node in statements:
        blocks = [node.body, node.orelse] if isinstance(node, ast.If | ast.While) else []
        parts = [node.test] if blocks else [node]
        reads = {each.id for part in parts for each in ast.walk(part) if isinstance(each, ast.Name)}
        reads -= assigned(node) if not blocks and not isinstance(node, ast.AugAssign) else set()
        found |= reads - known - comprehended(node)
        sets = [known | set() for _ in blocks]
        for block, after in zip(blocks, sets, strict=True):
            found |= unassigned(block, after)
        ends = [after for block, after in zip(blocks, sets, strict=True) if not (block and isinstance(block[-1], ast.Return))]
        known |= set.intersection(*ends) if ends else set() if blocks else assigned(node)
    return found


def comprehended(node):
    return {name for each in ast.walk(node) if isinstance(each, ast.comprehension) for name in assigned(each)}


@pytest.mark.parametrize("cls", POLICIES.values(), ids=POLICIES)
def test_a_script_assigns_only_what_it_reads_and_reads_only_what_it_assigns(cls):
    for i, policy in enumerate(corners(cls, most=20)):
        random_phases = draw(i).replace(policy=policy)
        for schedule in (Schedule(policy=policy), random_phases):
            assert not mistakes(pytorch_code(schedule)), schedule
            assert not mistakes(plateau_code(schedule, FEEDBACK["plateau"]())), schedule


def test_mistakes_in_a_script_are_found():
    assert mistakes("def f(t):\n    if t:\n        x = 1\n    return x\nf(0)") == {"x"}
    assert mistakes("a = 1\ndef f(t):\n    b = 2\n    return t\nf(0)") == {"a", "b"}
    assert mistakes("def f(t):\n    return g(t)\nf(0)") == {"g"}


def test_a_script_holds_no_part_that_its_schedule_lacks():
    plain = pytorch_code(Schedule(policy=SquareRoot()))
    for part in ("warmup", "cooldown", "update_every", "planned", "round_steps", "min(", "%", "T = "):
        assert part not in plain
    first = pytorch_code(Run().schedule)
    assert "warmup_steps = int(0.1 * total_steps + 0.5)" in first
    assert "warmup_start" not in first


@pytest.mark.parametrize(
    "value", [0.1, 1e-8, 1e-300, 1 / 3, 5, 100_000, 10**7, True, "linear", (0.5,), (0.5, 1e-9), ((0.0, 1.0), (0.5, 1e-9)), ()]
)
def test_written_values_evaluate_to_the_same_values(value):
    assert ast.literal_eval(written(value)) == value


def test_written_values_are_short_literals():
    assert [written(v) for v in (0.1, 1e-8, 1_000, 117_188)] == ["0.1", "1e-8", "1000", "117_188"]


@declared
class Ours(Policy):
    """A policy unknown to the export, whose names clash with names in the script."""

    step: float = ratio(default=0.3)
    u: float = number(default=2.0, low=1, high=3)
    max: float = ratio(default=0.9)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        """Some curve."""
        u: FloatArray = np.minimum(t / T, 1)
        return self.max * (1 - self.step * u**self.u)


HELPER = 0.5


@declared
class Unfair(Policy):
    """A policy that uses a module-level name of its own file."""

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        return HELPER * np.ones_like(t)


def test_a_new_policy_is_exported_without_changes_to_the_exporter():
    assert check(Schedule(policy=Ours(), total_steps=20)) == LAMBDA
    assert check(Schedule(policy=Ours(), total_steps=20, warmup=0.2, cooldown=0.3, cooldown_floor=0.1)) == LAMBDA


def test_a_policy_that_cannot_be_exported_is_named_in_the_error():
    with pytest.raises(ValueError, match=r"Unfair\.factor uses HELPER"):
        curve_of(Unfair(), set())
