"""The path of a run over a surface as data for a canvas: 16-bit integers in base 64, a tenth of the size of JSON numbers."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.thin import Indices, union
from schedules.figures.runs import Style, Trail, styled
from schedules.training.drawing import Extent

MISSING = -32768
"""Code for NaN."""
AROUND = 4.0
"""Largest distance from the center of the extent that can be encoded, in half-widths; points beyond it are clipped."""
RACE_FRAMES = 750
"""Largest number of frames in the path of each run of a race; longer paths are subsampled."""
CLOUD_NUMBERS = 6_000
"""Largest number of encoded numbers in the cloud; with many seeds it has fewer frames."""


def path_data(
    runs: Sequence[Trail],
    extent: Extent,
    *,
    on_curve: bool = False,
    keep: Sequence[int] = (),
    frames: int = 120,
    most: int = 1_500,
) -> dict[str, Any]:
    """Tracks of one to six runs, in a list of `runs` with the group and the color of each (`schedules.figures.runs`).

    Each run has `path`, seed 0 at every step: without every second step, a seed that oscillates would appear to be at rest.
    The first run also has `seeds`, all seeds at some steps; each other run has `ends`, the final positions of its seeds.

    A track of F frames over R seeds is packed as int16 of shape (F, R, 2), x before y, or (F, R, 1) without y. Frame i is step
    `at[i]`, or without `at` step round(i last / (F - 1)). A number q means middle + q half AROUND / 32767, with middle and half
    length of the extent.

    Args:
        runs: the path of each seed of each run.
        extent: ranges of x and y.
        on_curve: whether y is the height of the drawn curve at x; it is then omitted.
        keep: steps that the frames of `seeds` must include.
        frames: maximum number of further frames of `seeds`.
        most: maximum number of frames of `path` in the first run, half as many in the others; longer paths are subsampled.
    """
    axes = 1 if on_curve else 2
    tracks: list[dict[str, Any]] = []
    for style, (points, until) in styled(runs):
        end, first = _last(points, until), not tracks
        path = _track(points[:, :axes, :1], extent, _spread(end, most if first else most // 2))
        tracks.append({"group": style.group, "color": style.color, "path": path})
        if first:
            fewer = max(2, min(frames, CLOUD_NUMBERS // (axes * points.shape[2])))
            steps = union(_spread(end, fewer), np.array([step for step in keep if step <= end], dtype=np.intp))
            tracks[0]["seeds"] = _track(points[:, :axes], extent, steps)
        else:
            tracks[-1]["ends"] = _track(points[:, :axes], extent, np.array([end]))
    return _pictured(tracks, extent, axes)


def path_codes(points: FloatArray, extent: Extent) -> npt.NDArray[np.int16]:
    """The numbers q of positions, as in `path_data`, same shape; `MISSING` for NaN. The last axis has x, or x and y."""
    low, high = np.array(extent[: points.shape[-1]]).T
    middle, half = (low + high) / 2, (high - low) / 2
    packed = np.rint(np.minimum(np.maximum((points - middle) / half * (32767 / AROUND), -32767), 32767))
    packed[np.isnan(packed)] = MISSING
    return np.asarray(packed, dtype="<i2")


def race_data(runs: Sequence[Trail], extent: Extent, *, styles: Sequence[Style], on_curve: bool = False) -> dict[str, Any]:
    """Tracks of one to six runs of which none comes first: only `path` of each, and `race`. See `path_data`."""
    axes = 1 if on_curve else 2
    tracks = [
        {
            "group": style.group,
            "color": style.color,
            "path": _track(points[:, :axes, :1], extent, _spread(_last(points, until), RACE_FRAMES)),
        }
        for style, (points, until) in styled(runs, styles)
    ]
    return _pictured(tracks, extent, axes) | {"race": True}


def _pictured(tracks: list[dict[str, Any]], extent: Extent, axes: int) -> dict[str, Any]:
    return {"extent": [list(ends) for ends in extent], "around": AROUND, "axes": axes, "runs": tracks}


def _track(trail: FloatArray, extent: Extent, steps: Indices) -> dict[str, Any]:
    packed = path_codes(trail[steps].transpose(0, 2, 1), extent)
    last, data = int(steps[-1]), base64.b64encode(packed.tobytes()).decode("ascii")
    track = {"last": last, "frames": len(steps), "seeds": trail.shape[2], "data": data}
    return track if np.array_equal(steps, _spread(last, len(steps))) else track | {"at": steps.tolist()}


@lru_cache(maxsize=64)
def _spread(last: int, most: int) -> Indices:
    """At most `most` evenly spaced steps from 0 to `last`; cached, so it must not be changed."""
    return np.floor(np.linspace(0, last, min(last + 1, most)) + 0.5).astype(np.intp)


def _last(trail: FloatArray, until: int | None) -> int:
    return len(trail) - 1 if until is None else min(until, len(trail) - 1)
