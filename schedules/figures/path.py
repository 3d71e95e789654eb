"""The path of a run over a surface, packed for a canvas: 16-bit numbers in base 64, a tenth of the same as text."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray

GONE = -32768
"""Stands for a point that is not a number."""
AROUND = 4.0
"""Points are kept up to this many half-widths from the middle of the view, and put on that border beyond it."""


def path_data(
    trail: FloatArray,
    view: tuple[tuple[float, float], tuple[float, float]],
    *,
    ghost: FloatArray | None = None,
    until: int | None = None,
    ghost_until: int | None = None,
    frames: int = 120,
    most: int = 1_500,
) -> dict[str, Any]:
    """Tracks of a run: `run`, seed 0 at every step, and `cloud`, all seeds at some; of a ghost: `ghost`, its seed 0 at every
    step, and `ghost_ends`, where all its seeds ended. Every step counts: a path that swings to and fro with each step would
    seem to stand still if every second one were left out.

    A track of F frames over R seeds is packed as int16 of shape (F, R, 2), x before y; frame i stands for step
    whole(i last / (F - 1)). A number q stands for middle + q half AROUND / 32767 of the view.

    Args:
        trail: what is drawn, shape (T + 1, 2, S): x and y of each seed at each step; not a number once a seed is gone.
        view: the ends of the picture in x and in y.
        ghost: the trail of a run to compare with.
        until: the last step drawn, where the run diverged.
        ghost_until: the same for the ghost.
        frames: most frames of the cloud.
        most: most frames of run and ghost, which leave steps out beyond that.
    """
    tracks = {"run": _track(trail[:, :, :1], view, until, most), "cloud": _track(trail, view, until, frames)}
    if ghost is not None:
        tracks["ghost"] = _track(ghost[:, :, :1], view, ghost_until, most // 2)
        tracks["ghost_ends"] = _track(ghost[_last(ghost, ghost_until) :][:1], view, None, 1)
    return {"view": [list(ends) for ends in view], "around": AROUND, "tracks": tracks}


def _track(trail: FloatArray, view: tuple[tuple[float, float], ...], until: int | None, most: int) -> dict[str, Any]:
    last = _last(trail, until)
    count = min(last + 1, most)
    steps = np.floor(np.linspace(0, last, count) + 0.5).astype(np.intp)
    low, high = np.array(view).T
    middle, half = (low + high) / 2, (high - low) / 2
    scaled = (trail[steps].transpose(0, 2, 1) - middle) / half * (32767 / AROUND)
    packed = np.where(np.isnan(scaled), GONE, np.rint(np.clip(np.nan_to_num(scaled), -32767, 32767))).astype("<i2")
    return {"last": last, "frames": count, "seeds": trail.shape[2], "data": base64.b64encode(packed.tobytes()).decode("ascii")}


def _last(trail: FloatArray, until: int | None) -> int:
    return len(trail) - 1 if until is None else min(until, len(trail) - 1)
