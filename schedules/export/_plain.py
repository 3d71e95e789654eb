"""Conditions and arguments that the built-in schedules of several libraries share."""

from __future__ import annotations

from schedules.core.numbers import round_steps
from schedules.export._exported import ExportedSchedule
from schedules.export._source import written
from schedules.policies.factor import Factor
from schedules.policies.multi_factor import MultiFactor


def is_plain(exported: ExportedSchedule) -> bool:
    """True if the curve is a warm-up, if any, and then the policy once per step.

    Such a curve has no hold and no cool-down. After its end it may stay, continue or repeat itself unchanged.
    """
    s = exported.schedule
    uneven = (s.restart_factor, s.restart_growth, s.restart_limit) != (1, 1, 0)
    return not (
        s.first_step
        or s.update_every > 1
        or exported.over
        or exported.plan.cooldown
        or exported.holds
        or s.lowest
        or exported.after == "drop"
        or (exported.after == "restart" and uneven)
        or (exported.warms and not exported.plan.warmup)
    )


def is_stable_decay(exported: ExportedSchedule) -> bool:
    """True if the curve is a warm-up, if any, a constant rate, and a cool-down, once each at every step."""
    s = exported.schedule
    return bool(exported.plan.cooldown) and not (
        s.policy.slug != "constant"
        or s.first_step
        or s.update_every > 1
        or exported.over
        or exported.holds
        or s.lowest
        or exported.after
        or (exported.warms and not exported.plan.warmup)
    )


def is_constant(exported: ExportedSchedule) -> bool:
    """True if the rate is the peak rate at every step."""
    s = exported.schedule
    phases = exported.warms or exported.plan.cooldown or exported.after in {"drop", "restart"}
    return s.policy.slug == "constant" and not phases


def is_linear_ramp(exported: ExportedSchedule) -> bool:
    """True if the warm-up is a straight line that ends one step after it, at a value that does not depend on the length."""
    s = exported.schedule
    return s.warmup_shape == "linear" and s.warmup_progress == "to_next" and exported.start is not None


def ramp_start(exported: ExportedSchedule) -> float:
    """The first value of the warm-up as a ratio to the peak; 0 where the policy's first value depends on its length."""
    return exported.schedule.warmup_start * (exported.start or 0.0)


def rate_of(exported: ExportedSchedule, ratio: float, name: str = "") -> str:
    """Source of a rate, given as a ratio to the peak: the field's own rate where the field `name` was given as one."""
    if name in exported.rates:
        return written(exported.rates[name])
    return "peak_lr" if ratio == 1 else "0.0" if ratio == 0 else f"{written(ratio)} * peak_lr"


def updates(exported: ExportedSchedule, name: str) -> tuple[int, str]:
    """The length of a span of the policy in updates, at least 1, and its source."""
    given = getattr(exported.given.policy, name)
    length = int(round_steps(getattr(exported.schedule.policy, name), exported.plan.policy))
    return max(1, length), exported.updates(
        given
    ) if length >= 1 else "1" if not given else f"max(1, {exported.updates(given)})"


def milestones(policy: MultiFactor, exported: ExportedSchedule) -> tuple[list[int], list[str]]:
    """The updates at which the rate changes, ascending, and their source in the order in which they were given."""
    at = sorted(int(round_steps(each, exported.plan.policy)) for each in policy.milestones)
    given: MultiFactor = exported.given.policy  # type: ignore[assignment]
    return at, [exported.updates(each) for each in given.milestones]


def half_life_factor(policy: Factor) -> tuple[float, str]:
    """The factor of an update, and its source."""
    if policy.by == "half_life":
        return 0.5 ** (1 / policy.half_life), f"0.5 ** (1 / {written(policy.half_life)})"
    return policy.gamma, written(policy.gamma)
