"""What can be taken away from Explore: code, a table of values, all values as CSV. Closed parts cost nothing."""

from __future__ import annotations

import streamlit as st

from pages.parts.state import Setting
from schedules.core.numbers import people
from schedules.export.pytorch import pytorch_code
from schedules.export.table import csv_text, rows
from schedules.words import say


def show(setting: Setting) -> None:
    """Copy PyTorch, and the table of values."""
    code = st.expander(str(say("explore.code")), key="code", on_change="rerun")
    if code.open:
        _code(setting, code)
    table = st.expander(str(say("explore.table")), key="table", on_change="rerun")
    if table.open:
        _table(setting, table)


def _code(setting: Setting, place: st.delta_generator.DeltaGenerator) -> None:
    run = setting.run
    place.caption(str(say("explore.code_note")))
    place.code(pytorch_code(run.schedule, run.optimizer.torch_code("peak_lr")), language="python")


def _table(setting: Setting, place: st.delta_generator.DeltaGenerator) -> None:
    rates = setting.run.schedule.lrs()
    head = [str(say(f"explore.column.{name}")) for name in ("step", "rate", "fraction")]
    body = [[people(row.step), people(row.rate), people(row.fraction)] for row in rows(rates)]
    lines = [head, ["---:"] * len(head), *body]
    place.caption(str(say("explore.table_note")))
    place.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
    place.download_button(
        str(say("explore.csv")),
        csv_text(rates),
        file_name=str(say("explore.csv_file", slug=setting.run.schedule.policy.slug)),
        mime="text/csv",
        on_click="ignore",
    )
