"""Charts of a real run: the intended rate, the rates that the run uses, a second group, and a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import format_number
from schedules.core.thin import thin
from schedules.figures import theme
from schedules.figures.rate import rate_figure
from schedules.figures.runs import Rates, Style
from schedules.figures.theme import Figure
from schedules.logs import Series
from schedules.logs.losses import Spike
from schedules.words import say

REAL_STYLES: Mapping[str, Style] = {
    "used": Style("used", "@error", 2.25, "solid"),
    "intended": Style("run", "@run", 2, "solid"),
    "group": Style("group", "@cooldown", 1.5, "dash"),
    "logged": Style("logged", "@run_3", 1.5, "dot"),
}
"""The styles of the curves in the order in which the legend lists them; earlier ones are drawn over later ones."""


def real_run_figure(
    curves: Mapping[str, Rates], *, phases: Sequence[tuple[str, str, int, int]] = (), plan_end: int | None = None, last: int
) -> Figure:
    """The chart of the rates of a real run over its steps.

    Args:
        curves: the curves by their name in `REAL_STYLES`; "intended" is always there.
        phases: of the intended schedule, as in `rate_figure`.
        plan_end: step inside the run at which the plan ends.
        last: end of the step axis.
    """
    names = [name for name in REAL_STYLES if name in curves]
    rates, styles = [curves[name] for name in names], [REAL_STYLES[name] for name in names]
    figure = rate_figure(rates, phases=phases, plan_end=plan_end, last=max(1, last), steps=last + 1, styles=styles)
    figure["layout"]["margin"] = figure["layout"]["margin"] | {"t": 20, "r": 28}  # half of a label of seven digits
    return figure


def logged_rates(logged: Series, label: str, steps_per_unit: float = 1.0) -> Rates | None:
    """The logged rates as a curve of a chart; None without a finite one.

    Args:
        logged: the rates of a log.
        label: name of the curve.
        steps_per_unit: steps of the run for each unit of the log, which may count epochs.
    """
    finite = np.isfinite(logged.values)
    return Rates(label, logged.values[finite], steps_per_unit * logged.steps[finite]) if finite.any() else None


def logged_loss_figure(logged: Series, spikes: Sequence[Spike], last: int, steps_per_unit: float = 1.0) -> Figure | None:
    """The chart of a logged loss over its steps, with a mark at each spike; None without a finite loss.

    Args:
        logged: the losses of a log; the curve has gaps where they are not finite.
        spikes: the spikes of the loss.
        last: end of the step axis, if the log is not longer.
        steps_per_unit: as in `logged_rates`.
    """
    values = np.where(np.isfinite(logged.values), logged.values, np.nan)
    shown, steps = values[np.isfinite(values)], steps_per_unit * logged.steps
    if not len(shown):
        return None
    kept = thin(values, 600)
    name = str(say("your_run.log.loss"))
    y = theme.rounded(values[kept])
    data = [theme.line("loss", REAL_STYLES["logged"].color, steps[kept].tolist(), y, name=name, width=1.5)]
    data += [theme.marker("loss", "@error", (steps_per_unit * spike.top_step, spike.top)) for spike in spikes]
    low, high = _ends(shown)
    layout = theme.curve_layout(
        title=name,
        alt=str(say("your_run.log.alt_loss", first=float(shown[0]), last=float(shown[-1]), highest=float(shown.max()))),
        last=max(1, last, int(steps[-1])),
        linear=(low, high),
        log=(float(shown.min()), high) if shown.min() > 0 else None,
    )
    layout["margin"] = layout["margin"] | {"r": 28}
    return {"data": data, "layout": layout}


def _ends(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The ends of a linear axis for these values."""
    low, high = min(0.0, float(values.min())), float(values.max())
    return low, float(format_number(high + 0.08 * (high - low or 1.0), 2).replace(",", "")) or 1.0
