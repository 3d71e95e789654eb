"""Schedule: a policy with units. This is the only definition of the time base.

The plan has P = max(1, round_steps(horizon, N)) updates, where N = ceil(total_steps / update_every). The first
W = min(round_steps(warmup, P), P - 1) of them are the warm-up and the other T = P - W belong to the policy; the last
D = min(round_steps(cooldown, P), T) are the cool-down. The run covers the first total_steps steps of the plan. The rate at step
k applies to the update from weights k to k + 1. Step k reads the curve at update j = max(0, k // update_every + first_step):
the warm-up ramp for j < W, then the policy at t = j - W. The end value belongs to update P, one after the last.

With `warmup_over` the policy's clock starts with the plan: t = j and T = P. After the plan, t is held at T, continues, or
restarts from 0 without another warm-up; the cool-down follows the same clock. For `anytime` policies it always continues.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray, round_steps
from schedules.core.params import choice, nested, number, ratio, span, switch
from schedules.core.spec import Spec, declared
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


def constant_warmup(x: FloatArray, warmup_start: float) -> float:
    return warmup_start


def linear_cooldown(y: FloatArray) -> FloatArray:
    return 1 - y


def cosine_cooldown(y: FloatArray) -> FloatArray:
    return 0.5 * (1 + np.cos(np.pi * y))


def mirror_cosine_cooldown(y: FloatArray) -> FloatArray:
    return 2 * (1 - y) - 0.5 * (1 + np.cos(np.pi * y))


def one_minus_sqrt_cooldown(y: FloatArray) -> FloatArray:
    return 1 - np.sqrt(y)


def square_cooldown(y: FloatArray) -> FloatArray:
    return 1 - y**2


def exponential_cooldown(y: FloatArray) -> FloatArray:
    return (0.1**y - 0.1) / 0.9


WARMUPS: dict[str, Callable[[FloatArray, float], FloatArray | float]] = {
    "linear": linear_warmup,
    "cosine": cosine_warmup,
    "one_minus_sqrt": one_minus_sqrt_warmup,
    "exponential": exponential_warmup,
    "constant": constant_warmup,
}
"""Warm-up shapes over x in [0, 1): from `warmup_start` to 1; the exponential shape starts at 0.001 or more."""
COOLDOWNS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "linear": linear_cooldown,
    "cosine": cosine_cooldown,
    "mirror_cosine": mirror_cosine_cooldown,
    "one_minus_sqrt": one_minus_sqrt_cooldown,
    "square": square_cooldown,
    "exponential": exponential_cooldown,
}
"""Cool-down shapes over y in [0, 1]: from 1 to 0 (Haegele et al. 2024, arXiv:2405.18392; the exponential as in timm)."""
BLOCK = 16_384
"""Steps evaluated at once, so that the arrays fit into the processor's cache."""


class Plan(NamedTuple):
    """The lengths of a schedule's phases in updates: the plan, its warm-up, the policy's part, and the cool-down within it."""

    updates: int
    warmup: int
    policy: int
    cooldown: int


class Phase(NamedTuple):
    """A part of the plan ("warmup", "policy" or "cooldown"): first step, and first step after it."""

    name: str
    start: int
    end: int


