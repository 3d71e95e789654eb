"""What a map says in words, and its cells as a table and as a file."""

from __future__ import annotations

import csv
import io
from functools import partial

import numpy as np
import streamlit as st

from pages.parts.language import in_language
from pages.parts.tables import markdown_table
from schedules.core.numbers import format_number
from schedules.figures.verdict_colors import VERDICTS
from schedules.maps.maps import MapResult
from schedules.words import say

BEST = 5
"""Cells with the lowest loss in the table."""


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
        st.markdown(f"**{say('map.best')}**")
        names = [str(x.label), str(y.label), str(say("map.column.verdict")), str(say("map.column.loss"))]
        st.markdown(markdown_table(names, _best(found), words=(2,)))
        st.download_button(
            str(say("map.csv")),
            partial(in_language(cells_csv), found),
            file_name=str(say("map.csv_file", x=x.key, y=y.key)),
            mime="text/csv",
            on_click="ignore",
        )


def _best(found: MapResult) -> list[list[str]]:
    """The cells with the lowest loss, without those that diverged or are not computed."""
    loss = np.where(found.trained, found.loss, np.inf)
    order = [divmod(int(i), loss.shape[1]) for i in np.argsort(loss, axis=None)[:BEST]]
    rows, columns = found.map.rows, found.map.columns
    return [
        [
            found.map.x.shown(columns[j]),
            found.map.y.shown(rows[i]),
            str(VERDICTS[found.kind(i, j).value].word),
            format_number(float(loss[i, j])),
        ]
        for i, j in order
        if np.isfinite(loss[i, j])
    ]


def cells_csv(found: MapResult) -> str:
    """All computed cells as CSV: both values, verdict and final loss, which is empty where the run diverged."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    write.writerow([found.map.x.key, found.map.y.key, "verdict", "loss"])
    for i, row in enumerate(found.map.rows):
        for j, column in enumerate(found.map.columns):
            if found.trained[i, j]:
                end = float(found.loss[i, j])
                write.writerow([column, row, found.kind(i, j).value, f"{end:.6g}" if np.isfinite(end) else ""])
    return out.getvalue()
