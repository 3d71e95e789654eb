"""The log of a run: its file, its columns, and what it shows beside the plan.

The content of the file is kept in the session only while this page is open: `forget` drops it on every other page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.parts.notice import notice
from pages.parts.panel.panel import Chart
from pages.parts.your_run.picture import on_axis
from pages.parts.your_run.shown import Shown
from schedules.figures.real_run import logged_loss_figure, logged_rates
from schedules.figures.runs import Rates
from schedules.logs import Log, LogError, read_log
from schedules.logs.columns import ROLES, Role
from schedules.logs.comparison import Comparison, compare_with_plan
from schedules.logs.losses import Losses, read_losses
from schedules.logs.text import MOST_BYTES
from schedules.real_run.axes import counts_epochs
from schedules.words import Sentence, say

_KEPT = "your_run_log"
UPLOADER = "your_run_log_file"
FORMATS = ("csv", "tsv", "txt", "log", "json", "jsonl", "ndjson")


@dataclass(slots=True)
class Kept:
    """A file of the session: what was read in it, or the sentence that says why it cannot be read.

    Attributes:
        file: identifies the uploaded file.
        log: the log with the chosen columns; None if it cannot be read.
        error: the reason.
        compared: the comparison with a plan, by what it depends on.
    """

    file: str
    log: Log | None = None
    error: Sentence | None = None
    compared: dict[Any, tuple[Comparison | None, Losses]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Logged:
    """A log beside the plan of the run: `comparison` is None if it has no rate.

    `steps_per_unit` are steps of the run for each unit of the log, which may count epochs.
    """

    log: Log
    comparison: Comparison | None
    losses: Losses
    steps_per_unit: float

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences about the rate, the most important first."""
        return self.comparison.sentences if self.comparison else ()


def forget() -> None:
    """Drop the log; called on every other page."""
    st.session_state.pop(_KEPT, None)


def read(shown: Shown) -> Logged | None:
    """The uploaded log beside the plan of the run; None if there is none, or it cannot be read."""
    file = st.session_state.get(UPLOADER)
    if file is None or shown.example or shown.provisional:
        if file is None:
            forget()
        return None
    kept: Kept | None = st.session_state.get(_KEPT)
    if kept is None or kept.file != file.file_id:
        kept = st.session_state[_KEPT] = _opened(file)
    if kept.log is None:
        return None
    key = kept.log.chosen, shown.schedule, shown.units
    if key not in kept.compared:
        log, units = kept.log, shown.units
        if units and log.unit == "epoch" and not counts_epochs(units, shown.schedule.total_steps):
            units = None
        comparison = compare_with_plan(log, shown.schedule, units) if len(log.rate.steps) else None
        kept.compared = {key: (comparison, read_losses(log, shown.schedule))}
    per_unit = shown.units.steps_per_epoch if kept.log.unit == "epoch" and shown.units else 1
    return Logged(kept.log, *kept.compared[key], float(per_unit))


def _opened(file: Any) -> Kept:
    try:
        return Kept(file.file_id, read_log(file, file.name))
    except LogError as wrong:
        return Kept(file.file_id, error=wrong.sentence)


def rate(logged: Logged | None) -> Rates | None:
    """The logged rate, for the chart of rates."""
    if logged is None:
        return None
    return logged_rates(logged.log.rate, str(say("your_run.line.logged")), logged.steps_per_unit)


def charts(shown: Shown, logged: Logged | None, axis: str) -> tuple[Chart, ...]:
    """The chart of the logged loss, if there is one."""
    if logged is None:
        return ()
    figure = logged_loss_figure(logged.log.loss, logged.losses.spikes, shown.last, logged.steps_per_unit)
    return () if figure is None else (Chart("loss", on_axis(figure, shown, axis)),)


def show(logged: Logged | None) -> None:
    """Show the fold with the box for a file, and the menus of its columns."""
    fold = st.expander(str(say("your_run.log.title")), key="your_run_log_fold", on_change="rerun")
    if not fold.open and logged is None:
        return
    with fold:
        most = MOST_BYTES // 1_000_000
        st.file_uploader(str(say("your_run.log.file", most=most)), list(FORMATS), key=UPLOADER, max_upload_size=most)
        st.caption(str(say("your_run.log.private")))
        kept: Kept | None = st.session_state.get(_KEPT)
        if kept is not None and kept.error is not None:
            notice(kept.error, kind="error")
        if kept is None or kept.log is None or logged is None:
            return
        for role in ROLES:
            _column(kept, kept.log, role)
        if kept.log.notices:
            notice(*kept.log.notices)


def _column(kept: Kept, log: Log, role: Role) -> None:
    """Show the menu of the column that has a role."""
    first = log.candidates[role]
    options: list[str | None] = [*first, *(name for name in log.columns if name not in first), None]
    key = f"your_run_log_{role}_{kept.file}"

    def choose() -> None:
        kept.log = log.choose(**{role: st.session_state[key]})

    st.selectbox(
        str(say(f"your_run.log.{role}_column")),
        options,
        index=options.index(getattr(log.chosen, role)),
        format_func=lambda name: str(say("your_run.log.no_column")) if name is None else name,
        key=key,
        on_change=choose,
    )
