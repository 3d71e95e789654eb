"""What can be taken away from Explore: code, a table of values, all values as CSV. Closed parts cost nothing."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from pages.parts.places import Places
from pages.parts.state import Setting
from schedules.core.numbers import people
from schedules.export.pytorch import pytorch_code
from schedules.export.table import csv_text, rows
from schedules.words import say


def show(setting: Setting, at: Places) -> None:
    """Copy PyTorch, and the table of values."""
    if at.code.open:
        _code(setting, at.code)
    if at.table.open:
        _table(setting, at.table)


def _code(setting: Setting, place: DeltaGenerator) -> None:
    run = setting.run
    place.caption(str(say("explore.code_note")))
    place.code(pytorch_code(run.schedule, run.optimizer.torch_code("peak_lr")), language="python")


def _table(setting: Setting, place: DeltaGenerator) -> None:
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
