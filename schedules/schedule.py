"""Schedule: a policy with units. This is the only definition of the time base.

The plan has P = max(1, round_steps(horizon, N)) updates, where N = ceil(total_steps / update_every). The first
W = min(round(warmup * P), P - 1) of them are the warm-up, the next H = min(round(hold * P), P - 1 - W) hold the policy's first
value, and the other T = P - W - H belong to the policy; the last D = min(round(cooldown * P), T) are the cool-down. `rounding`
says how the lengths of the phases are rounded. A length of `Steps(n)` is n / update_every updates, before rounding, whatever
the length of the run. The run covers the first total_steps steps of the plan. The rate at step k applies to the update from
weights k to k + 1. Step k reads the curve at update j = max(0, k // update_every + first_step): the warm-up ramp for j < W,
then the policy at t = max(0, j - W - H). The end value belongs to update P, one after the last.

The ramp is a function of x = clip((j + a) / n, 0, 1), where `warmup_progress` sets a and n: j / W, j / (W - 1), (j + 1) / W,
(j + 1) / (W + 1), or (j - 1) / W, where update W belongs to the ramp too. With `warmup_unit` "steps", j and W count steps, also
where the policy changes less often. With `warmup_over` the policy's clock starts with the plan and stands still during the
hold: t = j before the hold, and T = P - H; with `warmup_multiplies` too, the ramp multiplies the policy at t = j, and W may be
P. Otherwise `warmup_target` is what the ramp leads to: the policy's first value, its value at update W, or the curve
v(j), with the value s v(0) + (v(j) - s v(0)) g(x) for a ramp s + (1 - s) g(x).

After the plan, t is held at T, continues, or restarts from 0 without another warm-up; the cool-down follows the same clock. For
`anytime` policies it always continues. Or the rate drops: from t = T on it is `cooldown_floor`. The i-th restart starts from
`restart_factor`^i of the peak, over the policy's floor, and its cycle is `restart_growth`^i times as long as the plan's; after
`restart_limit` cycles the rate drops. After the warm-up the ratio to the peak is at least `lowest`.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from schedules.core.cycles import cycle_at
from schedules.core.numbers import FloatArray
from schedules.core.params import choice, count, nested, number, ratio, span, switch
from schedules.core.quantities import Quantity, Rate, Steps, holds, mapped
from schedules.core.spec import Spec, computed, declared
from schedules.core.thin import thin
from schedules.policies import POLICIES, Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine


def linear_warmup(x: FloatArray, warmup_start: float) -> FloatArray:
    return warmup_start + (1 - warmup_start) * x


def cosine_warmup(x: FloatArray, warmup_start: float) -> FloatArray:
    return warmup_start + (1 - warmup_start) * (0.5 * (1 - np.cos(np.pi * x)))


def one_minus_sqrt_warmup(x: FloatArray, warmup_start: float) -> FloatArray:
    return warmup_start + (1 - warmup_start) * (1 - np.sqrt(1 - x))


def exponential_warmup(x: FloatArray, warmup_start: float) -> FloatArray:
    return max(warmup_start, 0.001) ** (1 - x)


def constant_warmup(warmup_start: float) -> float:
    return warmup_start


def logarithmic_warmup(x: FloatArray, n: int, warmup_start: float) -> FloatArray:
    return warmup_start + (1 - warmup_start) * np.asarray(np.minimum(np.log(1 + x * n) / np.log(max(n, 2)), 1))


def quadratic_warmup(x: FloatArray, warmup_start: float) -> FloatArray:
    return warmup_start + (1 - warmup_start) * x**2


def saturating_warmup(x: FloatArray, n: int, warmup_start: float, warmup_time: float) -> FloatArray:
    return warmup_start + (1 - warmup_start) * (1 - np.exp(-x * n / warmup_time))


def linear_cooldown(y: FloatArray) -> FloatArray:
    return 1 - y


def cosine_cooldown(y: FloatArray, cooldown_cycles: float = 0.5) -> FloatArray:
    return 0.5 * (1 + np.cos(2 * np.pi * cooldown_cycles * y))


def mirror_cosine_cooldown(y: FloatArray) -> FloatArray:
    return 2 * (1 - y) - 0.5 * (1 + np.cos(np.pi * y))


def one_minus_sqrt_cooldown(y: FloatArray) -> FloatArray:
    return 1 - np.sqrt(y)


def square_cooldown(y: FloatArray) -> FloatArray:
    return 1 - y**2


def exponential_cooldown(y: FloatArray, cooldown_ratio: float = 0.1) -> FloatArray:
    return (cooldown_ratio**y - cooldown_ratio) / (1 - cooldown_ratio)


def power_cooldown(y: FloatArray, cooldown_inner: float = 1.0, cooldown_power: float = 1.2) -> FloatArray:
    return np.asarray((1 - y**cooldown_inner) ** cooldown_power)


WARMUPS: dict[str, Callable[..., FloatArray | float]] = {
    "linear": linear_warmup,
    "cosine": cosine_warmup,
    "one_minus_sqrt": one_minus_sqrt_warmup,
    "exponential": exponential_warmup,
    "constant": constant_warmup,
    "log": logarithmic_warmup,
    "quadratic": quadratic_warmup,
    "saturating": saturating_warmup,
}
"""Warm-up shapes over x in [0, 1], from `warmup_start` to 1; `n` is the number of updates that x counts in. The exponential
shape starts at 0.001 or more (`log`: DeepSpeed 0.19.8; `saturating`: pytorch_warmup 0.2.0, which does not come to 1).
"""
WARMUP_PROGRESS: dict[str, tuple[int, int]] = {
    "to_next": (0, 0),
    "to_last": (0, -1),
    "from_one_to_last": (1, 0),
    "from_one_to_next": (1, 1),
    "one_behind": (-1, 0),
}
"""(a, b) of the progress x = (j + a) / max(W + b, 1) in the warm-up; a ramp that is one late is one update longer."""
WARMUP_TARGETS = ("start", "end", "curve")
"""Target of a ramp over the policy: the policy's first value, the curve where the ramp ends, or the curve itself."""
COOLDOWNS: dict[str, Callable[..., FloatArray]] = {
    "linear": linear_cooldown,
    "cosine": cosine_cooldown,
    "mirror_cosine": mirror_cosine_cooldown,
    "one_minus_sqrt": one_minus_sqrt_cooldown,
    "square": square_cooldown,
    "exponential": exponential_cooldown,
    "power": power_cooldown,
}
"""Cool-down shapes over y in [0, 1]: from 1 to 0 (Haegele et al. 2024, arXiv:2405.18392; the exponential as in timm). Further
arguments are fields of the schedule.
"""


