"""Compare where a loss is predicted: rates, losses under the law at the locked peak, and a table of ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts import address
from pages.parts.assets import compact
from pages.parts.compare.slots.samples import style_of
from pages.parts.explore import language_model
from pages.parts.panel import panel
from pages.parts.panel.panel import Chart
from pages.parts.readouts import predicted_end
from pages.parts.tables import markdown_table
from schedules.compare import slots
from schedules.compare.slots import Comparison
from schedules.core.numbers import fixed
from schedules.figures.predicted import Predicted, law_figure
from schedules.figures.rate import rate_figure
from schedules.figures.runs import Rates
from schedules.theory.loss_laws import CALIBRATED_WARMUP, CALIBRATION, LossLaw
from schedules.training.predicted import predict, warmup_steps
from schedules.training.problems import predicted
from schedules.training.runs import Trace
from schedules.words import Sentence, say

if TYPE_CHECKING:
    from pages.parts.compare.layout import Containers

PANEL = "compare_law_panel"
"""The key of the panel."""


def mount(comparison: Comparison, containers: Containers) -> None:
    """Mount the panel, still empty, and what the law rests on and cannot tell; called once in a full run of the page."""
    with containers.race, panel.container(PANEL):
        panel.constants({}, large=address.projector(), key=PANEL)
    with containers.law:
        language_model.show(comparison.problem)


def show(comparison: Comparison, containers: Containers) -> None:
    """Show the sentence, the charts and the table; called with every move."""
    names = slots.slot_names(comparison)
    traces = dict(zip(comparison.active(), predict([comparison.run(key) for key in comparison.active()]), strict=True))
    law = predicted(comparison.problem).law
    ends = {key: float(trace.loss[-1, 0]) for key, trace in traces.items()}
    outside = {key: trace.prediction.outside for key, trace in traces.items() if trace.prediction and trace.prediction.outside}
    order = sorted(ends, key=lambda key: (key in outside, ends[key]))
    ranked = {key: ends[key] for key in order if key not in outside}
    with containers.sentence:
        st.markdown(str(_headline(ranked, names, law)))
        notes = [say("compare.law.locked", peak=comparison.problem.locked_peak, tolerance=law.tolerance)]
        if any(map(comparison.lacks_warmup, traces)):
            notes.append(say("compare.law.warmup", warmup=CALIBRATED_WARMUP))
        notes += [_scaled(names[key], trace) for key, trace in traces.items() if trace.run.own]
        if ranked and outside:
            notes.append(say("compare.law.apart", names=", ".join(names[key] for key in outside)))
        st.caption(" ".join(map(str, (*notes, *_reasons(outside.values())))))
    with containers.race:
        panel.data(compact(_panel(traces, names)), key=PANEL)
        rows = [[names[key], predicted_end(traces[key]), _above(key, ranked, law)] for key in order]
        head = [str(say(f"compare.law.column.{name}")) for name in ("name", "end", "above")]
        st.markdown(markdown_table(head, rows, words=(0, 2)))


def _headline(ranked: Mapping[str, float], names: Mapping[str, str], law: LossLaw) -> Sentence:
    """The slot that ends lowest and those that the law cannot tell from it; `ranked` are the ends within the law's fit."""
    if not ranked:
        return say("compare.law.guess", size=law.name)
    first, *rest = ranked
    tied = [names[key] for key in rest if ranked[key] - ranked[first] < law.tolerance]
    values = {"first": names[first], "loss": fixed(ranked[first], 2), "size": law.name}
    return say("compare.law.tie", others=", ".join(tied), **values) if tied else say("compare.law.lowest", **values)


def _reasons(outside: Iterable[tuple[str, ...]]) -> list[Sentence]:
    """The reasons why some run is outside of what the law was fitted to."""
    reasons = dict.fromkeys(reason for found in outside for reason in found)
    return [say(f"compare.law.outside.{reason}", **CALIBRATION) for reason in reasons]


def _scaled(name: str, trace: Trace) -> Sentence:
    """The length of a person's schedule, and that at which its shape is predicted."""
    warmup = warmup_steps(trace.run)
    return say("compare.law.scaled", name=name, given=trace.run.schedule.total_steps, steps=len(trace.rates), warmup=warmup)


def _above(key: str, ranked: Mapping[str, float], law: LossLaw) -> str:
    """The difference between the predicted end of a slot and the lowest one, as a sentence."""
    if key not in ranked:
        return str(say("compare.law.unknown"))
    gap = ranked[key] - min(ranked.values())
    word = "lowest_row" if gap == 0 else "none" if gap < law.tolerance else "above"
    return str(say(f"compare.law.{word}", gap=round(gap, 2)))


def _panel(traces: dict[str, Trace], names: dict[str, str]) -> dict[str, Any]:
    """The data of the panel with rates and losses."""
    styles = [style_of(key) for key in traces]
    rates = rate_figure([Rates(names[key], trace.rates) for key, trace in traces.items()], styles=styles)
    losses = [Predicted(names[key], trace.steps, trace.loss[:, 0]) for key, trace in traces.items()]
    figure = law_figure(losses, second=None, error=None, styles=styles)
    return panel.panel_data(Chart("rate", rates), Chart("loss", figure), runs=[style.group for style in styles], key=PANEL)
