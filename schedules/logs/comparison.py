"""The logged rate against a plan: where they part, at which pace the plan is run, and the likely cause."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.logs.explaining import Explained, explain
from schedules.logs.hypotheses import Hypothesis, Observed, observe, with_length
from schedules.logs.log import Log, Series, position
from schedules.schedule import Schedule
from schedules.units import Units
from schedules.words import Sentence, say

CAUSES = (
    *("follows", "earlier", "later", "factor", "never", "stuck", "used_before"),
    *("per_device", "per_micro_batch", "per_micro_batch_and_device", "twice", "pace", "right_pace", "slower"),
    *("for_all_devices", "in_micro_batches", "log_in_micro_batches", "steps_as_epochs", "epochs_as_steps"),
    *("afresh", "moved", "short_warmup", "warmup", "horizon", "other"),
)
"""Keys of what a log may show; the sentences are `log.cause.start.KEY` and `log.cause.later.KEY`.

"follows": the plan. "earlier", "later": the plan, read some steps early or late. "factor": the plan times a number. "never":
the plan's first rate throughout; "stuck": a rate that does not change. "pace", "slower": more than one step of the plan per
step, or less, without a number of devices or micro-batches that explains it; "right_pace": the planned pace again, after
another one. "log_in_micro_batches": the log counts micro-batches. "afresh": the plan runs from its start again. "moved": the
plan is read at steps further on or back. "warmup", "horizon": the plan with another warm-up or another length. "other": none of
these fits. Others are those of `schedules.real_run.mix_ups`.
"""
ALMOST_ZERO = 1e-9
"""A planned rate below this share of the peak counts as 0 in a ratio, which is then infinite, and so does a ratio below it."""
MOST_STEP = 1e12
"""Largest step that is compared."""
AS_PLANNED = ("follows", "earlier", "later")
"""Causes of a stretch on which the plan is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of the log on which one explanation holds.

    Attributes:
        start: its first logged step, in the unit of the log; `end` is its last one.
        since: the step at which the explanation begins to hold, which may be before the first logged step that shows it.
        causes: keys of `CAUSES` that all fit; several are a tie.
        pace: steps of the plan per step, by the first cause.
        number: what its sentence says: a pace, a factor, a length.
        error: largest distance of the logged rate from it, as a ratio of the plan's largest rate.
        fitted: rates that it gives at the logged steps of the stretch, shape (n,); those of the plan if the cause is "other".
    """

    start: float
    end: float
    since: float
    causes: tuple[str, ...]
    pace: float
    number: float
    error: float
    fitted: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The logged rate against a plan.

    Attributes:
        stretches: of the log, in order.
        planned: the plan's rates at the logged steps.
        worst_step: logged step with the largest ratio of the two rates, None if none differs.
        worst_ratio: logged over planned rate there.
        digits: significant digits of the logged rates, None if they were not rounded.
        missing: "units" if the log counts epochs and these are not given; then nothing is compared.
        sentences: what was found, the most important first.
    """

    stretches: tuple[Stretch, ...] = ()
    planned: Series
    worst_step: float | None = None
    worst_ratio: float = 1.0
    digits: int | None = None
    missing: str | None = None
    sentences: tuple[Sentence, ...] = ()

    @property
    def follows(self) -> bool:
        """True if the log follows the plan from its first to its last step, perhaps read one step early or late."""
        return len(self.stretches) == 1 and self.stretches[0].causes[0] in AS_PLANNED

    @property
    def departs_at(self) -> float | None:
        """The first logged step at which the plan is left; None if it is followed, or nothing was compared."""
        return next((stretch.start for stretch in self.stretches if stretch.causes[0] not in AS_PLANNED), None)

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes of the first stretch that does not follow the plan; several are a tie."""
        return next((stretch.causes for stretch in self.stretches if stretch.causes[0] not in AS_PLANNED), ())


def compare_with_plan(log: Log, schedule: Schedule, units: Units | None = None) -> Comparison:
    """Compare the logged rate with a plan, and find the likely cause of a departure.

    Args:
        log: a log with a rate.
        schedule: the schedule of the run as it was planned.
        units: devices, accumulation and steps per epoch of the run, if they are known; a log in epochs needs them.

    >>> from schedules.logs import read_log
    >>> plan = Schedule(peak_lr=0.5, total_steps=1_000)
    >>> rates = plan(4 * np.arange(0, 1_000, 10)).tolist()
    >>> log = read_log("\\n".join(["step,lr", *(f"{10 * i},{rate!r}" for i, rate in enumerate(rates))]).encode() + b"\\n")
    >>> compare_with_plan(log, plan, Units(devices=4)).causes
    ('per_device',)
    """
    rate = _usable(log.rate)
    per_epoch = float(units.steps_per_epoch) if log.unit == "epoch" and units else None
    if not len(rate.steps) or (log.unit == "epoch" and not units):
        missing = "units" if len(rate.steps) else None
        said = say("log.compared.no_steps_per_epoch" if missing else "log.compared.no_rate")
        return Comparison(planned=Series(rate.steps[:0], rate.values[:0], rate.rows[:0]), missing=missing, sentences=(said,))
    observed = observe(rate, schedule, per_epoch)
    logged = rate.steps
    planned = schedule(np.maximum(observed.steps, 0))
    parts = explain(observed, schedule, units)
    stretches = tuple(
        _stretch(observed, logged, planned, part, peak=schedule.peak_lr, per_epoch=per_epoch or 1.0) for part in parts
    )
    worst, ratio = _worst(observed, planned, schedule.peak_lr)
    found = Comparison(
        stretches=stretches,
        planned=Series(logged, planned, rate.rows),
        worst_step=None if worst is None else float(logged[worst]),
        worst_ratio=ratio,
        digits=observed.digits,
    )
    sentences = tuple(_sentences(found, parts, observed, schedule, units, unit=log.unit))
    return replace(found, sentences=sentences)


def _usable(rate: Series) -> Series:
    """The finite rates at steps that a run can have."""
    usable = np.isfinite(rate.values) & (rate.steps >= 0) & (rate.steps <= MOST_STEP)
    return Series(rate.steps[usable], rate.values[usable], rate.rows[usable])


def _stretch(
    observed: Observed, logged: FloatArray, planned: FloatArray, part: Explained, *, peak: float, per_epoch: float
) -> Stretch:
    """A stretch of the log, with the first of the hypotheses that explain it."""
    inside = slice(part.start, part.end)
    best = part.hypotheses[0] if part.hypotheses else None
    fitted = best(observed.steps[inside]) if best else planned[inside]
    return Stretch(
        start=float(logged[part.start]),
        end=float(logged[part.end - 1]),
        since=part.since / per_epoch,
        causes=tuple(hypothesis.cause for hypothesis in part.hypotheses) or ("other",),
        pace=best.pace if best else 1.0,
        number=best.number if best else 0.0,
        error=float(np.abs(fitted - observed.rates[inside]).max()) / peak,
        fitted=fitted,
    )


def _worst(observed: Observed, planned: FloatArray, peak: float) -> tuple[int | None, float]:
    """The index of the rate with the largest ratio to the planned one, of those that differ, and the ratio."""
    differ = np.abs(observed.rates - planned) > observed.tolerance
    if not differ.any():
        return None, 1.0
    least = max(float(np.finfo(float).tiny), ALMOST_ZERO * peak)
    logarithms = np.log(np.maximum(observed.rates, least)) - np.log(np.maximum(planned, least))
    worst = int(np.where(differ, np.abs(logarithms), -1).argmax())
    if planned[worst] <= ALMOST_ZERO * peak:
        return worst, math.inf
    return worst, float(observed.rates[worst] / planned[worst])


def _sentences(
    found: Comparison, parts: list[Explained], observed: Observed, schedule: Schedule, units: Units | None, *, unit: str
) -> Iterator[Sentence]:
    """Yield the sentences of a comparison: departures first, then what follows the plan."""
    followed: list[Sentence] = []
    for i, (stretch, part) in enumerate(zip(found.stretches, parts, strict=True)):
        when, plain = ("later" if i else "start"), stretch.causes[0]
        if not i and len(stretch.causes) > 1 and {"never", "stuck"} & set(stretch.causes):
            yield say("log.compared.constant", rate=float(stretch.fitted[0]))
            continue
        if len(stretch.causes) > 1:
            yield say(f"log.compared.tie_{when}", causes=len(stretch.causes), at=position(unit, stretch.since))
        if plain in ("follows", "earlier", "later"):
            followed += _as_planned(found, stretch, part.hypotheses[0], unit, last=i == len(parts) - 1)
            continue
        if plain == "other":
            if found.worst_step is None:
                continue
            ratio = found.worst_ratio
            kind = "_zero" if math.isinf(ratio) else "_gone" if ratio < ALMOST_ZERO else ""
            yield say(
                f"log.compared.other_{when}{kind}",
                at=position(unit, stretch.start),
                worst=position(unit, found.worst_step),
                ratio=ratio,
            )
            continue
        for hypothesis in part.hypotheses:
            yield _cause(hypothesis, when, position(unit, stretch.since), schedule, units)
        if i == 0 and len(parts) == 1 and (length := _same_length(observed, part.hypotheses[0])):
            yield say("log.compared.or_length", steps=length)
    yield from followed


def _as_planned(found: Comparison, stretch: Stretch, hypothesis: Hypothesis, unit: str, *, last: bool) -> Iterator[Sentence]:
    """Yield sentences on a stretch that follows the plan, perhaps one step early or late."""
    end = "all" if last else "until"
    if found.digits is not None:
        yield say(f"log.compared.follows_{end}_digits", at=position(unit, stretch.end), digits=found.digits)
    else:
        yield say(f"log.compared.follows_{end}", at=position(unit, stretch.end), accuracy=_rounded_up(stretch.error))
    if hypothesis.cause != "follows":
        yield say(f"log.compared.{hypothesis.cause}", steps=abs(hypothesis.shift))


def _rounded_up(error: float) -> float:
    """An error rounded up to a power of ten, at least 1e-9."""
    return float(f"1e{max(-9, math.ceil(math.log10(max(error, 1e-12))))}")


def _cause(hypothesis: Hypothesis, when: str, at: Sentence, schedule: Schedule, units: Units | None) -> Sentence:
    """The sentence of a cause."""
    key = hypothesis.cause
    number = hypothesis.number
    if key == "factor" and units and units.devices > 1 and math.isclose(number, units.devices, rel_tol=1e-3):
        key = "factor_devices"
    if key == "moved":
        key = "moved_on" if number > 0 else "moved_back"
    plan = schedule.plan
    planned = (plan.warmup if key == "warmup" else plan.updates) * schedule.update_every
    return say(f"log.cause.{when}.{key}", number=abs(number), at=at, planned=planned)


def _same_length(observed: Observed, hypothesis: Hypothesis) -> int | None:
    """The length of a plan that gives the same rates as another pace, if there is one."""
    schedule = hypothesis.schedule
    if hypothesis.every or hypothesis.factor <= 1 or hypothesis.constant is not None or hypothesis.scale != 1:
        return None
    length = round(schedule.plan.updates * schedule.update_every / hypothesis.factor)
    other = with_length(schedule, "horizon", length) if length else None
    if not other or observed.end_of(Hypothesis(cause="horizon", schedule=other, shift=hypothesis.shift)) < len(observed.steps):
        return None
    return length
