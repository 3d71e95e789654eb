"""What a map says in words, and its cells as a table and as a file."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.parts.language import in_language
from pages.parts.tables import markdown_table
from schedules.core.numbers import format_number
from schedules.figures.verdict_colors import VERDICTS
from schedules.maps.maps import MapResult
from schedules.maps.tables import best_cells, map_csv
from schedules.words import say


def sentences(found: MapResult | None) -> None:
    """Show the sentences about the borders of a map, once it is whole."""
    said: list[str] = []
    st.markdown(" ".join(map(str, said)) or "\u200b")


def show(found: MapResult | None) -> None:
    """Show the fold with the table and the file; while it is closed, it is not computed."""
    fold = st.expander(str(say("map.table")), key="map_fold", on_change="rerun")
    if not fold.open or found is None:
        return
    x, y = found.map.x, found.map.y
    with fold:
        st.markdown(f"**{say('map.best_cells')}**")
        names = [str(x.label), str(y.label), str(say("map.column.verdict")), str(say("map.column.loss"))]
        st.markdown(markdown_table(names, _best(found), words=(2,)))
        st.download_button(
            str(say("map.csv")),
            partial(in_language(map_csv), found),
            file_name=str(say("map.csv_file", x=x.key, y=y.key)),
            mime="text/csv",
            on_click="ignore",
        )


def _best(found: MapResult) -> list[list[str]]:
    """The lines of the table of the cells with the lowest loss."""
    rows, columns = found.map.rows, found.map.columns
    return [
        [
            found.map.x.shown(columns[column]),
            found.map.y.shown(rows[row]),
            str(VERDICTS[found.kind(row, column).value].word),
            format_number(float(found.loss[row, column])),
        ]
        for row, column in best_cells(found)
    ]
