"""The logged rate against a plan: where they part, at which pace the plan is run, and the likely cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.logs.log import Log, Series
from schedules.schedule import Schedule
from schedules.words import Sentence, say

Plan: TypeAlias = Schedule | FloatArray
"""A schedule, or the rates of its steps, shape (N,); after the last one it is held."""

ACCURACY = 2e-6
"""Largest difference of two rates that counts as none, as a ratio of the plan's largest rate; some libraries use float32."""

CAUSES = (
    *("follows", "earlier", "later", "factor"),
    *("per_device", "per_micro_batch", "per_micro_batch_and_device", "twice", "pace"),
    *("for_all_devices", "in_micro_batches", "log_in_micro_batches", "steps_as_epochs", "epochs_as_steps"),
    *("afresh", "stuck", "moved", "warmup", "horizon", "other"),
)
"""Keys of what a log may show; their sentences are `log.cause.KEY`.

"follows": the plan; "earlier", "later": the plan, read one step early or late; "factor": the plan times a number. The next two
lines are paces. "afresh": from a step on the plan runs from its start; "stuck": the rate is not changed; "moved": the plan goes
on from another of its steps; "warmup", "horizon": the plan with another warm-up or length; "other": none of these fits.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of the log on which one explanation holds.

    Attributes:
        start: its first logged step; `end` is its last one.
        causes: keys of `CAUSES` that all fit; several are a tie.
        pace: steps of the plan per step of the log, with `offset` and `factor`: rate(k) = factor x plan(pace x k + offset).
        error: largest distance of the logged rate from this, as a ratio of the plan's largest rate.
        fitted: rates that the first cause gives at the logged steps of the stretch, shape (n,).
    """

    start: float
    end: float
    causes: tuple[str, ...]
    pace: float = 1.0
    offset: float = 0.0
    factor: float = 1.0
    error: float = 0.0
    fitted: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The logged rate against a plan.

    Attributes:
        stretches: of the log, in order.
        planned: the plan's rates at the logged steps.
        worst_step: step with the largest ratio of the two rates; `worst_ratio` is logged over planned.
        accuracy: largest difference that counts as none, as a ratio of the plan's largest rate.
        digits: significant digits of the logged rates, where they are few.
        missing: "steps_per_epoch" if the log counts epochs and this number is not given; then nothing is compared.
        sentences: what was found, the most important first.
    """

    stretches: tuple[Stretch, ...]
    planned: Series
    worst_step: float | None
    worst_ratio: float
    accuracy: float
    digits: int | None
    missing: str | None
    sentences: tuple[Sentence, ...]

    @property
    def follows(self) -> bool:
        """True if the log follows the plan from its first to its last step."""
        return len(self.stretches) == 1 and self.stretches[0].causes[0] == "follows"

    @property
    def departs_at(self) -> float | None:
        """The first logged step at which the plan is left; None if it is followed, or nothing was compared."""
        return next((stretch.start for stretch in self.stretches if stretch.causes[0] != "follows"), None)

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes of the first stretch that does not follow the plan; several are a tie."""
        return next((stretch.causes for stretch in self.stretches if stretch.causes[0] != "follows"), ())


def compare_with_plan(
    log: Log,
    plan: Plan,
    *,
    devices: int | None = None,
    accumulation: int | None = None,
    steps_per_epoch: float | None = None,
) -> Comparison:
    """Compare the logged rate with a plan, and find the likely cause of a departure.

    Args:
        log: a log with a rate.
        plan: the schedule of the run, or its rates by step.
        devices: devices that train in parallel, if known.
        accumulation: micro-batches of an optimizer step on a device, if known.
        steps_per_epoch: optimizer steps per epoch, if known; a log in epochs needs it.
    """
    del devices, accumulation
    rate = log.rate
    if log.unit == "epoch" and steps_per_epoch is None:
        return Comparison(
            stretches=(),
            planned=Series(np.empty(0), np.empty(0), rate.rows[:0]),
            worst_step=None,
            worst_ratio=1.0,
            accuracy=ACCURACY,
            digits=None,
            missing="steps_per_epoch",
            sentences=(say("log.compared.missing_epoch"),),
        )
    steps = rate.steps * (steps_per_epoch or 1.0) if log.unit == "epoch" else rate.steps
    planned = _rates(plan, steps)
    apart = np.flatnonzero(np.abs(rate.values - planned) > ACCURACY * planned.max(initial=1e-300))
    first = int(apart[0]) if len(apart) else len(steps)
    parts = [(0, first, "follows"), (first, len(steps), "other")]
    stretches = tuple(
        Stretch(start=float(rate.steps[a]), end=float(rate.steps[b - 1]), causes=(cause,), fitted=planned[a:b])
        for a, b, cause in parts
        if b > a
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.nan_to_num(rate.values / planned, nan=1.0, posinf=np.inf)
    worst = int(np.abs(np.log(np.maximum(ratio, 1e-12))).argmax()) if len(apart) else None
    last = float(rate.steps[-1]) if len(steps) else 0.0
    said = [say("log.compared.follows", accuracy=ACCURACY, step=last)]
    if worst is not None:
        said = [
            say("log.compared.other", step=float(rate.steps[first]), worst=float(rate.steps[worst]), ratio=float(ratio[worst]))
        ]
    return Comparison(
        stretches=stretches,
        planned=Series(rate.steps, planned, rate.rows),
        worst_step=None if worst is None else float(rate.steps[worst]),
        worst_ratio=1.0 if worst is None else float(ratio[worst]),
        accuracy=ACCURACY,
        digits=None,
        missing=None,
        sentences=tuple(said),
    )


def _rates(plan: Plan, steps: FloatArray) -> FloatArray:
    """The plan's rates at steps of its clock; before the first one the first counts."""
    if isinstance(plan, Schedule):
        return plan(np.maximum(steps, 0))
    return np.interp(steps, np.arange(len(plan)), plan)
