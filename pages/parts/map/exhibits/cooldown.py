"""The tab "cooldown" of the page Map: final loss over cool-down and peak, on the bowl and in runs of a language model."""

from __future__ import annotations

from html import escape

import streamlit as st

from pages.parts import address
from pages.parts.map.exhibits.worlds import paragraph, sources
from pages.parts.panel import panel as charts
from pages.parts.panel.panel import Chart, panel
from pages.parts.tables import html_table
from schedules.core.numbers import format_number
from schedules.figures.cooldown_by_peak import cooldown_by_peak_figure
from schedules.figures.theme import Figure
from schedules.theory import language_runs
from schedules.theory.cooldown_by_peak import RELATIVE_PEAKS, SHARES, Cells, bowl_cells, bowl_unit, language_cells
from schedules.theory.peak_ratio import BOWL_STEPS
from schedules.words import Sentence, say


def show() -> None:
    """Show the tab."""
    bowl, language = bowl_cells(), language_cells()
    bowl_texts = [[format_number(cell) for cell in row] for row in (bowl.loss / bowl.loss.min()).tolist()]
    language_texts = [[f"{cell:.3f}" for cell in row] for row in language.loss.tolist()]
    with st.container(key="cooldown_reading", gap=None):
        tie = language.tied_shares(language.best_peak)
        longest = bowl.tied_shares(bowl.best_peak)
        paragraph(say("map.cooldown.reading"))
        paragraph(say("map.cooldown.none"), "anneal-more")
        paragraph(say("map.cooldown.tie", low=min(tie), high=max(tie), bowl=longest[0]), "anneal-more")
    captions = say("map.cooldown.bowl_caption"), say("map.cooldown.language_caption", repeats=language_runs.REPEATED)
    with charts.container("cooldown_charts"):
        panel(
            Chart("bowl", _figure(bowl, bowl_texts, say("map.cooldown.bowl"), captions[0])),
            Chart("language", _figure(language, language_texts, say("map.cooldown.language"), captions[1])),
            large=address.projector(),
            key="cooldown_charts",
        )
    with st.expander(str(say("map.cooldown.numbers")), key="cooldown_numbers"):
        for name, texts, unit in (("bowl", bowl_texts, bowl_unit()), ("language", language_texts, language_runs.UNIT)):
            st.container(key=f"cooldown_{name}_table").html(_table(say(f"map.cooldown.{name}"), texts, unit))
    with st.expander(str(say("map.cooldown.more")), key="cooldown_more"):
        lines = (
            say("map.cooldown.about_bowl", steps=BOWL_STEPS, peak=bowl_unit()),
            say("map.cooldown.about_language", steps=language_runs.STEPS, peak=language_runs.UNIT),
            say("map.cooldown.about_peaks"),
        )
        st.markdown("\n".join(f"- {line}" for line in lines))
        sources(*language_runs.SOURCES)


def _figure(cells: Cells, texts: list[list[str]], title: Sentence, caption: Sentence) -> Figure:
    alt = say("figure.alt.cooldown_by_peak", title=title, peaks=len(RELATIVE_PEAKS), shares=len(SHARES))
    return cooldown_by_peak_figure(
        str(title),
        str(alt),
        shades=cells.shades,
        texts=texts,
        ties=cells.ties,
        peaks=RELATIVE_PEAKS,
        shares=SHARES,
        caption=str(caption),
    )


def _table(title: Sentence, texts: list[list[str]], unit: float) -> str:
    """The cells of a grid as a table, the largest peak first as in the picture."""
    rows = [
        (escape(str(say("map.cooldown.peak_row", relative=peak, peak=peak * unit))), *row)
        for peak, row in zip(RELATIVE_PEAKS, texts, strict=True)
    ]
    return f"<p>{escape(str(title))}</p>" + html_table(
        (say("map.cooldown.peak"), *(f"{share} %" for share in SHARES)), rows[::-1]
    )
