"""Find a rate: the range test of the run on Explore, in an expander. While closed, it is not computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts.explore import jobs
from pages.parts.explore.layout import Containers
from pages.parts.notice import notice
from pages.parts.panel import panel
from pages.parts.state import HASH_FUNCS, Setting
from pages.parts.studies import study_lock
from pages.parts.tables import markdown_table
from schedules.core.numbers import format_number
from schedules.figures.range_test import range_test_figure
from schedules.training import cost, nets
from schedules.training.engine import simulate
from schedules.training.jobs import stopping
from schedules.training.range_test import READINGS, Sweep, sweep, sweep_work
from schedules.words import Sentence, say


def show(setting: Setting, containers: Containers, *, moving: bool) -> None:
    """Show the range test if it is open."""
    if containers.finder is None or not containers.finder.open:
        return
    run = setting.run
    if setting.own:
        containers.finder.markdown(str(say("own.rates_of", problem=run.problem.in_sentence())))
    if moving and not run.problem.as_job:
        _draw(_drag_sweep(Setting(run)), containers.finder)
        return
    if not run.problem.as_job and (work := sweep_work(run)) <= cost.AT_ONCE:
        with study_lock(work, lambda: None):
            found = _cached_sweep(Setting(run))
        _draw(found, containers.finder)
        return

    def job(progress: Callable[[float], None], stop: Callable[[], bool]) -> Sweep:
        return sweep(run, partial(nets.train, progress=progress, stop=stop) if run.problem.as_job else stopping(simulate, stop))

    status = jobs.ask(setting, "sweep", job)
    if status.result:
        _draw(status.result, containers.finder)
    elif status.state == "failed":
        with containers.finder:
            notice(say("explore.net_failed", error=str(status.error)), kind="error")
    else:
        containers.finder.caption(str(jobs.waiting(status, "range_test.waits")))


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=HASH_FUNCS)
def _cached_sweep(setting: Setting) -> Sweep:
    """The range test of a setting."""
    return sweep(setting.run)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=HASH_FUNCS)
def _drag_sweep(setting: Setting) -> Sweep:
    """The range test while a slider is dragged: without the best peak, and cached separately."""
    return sweep(setting.run, peaks=False)


def _draw(sweep: Sweep, container: DeltaGenerator) -> None:
    """Draw the chart, and a table that compares the readings with the true values."""
    truths = {name: value for name, value in (("limit", sweep.limit), ("best", sweep.best_peak)) if value}
    read = {name: value for name in READINGS if (value := sweep.middle(name)) is not None}
    figure = range_test_figure(sweep.rates, sweep.loss, read | truths)
    container.markdown(str(say("range_test.what", seeds=sweep.loss.shape[1])))
    with container, panel.container("sweep"):
        panel.panel(panel.Chart("range_test", figure), key="sweep")
    container.markdown(_table(sweep, read, truths))
    container.caption(" ".join(str(note) for note in _notes(sweep)))


def _notes(sweep: Sweep) -> Iterator[Sentence]:
    """Notes: how to read the table, why the loss turns up after (or before) the limit, why the best peak was not found."""
    yield say("range_test.note")
    late = sweep.apart("blow_up", sweep.limit)
    if late is not None and late != 1:
        yield say("range_test.late" if late > 1 else "range_test.early")
    if sweep.beyond:
        yield say("range_test.more" if sweep.beyond > 0 else "range_test.less")


def _table(sweep: Sweep, read: Mapping[str, float], truths: Mapping[str, float]) -> str:
    """A Markdown table with one row per reading: its rate, its spread over seeds, and its ratio to each true value."""
    head = [str(say(f"range_test.column.{name}")) for name in ("reading", "rate", "spread", *(f"of_{name}" for name in truths))]
    lines: list[list[str]] = []
    for name, rate in read.items():
        of = [format_number(rate / truth, 2) for truth in truths.values()]
        lines.append([str(say(f"range_test.{name}")), format_number(rate, 2), format_number(sweep.spread(name) or 1.0, 2), *of])
    lines += [
        [str(say(f"range_test.{name}")), format_number(rate, 2), *[""] * (len(head) - 2)] for name, rate in truths.items()
    ]
    return markdown_table(head, lines, words=(0,))
