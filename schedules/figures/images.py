"""Chart of test images with the network's predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.theme import Figure
from schedules.words import say

COLUMNS = 7
"""Images per row."""
GAP = (4, 1)
"""Empty cells below and beside an image, for the prediction."""


def images_figure(images: npt.NDArray[Any], labels: npt.NDArray[np.int64], answers: FloatArray | None) -> Figure:
    """The images as one heatmap, with the prediction below each image.

    Args:
        images: gray values, 0 for no ink, shape (N, h, w).
        labels: correct digits, shape (N,).
        answers: predictions of one network, shape (N,); NaN where there is none. None before the end of the training.
    """
    count, high, wide = images.shape
    down, across = high + GAP[0], wide + GAP[1]
    sheet: FloatArray = np.full((-(-count // COLUMNS) * down, min(count, COLUMNS) * across - GAP[1]), np.nan)
    corners = [(i // COLUMNS * down, i % COLUMNS * across) for i in range(count)]
    for image, (top, left) in zip(images, corners, strict=True):
        sheet[top : top + high, left : left + wide] = image
    right = 0 if answers is None else int((answers == labels).sum())
    numbers, when = {"count": count, "right": right}, "_before" if answers is None else ""
    tiles = {
        "type": "heatmap",
        "z": [[None if np.isnan(v) else int(v) for v in row] for row in sheet],
        "colorscale": [[0, "@panel"], [1, "@ink"]],
        "showscale": False,
        "hoverinfo": "skip",
    }
    layout = theme.plain_layout(
        str(say("figure.images.title")),
        str(say(f"figure.images.alt{when}", **numbers)),
        caption=str(say(f"figure.images.caption{when}", **numbers)),
        x={"linear": [-0.5, sheet.shape[1] - 0.5], "log": None, "scale": "linear"},
        y={"linear": [sheet.shape[0] - 0.5, -0.5], "log": None, "scale": "linear"},  # image rows count from the top
        real=True,
        still=True,
    )
    ends = [layout["meta"][name]["linear"] for name in "xy"]
    layout |= {
        f"{name}axis": theme.axis(type="linear", range=end, showticklabels=False, showline=False, fixedrange=True)
        for name, end in zip("xy", ends, strict=True)
    }
    layout["yaxis"] |= {"scaleanchor": "x"}
    layout["margin"] = dict.fromkeys("lrtb", 4)  # there are no tick labels
    if answers is not None:
        layout["annotations"] = [
            _word(left + (wide - 1) / 2, top + high + 0.6, label, answer)
            for (top, left), label, answer in zip(corners, labels.tolist(), answers.tolist(), strict=True)
        ]
    return {"data": [tiles], "layout": layout}


def _word(x: float, y: float, label: int, answer: float) -> dict[str, Any]:
    """The text below an image: the prediction, in another color and with the correct digit if it is wrong."""
    known = np.isfinite(answer)
    kind = "none" if not known else "right" if answer == label else "wrong"
    text = say(f"figure.images.{kind}", label=label, answer=int(answer) if known else answer)
    color = "@ink" if kind == "right" else "@limit"
    return {"x": x, "y": y, "text": str(text), "showarrow": False, "font": {"color": color, "size": 11}}
