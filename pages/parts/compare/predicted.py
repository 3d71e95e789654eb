"""Compare where a loss is predicted: rates, losses under the law at the locked peak, and a table of ends."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts import address
from pages.parts.assets import compact
from pages.parts.compare.samples import style_of
from pages.parts.panel import panel
from pages.parts.panel.panel import Chart
from pages.parts.tables import markdown_table
from schedules.compare import slots
from schedules.compare.slots import Comparison
from schedules.core.numbers import format_number
from schedules.figures.predicted import Predicted, law_figure
from schedules.figures.rate import rate_figure
from schedules.figures.runs import Rates
from schedules.training.predicted import predict
from schedules.training.problems import predicted
from schedules.training.runs import Run, Trace
from schedules.words import Sentence, say

if TYPE_CHECKING:
    from pages.parts.compare.layout import Containers

PANEL = "compare_law_panel"
"""The key of the panel."""


def mount(comparison: Comparison, containers: Containers) -> None:
    """Mount the panel, still empty; called once in a full run of the page."""
    with containers.race, panel.container(PANEL):
        panel.constants({}, large=address.projector(), key=PANEL)


def show(comparison: Comparison, containers: Containers) -> None:
    """Show the sentence, the charts and the table; called with every move."""
    names = slots.slot_names(comparison)
    traces = {key: _trace(comparison.run(key)) for key in comparison.active()}
    ends = {key: float(trace.loss[-1, 0]) for key, trace in traces.items()}
    law = predicted(comparison.problem).law
    first = min(ends, key=ends.__getitem__)
    tied = [key for key in ends if key != first and ends[key] - ends[first] < law.tolerance]
    values: dict[str, Any] = {"first": names[first], "loss": ends[first], "size": law.name, "tolerance": law.tolerance}
    with containers.sentence:
        st.markdown(str(say(f"compare.law.{'tie' if tied else 'lowest'}", count=len(tied), **values)))
        notes = [say("compare.law.locked", peak=comparison.problem.locked_peak, tolerance=law.tolerance)]
        st.caption(" ".join(map(str, (*notes, *_outside(traces)))))
    with containers.race:
        panel.data(compact(_panel(traces, names)), key=PANEL)
        above = {key: _above(end - ends[first], law.tolerance) for key, end in ends.items()}
        rows = [[names[key], format_number(ends[key], 4), above[key]] for key in _order(ends)]
        head = [str(say(f"compare.law.column.{name}")) for name in ("name", "end", "above")]
        st.markdown(markdown_table(head, rows, words=(0, 2)))


@lru_cache(maxsize=64)
def _trace(run: Run) -> Trace:
    """The predicted trace of a run."""
    return predict([run])[0]


def _outside(traces: dict[str, Trace]) -> list[Sentence]:
    """The reasons why some run is outside of what the law was fitted to."""
    reasons = {reason: None for trace in traces.values() if trace.prediction for reason in trace.prediction.outside}
    return [say(f"compare.law.outside.{reason}") for reason in reasons]


def _order(ends: dict[str, float]) -> list[str]:
    return sorted(ends, key=ends.__getitem__)


def _above(gap: float, tolerance: float) -> str:
    if gap == 0:
        return ""
    return str(say("compare.law.none" if gap < tolerance else "compare.law.above", gap=round(gap, 2)))


def _panel(traces: dict[str, Trace], names: dict[str, str]) -> dict[str, Any]:
    """The data of the panel with rates and losses."""
    styles = [style_of(key) for key in traces]
    rates = rate_figure([Rates(names[key], trace.rates) for key, trace in traces.items()], styles=styles)
    losses = [Predicted(names[key], trace.steps, trace.loss[:, 0]) for key, trace in traces.items()]
    figure = law_figure(losses, second=None, error=None, styles=styles)
    return panel.panel_data(Chart("rate", rates), Chart("loss", figure), runs=[style.group for style in styles], key=PANEL)
