"""The schedules that PyTorch's own schedulers reproduce exactly.

One table by policy slug; a policy without an entry is exported as a LambdaLR. "Exactly" means within 1e-12 of the peak at
every step of the run. Facts are those of torch 2.13.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from schedules.core.numbers import round_steps
from schedules.export._exported import ExportedSchedule
from schedules.export._script import call
from schedules.export._source import written
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.cyclic import Cyclic
from schedules.policies.factor import Factor
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.range_test import RangeTest
from schedules.policies.step import Step
from schedules.policies.warm_restarts import WarmRestarts

LONGEST_RECURSION = 20_000
"""Longest run, in updates, over which schedulers that multiply the last rate stay within 1e-12 (error at most 9e-13 over 400
peaks and floors).
"""

RECURSIVE = {"CosineAnnealingLR", "LinearLR", "PolynomialLR"}
"""Schedulers that multiply the last rate. ExponentialLR is exempt: its rate falls faster than its error grows (4e-14 over
2,000,000 updates).
"""

LONGEST_CLIMB = 100
"""Longest plan after whose end CosineAnnealingLR stays within 1e-12: its rise starts from a cancellation (measured)."""

LONGEST_CYCLES = 2_000
"""Longest run for CyclicLR, in lengths of its shorter slope: it subtracts whole cycles from a growing number, and its
triangular2 overflows in cycle 1,025.
"""

LONGEST_HALF_LIFE = 5_000
"""Longest half-life, in updates, for ExponentialLR: it takes the factor, and the rounding of 0.5 ** (1 / half_life)
accumulates (4e-13 here).
"""

SMALLEST_START = 1e-6
"""Smallest start for LinearLR, which divides by its start."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a class in torch.optim.lr_scheduler: name, further arguments as source, and the name of the optimizer."""

    name: str
    arguments: dict[str, str]
    optimizer: str = "optimizer"

    def __str__(self) -> str:
        return call(self.name, self.arguments, self.optimizer)


Calls: TypeAlias = tuple[Call, ...]


def built_in(exported: ExportedSchedule) -> Calls | None:
    """The sequence of built-in schedulers that gives exactly this curve; empty for a constant rate, None if there is none."""
    schedule, plan = exported.schedule, exported.plan
    choose = BUILT_IN.get(schedule.policy.slug)
    moved = schedule.first_step and (exported.warms or choose is not _constant)
    changed = plan.cooldown or exported.holds or schedule.lowest or exported.after == "drop"
    halved = bool(exported.lengths) and schedule.update_every > 1  # lengths between two updates may round either way
    uneven = (schedule.restart_factor, schedule.restart_growth, schedule.restart_limit) != (1, 1, 0)
    if (
        choose is None
        or moved
        or exported.over
        or changed
        or halved
        or exported.ramps_by_steps
        or (exported.after == "restart" and uneven)
    ):
        return None
    calls = choose(schedule.policy, exported)
    if calls is not None and exported.warms:
        warmup = _warmup(exported) if plan.warmup else None
        calls = (warmup, *calls) if warmup else None
    too_long = max(exported.last, plan.warmup) > LONGEST_RECURSION
    return None if calls is None or (too_long and any(call.name in RECURSIVE for call in calls)) else calls


def _warmup(exported: ExportedSchedule) -> Call | None:
    schedule, end = exported.schedule, exported.start
    if end is None or (start := schedule.warmup_start * end) < SMALLEST_START:
        return None
    if schedule.warmup_shape == "constant" and start <= 1:
        return Call("ConstantLR", {"factor": written(start), "total_iters": exported.warmup})
    if schedule.warmup_shape == "linear" and schedule.warmup_progress == "to_next" and start <= 1:
        ends = {"start_factor": written(start)} | ({} if end == 1 else {"end_factor": written(end)})
        return Call("LinearLR", ends | {"total_iters": exported.warmup})
    return None


