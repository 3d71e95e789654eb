"""Chart of a classifier's output over the plane of its inputs: a frame with the training points, and the outputs of a run.

The frame is sent once per problem. The outputs are painted on a canvas over it; they are sent as one byte per grid point,
in base 64.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.figures.surface import surface_layout
from schedules.figures.theme import Figure, rounded
from schedules.training.drawing import Extent
from schedules.words import say

SURE = 255
"""Byte value for probability 1."""


def decision_figure(points: FloatArray, labels: npt.NDArray[np.bool_], extent: Extent, axes: Sequence[str]) -> Figure:
    """The frame of the chart; its meta contains the training points, which are painted over the outputs.

    Args:
        points: shape (N, 2).
        labels: shape (N,).
        extent: ranges of x and y.
        axes: names of x and y.
    """
    title, caption = str(say("figure.decision")), str(say("figure.caption.decision"))
    examples = {"x": rounded(points[:, 0], 3), "y": rounded(points[:, 1], 3), "label": labels.astype(int).tolist()}
    x, y = map(np.array, extent)
    layout = surface_layout(title, decision_alt(), x, y, axes, caption=caption, kind="decision", examples=examples)
    return {"data": [], "layout": layout}


def decision_alt(step: int | None = None, right: float = 0.0) -> str:
    """Text alternative of the chart; for a run with its last step and the share of points classified correctly."""
    return str(say("figure.alt.decision") if step is None else say("figure.alt.decision_run", step=step, right=right))


def decision_data(steps: npt.NDArray[np.int64], chance: FloatArray, extent: Extent) -> dict[str, Any]:
    """The classifier's output during a run.

    Args:
        steps: shape (F,).
        chance: probabilities, shape (F, n, n): y ascending, then x ascending, over the full extent.
        extent: ranges of x and y.
    """
    packed = base64.b64encode(np.rint(SURE * chance).astype(np.uint8).tobytes()).decode("ascii")
    return {"extent": [list(ends) for ends in extent], "side": chance.shape[1], "at": steps.tolist(), "decisions": packed}
