"""Exports of Explore: code, a table of values, all values as CSV. Closed sections are not computed."""

from __future__ import annotations

from functools import partial

from streamlit.delta_generator import DeltaGenerator

from pages.parts.explore.layout import Containers
from pages.parts.state import Setting
from pages.parts.tables import markdown_table
from schedules.core.numbers import FloatArray, format_number
from schedules.export import TARGETS
from schedules.export.table import csv_text, table_lines
from schedules.measures import measure
from schedules.words import say


def show(setting: Setting, containers: Containers, used: FloatArray | None) -> None:
    """Show the code and the table of values; the table lists the rates `used` under a feedback rule, if there is one."""
    if containers.code.open:
        _code(setting, containers.code)
    if containers.table.open:
        _table(setting, containers.table, used)


def _code(setting: Setting, container: DeltaGenerator) -> None:
    for target in TARGETS.values():
        script = target.script(setting.run)
        word = "code_planned" if script.planned else "code_note"
        container.caption(str(say(f"explore.{word}", target=target.library, rule=setting.run.feedback.text("title"))))
        container.code(script.code, language="python")


def _table(setting: Setting, container: DeltaGenerator, used: FloatArray | None) -> None:
    schedule, epoch = setting.run.schedule, setting.steps_per_epoch
    planned = schedule.lrs()
    rates = planned if used is None else used
    values, summary = container.columns((2, 3), gap="medium")
    note = say("explore.table_note") if used is None else say("explore.table_used", rule=setting.run.feedback.text("title"))
    values.caption(str(note))
    values.markdown(_rate_lines(rates, schedule.peak_lr, epoch))
    summary.markdown(_measures(rates))
    values.download_button(
        str(say("explore.csv")),
        partial(csv_text, rates, epoch, schedule.peak_lr, planned=None if used is None else planned),
        file_name=str(say("explore.csv_file", slug=setting.run.schedule.policy.slug)),
        mime="text/csv",
        on_click="ignore",
    )


def _rate_lines(rates: FloatArray, peak: float, steps_per_epoch: int | None) -> str:
    """A Markdown table of the first and the last rows, with a mark where rows are skipped."""
    columns = ("step", "epoch", "rate", "fraction") if steps_per_epoch else ("step", "rate", "fraction")
    lines: list[list[str]] = []
    before = -1
    for line in table_lines(rates, peak=peak, steps_per_epoch=steps_per_epoch):
        if line.step > before + 1:
            lines.append([str(say("explore.column.skipped"))] * len(columns))
        lines.append([format_number(getattr(line, name), 6) for name in columns])
        before = line.step
    return markdown_table([str(say(f"explore.column.{name}")) for name in columns], lines)


def _measures(rates: FloatArray) -> str:
    """A Markdown table of measures of the whole curve, each with an explanation."""
    found = measure(rates)
    values = {"area": found.area, "half_area": found.half_area, "last": found.last, "jump": found.largest_jump}
    lines = [
        [str(say(f"explore.measure.{name}")), format_number(value, 4), str(say(f"explore.measure.{name}_help"))]
        for name, value in values.items()
    ]
    return markdown_table([str(say(f"explore.column.{name}")) for name in ("measure", "value", "help")], lines, words=(0, 2))
