"""timm: its own schedulers where they give exactly this curve, else a scheduler with the curve's function.

All of them are stepped once per update, with the number of updates so far. Facts are those of timm 1.0.31.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from schedules.export._exported import ExportedSchedule
from schedules.export._plain import (
    half_life_factor,
    is_constant,
    is_linear_ramp,
    is_plain,
    is_stable_decay,
    milestones,
    ramp_start,
    rate_of,
    updates,
)
from schedules.export._script import TAKEN, Script, assembled, call, torch_source, training_loop, units_constants
from schedules.export._source import written
from schedules.export.torch_builtins import LONGEST_HALF_LIFE
from schedules.export.torch_code import lambda_rates, remarks
from schedules.policies.cosine import Cosine
from schedules.policies.factor import Factor
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.polynomial import Polynomial
from schedules.policies.step import Step
from schedules.policies.tanh import Tanh
from schedules.policies.warm_restarts import WarmRestarts
from schedules.real_run import RealRun
from schedules.training.runs import Run
from schedules.units import Units

LIBRARY = "timm"

RESERVED = TAKEN | {
    "model",
    "optimizer",
    "scheduler",
    "inputs",
    "targets",
    "loss",
    "torch",
    "rate",
    "FactorScheduler",
    "Scheduler",
}
"""Names that scripts use besides their constants."""

SCHEDULER_CLASS = """\
class FactorScheduler(Scheduler):
    def __init__(self, optimizer):
        super().__init__(optimizer, "lr", t_in_epochs=False)
        self.step_update(0)

    def _get_lr(self, t):
        return [rate * factor(t) for rate in self.base_values]"""

GROUPS_CLASS = """\
class FactorScheduler(Scheduler):
    def __init__(self, optimizer):
        super().__init__(optimizer, "lr", t_in_epochs=False)
        self.step_update(0)

    def _get_lr(self, t):
        first, second = self.base_values
        return [first * factor(t), second * {group_factor}(t)]"""

ADVANCE = "    scheduler.step_update(num_updates=step + 1)\n"


class Call(NamedTuple):
    """A scheduler of timm and its arguments; `begins` is true if its first rate has to be set by a call."""

    name: str
    arguments: dict[str, str]
    begins: bool = False


def script(run: Run, real: RealRun | None = None, units: Units | None = None) -> Script:
    """A training loop in PyTorch with a scheduler of timm."""
    schedule, optimizer = run.schedule, run.optimizer
    exported = ExportedSchedule(schedule)
    constants, definitions, imports = exported.constants(), [optimizer.torch_class], []
    statements, advance = [*remarks(schedule)], ADVANCE
    group, group_peak = real.group_schedule(schedule) if real else None, ""
    if group is None and is_constant(exported):
        advance = ""
    elif group is None and (found := built_in(exported)) is not None:
        imports = [f"from timm.scheduler import {found.name}"]
        arguments = found.arguments | {"t_in_epochs": "False"}
        statements.append(f"scheduler = {call(found.name, arguments, 'optimizer')}")
        statements += ["scheduler.step_update(num_updates=0)"] if found.begins else []
    else:
        rates = lambda_rates(exported, group, RESERVED, by_steps=True)
        constants, imports = rates.constants, ["from timm.scheduler.scheduler import Scheduler"]
        group_peak = rates.group_peak
        scheduler = SCHEDULER_CLASS if group is None else GROUPS_CLASS.format(group_factor=rates.group_factor)
        definitions = [*rates.functions, scheduler, *definitions]
        statements.append("scheduler = FactorScheduler(optimizer)")
    source = torch_source(optimizer, real.weight_decay if real else 0.0)
    training = training_loop(source, statements, group_peak, units) + advance
    return Script(assembled(constants | units_constants(units), definitions, training, imports), run.feedback.acts)


def built_in(exported: ExportedSchedule) -> Call | None:
    """The scheduler of timm that gives exactly this curve; None if there is none."""
    policy = exported.schedule.policy
    if is_stable_decay(exported):
        found = _stable_decay(exported)
    else:
        choose = BUILT_IN.get(policy.slug) if is_plain(exported) else None
        found = choose(policy, exported) if choose else None
    if found is None or not exported.warms:
        return found
    if not is_linear_ramp(exported) or exported.start != 1:
        return None
    warmup = {"warmup_t": exported.warmup, "warmup_lr_init": rate_of(exported, ramp_start(exported), "warmup_start")}
    prefix = {} if found.name == "WSDLRScheduler" else {"warmup_prefix": "True"}
    return Call(found.name, found.arguments | warmup | prefix)


def _end(exported: ExportedSchedule, ratio: float, name: str) -> dict[str, str]:
    return {"lr_min": rate_of(exported, ratio, name)} if ratio else {}


def _cycles(exported: ExportedSchedule) -> dict[str, str] | None:
    """Arguments for what comes after the policy's end: its floor, or more cycles; None for anything else."""
    if exported.after == "restart":
        return {"cycle_limit": written(exported.last // exported.plan.policy + 1)}
    return {} if exported.after in {"", "hold"} else None


def _cosine(policy: Cosine, exported: ExportedSchedule) -> Call | None:
    """CosineLRScheduler, whose rate is the floor after its cycles."""
    cycles = _cycles(exported)
    if (policy.cycles, policy.exponent) != (0.5, 1) or cycles is None:
        return None
    k = {"k_decay": written(policy.k)} if policy.k != 1 else {}
    end = _end(exported, policy.floor, "floor")
    return Call("CosineLRScheduler", {"t_initial": exported.length} | end | k | cycles)


def _polynomial(policy: Polynomial, exported: ExportedSchedule) -> Call | None:
    """PolyLRScheduler, whose rate is the floor after its cycles."""
    cycles = _cycles(exported)
    if policy.cycle or cycles is None:
        return None
    shape = {"power": written(policy.power)} | ({"k_decay": written(policy.k)} if policy.k != 1 else {})
    return Call("PolyLRScheduler", {"t_initial": exported.length} | shape | _end(exported, policy.floor, "floor") | cycles)


def _linear(policy: Linear, exported: ExportedSchedule) -> Call | None:
    """PolyLRScheduler with power 1, whose first rate is the peak."""
    cycles = _cycles(exported)
    if policy.start != 1 or cycles is None:
        return None
    arguments = {"t_initial": exported.length, "power": "1.0"} | _end(exported, policy.end, "end") | cycles
    return Call("PolyLRScheduler", arguments)


def _tanh(policy: Tanh, exported: ExportedSchedule) -> Call | None:
    """TanhLRScheduler, whose rate is the floor after its end, where the curve is still above it."""
    if exported.after or policy.lower >= policy.upper:
        return None
    bounds = {"lb": written(policy.lower), "ub": written(policy.upper)}
    return Call("TanhLRScheduler", {"t_initial": exported.length} | bounds | _end(exported, policy.floor, "floor"), begins=True)


def _factor(policy: Factor, exported: ExportedSchedule) -> Call | None:
    """StepLRScheduler with a drop at every step; it has no floor."""
    gamma, code = half_life_factor(policy)
    if policy.by == "half_life" and min(policy.half_life, exported.last) > LONGEST_HALF_LIFE:
        return None
    return Call("StepLRScheduler", {"decay_t": "1", "decay_rate": code}) if policy.floor == 0 or gamma == 1 else None


def _step(policy: Step, exported: ExportedSchedule) -> Call | None:
    """StepLRScheduler, which has no floor and does not stop at the plan's end."""
    if exported.after in {"hold", "restart"} or policy.floor:
        return None
    return Call("StepLRScheduler", {"decay_t": updates(exported, "every")[1], "decay_rate": written(policy.gamma)})


def _multi_factor(policy: MultiFactor, exported: ExportedSchedule) -> Call | None:
    """MultiStepLRScheduler, whose milestone m applies one step before step m."""
    if exported.after == "restart":
        return None
    at, source = milestones(policy, exported)
    later = [written(int(each) + 1) if each.isdecimal() else f"{each} + 1" for each in source]
    decay_t = f"[{', '.join(later)}]"
    decay_t = f"sorted({decay_t})" if exported.lengths else decay_t
    return Call("MultiStepLRScheduler", {"decay_t": decay_t, "decay_rate": written(policy.gamma)}, begins=0 in at)


def _warm_restarts(policy: WarmRestarts, exported: ExportedSchedule) -> Call | None:
    """CosineLRScheduler, whose cycles grow by a factor; it finds the cycle with a logarithm, which may be one too low."""
    same = policy.peak_decay == 1 or policy.shrinks == "peak"
    if policy.climb or not same or policy.truncated:
        return None
    end = _end(exported, policy.floor, "floor")
    if policy.equal_cycles:
        n, T = policy.equal_cycles, exported.plan.policy
        if n != int(n) or T % int(n) or exported.after not in {"", "hold"}:
            return None
        first, length, limit = T // int(n), f"({exported.length}) // {int(n)}", int(n)
    else:
        if exported.after in {"hold", "restart"}:
            return None
        first, length = updates(exported, "first_cycle")
        starts = _starts(first, policy.cycle_mult, exported.last)
        if starts is None:
            return None
        limit = len(starts)
    cycle = {"cycle_mul": written(policy.cycle_mult)} if policy.cycle_mult != 1 and not policy.equal_cycles else {}
    decay = {"cycle_decay": written(policy.peak_decay)} if policy.peak_decay != 1 else {}
    return Call("CosineLRScheduler", {"t_initial": length} | end | cycle | decay | {"cycle_limit": written(limit)})


def _starts(first: int, growth: float, last: int) -> list[int] | None:
    """The starts of cycles up to the last update; None if a length is no whole number or timm misses a start by rounding."""
    if growth == 1:
        return [*range(0, last + 1, first)]
    if growth != int(growth):
        return None
    starts, length = [0], first
    while starts[-1] + length <= last:
        starts.append(starts[-1] + length)
        length *= int(growth)
    right = all(math.floor(math.log(1 - at / first * (1 - growth), growth)) == i for i, at in enumerate(starts))
    return starts if right else None


def _stable_decay(exported: ExportedSchedule) -> Call | None:
    """WSDLRScheduler with a constant rate."""
    s = exported.schedule
    shape = {
        "linear": {"decay_fn": '"linear"'},
        "one_minus_sqrt": {"decay_fn": '"1-sqrt"'},
        "cosine": {"decay_fn": '"cosine"'} if s.cooldown_cycles == 0.5 else None,
        "square": {"decay_fn": '"power"', "decay_power": "2.0"},
        "power": {"decay_fn": '"power"', "decay_power": written(s.cooldown_inner)} if s.cooldown_power == 1 else None,
        "exponential": {"decay_fn": '"exp"', "decay_ratio": written(s.cooldown_ratio)},
    }.get(s.cooldown_shape)
    if shape is None:
        return None
    lengths = {"t_initial": exported.length, "decay_t": exported.cooldown}
    return Call("WSDLRScheduler", lengths | _end(exported, s.cooldown_floor, "cooldown_floor") | shape)


BUILT_IN: dict[str, Callable[[Any, ExportedSchedule], Call | None]] = {
    "cosine": _cosine,
    "polynomial": _polynomial,
    "linear": _linear,
    "tanh": _tanh,
    "factor": _factor,
    "step": _step,
    "multi_factor": _multi_factor,
    "warm_restarts": _warm_restarts,
}
"""By policy, the function that finds its scheduler."""
