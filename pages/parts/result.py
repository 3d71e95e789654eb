"""What happened: the verdict in one sentence, checked advice, and the panel of charts."""

from __future__ import annotations

import html
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from pages.parts import networks, state, view
from pages.parts.panel import Chart, panel
from pages.parts.state import Setting
from schedules.figures.theme import PALETTES, VERDICTS
from schedules.training.study import Study, study
from schedules.words import say

MOST_SEEDS = 128
MOST_NOTICES = 5
STYLE = Path(__file__).parent / "page.css"


def style() -> None:
    """The page's own style."""
    st.html(STYLE)


def fitted(setting: Setting) -> Setting:
    """The setting, no longer and no wider than its problem can run here; says so where it had to be cut."""
    run, problem = setting.run, setting.run.problem
    if run.schedule.total_steps > problem.max_steps:
        st.info(
            str(say("explore.clipped_steps", problem=problem.title, most=problem.max_steps, steps=run.schedule.total_steps))
        )
        run = run.replace(schedule=run.schedule.replace(total_steps=problem.max_steps))
    if run.seeds > MOST_SEEDS:
        st.info(str(say("explore.clipped_seeds", most=MOST_SEEDS, seeds=run.seeds)))
        run = run.replace(seeds=MOST_SEEDS)
    return Setting(run, setting.pinned)


def show(setting: Setting) -> None:
    """Notices about the link, then verdict, advice and charts."""
    st.html(f'<h1 class="anneal-title"><b>{say("explore.title")}</b> {say("explore.what")}</h1>')
    for notice in state.notices()[:MOST_NOTICES]:
        st.info(str(notice))
    if setting.run.problem.net:
        networks.show(setting, lambda found: _draw(found, view.charts(found, view.ghost_name(setting))))
    else:
        _draw(*_studied(urlencode(setting.link())))


@st.cache_resource(max_entries=128, show_spinner=False)
def _studied(link: str) -> tuple[Study, tuple[Chart, ...]]:
    """The study of a setting and its charts; a person who opens the same link gets the same objects, which nobody changes."""
    setting, _ = state.read(dict(parse_qsl(link)))
    found = study(setting.run, view.ghost_of(setting))
    return found, view.charts(found, view.ghost_name(setting))


def _draw(found: Study, charts: tuple[Chart, ...]) -> None:
    _verdict(found)
    panel(*charts, key="panel")


def _verdict(found: Study) -> None:
    kind = VERDICTS[found.verdict.kind.value]
    color = PALETTES[st.context.theme.type or "light"][kind.color.removeprefix("@")]
    advice = " ".join(str(sentence) for sentence in found.advice)
    st.html(
        f'<p class="anneal-verdict" role="status" style="--verdict: {color}">'
        f"<b>{kind.glyph} {html.escape(str(found.verdict.sentence))}</b> {html.escape(advice)}</p>"
    )