def _updates(fraction: float, exported: ExportedSchedule) -> int:
    """The length of a span in updates, at least 1."""
    return max(1, int(round_steps(fraction, exported.plan.policy)))


def _given(exported: ExportedSchedule, name: str) -> Any:
    """The value of a field of the policy, in the unit in which it was given."""
    return getattr(exported.given.policy, name)


def _updates_code(name: str, exported: ExportedSchedule) -> str:
    """Source of the length of a policy's span in updates, at least 1."""
    given = _given(exported, name)
    short = round_steps(getattr(exported.schedule.policy, name), exported.plan.policy) < 1
    return exported.updates(given) if not short else "1" if not given else f"max(1, {exported.updates(given)})"


def _floor(policy: Cosine | WarmRestarts | Cyclic, exported: ExportedSchedule) -> str:
    """Source of the rate at the policy's floor."""
    return written(exported.rates["floor"]) if "floor" in exported.rates else f"{written(policy.floor)} * peak_lr"


def _eta_min(policy: Cosine | WarmRestarts, exported: ExportedSchedule) -> dict[str, str]:
    return {"eta_min": _floor(policy, exported)} if policy.floor else {}


def _constant(policy: Constant, exported: ExportedSchedule) -> Calls:
    return ()


def _factor(policy: Factor, exported: ExportedSchedule) -> Calls | None:
    """ExponentialLR, which has no floor."""
    gamma, code = policy.gamma, written(policy.gamma)
    if policy.by == "half_life":
        if min(policy.half_life, exported.last) > LONGEST_HALF_LIFE:
            return None
        gamma, code = 0.5 ** (1 / policy.half_life), f"0.5 ** (1 / {written(policy.half_life)})"
    return (Call("ExponentialLR", {"gamma": code}),) if policy.floor == 0 or gamma == 1 else None


def _step(policy: Step, exported: ExportedSchedule) -> Calls | None:
    """StepLR, which has no floor and does not stop at the plan's end."""
    if exported.after in {"hold", "restart"} or policy.floor:
        return None
    return (Call("StepLR", {"step_size": _updates_code("every", exported), "gamma": written(policy.gamma)}),)


def _multi_factor(policy: MultiFactor, exported: ExportedSchedule) -> Calls | None:
    if exported.after == "restart":
        return None
    milestones = ", ".join(map(exported.updates, _given(exported, "milestones")))
    return (Call("MultiStepLR", {"milestones": f"[{milestones}]", "gamma": written(policy.gamma)}),)


def _polynomial(policy: Polynomial, exported: ExportedSchedule) -> Calls | None:
    """PolynomialLR, which ends at zero and stays there; LinearLR for power 1 with a floor."""
    stretched = policy.cycle and exported.after == "continue"
    if stretched or exported.after == "restart" or policy.k != 1 or (policy.floor and policy.power != 1):
        return None
    if policy.floor:
        return _line(1.0, policy.floor, exported)
    return (Call("PolynomialLR", {"total_iters": exported.length, "power": written(policy.power)}),)


def _line(start: float, end: float, exported: ExportedSchedule) -> Calls | None:
    """LinearLR: a line over the policy's part, then its end value."""
    if exported.after == "restart" or start < SMALLEST_START:
        return None
    ends = {"start_factor": written(start), "end_factor": written(end)}
    return (Call("LinearLR", ends | {"total_iters": exported.length}),)


def _linear(policy: Linear, exported: ExportedSchedule) -> Calls | None:
    return _line(policy.start, policy.end, exported)


def _range_test(policy: RangeTest, exported: ExportedSchedule) -> Calls | None:
    return _line(policy.start, 1.0, exported) if policy.shape == "linear" else None


