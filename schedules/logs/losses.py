"""Spikes of a logged loss, values that are not finite, and what the learning rate did there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.logs.log import Log, Series, position
from schedules.schedule import Schedule
from schedules.words import Sentence, say

WINDOW = 50
"""Logged losses before a step with which its loss is compared."""
FEWEST = 10
"""Logged losses that must come before a spike."""
DEVIATIONS = 8.0
"""A spike is above the median of the window by more than so many robust standard deviations (1.4826 x the median distance)."""
RISE = 0.2
"""A spike is above the median of the window by more than this share of it."""
STEADY = 1e-3
"""Largest relative change of the rate from one logged step to the next that counts as constant."""
NEGLIGIBLE = 5e-4
"""A constant rate below this share of the largest one is called almost 0."""
LEAP = 0.5
"""Relative change of the rate from one logged step to the next that counts as a jump."""
MOST_SAID = 3
"""Spikes that get a sentence, the highest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """A rise of the loss.

    Attributes:
        step: step of the first high loss; `top_step` that of the highest, and `end` that of the first one that is back,
            or None if the loss does not come back before the log ends.
        before: median of the losses before it; `top` is the highest loss.
        rate: learning rate at `step`, NaN if unknown; `share` is its ratio to the largest rate of the log.
        unit: of the steps, as in `Log.unit`.
        trend: "rising", "falling", "steady", "zero", "up" or "down" (after a jump), or "unknown".
    """

    step: float
    top_step: float
    end: float | None
    before: float
    top: float
    rate: float
    share: float
    trend: str
    unit: str = "step"

    @property
    def sentence(self) -> Sentence:
        """The rise of the loss, and what the rate did there."""
        values = {"before": self.before, "top": self.top, "at": position(self.unit, self.top_step), "share": self.share}
        return say(f"log.spike.{self.trend}", **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """Spikes and lost values of a logged loss.

    Attributes:
        spikes: in the order of their steps.
        not_finite: number of losses that are not finite; `not_finite_from` is the step of the first one, and `for_good` is True
            if no finite loss comes after it.
        sentences: on the highest spikes and on losses that are not finite.
    """

    spikes: tuple[Spike, ...]
    not_finite: int
    not_finite_from: float | None
    for_good: bool
    sentences: tuple[Sentence, ...]


def read_losses(log: Log, plan: Schedule | None = None) -> Losses:
    """Find the spikes of the loss of a log, and losses that are not finite.

    Args:
        log: a log with a loss; without one nothing is found.
        plan: the schedule whose rates count where the log has none.
    """
    loss, rate = log.loss, log.rate
    if not len(rate.steps) and plan is not None and log.unit == "step" and len(loss.steps):
        rate = Series(loss.steps, plan(np.maximum(loss.steps, 0)), loss.rows)
    finite = np.isfinite(loss.values)
    spikes = find_spikes(Series(loss.steps[finite], loss.values[finite], loss.rows[finite]), rate, log.unit)
    wrong = np.flatnonzero(~finite)
    at = float(loss.steps[wrong[0]]) if len(wrong) else None
    good = bool(len(wrong)) and not finite[wrong[0] :].any()
    said = [
        spike.sentence for spike in sorted(spikes, key=lambda spike: -spike.top / max(abs(spike.before), 1e-12))[:MOST_SAID]
    ]
    if len(spikes) > MOST_SAID:
        said.append(say("log.spike.more", spikes=len(spikes) - MOST_SAID))
    if at is not None:
        share, trend = _rate_at(rate, at)[1:]
        said.insert(
            0,
            say(
                "log.loss.not_finite_for_good" if good else "log.loss.not_finite", at=position(log.unit, at), losses=len(wrong)
            ),
        )
        if trend != "unknown":
            said.insert(1, say(f"log.loss.rate_{trend}", share=share))
    if len(loss.steps) and not said:
        said.append(say("log.spike.none"))
    return Losses(spikes=spikes, not_finite=len(wrong), not_finite_from=at, for_good=good, sentences=tuple(said))


def find_spikes(loss: Series, rate: Series, unit: str = "step") -> tuple[Spike, ...]:
    """The spikes of a loss whose values are finite.

    The median of the `WINDOW` values before a step, and their robust standard deviation, decide; during a spike they are those
    of its beginning.
    """
    values, steps = loss.values, loss.steps
    if len(values) <= FEWEST:
        return ()
    middle, limit = _limits(values)
    high = np.flatnonzero(values > limit)
    spikes, position = [], 0
    while (i := np.searchsorted(high, position)) < len(high):
        at = int(high[i])
        back = np.flatnonzero(values[at:] <= limit[at])
        end = at + int(back[0]) if len(back) else len(values)
        top = at + int(values[at:end].argmax())
        value, share, trend = _rate_at(rate, float(steps[at]))
        spikes.append(
            Spike(
                step=float(steps[at]),
                top_step=float(steps[top]),
                end=float(steps[end]) if len(back) else None,
                before=float(middle[at]),
                top=float(values[top]),
                rate=value,
                share=share,
                trend=trend,
                unit=unit,
            )
        )
        position = end
    return tuple(spikes)


def _limits(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each value the median of those before it, and the loss from which on it is a spike; both shape (n,)."""
    padded = np.concatenate([np.full(WINDOW, np.nan), values[:-1]])
    middle, limit = np.full(len(values), np.nan), np.full(len(values), np.inf)
    for start in range(FEWEST, len(values), 8_192):
        windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[start : start + 8_192]
        median = np.nanmedian(windows, axis=1)
        spread = 1.4826 * np.nanmedian(np.abs(windows - median[:, None]), axis=1)
        middle[start : start + 8_192] = median
        limit[start : start + 8_192] = median + np.maximum(DEVIATIONS * spread, RISE * np.abs(median))
    return middle, limit


def _rate_at(rate: Series, step: float) -> tuple[float, float, str]:
    """The rate at a step, its ratio to the largest rate, and its trend there."""
    i = int(np.searchsorted(rate.steps, step, side="right")) - 1
    largest = float(rate.values[np.isfinite(rate.values)].max(initial=0))
    if i < 1 or not largest or not np.isfinite(rate.values[i - 1 : i + 1]).all():
        return np.nan, np.nan, "unknown"
    before, now = float(rate.values[i - 1]), float(rate.values[i])
    change = (now - before) / max(before, now, 1e-300)
    jump = {True: "up", False: "down"} if abs(change) > LEAP else {True: "rising", False: "falling"}
    constant = "zero" if now < NEGLIGIBLE * largest else "steady"
    return now, now / largest, constant if abs(change) <= STEADY else jump[change > 0]
