"""Content of the menu Take away on Explore: code, a table of values, all values as files. While closed, it is not computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address
from pages.parts.code_for import chosen_target
from pages.parts.compare.state import link_to_add
from pages.parts.explore.layout import Containers
from pages.parts.language import in_language
from pages.parts.state import Setting
from pages.parts.tables import markdown_table
from schedules.core.numbers import FloatArray, format_number
from schedules.export.run_json import run_json
from schedules.export.table import TableLine, run_csv, run_lines, shown_rates
from schedules.long_runs import EVERY_STEP, measure_run
from schedules.measures import Measures, measure
from schedules.real_run import RealRun
from schedules.training.optimizers.adamw import AdamW
from schedules.words import say


def show(setting: Setting, containers: Containers, used: FloatArray | None, *, moving: bool) -> None:
    """Show the code or the table of values; the table lists the rates `used` under a feedback rule, if there is one."""
    if containers.taken is None:
        return
    with containers.taken:
        _links(setting)
    if containers.part == "code":
        _code(setting, containers.taken)
    else:
        _table(setting, containers.taken, used, moving)


def _links(setting: Setting) -> None:
    """Show the ways to other pages: Your run, and Compare, where the run becomes one more slot."""
    query = address.kept_query() | replace(setting, real=setting.real or RealRun()).link()
    added = link_to_add(setting.run)
    with st.container(key="take_away_links", horizontal=True, vertical_alignment="center"):
        st.page_link("pages/your_run.py", label=str(say("explore.use_in_your_run")), query_params=query)
        if added is not None:
            st.page_link("pages/compare.py", label=str(say("compare.add")), query_params=address.kept_query() | added)
    if added is None:
        st.caption(str(say("compare.all_taken")))


def _code(setting: Setting, container: DeltaGenerator) -> None:
    run, target = setting.run, chosen_target()
    script = target.script(run if run.problem.trains else run.replace(optimizer=AdamW()))
    word = "code_planned" if script.planned else "code_own" if setting.own else "code_note"
    numbers = {"peak": run.schedule.peak_lr, "steps": run.schedule.total_steps}
    notes = [say(f"explore.{word}", target=target.library, rule=run.feedback.text("title"), **numbers)]
    if not run.problem.trains:
        notes.append(say("explore.code_optimizer"))
    container.caption(" ".join(map(str, notes)))
    container.code(script.code, language="python")


def _table(setting: Setting, container: DeltaGenerator, used: FloatArray | None, moving: bool) -> None:
    run, epoch = setting.run, setting.steps_per_epoch
    shown = shown_rates(run, used)
    values, summary = container.columns((2, 3), gap="medium")
    word = ("own" if setting.own else "note") if used is None else "planned" if shown is None else "used"
    words = {"rule": run.feedback.text("title"), "problem": run.problem.in_sentence(), "steps": run.schedule.total_steps}
    values.caption(str(say(f"explore.table_{word}", **words)))
    values.markdown(_rate_lines(run_lines(run, used, epoch), epoch))
    if moving and run.schedule.total_steps > EVERY_STEP:
        summary.caption(str(say("explore.measures_wait")))
    else:
        summary.markdown(_measures(measure_run(run.schedule) if shown is None else measure(shown)))
    slug = run.schedule.policy.slug
    values.download_button(
        str(say("explore.csv")),
        partial(in_language(run_csv), run, used, epoch),
        file_name=str(say("explore.csv_file", slug=slug)),
        mime="text/csv",
        on_click="ignore",
    )
    values.download_button(
        str(say("your_run.json")),
        partial(run_json, run, setting.real, setting.units),
        file_name=str(say("your_run.json_file", slug=slug)),
        mime="application/json",
        on_click="ignore",
    )


def _rate_lines(rows: Sequence[TableLine], steps_per_epoch: int | None) -> str:
    """A Markdown table of the first and the last rows, with a mark where rows are skipped."""
    columns = ("step", "epoch", "rate", "fraction") if steps_per_epoch else ("step", "rate", "fraction")
    lines: list[list[str]] = []
    before = -1
    for line in rows:
        if line.step > before + 1:
            lines.append([str(say("explore.column.skipped"))] * len(columns))
        lines.append([format_number(getattr(line, name), 6) for name in columns])
        before = line.step
    return markdown_table([str(say(f"explore.column.{name}")) for name in columns], lines)


def _measures(found: Measures) -> str:
    """A Markdown table of measures of the whole curve, each with an explanation."""
    values = {"area": found.area, "half_area": found.half_area, "last": found.last, "jump": found.largest_jump}
    lines = [
        [str(say(f"explore.measure.{name}")), format_number(value, 4), str(say(f"explore.measure.{name}_help"))]
        for name, value in values.items()
    ]
    return markdown_table([str(say(f"explore.column.{name}")) for name in ("measure", "value", "help")], lines, words=(0, 2))