def _cosine(policy: Cosine, exported: ExportedSchedule) -> Calls | None:
    """CosineAnnealingLR, which rises again after its end like `continue`; only for half a wave of the plain cosine."""
    if (policy.cycles, policy.k, policy.exponent) != (0.5, 1, 1):
        return None
    T = exported.plan.policy
    if exported.after == "restart":
        return (Call("CosineAnnealingWarmRestarts", {"T_0": exported.length} | _eta_min(policy, exported)),)
    if exported.after == "hold" or (exported.after == "continue" and (T > LONGEST_CLIMB or exported.last > 20 * T)):
        return None
    return (Call("CosineAnnealingLR", {"T_max": exported.length} | _eta_min(policy, exported)),)


def _warm_restarts(policy: WarmRestarts, exported: ExportedSchedule) -> Calls | None:
    """CosineAnnealingWarmRestarts; only for an integer T_mult and equal peaks."""
    if policy.peak_decay != 1 or policy.equal_cycles or policy.climb:
        return None
    if exported.after in {"hold", "restart"} or policy.cycle_mult != int(policy.cycle_mult):
        return None
    cycles = {"T_0": _updates_code("first_cycle", exported), "T_mult": written(int(policy.cycle_mult))}
    return (Call("CosineAnnealingWarmRestarts", cycles | _eta_min(policy, exported)),)


def _cyclic(policy: Cyclic, exported: ExportedSchedule) -> Calls | None:
    """CyclicLR, which sets the optimizer's rate itself and cycles its momentum unless `cycle_momentum` is False."""
    shrinks = policy.mode == "cycle_range" or (policy.peak_decay, policy.floor_decay, policy.cycle_mult) != (1, 1, 1)
    if exported.after in {"hold", "restart"} or shrinks:
        return None
    up, down = _updates(policy.up, exported), _updates(policy.down, exported)
    if exported.last + up + down > LONGEST_CYCLES * min(up, down):
        return None
    cycle = {
        "base_lr": _floor(policy, exported) if policy.floor else "0.0",
        "max_lr": "peak_lr",
        "step_size_up": _updates_code("up", exported),
        "step_size_down": _updates_code("down", exported),
        "mode": written(policy.mode),
    }
    gamma = {"gamma": written(policy.gamma)} if policy.mode == "exp_range" else {}
    return (Call("CyclicLR", cycle | gamma | {"cycle_momentum": "False"}),)


def _one_cycle(policy: OneCycle, exported: ExportedSchedule) -> Calls | None:
    """OneCycleLR, which raises an error after its last step and cycles the momentum unless `cycle_momentum` is False.

    It divides by the lengths of rise and decay and by the start rate, and the second of its three phases is as long as the
    first. It sets the optimizer's rate itself, so a warm-up before it would start from its start rate instead of the peak.
    """
    three = policy.phases == "three"
    if policy.finish != "on_the_last_step" or exported.warms or exported.after or exported.last >= exported.plan.policy:
        return None
    if policy.start < SMALLEST_START or policy.climb >= 1 or policy.climb * exported.plan.policy == 1:
        return None
    if three and policy.settle != 2 * policy.climb:
        return None
    cycle = {
        "max_lr": "peak_lr",
        "total_steps": exported.length,
        "pct_start": exported.ratio("climb", policy.climb),
        "anneal_strategy": written({"cosine": "cos", "linear": "linear"}[policy.shape]),
        "cycle_momentum": "False",
        "div_factor": written(1 / policy.start),
        "final_div_factor": written(policy.start / policy.end),
    }
    return (Call("OneCycleLR", cycle | ({"three_phase": "True"} if three else {})),)


BUILT_IN: dict[str, Callable[[Any, ExportedSchedule], Calls | None]] = {
    "constant": _constant,
    "factor": _factor,
    "step": _step,
    "linear": _linear,
    "range_test": _range_test,
    "multi_factor": _multi_factor,
    "polynomial": _polynomial,
    "cosine": _cosine,
    "warm_restarts": _warm_restarts,
    "cyclic": _cyclic,
    "one_cycle": _one_cycle,
}
