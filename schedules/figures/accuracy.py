"""Chart of test accuracy over the steps of a network's run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from schedules.core.numbers import finite_mean
from schedules.core.thin import thin
from schedules.figures import theme
from schedules.figures.runs import Measured, Style, drawn_count, styled
from schedules.figures.theme import Figure
from schedules.words import say


def accuracy_figure(runs: Sequence[Measured], *, last: int | None = None) -> Figure:
    """The share of test images classified correctly, for one to six runs; means over the seeds that have not diverged.

    Args:
        runs: the accuracy of each run, in [0, 1].
        last: end of the step axis, for runs that are not finished: their caption is about the last measurement of the first
            run. By default the runs are finished.
    """
    curves = [(style, _Curve(run)) for style, run in styled(runs)]
    (_, main), *others = curves
    if last is None:
        captions = [main.caption("figure.caption.accuracy")]
        captions += [other.caption("figure.caption.accuracy_ghost") for _, other in others if len(runs) == 2]
    else:
        captions = [main.caption("figure.caption.accuracy_at")]
    layout = theme.curve_layout(
        title=str(say("figure.accuracy")),
        alt=main.alt(),
        caption=" ".join(captions),
        last=int(max(1, last or 0, *(run.steps[-1] for run in runs))),
        linear=(0, 1),
        log=None,
        percent=True,
    )
    layout["yaxis"] |= {"tickformat": ".0%"}
    return {"data": [curve.line(style) for style, curve in reversed(curves)], "layout": layout}


class _Curve:
    """Mean accuracy over the seeds that have not diverged, up to the run's end or divergence."""

    def __init__(self, run: Measured) -> None:
        self.name, steps, accuracy, diverged_at = run
        mean = finite_mean(accuracy)
        end = drawn_count(run, mean)
        self.steps, self.mean, self.seeds = steps[:end], np.nan_to_num(mean[:end]), accuracy.shape[1]
        self.left = int(np.isfinite(accuracy[end - 1]).sum())
        self.ends = diverged_at is None and not np.isnan(mean).any()

    def line(self, style: Style) -> dict[str, Any]:
        kept = thin(self.mean)
        points = theme.points(style.color) if len(kept) <= theme.FEW else {}
        x = [int(step) for step in self.steps[kept]]
        return theme.run_line(style, self.name, x, theme.rounded(self.mean[kept])) | points

    def caption(self, key: str) -> str:
        """The accuracy at the end, with the number of seeds if some diverged; another sentence if the run diverged."""
        if not self.ends:
            return str(say(f"{key}_diverged"))
        values = {"last": float(self.mean[-1]), "step": int(self.steps[-1])}
        if self.left < self.seeds:
            return str(say(f"{key}_some", left=self.left, seeds=self.seeds, **values))
        return str(say(key, **values))

    def alt(self) -> str:
        numbers = {
            "steps": int(self.steps[-1]),
            "seeds": self.seeds,
            "first": float(self.mean[0]),
            "last": float(self.mean[-1]),
        }
        if self.left < self.seeds:
            return str(say("figure.alt.accuracy_some", left=self.left, **numbers))
        return str(say("figure.alt.accuracy", **numbers))
