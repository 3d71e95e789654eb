"""The formula of a policy with the numbers of a schedule, which the page completes for the marked step."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from schedules.schedule import Schedule


class Worked(NamedTuple):
    """Arithmetic by cases that gives the rate of a step: its {t} is the step minus `zero`.

    Each part has its text, its first step, and the step before which it ends.
    """

    zero: int
    parts: tuple[tuple[str, int, int], ...]


def worked(schedule: Schedule) -> Worked | None:
    """The policy's formula with numbers; None where the policy writes none, or where anything else changes its rates."""
    policy, length = schedule.resolved().policy, schedule.plan.policy
    phase = next((phase for phase in schedule.phases() if phase.name == "policy"), None)
    if phase is None or phase.start >= schedule.total_steps:
        return None
    zero, last = phase.start, min(phase.end, schedule.total_steps)
    found = policy.worked_parts(schedule.peak_lr, length)
    parts = [(text, zero + math.ceil(first), min(zero + math.ceil(end), last)) for text, first, end in found]
    parts = [part for part in parts if part[1] < part[2]]
    if not parts:
        return None
    steps = np.unique([*np.linspace(zero, last - 1, 6).astype(int), *(first for _, first, _ in parts)]).astype(float)
    alone = schedule.peak_lr * policy.factor(steps - zero, length)
    return Worked(zero, tuple(parts)) if np.allclose(schedule(steps), alone, rtol=1e-9, atol=0) else None