@cache
def arguments_of(shape: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the arguments of a shape."""
    return tuple(inspect.signature(shape).parameters)


S = TypeVar("S", bound=Spec)

SHORT = 200_000
"""Runs of at most so many steps are evaluated at every step to choose some of them."""
COARSE = 100_000
"""Steps at which a longer run is evaluated first."""
BLOCK = 16_384
"""Steps evaluated at once, so that the arrays fit into the processor's cache."""


class Plan(NamedTuple):
    """The lengths of a schedule's phases in updates: the plan, its warm-up, the policy's part, the cool-down within it, and the
    hold between warm-up and policy.
    """

    updates: int
    warmup: int
    policy: int
    cooldown: int
    hold: int = 0


class Phase(NamedTuple):
    """A part of the plan ("warmup", "hold", "policy" or "cooldown"): first step, and first step after it."""

    name: str
    start: int
    end: int


def _has_quantity(spec: Spec, kind: type[Quantity]) -> bool:
    """True if a field holds a quantity of this class."""
    return any(holds(getattr(spec, name), kind) for name in spec.quantities)


def _as_ratios(spec: Spec, units: Mapping[type[Quantity], float]) -> dict[str, Any]:
    """The fields of a spec that hold quantities, each as a ratio to the unit of its class; others are left out.

    Args:
        spec: a policy or a schedule.
        units: the length in steps, or the rate, of which the fields are ratios; positive.

    Returns:
        values by field: ratios of rates within the bounds of their field, lists sorted.
    """
    found: dict[str, Any] = {}
    for name in spec.quantities:
        value = getattr(spec, name)
        for kind in units:
            if holds(value, kind):
                ratios = mapped(value, lambda quantity: quantity.number / units[type(quantity)])
                found[name] = spec.param(name).repair(ratios) if kind is Rate else _in_order(ratios)
    return found


def _in_order(ratios: Any) -> Any:
    return tuple(sorted(ratios)) if isinstance(ratios, tuple) else ratios


def _scaled(spec: S, factors: Mapping[type[Quantity], float]) -> S:
    """A copy whose quantities are multiplied by the factor of their class, within their bounds."""
    held = {name: value for name in spec.quantities if holds(value := getattr(spec, name), Quantity)}
    changed = {name: mapped(value, lambda q: type(q)(q.number * factors[type(q)])) for name, value in held.items()}
    return spec.replace(**{name: spec.param(name).repair(value) for name, value in changed.items()})


def warms(schedule: Schedule) -> bool:
    """True if there is a warm-up; one that changes at every step may be shorter than an update."""
    return schedule.ramp(schedule.plan)[0] > 0


def passes_plan(schedule: Schedule) -> bool:
    """True if a step of the run may come after the plan."""
    return schedule.plan.updates < schedule.updates or schedule.first_step > 0


@declared
class Schedule(Spec):
    """A policy, its peak rate, the length of the run, warm-up and cool-down.

    Lengths are shares of the plan, or `Steps`, which stay when the run gets longer. The floor of a policy and the other ends of
    the curve are ratios, or a `Rate`, which stays when the peak changes.

    >>> s = Schedule(policy=Cosine(floor=0.01 / 0.3), peak_lr=0.3, total_steps=20, warmup=5 / 20)
    >>> s.lrs()[:10].round(4).tolist()
    [0.0, 0.06, 0.12, 0.18, 0.24, 0.3, 0.2968, 0.2875, 0.2723, 0.252]
    """

    title = "Schedule"

    policy: Policy = nested(default=Cosine(), base=Policy, registry=POLICIES, doc="The shape of the curve after warm-up.")
    peak_lr: float = number(
        default=0.1,
        low=1e-10,
        high=100,
        scale="log",
        symbol=r"\eta_0",
        label="Peak rate",
        doc="The rate that a curve of height 1 stands for: the largest of the run, where the curve comes that high.",
        names=("lr", "max_lr", "base_lr", "peak_value", "initial_learning_rate"),
    )
    total_steps: int = number(
        default=500,
        low=1,
        high=10_000_000,
        scale="log",
        integer=True,
        symbol="N",
        unit="steps",
        label="Steps",
        doc="Length of the run in optimizer steps.",
        names=("T_max", "num_training_steps", "decay_steps", "max_update"),
    )
    warmup: float | Steps = span(
        default=0.0,
        symbol="W",
        label="Warm-up",
        doc="The first part of the plan, in which the rate climbs to where the policy starts.",
        names=("num_warmup_steps", "warmup_t", "warmup_steps", "total_iters"),
    )
    warmup_start: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("warmup_lr_init", "init_value"),
        high=10.0,
        symbol="s",
        label="Warm-up start",
        doc="Start of the ramp, as a ratio of its target; above 1 the ramp falls.",
        names=("start_factor", "warmup_lr_init", "warmup_lr_rate", "init_value"),
        more=True,
        matters=warms,
    )
    warmup_shape: str = choice(
        default="linear",
        options=tuple(WARMUPS),
        labels=("Linear", "Cosine", "1 - sqrt", "Exponential", "Constant", "Logarithm", "Quadratic", "1 - exp"),
        label="Warm-up shape",
        doc="Linear, half a cosine, one minus the root of what is left, the same factor each step (from 0.001), held, "
        "the logarithm of the step (DeepSpeed), the square, or one minus an exponential, which stays below the peak.",
        names=("warmup_type",),
        more=True,
        matters=warms,
    )
    warmup_progress: str = choice(
        default="to_next",
        options=tuple(WARMUP_PROGRESS),
        labels=("k / W", "k / (W - 1)", "(k + 1) / W", "(k + 1) / (W + 1)", "(k - 1) / W"),
        label="Warm-up counts",
        doc="Progress of the ramp at its step k = 0, 1, ... of W: the top is reached one step after the ramp or on its last "
        "step, and counting starts from 0, from 1, or a step late (DeepSpeed's cosine).",
        more=True,
        matters=lambda schedule: warms(schedule) and schedule.warmup_shape != "constant",
    )
    warmup_time: float = count(
        default=10.0,
        symbol=r"\tau",
        label="Warm-up time constant",
        doc="Updates in which a ramp of the shape 1 - exp comes to 63 % of the way.",
        names=("warmup_period",),
        more=True,
        matters=lambda schedule: warms(schedule) and schedule.warmup_shape == "saturating",
    )
    warmup_unit: str = choice(
        default="updates",
        options=("updates", "steps"),
        labels=("Once per update", "At every step"),
        label="Warm-up changes",
        doc="Where the rate is held for several steps, the ramp may still change at every step (Ultralytics).",
        more=True,
        matters=lambda schedule: bool(schedule.warmup) and schedule.update_every > 1,
    )
    hold: float | Steps = span(
        default=0.0,
        symbol="H",
        label="Hold",
        doc="A part of the plan between warm-up and policy, in which the rate stays where the policy starts.",
        names=("hold_steps", "transition_begin"),
        more=True,
    )
    cooldown: float | Steps = span(
        default=0.0,
        symbol="D",
        label="Cool-down",
        doc="The last part of the plan, in which the rate falls from the policy's curve to the floor.",
        names=("num_decay_steps", "decay_steps", "cooldown"),
        more=True,
    )
    cooldown_shape: str = choice(
        default="linear",
        options=tuple(COOLDOWNS),
        labels=("Linear", "Cosine", "Mirror cosine", "1 - sqrt", "Square", "Exponential", "Power"),
        label="Cool-down shape",
        doc="Curve of the rate during the cool-down.",
        names=("decay_type", "decay_fn"),
        more=True,
        matters=lambda schedule: schedule.plan.cooldown > 0,
    )
    cooldown_floor: float = ratio(
        default=0.0,
        or_rate=True,
        label="Cool-down floor",
        doc="Where the cool-down ends, and where the rate drops to after the plan, as a ratio of the peak.",
        names=("min_lr_ratio",),
        more=True,
        matters=lambda schedule: schedule.plan.cooldown > 0 or (schedule.may_drop and passes_plan(schedule)),
    )
    cooldown_from: str = choice(
        default="curve",
        options=("curve", "level"),
        labels=("The policy's curve", "The rate it meets"),
        label="Cool-down from",
        doc="The cool-down multiplies a curve that goes on falling, or starts from the rate at its beginning.",
        more=True,
        matters=lambda schedule: schedule.plan.cooldown > 0,
    )
    cooldown_ratio: float = ratio(
        default=0.1,
        low=1e-6,
        high=0.99,
        scale="log",
        label="Cool-down ratio",
        doc="End of an exponential cool-down r^y, before it is stretched down to the floor.",
        names=("decay_ratio",),
        more=True,
        matters=lambda schedule: schedule.plan.cooldown > 0 and schedule.cooldown_shape == "exponential",
    )
    cooldown_inner: float = number(
        default=1.0,
        low=0.1,
        high=10,
        scale="log",
        label="Cool-down inner power",
        doc="The power k in a cool-down (1 - y^k)^p: above 1 the rate falls later; 1/2 gives one minus the root.",
        names=("decay_power",),
        more=True,
        matters=lambda schedule: schedule.plan.cooldown > 0 and schedule.cooldown_shape == "power",
    )
    cooldown_power: float = number(
        default=1.2,
        low=0.1,
        high=10,
        scale="log",
        label="Cool-down power",
        doc="The power p in a cool-down (1 - y^k)^p: above 1 the rate falls sooner and flattens at the floor.",
        more=True,
        matters=lambda schedule: schedule.plan.cooldown > 0 and schedule.cooldown_shape == "power",
    )
    cooldown_cycles: float = number(
        default=0.5,
        low=0.1,
        high=100,
        scale="log",
        label="Cool-down waves",
        doc="Waves of a cosine cool-down: a half falls once, more come back up.",
        names=("num_cycles",),
        more=True,
        matters=lambda schedule: schedule.plan.cooldown > 0 and schedule.cooldown_shape == "cosine",
    )
    horizon: float | Steps = span(
        default=1.0,
        low=1e-4,
        high=10_000,
        scale="log",
        label="Planned length",
        doc="Planned length over real length: below 1 the run goes on after the plan has ended, above 1 it stops early.",
        names=("T_max", "total_iters"),
        more=True,
    )
    after: str = choice(
        default="hold",
        options=("hold", "continue", "restart", "drop"),
        label="After the plan",
        doc="Hold the last value, go on along the formula (a cosine climbs again, as in PyTorch), start the policy again, or "
        "drop to the cool-down's floor.",
        more=True,
        matters=passes_plan,
    )
    restart_factor: float = ratio(
        default=1.0,
        low=0.001,
        label="Peak per restart",
        doc="Factor of the peak at each new start of the policy after the plan; the policy's floor stays.",
        names=("cycle_decay",),
        more=True,
        matters=lambda schedule: schedule.after == "restart" and passes_plan(schedule),
    )
    restart_growth: float = number(
        default=1.0,
        low=1.0,
        high=10.0,
        scale="log",
        label="Growth per restart",
        doc="Length of each new run of the policy relative to the one before it.",
        names=("cycle_mul",),
        more=True,
        matters=lambda schedule: schedule.after == "restart" and passes_plan(schedule),
    )
    restart_limit: int = number(
        default=0,
        low=0,
        high=1_000,
        integer=True,
        unit="cycles",
        label="Cycles, then a drop",
        doc="After so many runs of the policy the rate drops to the cool-down's floor; at 0 it restarts without an end.",
        names=("cycle_limit",),
        more=True,
        matters=lambda schedule: schedule.after == "restart" and passes_plan(schedule),
    )
    lowest: float = ratio(
        default=0.0,
        or_rate=True,
        rate_names=("min_lr",),
        label="Lowest rate",
        doc="A ratio of the peak that the rate does not fall below after the warm-up: it cuts the curve off, a floor bends it.",
        names=("min_lr",),
        more=True,
    )
    update_every: int = number(
        default=1,
        low=1,
        high=1_000_000,
        scale="log",
        integer=True,
        unit="steps",
        label="Update every",
        doc="Steps for which a rate is held: the steps of an epoch, for schedules that change once an epoch.",
        more=True,
    )
    first_step: int = number(
        default=0,
        low=-1,
        high=1,
        integer=True,
        label="First step",
        doc="Update from which counting starts: some libraries read the curve one update early (1) or late (-1).",
        more=True,
    )
    warmup_over: bool = switch(
        default=False,
        label="Warm-up over the policy",
        doc="The policy's clock already runs during the warm-up.",
        names=("warmup_prefix",),
        more=True,
        matters=lambda schedule: bool(schedule.warmup),
    )
    warmup_multiplies: bool = switch(
        default=False,
        label="Warm-up times the policy",
        doc="A warm-up over the policy multiplies its curve (PyTorch's ChainedScheduler) instead of replacing it (timm).",
        names=("dampening",),
        more=True,
        matters=lambda schedule: bool(schedule.warmup) and schedule.warmup_over,
    )
    warmup_target: str = choice(
        default="start",
        options=WARMUP_TARGETS,
        labels=("The policy's start", "The curve at its end", "The curve"),
        label="Warm-up leads to",
        doc="Target of a ramp over the policy: the policy's first value, the curve's value where the ramp ends (timm's "
        "tanh), or the curve as it falls (Ultralytics).",
        more=True,
        matters=lambda schedule: bool(schedule.warmup) and schedule.warmup_over and not schedule.warmup_multiplies,
    )
    rounding: str = choice(
        default="nearest",
        options=("nearest", "up", "down"),
        label="Phases rounded",
        doc="Rounding of warm-up, hold and cool-down to updates: to the nearest, up (transformers), or down (NeMo, fairseq).",
        names=("warmup_ratio",),
        more=True,
        matters=lambda schedule: bool(schedule.warmup or schedule.hold or schedule.cooldown),
    )

    @property
    def updates(self) -> int:
        """The number of updates in the run: total_steps / update_every, rounded up."""
        return -(-self.total_steps // self.update_every)

    @property
    def plan(self) -> Plan:
        """The lengths of the phases, in updates."""
        return self.plan_of(max(1, self.length(self.horizon, self.updates, "nearest")))

    def plan_of(self, planned: int) -> Plan:
        """The lengths of the phases in a plan of `planned` updates."""
        warmup = min(self.length(self.warmup, planned), planned - (not self.multiplies))
        hold = min(self.length(self.hold, planned), max(0, planned - 1 - warmup))
        length = planned - hold - (0 if self.warmup_over else warmup)
        return Plan(planned, warmup, length, min(self.length(self.cooldown, planned), planned - warmup - hold), hold)

    def length(self, span: float | Steps, updates: int, rounding: str = "") -> int:
        """The length of a span in updates: a share of `updates`, or a number of steps; rounded as phases are by default."""
        length = span.number / self.update_every if isinstance(span, Steps) else span * updates
        rounding = rounding or self.rounding
        return math.ceil(length) if rounding == "up" else math.floor(length + 0.5 * (rounding == "nearest"))

    def cut_phase(self) -> tuple[str, int, int] | None:
        """The first phase given in steps for which the plan is too short: its name, its length, and the steps left of it."""
        plan = self.plan
        for name in ("warmup", "hold", "cooldown"):
            given, left = getattr(self, name), getattr(plan, name)
            if isinstance(given, Steps) and self.length(given, plan.updates) > left:
                return name, int(given.number), left * self.update_every
        return None

    def short_length(self) -> tuple[str, int] | None:
        """The first field of the policy with a length in steps that is shorter than an update, and that length."""
        for name in self.policy.quantities:
            value = getattr(self.policy, name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Steps) and 0 < part.number < self.update_every:
                    return name, int(part.number)
        return None

    def resolved(self) -> Schedule:
        """This schedule with rates as ratios of the peak, and lengths of the policy in steps as shares of its updates.

        A rate above the peak becomes the largest ratio that its field may have. The lengths of the phases keep their unit.
        """
        if not (_has_quantity(self, Rate) or _has_quantity(self.policy, Quantity)):
            return self
        units: dict[type[Quantity], float] = {Steps: self.plan.policy * self.update_every, Rate: self.peak_lr}
        policy = computed(self.policy, **_as_ratios(self.policy, units))
        made = computed(self, policy=policy, **_as_ratios(self, {Rate: self.peak_lr}))
        if isinstance(self.warmup_start, Rate):
            end = max(self.peak_lr * made.ramp_end(self.plan), 1e-300)
            made = computed(made, warmup_start=Schedule.param("warmup_start").repair(self.warmup_start.number / end))
        return made

    @property
    def fixed_rates(self) -> bool:
        """True if a field of the schedule or of its policy holds a `Rate`, so that the peak changes the shape of the curve."""
        return _has_quantity(self, Rate) or _has_quantity(self.policy, Rate)

    def scaled(self, *, steps: float = 1.0, rates: float = 1.0) -> Schedule:
        """This schedule with its lengths in steps and its rates, but neither peak nor total_steps, multiplied by a factor."""
        factors: dict[type[Quantity], float] = {Steps: steps, Rate: rates}
        return _scaled(self, factors).replace(policy=_scaled(self.policy, factors))

    @property
    def multiplies(self) -> bool:
        """True if the warm-up multiplies the policy's curve instead of replacing it."""
        return self.warmup_over and self.warmup_multiplies

    @property
    def may_drop(self) -> bool:
        """True if the rate drops to the cool-down's floor at the end of the plan or after some restarts."""
        return self.after == "drop" or (self.after == "restart" and self.restart_limit > 0)

    def start(self, plan: Plan) -> float:
        """The policy's first value, as a ratio of the peak."""
        return float(self.resolved().policy.factor(np.zeros(1), plan.policy)[0])

    @property
    def policy_floor(self) -> float:
        """The ratio to the peak that restarts do not lower: the policy's floor, if it has one."""
        return float(getattr(self.resolved().policy, "floor", 0.0))

    @property
    def leaves_floor(self) -> bool:
        """True if the policy's curve falls below `policy_floor`."""
        length = self.plan.policy
        times = np.linspace(0, length, min(length, 10_000) + 1)
        return bool(self.resolved().policy.factor(times, length).min() < self.policy_floor)

    @property
    def reads_plan(self) -> bool:
        """True if the curve depends on the length of the plan; False for an anytime policy without other phases."""
        plan, again = self.plan, self.after == "restart" and self.restart_factor != 1
        return not self.policy.anytime or plan.warmup + plan.hold + plan.cooldown > 0 or again or self.may_drop

    def phases(self) -> tuple[Phase, ...]:
        """The phases of the plan in order, in steps; empty phases are left out. The last phase may end after the run."""
        updates, warmup, _, cooldown, hold = self.plan
        ends = (0, warmup, warmup + hold, updates - cooldown, updates)
        steps = [max(0, end - self.first_step) * self.update_every if end else 0 for end in ends]
        names = ("warmup", "hold", "policy", "cooldown")
        found = (Phase(*part) for part in zip(names, steps, steps[1:], strict=False))
        return tuple(phase for phase in found if phase.end > phase.start)

    def __call__(self, step: npt.ArrayLike) -> FloatArray:
        """The learning rate at any step, also after the end of the run.

        Args:
            step: numbers >= 0, any shape; the curve is also defined between whole steps.

        Returns:
            rates of the same shape.

        Raises:
            ValueError: a step is negative or not finite.
        """
        k = np.asarray(step, dtype=np.float64)
        if not (k.min(initial=0) >= 0 and k.max(initial=0) < np.inf):
            raise ValueError("Schedule: step must be 0 or more and finite")
        steps = k.ravel()  # arrays only: for scalars NumPy's power differs in the last bit
        return self._in_blocks(steps.size, lambda start, end: steps[start:end]).reshape(k.shape)[()]

    def lrs(self) -> FloatArray:
        """The rates of the run, shape (total_steps,); charts, training and export all use these."""
        return self._in_blocks(self.total_steps, lambda start, end: np.arange(start, end, dtype=np.float64))

    def _in_blocks(self, count: int, steps: Callable[[int, int], FloatArray]) -> FloatArray:
        """The rates at `count` steps, whose block from one index to another `steps` returns."""
        rates, plan, resolved = np.empty(count), self.plan, self.resolved()
        for start in range(0, count, BLOCK):
            end = min(start + BLOCK, count)
            rates[start:end] = resolved._rates(steps(start, end), plan)
        return rates

    def constant_at_peak(self) -> Schedule:
        """A constant schedule of this length at the peak rate, or at the largest rate if that is below 99 % of the peak."""
        highest = float(self(chosen_steps(self)).max())
        reached = highest >= 0.99 * self.peak_lr
        peak = self.peak_lr if reached else Schedule.param("peak_lr").repair(float(f"{highest:.3g}"))
        return Schedule(policy=Constant(), peak_lr=peak, total_steps=self.total_steps)

    def cycle_ends(self) -> tuple[int, ...]:
        """The steps at which the policy completes a cycle, up to the end of the run, within the plan."""
        _, warmup, length, _, hold = self.plan
        cycles = self.resolved().policy.cycle_ends(length)
        ends = (end if self.warmup_over else end + warmup for end in cycles)
        steps = ((end + hold - self.first_step) * self.update_every for end in ends if end > warmup)
        return tuple(step for step in steps if 0 < step <= self.total_steps)

    def _rates(self, k: FloatArray, plan: Plan) -> FloatArray:
        """The learning rates at steps k; both have shape (n,)."""
        j = np.floor(k / self.update_every) if self.update_every > 1 else k
        j = np.maximum(0, j + self.first_step) if self.first_step else j
        count, (length, end) = j, self.ramp(plan)
        if self.ramps_by_steps:
            count = np.maximum(0, k + self.first_step * self.update_every)
        if not length or not (climbs := count < end).any():
            return self.peak_lr * self._after_warmup(j, plan)
        values = np.empty_like(j)
        values[climbs] = self._climbing(j[climbs], count[climbs], length, plan)
        values[~climbs] = self._after_warmup(j[~climbs], plan)
        return self.peak_lr * values

    def ramp(self, plan: Plan) -> tuple[int, int]:
        """The length of the warm-up in updates, or in steps if it changes at every step, and the count at which it ends.

        A ramp that is one late ends one later; within the plan, and not a constant one, which has no progress.
        """
        length, most = plan.warmup, plan.updates
        if self.ramps_by_steps:
            length, most = self.ramp_steps(plan), most * self.update_every
        late = WARMUP_PROGRESS[self.warmup_progress][0] < 0 and self.warmup_shape != "constant"
        return length, min(length + late, most)

    def ramp_end(self, plan: Plan) -> float:
        """The ratio to the peak that `warmup_start` refers to: the policy's value at its start, or where the ramp ends."""
        if not self.warmup_over or self.warmup_multiplies or self.warmup_target != "end":
            return self.start(plan)
        length, _ = self.ramp(plan)
        end = length // self.update_every if self.ramps_by_steps else length
        schedule = self.resolved()
        return max(float(schedule.policy.factor(np.array([float(end)]), plan.policy)[0]), float(schedule.lowest))

    @property
    def ramps_by_steps(self) -> bool:
        """True if the warm-up changes at every step while the policy does not."""
        return self.warmup_unit == "steps" and self.update_every > 1

    def ramp_steps(self, plan: Plan) -> int:
        """The length of the warm-up in steps; over the policy it need not be a whole number of updates."""
        steps = self.update_every * plan.updates
        if not self.warmup_over:
            return self.update_every * plan.warmup
        length = int(self.warmup.number) if isinstance(self.warmup, Steps) else self.length(self.warmup, steps)
        return min(length, steps)

    def _climbing(self, j: FloatArray, count: FloatArray, length: int, plan: Plan) -> FloatArray:
        """The ratios to the peak during the warm-up.

        Args:
            j: updates, shape (n,).
            count: positions in the ramp, in updates or steps, shape (n,).
            length: length of the ramp in the same unit.
            plan: the lengths of the phases.
        """
        ramp = self._ramp(count, length)
        if self.multiplies:
            return np.asarray(self._after_warmup(j, plan) * ramp)
        start = self.ramp_end(plan)
        values = np.asarray(start * ramp)
        if self.warmup_over and self.warmup_target == "curve":
            values = values + (self._after_warmup(j, plan) - start) * self._ramp(count, length, warmup_start=0.0)
        return values

    def _ramp(self, count: FloatArray, length: int, **fixed: float) -> FloatArray | float:
        """The warm-up's shape at positions in a ramp of this length; `fixed` are values to use instead of fields."""
        shape, (a, b) = WARMUPS[self.warmup_shape], WARMUP_PROGRESS[self.warmup_progress]
        n = max(length + b, 1)
        x = np.minimum((count + a if a else count) / n, 1)
        given = {"x": np.maximum(x, 0) if a < 0 else x, "n": n, **fixed}
        return shape(*(given[name] if name in given else getattr(self, name) for name in arguments_of(shape)))

    def _after_warmup(self, j: FloatArray, plan: Plan) -> FloatArray:
        """The ratios to the peak for updates after the warm-up, or below a ramp that multiplies, with all that changes them."""
        _, warmup, length, cooldown, hold = plan
        t = j if self.warmup_over or not warmup else j - warmup
        if hold:
            start = warmup if self.warmup_over else 0
            t = np.minimum(t, start) + np.maximum(0, t - start - hold)
        idle = self.policy.anytime and not cooldown and self.after not in ("restart", "drop")
        clock, number, stretch = (t, t, 1.0) if idle else self._clock(t, length)
        time, begun = t if self.policy.anytime else clock, length - cooldown
        falls = bool(cooldown) and clock.max(initial=0) > begun
        if falls and self.cooldown_from == "level":
            passed = np.maximum(0, clock - begun) * (stretch if self.policy.anytime else 1)
            time = time - passed if self.after == "restart" else np.minimum(time, begun)
        values = self.policy.factor(time, length)
        if self.after == "restart" and self.restart_factor != 1:
            height = np.exp2(number * np.log2(self.restart_factor))
            values = np.where(t < length, values, self._lowered(values, height))  # exactly the curve before a restart
        if falls:
            shape = COOLDOWNS[self.cooldown_shape]
            numbers = (getattr(self, name) for name in arguments_of(shape)[1:])
            g = shape(np.clip((clock - begun) / cooldown, 0, 1), *numbers)
            values = g * values + (1 - g) * self.cooldown_floor
        if self.may_drop:
            values = np.where(number < (self.restart_limit if self.after == "restart" else 1), values, self.cooldown_floor)
        return np.maximum(values, self.lowest) if self.lowest else values

    def _lowered(self, values: FloatArray, height: FloatArray) -> FloatArray:
        """A curve whose peak is `height` instead of 1, over the same floor, which some curves leave."""
        floor = self.policy_floor
        if floor in (0, 1):
            return height * values
        return np.asarray(floor + (height - floor) * np.maximum(0, (values - floor) / (1 - floor)))

    def _clock(self, t: FloatArray, length: int) -> tuple[FloatArray, FloatArray, FloatArray | float]:
        """The policy's time after `after` is applied, the number of the cycle, and its length as a multiple of the plan's."""
        if self.after == "restart" and self.restart_growth != 1:
            number, passed, cycle = cycle_at(t, float(length), self.restart_growth, 0.0, False)
            return np.asarray(passed * length / cycle), np.asarray(number), cycle / length
        number = np.floor(t / length) if self.after in ("restart", "drop") else t
        if self.after == "restart":
            since = np.asarray(np.maximum(0, t - length * number))  # exact for whole steps; % takes six times as long
            return since, number, 1.0
        return t if self.after == "continue" else np.minimum(t, length), number, 1.0


def phase_ends(schedule: Schedule) -> FloatArray:
    """The first and the last step of each phase in the run, shape (n,)."""
    found = [end + side for phase in schedule.phases() for end in (phase.start, phase.end) for side in (-1.0, 0.0)]
    return np.array([end for end in found if 0 <= end < schedule.total_steps])


@lru_cache(maxsize=64)
def chosen_steps(schedule: Schedule, most: int = 2_000) -> FloatArray:
    """The steps of `choose_steps` for a run with this schedule; read-only."""
    found = choose_steps(schedule, schedule.total_steps, phase_ends(schedule), most)
    found.flags.writeable = False
    return found


def choose_steps(rates: Callable[[FloatArray], FloatArray], steps: int, ends: FloatArray, most: int = 2_000) -> FloatArray:
    """Steps of a run between which straight lines draw its curve, about `most` of them; all steps of a shorter run.

    Among them are both ends, both sides of the largest jumps, and the steps with the lowest and the highest rate of each
    stretch. The curve of a long run is evaluated at `COARSE` steps, and at every step around those found there.

    Args:
        rates: the rates at ascending steps, shape (n,).
        steps: length of the run, at least 1.
        ends: steps that are chosen in any case, such as the ends of phases; ascending, shape (m,).
        most: number of steps above which some are left out.

    Returns:
        ascending, shape (n,).
    """
    if steps <= SHORT:
        found = np.arange(steps, dtype=np.float64)
    else:
        stride = -(-steps // COARSE)
        coarse = np.union1d(np.arange(0, steps, stride), [*ends, steps - 1.0])
        near = coarse[thin(rates(coarse), most // 2)]
        found = np.unique(np.clip(near[:, None] + np.arange(-stride, stride + 1.0), 0, steps - 1))
    return np.union1d(found[thin(rates(found), most)], ends) if len(found) > most else found
