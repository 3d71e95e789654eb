"""The formula of a policy with the numbers of a schedule, which the page completes for the marked step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from schedules.schedule import Schedule


class Worked(NamedTuple):
    """Arithmetic that gives the rate of the steps from `first` to before `end`: its {t} is the step minus `first`."""

    text: str
    first: int
    end: int


def worked(schedule: Schedule) -> Worked | None:
    """The policy's formula with numbers; None where the policy writes none, or where anything else changes its rates."""
    policy, length = schedule.resolved().policy, schedule.plan.policy
    part = next((phase for phase in schedule.phases() if phase.name == "policy"), None)
    text = policy.worked(schedule.peak_lr, length)
    if not text or part is None or part.start >= schedule.total_steps:
        return None
    end = min(part.end, schedule.total_steps)
    steps = np.unique(np.linspace(part.start, end - 1, 6).astype(int)).astype(float)
    alone = schedule.peak_lr * policy.factor(steps - part.start, length)
    return Worked(text, part.start, end) if np.allclose(schedule(steps), alone, rtol=1e-9, atol=0) else None
