"""The picture of a real run: what was read, what the run does, the charts, and the rates at the steps that people check."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape

import streamlit as st

from pages.parts import address
from pages.parts.charts import phase_name
from pages.parts.panel.panel import Chart, panel
from pages.parts.panel.panel import container as panel_container
from pages.parts.your_run.shown import Shown
from schedules.core.numbers import format_number
from schedules.figures.real_run import REAL_STYLES, real_run_figure
from schedules.figures.runs import Rates
from schedules.figures.theme import Figure, in_schedule_steps
from schedules.long_runs import checked_steps, measure_run
from schedules.measures import Measures
from schedules.real_run.axes import AXES, per_step
from schedules.schedule import Schedule, chosen_steps
from schedules.words import Sentence, language, say

PANEL = "your_run_charts"
_measured = lru_cache(maxsize=64)(measure_run)


def axis_choice(shown: Shown) -> str:
    """Show the choice of the step axis; return the chosen unit. Where the length is not known, it is percent of the run."""
    if shown.in_percent or shown.pending:
        return "percent"
    known = [name for name in AXES if per_step(name, shown.schedule.total_steps, shown.units, shown.real.cost)]
    chosen = st.session_state.get("your_run_axis")
    if chosen is not None and chosen not in known:
        st.session_state["your_run_axis"] = known[0]
    return (
        st.segmented_control(
            str(say("your_run.axis.choose")),
            known,
            default=None if chosen is not None else known[0],
            required=True,
            format_func=lambda name: str(say(f"your_run.axis.{name}")),
            key="your_run_axis",
            label_visibility="collapsed",
            persist_state="session",
        )
        or known[0]
    )


def charts(shown: Shown, axis: str, log: Sequence[Chart] = (), logged: Rates | None = None) -> None:
    """Draw the rates of the run over an axis, with the rate of a log, and its other charts."""
    figure = rate_chart(shown, axis, logged)
    found = _measured(shown.schedule)
    chart = Chart("rate", figure, readouts=() if shown.provisional or shown.used else _readouts(found), alt=_alt(shown, found))
    with panel_container(PANEL):
        panel(chart, *log, key=PANEL, runs=tuple(style.group for style in REAL_STYLES.values()), large=address.projector())


def rate_chart(shown: Shown, axis: str, logged: Rates | None = None) -> Figure:
    """The chart of the rates over an axis."""
    schedule = shown.schedule
    steps = chosen_steps(schedule)
    curves = {"intended": Rates(str(say("your_run.line.intended")), schedule(steps), steps)}
    if shown.used is not None and shown.used.total_steps:
        at = shown.used.chosen_steps()
        curves["used"] = Rates(str(say("your_run.line.used")), shown.used(at), at)
    if shown.group is not None:
        at = chosen_steps(shown.group)
        curves["group"] = Rates(str(say("your_run.line.group")), shown.group(at), at)
    if logged is not None:
        curves["logged"] = logged
    end = schedule.phases()[-1].end
    phases = [(part.name, str(phase_name(schedule, part.name)), part.start, part.end) for part in schedule.phases()]
    figure = real_run_figure(
        curves,
        phases=phases if len(phases) > 1 else (),
        plan_end=end if end < schedule.total_steps else None,
        last=max(shown.last, int(logged.at[-1]) if logged is not None and logged.at is not None else 0),
    )
    return on_axis(figure, shown, axis)


def on_axis(figure: Figure, shown: Shown, axis: str) -> Figure:
    """A chart over steps with the labels of an axis."""
    ratio = per_step(axis, shown.schedule.total_steps, shown.units, shown.real.cost) or 1.0
    if axis == "steps":
        return figure
    reading = say(f"your_run.reading.{axis}", at="{step}", step="{trained}")
    if shown.in_percent:
        reading = say("your_run.reading.percent_only", at="{step}")
    figure["layout"]["meta"]["real"] = True
    return in_schedule_steps(figure, ratio, str(say(f"your_run.axis.{axis}")), str(reading))


def table(shown: Shown) -> None:
    """Show the rates at the steps that people check."""
    if shown.provisional:
        return
    steps = checked_steps(shown.schedule)
    if (used := shown.used) is not None and used.total_steps:
        beside = (used.total_steps - 1, *used.boundaries, *(step - 1 for step in used.boundaries))
        steps = tuple(sorted({*steps, *beside}))
    st.html(_table_html(shown, steps, language.get()))


@lru_cache(maxsize=64)
def _table_html(shown: Shown, steps: tuple[int, ...], _: str) -> str:
    lines = {"intended": _rates(shown.schedule, steps)}
    if shown.used is not None:
        used = shown.used
        lines["used"] = [float(used(step)) if step < used.total_steps else None for step in steps]
    if shown.group is not None:
        lines["group"] = _rates(shown.group, steps)
    head = "".join(f"<th scope='col'>{format_number(step, 8)}</th>" for step in steps)
    body = "".join(
        f"<tr><th scope='row'>{escape(str(say(f'your_run.line.{name}')))}</th>"
        + "".join(f"<td>{'–' if rate is None else format_number(rate, 6)}</td>" for rate in rates)
        + "</tr>"
        for name, rates in lines.items()
    )
    label = escape(str(say("your_run.table")))
    return (
        f'<div class="anneal-wide" tabindex="0" role="region" aria-label="{label}"><table class="anneal-table">'
        f"<thead><tr><th scope='col'>{escape(str(say('explore.column.step')))}</th>{head}</tr></thead><tbody>{body}</tbody>"
        "</table></div>"
    )


def _rates(schedule: Schedule, steps: Sequence[int]) -> list[float | None]:
    return [*schedule(list(steps)).tolist()]


def _readouts(found: Measures) -> tuple[tuple[str, str], ...]:
    values = {"peak": found.peak, "last": found.last, "area": found.area, "half_area": found.half_area}
    return tuple((str(say(f"your_run.measure.{name}")), format_number(value, 4)) for name, value in values.items())


def _alt(shown: Shown, found: Measures) -> str:
    numbers = {"steps": shown.schedule.total_steps, "first": found.first, "peak": found.peak, "last": found.last}
    if shown.used is None or not shown.used.total_steps:
        return str(say("figure.alt.rate", **numbers))
    end = float(shown.used(shown.used.total_steps - 1))
    return str(say("your_run.alt_used", **numbers, used_steps=shown.used.total_steps, used_last=end))


def numbers(schedule: Schedule) -> dict[str, float]:
    """Peak, steps and warm-up of a schedule for sentences."""
    plan = schedule.plan
    return {"peak": schedule.peak_lr, "steps": schedule.total_steps, "warmup": plan.warmup * schedule.update_every}


def summary(schedule: Schedule, key: str, **values: object) -> Sentence:
    """The sentence `your_run.KEY` with the numbers of a schedule, and of its warm-up if it has one."""
    found = numbers(schedule)
    return say(f"your_run.{key}{'_warmup' * (found['warmup'] > 0)}", **found, **values)