@declared
class Schedule(Spec):
    """A policy, its peak rate, the length of the run, warm-up and cool-down.

    >>> s = Schedule(policy=Cosine(floor=0.01 / 0.3), peak_lr=0.3, total_steps=20, warmup=5 / 20)
    >>> s.lrs()[:10].round(4).tolist()
    [0.0, 0.06, 0.12, 0.18, 0.24, 0.3, 0.2968, 0.2875, 0.2723, 0.252]
    """

    title = "Schedule"

    policy: Policy = nested(default=Cosine(), base=Policy, registry=POLICIES, doc="The shape of the curve after warm-up.")
    peak_lr: float = number(
        default=0.1,
        low=1e-6,
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
    warmup: float = span(
        default=0.0,
        symbol="W",
        label="Warm-up",
        doc="The first part of the plan, in which the rate climbs to where the policy starts.",
        names=("num_warmup_steps", "warmup_t", "warmup_steps", "total_iters"),
    )
    warmup_start: float = ratio(
        default=0.0,
        symbol="s",
        label="Warm-up start",
        doc="Where the ramp begins, as a ratio of the value that it leads to.",
        names=("start_factor", "warmup_lr_init", "warmup_lr_rate", "init_value"),
        more=True,
        matters=lambda schedule: schedule.plan.warmup > 0,
    )
    warmup_shape: str = choice(
        default="linear",
        options=tuple(WARMUPS),
        labels=("Linear", "Cosine", "1 - sqrt", "Exponential", "Constant"),
        label="Warm-up shape",
        doc="Linear, half a cosine, one minus the root of what is left, the same factor each step (from 0.001), or held.",
        names=("warmup_type",),
        more=True,
        matters=lambda schedule: schedule.plan.warmup > 0,
    )
    cooldown: float = span(
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
        labels=("Linear", "Cosine", "Mirror cosine", "1 - sqrt", "Square", "Exponential"),
        label="Cool-down shape",
        doc="How the rate falls during the cool-down.",
        names=("decay_type", "decay_fn"),
        more=True,
        matters=lambda schedule: schedule.plan.cooldown > 0,
    )
    cooldown_floor: float = ratio(
        default=0.0,
        label="Cool-down floor",
        doc="Where the cool-down ends, as a ratio of the peak.",
        names=("min_lr_ratio",),
        more=True,
        matters=lambda schedule: schedule.plan.cooldown > 0,
    )
    horizon: float = span(
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
        options=("hold", "continue", "restart"),
        label="After the plan",
        doc="Hold the last value, go on along the formula (a cosine climbs again, as in PyTorch), or start the policy again.",
        more=True,
        matters=lambda schedule: schedule.horizon < 1 or schedule.first_step > 0,  # otherwise no step comes after the plan
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
        doc="Where counting starts: some libraries read the curve one update early (1) or late (-1).",
        more=True,
    )
    warmup_over: bool = switch(
        default=False,
        label="Warm-up over the policy",
        doc="Whether the policy's clock already runs during the warm-up.",
        names=("warmup_prefix",),
        more=True,
        matters=lambda schedule: schedule.plan.warmup > 0,
    )

    @property
    def updates(self) -> int:
        """The number of updates in the run: total_steps / update_every, rounded up."""
        return -(-self.total_steps // self.update_every)

    @property
    def plan(self) -> Plan:
        """The lengths of the phases, in updates."""
        planned = max(1, int(round_steps(self.horizon, self.updates)))
        warmup = min(int(round_steps(self.warmup, planned)), planned - 1)
        length = planned if self.warmup_over else planned - warmup
        return Plan(planned, warmup, length, min(int(round_steps(self.cooldown, planned)), planned - warmup))

    @property
    def reads_plan(self) -> bool:
        """Whether the curve depends on the length of the plan; false for an anytime policy without warm-up and cool-down."""
        return not self.policy.anytime or self.plan.warmup > 0 or self.plan.cooldown > 0

    def phases(self) -> tuple[Phase, ...]:
        """The phases of the plan in order, in steps; empty phases are left out. The last phase may end after the run."""
        updates, warmup, _, cooldown = self.plan
        ends = (0, warmup, updates - cooldown, updates)
        steps = [max(0, end - self.first_step) * self.update_every if end else 0 for end in ends]
        found = (Phase(*part) for part in zip(("warmup", "policy", "cooldown"), steps, steps[1:], strict=False))
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
        steps, plan = k.ravel(), self.plan  # arrays only: for scalars NumPy's power differs in the last bit
        rates = np.empty_like(steps)
        for at in range(0, steps.size, BLOCK):
            rates[at : at + BLOCK] = self._rates(steps[at : at + BLOCK], plan)
        return rates.reshape(k.shape)[()]

    def lrs(self) -> FloatArray:
        """The rates of the run, shape (total_steps,); charts, training and export all use these."""
        return self(np.arange(self.total_steps, dtype=np.float64))

    def level(self) -> Schedule:
        """A constant schedule of this length at the peak rate, or at the largest rate if that is below 99 % of the peak."""
        highest = float(self.lrs().max())
        reached = highest >= 0.99 * self.peak_lr
        peak = self.peak_lr if reached else Schedule.param("peak_lr").repair(float(f"{highest:.3g}"))
        return Schedule(policy=Constant(), peak_lr=peak, total_steps=self.total_steps)

    def cycle_ends(self) -> tuple[int, ...]:
        """The steps at which the policy completes a cycle, up to the end of the run, within the plan."""
        _, warmup, length, _ = self.plan
        ends = (end if self.warmup_over else end + warmup for end in self.policy.cycle_ends(length))
        steps = ((end - self.first_step) * self.update_every for end in ends if end > warmup)
        return tuple(step for step in steps if 0 < step <= self.total_steps)

    def _rates(self, k: FloatArray, plan: Plan) -> FloatArray:
        """The learning rates at steps k; both have shape (n,)."""
        j = np.floor(k / self.update_every) if self.update_every > 1 else k
        j = np.maximum(0, j + self.first_step) if self.first_step else j
        warmup, length = plan.warmup, plan.policy
        climbs = j < warmup
        if not climbs.any():
            return self.peak_lr * self._after_warmup(j, plan)
        ramp = WARMUPS[self.warmup_shape](j[climbs] / warmup, self.warmup_start)
        values = np.empty_like(j)
        values[climbs] = float(self.policy.factor(np.zeros(1), length)[0]) * ramp
        values[~climbs] = self._after_warmup(j[~climbs], plan)
        return self.peak_lr * values

    def _after_warmup(self, j: FloatArray, plan: Plan) -> FloatArray:
        """The ratios to the peak for updates after the warm-up, with the cool-down applied."""
        _, warmup, length, cooldown = plan
        t = j if self.warmup_over else j - warmup
        clock = self._clock(t, length)
        values = self.policy.factor(t if self.policy.anytime else clock, length)
        begun = length - cooldown
        if not cooldown or clock.max(initial=0) <= begun:
            return values
        g = COOLDOWNS[self.cooldown_shape](np.clip((clock - begun) / cooldown, 0, 1))
        return g * values + (1 - g) * self.cooldown_floor

    def _clock(self, t: FloatArray, length: int) -> FloatArray:
        """The policy's time after `after` is applied: held, restarted or continued at the end of the plan."""
        if self.after == "restart":
            return np.asarray(
                np.maximum(0, t - length * np.floor(t / length))
            )  # exact for whole steps; % takes six times as long
        return np.minimum(t, length) if self.after == "hold" else t
