"""The sentences on a map, and its best cells and borders as a table and as a file."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.parts.language import in_language
from pages.parts.tables import markdown_table
from schedules.core.numbers import format_number
from schedules.figures.verdict_colors import VERDICTS
from schedules.maps.axes import Axis
from schedules.maps.maps import MapResult, along_y
from schedules.maps.sentences import sentences
from schedules.maps.table import Line, lines, loss_note, map_csv
from schedules.words import say

BLANK = "\u200b"
"""Zero-width space: keeps the height of a sentence that is not known yet."""
NOTHING = "–"
"""Cell of the table without a value."""


def say_sentences(found: MapResult | None, color: str, *, stopped: bool) -> None:
    """Show what a map says, once all of its cells are known, or of those that are known when it was stopped."""
    said = sentences(found, color) if found is not None and (found.done or stopped) else ()
    st.markdown(" ".join(map(str, said)) or BLANK)


def show(found: MapResult | None, *, stopped: bool) -> None:
    """Show the fold with the table and the file; while it is closed, they are not computed."""
    fold = st.expander(str(say("map.table")), key="map_fold", on_change="rerun")
    if not fold.open:
        return
    if found is None or not found.done:
        fold.caption(str(say("map.table_stopped" if stopped else "map.table_waits")))
        return
    with fold:
        st.markdown(_table(found))
        st.caption(str(loss_note(found)))
        st.download_button(
            str(say("map.csv")),
            partial(in_language(map_csv), found),
            file_name=str(say("map.csv_file", x=found.map.x.key, y=found.map.y.key)),
            mime="text/csv",
            on_click="ignore",
        )


def _table(found: MapResult) -> str:
    """A table of some lines of cells: the best one with verdict and loss, and the borders."""
    x, y = found.map.x, found.map.y
    along, other = (y, x) if along_y(found.map) else (x, y)
    head = [str(other.label), str(say("map.column.best", axis=along.label))]
    head += [str(say(f"map.column.{name}")) for name in ("verdict", "loss", "low", "high", "diverged")]
    return markdown_table(head, [_cells(line, along, other) for line in lines(found)], words=(0, 2) if other.named else (2,))


def _cells(line: Line, along: Axis, other: Axis) -> list[str]:
    def border(value: float | None) -> str:
        return NOTHING if value is None else along.shown(float(f"{value:.3g}"))

    return [
        other.shown(line.value),
        NOTHING if line.best is None else along.shown(line.best),
        str(VERDICTS[line.kind.value].word),
        NOTHING if line.best is None else format_number(line.loss),
        *map(border, (line.low, line.high, line.diverged)),
    ]
