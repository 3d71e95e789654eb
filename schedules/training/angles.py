"""Angles between the steps of a run and the direction to the minimum."""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.runs import Trace

EARLY = 10
"""Number of first steps that `early_angle` averages."""


def early_angle(trace: Trace) -> float | None:
    """The mean angle over the first steps; None where `angles` has no value."""
    first = max(1, int(np.searchsorted(trace.steps, EARLY)))
    found = angles(trace, first + 1)
    if found is None:
        return None
    known = found[np.isfinite(found)]
    return float(known.mean()) if len(known) else None


def angles(trace: Trace, count: int | None = None) -> FloatArray | None:
    """The angle in degrees between each step and the direction of the minimum, as a mean over the seeds, shape (count - 1,).

    At 0 a step points to the minimum, at 90 the distance does not change to first order. Two random directions are at about
    90, the closer the more parameters there are. The first steps deviate in a narrow valley, late ones because of noise.

    There is one angle from each of the first `count` measurements, or of all K, to the next one: one per step if the loss is
    measured at every step. Seeds that did not move, were at the minimum or overflowed are excluded; NaN if no seed remains.
    None if the parameters were not recorded or the problem has no single minimum.
    """
    track = trace.track
    minimum = None if track is None else track.problem.minimum()
    if track is None or minimum is None:
        return None
    path = track.path[:count]
    step, way = np.diff(path, axis=0), minimum.reshape(len(minimum), -1) - path[:-1]
    with np.errstate(all="ignore"):
        step, way = (v / np.sqrt((v * v).sum(axis=1, keepdims=True)) for v in (step, way))
        # Kahan's formula keeps small angles exact, where the arc cosine loses half of the digits
        apart, along = (np.sqrt((v * v).sum(axis=1)) for v in (step - way, step + way))
        each = np.degrees(2 * np.arctan2(apart, along))
        known = np.isfinite(each)
        return np.asarray(np.where(known, each, 0).sum(axis=1) / known.sum(axis=1))
