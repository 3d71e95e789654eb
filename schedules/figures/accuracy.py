"""Test accuracy over the steps of a run, for networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.loss import Steps, living_mean
from schedules.figures.theme import Figure
from schedules.figures.thin import thin
from schedules.words import say


def accuracy_figure(
    steps: Steps,
    accuracy: FloatArray,
    *,
    ghost: tuple[str, Steps, FloatArray] | None = None,
    diverged_at: int | None = None,
    ghost_diverged_at: int | None = None,
) -> Figure:
    """The share of test images named correctly.

    Args:
        steps: the steps at which it was measured, shape (K,).
        accuracy: from 0 to 1, shape (K, S); the curve is the mean over the seeds that are not gone.
        ghost: the name on screen, the steps and the accuracy of a run to compare with.
        diverged_at: the step at which the run diverged: it is drawn up to there, as the loss is.
        ghost_diverged_at: the same for the ghost.
    """
    run = _Curve(steps, accuracy, diverged_at)
    other = _Curve(ghost[1], ghost[2], ghost_diverged_at) if ghost else None
    data = [other.line("ghost", "@ghost", ghost[0])] if ghost and other else []
    data.append(run.line("run", "@run", str(say("figure.this"))))
    captions = [run.caption("figure.caption.accuracy")] + ([other.caption("figure.caption.accuracy_ghost")] if other else [])
    layout = theme.curve_layout(
        title=str(say("figure.accuracy")),
        alt=run.alt(),
        caption=" ".join(captions),
        last=int(max(steps[-1], ghost[1][-1] if ghost else 0, 1)),
        linear=(0, 1),
        log=None,
        percent=True,
    )
    layout["yaxis"] |= {"tickformat": ".0%"}
    return {"data": data, "layout": layout}


class _Curve:
    """Mean accuracy of the seeds that are not gone, up to the end, to where the run diverged or to where none is left."""

    def __init__(self, steps: Steps, accuracy: FloatArray, diverged_at: int | None) -> None:
        mean = living_mean(accuracy)
        end = len(steps) if diverged_at is None else int(np.searchsorted(steps, diverged_at, side="right"))
        gone = np.flatnonzero(np.isnan(mean))
        end = max(1, min(end, gone[0] if len(gone) else end))
        self.steps, self.mean, self.seeds = steps[:end], np.nan_to_num(mean[:end]), accuracy.shape[1]
        self.left = int(np.isfinite(accuracy[end - 1]).sum())
        self.ends = diverged_at is None and not len(gone)

    def line(self, group: str, color: str, name: str) -> dict[str, Any]:
        kept = thin(self.mean)
        points = theme.points(color) if len(kept) <= theme.FEW else {}
        x = [int(step) for step in self.steps[kept]]
        width = 2 if group == "run" else 1.5
        return theme.line(group, color, x, theme.rounded(self.mean[kept]), name=name, width=width) | points

    def caption(self, key: str) -> str:
        """The accuracy at the end, and over how many seeds where some are gone; that there is none where the run diverged."""
        if not self.ends:
            return str(say(f"{key}_diverged"))
        last = float(self.mean[-1])
        if self.left < self.seeds:
            return str(say(f"{key}_some", last=last, left=self.left, seeds=self.seeds))
        return str(say(key, last=last))

    def alt(self) -> str:
        facts = {"steps": int(self.steps[-1]), "seeds": self.seeds, "first": float(self.mean[0]), "last": float(self.mean[-1])}
        if self.left < self.seeds:
            return str(say("figure.alt.accuracy_some", left=self.left, **facts))
        return str(say("figure.alt.accuracy", **facts))
