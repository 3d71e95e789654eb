"""The logged rate against a plan: where they part, at which pace the plan is run, and the likely cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.logs.log import Log, Series
from schedules.schedule import Schedule
from schedules.units import Units
from schedules.words import Sentence, say

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
        missing: "units" if the log counts epochs and these are not given; then nothing is compared.
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


def compare_with_plan(log: Log, schedule: Schedule, units: Units | None = None) -> Comparison:
    """Compare the logged rate with a plan, and find the likely cause of a departure.

    Args:
        log: a log with a rate.
        schedule: the schedule of the run as it was planned.
        units: devices, accumulation and steps per epoch of the run, if they are known; a log in epochs needs them.
    """
    rate = log.rate
    if log.unit == "epoch" and units is None:
        return Comparison(
            stretches=(),
            planned=Series(np.empty(0), np.empty(0), rate.rows[:0]),
            worst_step=None,
            worst_ratio=1.0,
            accuracy=ACCURACY,
            digits=None,
            missing="units",
            sentences=(say("log.compared.missing_epoch"),),
        )
    steps = rate.steps * units.steps_per_epoch if log.unit == "epoch" and units else rate.steps
    planned = schedule(np.maximum(steps, 0))
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
