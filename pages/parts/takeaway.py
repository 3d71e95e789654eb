"""What can be taken away from Explore: code, a table of values, all values as CSV. Closed parts cost nothing."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from pages.parts.places import Places
from pages.parts.state import Setting
from schedules.core.numbers import FloatArray, people
from schedules.export.plateau import plateau_code
from schedules.export.pytorch import pytorch_code
from schedules.export.table import csv_text, rows
from schedules.measures import measure
from schedules.words import say


def show(setting: Setting, at: Places) -> None:
    """Copy PyTorch, and the table of values."""
    if at.code.open:
        _code(setting, at.code)
    if at.table.open:
        _table(setting, at.table)


def _code(setting: Setting, place: DeltaGenerator) -> None:
    run = setting.run
    optimizer = run.optimizer.torch_code("peak_lr")
    code = plateau_code(run.schedule, run.feedback, optimizer)
    planned = run.feedback.acts and code is None
    place.caption(str(say("explore.code_planned", rule=run.feedback.title) if planned else say("explore.code_note")))
    place.code(code or pytorch_code(run.schedule, optimizer), language="python")


def _table(setting: Setting, place: DeltaGenerator) -> None:
    rates = setting.run.schedule.lrs()
    head = [str(say(f"explore.column.{name}")) for name in ("step", "rate", "fraction")]
    body = [[people(row.step), people(row.rate), people(row.fraction)] for row in rows(rates)]
    lines = [head, ["---:"] * len(head), *body]
    rule = setting.run.feedback
    place.caption(str(say("explore.table_planned", rule=rule.title) if rule.acts else say("explore.table_note")))
    values, facts = place.columns([3, 4])
    values.markdown(_markdown(lines))
    facts.markdown(_markdown(_measures(rates)))
    place.download_button(
        str(say("explore.csv")),
        csv_text(rates),
        file_name=str(say("explore.csv_file", slug=setting.run.schedule.policy.slug)),
        mime="text/csv",
        on_click="ignore",
    )


def _measures(rates: FloatArray) -> list[list[str]]:
    """What the whole curve comes to, each with a word on what it says."""
    found = measure(rates)
    values = {"area": found.area, "half_area": found.half_area, "last": found.last, "jump": found.largest_jump}
    head = [str(say(f"explore.measure.{word}")) for word in ("title", "value", "says")]
    body = [
        [str(say(f"explore.measure.{name}")), people(value), str(say(f"explore.measure.{name}_help"))]
        for name, value in values.items()
    ]
    return [head, [":---", "---:", ":---"], *body]


def _markdown(lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
