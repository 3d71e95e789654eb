"""Chart of a figure of the chapter: the plotted rate over the epochs, and the rate that a published run used."""

from __future__ import annotations

from schedules.core.numbers import FloatArray
from schedules.figures import theme
from schedules.figures.rate import rate_figure
from schedules.figures.runs import STYLES, Rates
from schedules.figures.theme import Figure
from schedules.words import say


def chapter_figure(
    title: str,
    plotted: FloatArray,
    caption: str,
    *,
    used: tuple[FloatArray, FloatArray] | None = None,
    framework: str = "",
    constant: float | None = None,
) -> Figure:
    """The plotted rates, in grey where the rates that were used are known; without these in the same grey if there was no run.

    Args:
        title: on screen.
        plotted: the rate of each epoch, shape (T,).
        caption: sentence below the chart.
        used: rates and the epochs at which they begin, shape (K,) each.
        framework: name of the framework whose run is shown; empty if only the plotted rates are.
        constant: a constant rate beside them.
    """
    shown = Rates(str(say("chapter.plotted")), plotted)
    run = [Rates(str(say("chapter.used", framework=framework)), *used)] if used else []
    figure = rate_figure([*run, shown], caption=caption, last=len(plotted))
    if framework and not used:
        grey = STYLES[1]
        figure["data"] = [theme.run_line(grey, shown.label, list(range(len(plotted))), theme.rounded(plotted))]
    if constant is not None:
        name = str(say("chapter.constant", rate=constant))
        x = [0, len(plotted)]
        figure["data"].append(theme.run_line(STYLES[3], name, x, [constant] * 2))
        _include(figure, constant)
    layout = figure["layout"]
    layout["title"]["text"] = title
    layout["meta"] |= {"word": str(say("chapter.epoch")), "alt": str(say("figure.alt.chapter", title=title, caption=caption))}
    layout["xaxis"]["title"] = {"text": str(say("chapter.epoch"))}
    return figure


def _include(figure: Figure, rate: float) -> None:
    """Extend the value axis to a rate and a fifth more."""
    (_, top), (low, high) = (figure["layout"]["meta"]["y"][scale] for scale in ("linear", "log"))
    theme.scale_values(figure, (0.0, max(top, 1.2 * rate)), (10**low, max(10**high, 1.6 * rate)), "linear")
