"""What happened: the verdict in one sentence, checked advice, and the panel of charts."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from threading import Lock
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from pages.parts import address, networks, state, view
from pages.parts.notice import notice
from pages.parts.panel import Chart, Late, late, panel, stops
from pages.parts.places import Places
from pages.parts.state import Setting
from pages.parts.view import Later
from schedules import Run
from schedules.core.numbers import FloatArray
from schedules.feedback.none import Planned
from schedules.figures.theme import VERDICTS
from schedules.training.study import Study, study
from schedules.training.verdicts import Verdict
from schedules.words import say

_TURN = Lock()
"""One study at a time: the interpreter runs one thread at a time anyway, and changing between them only costs."""
MOST_NOTICES = 5


def fitted(setting: Setting, at: Places) -> Setting:
    """The setting, no longer and no wider than its problem can run here; says what was repaired or cut, under the verdict."""
    run, problem = setting.run, setting.run.problem
    said = list(state.notices()[:MOST_NOTICES])
    if run.schedule.total_steps > problem.max_steps:
        said.append(say("explore.clipped_steps", problem=problem.title, most=problem.max_steps, steps=run.schedule.total_steps))
        run = run.replace(schedule=run.schedule.replace(total_steps=problem.max_steps))
    if run.seeds > problem.max_seeds:
        said.append(say("explore.clipped_seeds", most=problem.max_seeds, seeds=run.seeds))
        run = run.replace(seeds=problem.max_seeds)
    if problem.net and run.feedback.acts:
        said.append(say("explore.no_feedback", rule=run.feedback.title, problem=problem.title))
        run = run.replace(feedback=Planned())
    at.notices.empty()  # written to on every run, or else Streamlit keeps no place for what a move brings
    if said:
        with at.notices:
            notice(*said)
    fits = replace(setting, run=run)
    _warn_of_a_slip(fits, at)
    return fits


def _warn_of_a_slip(setting: Setting, at: Places) -> None:
    """Says so where a plan counted in epochs looks used as steps, or the other way round."""
    schedule, epoch, slip = setting.run.schedule, setting.steps_per_epoch, view.slip_of(setting)
    if slip == "none" or not epoch:
        return
    planned = schedule.plan.updates * (schedule.update_every if slip == "epochs_as_steps" else 1)
    facts = {"planned": planned, "steps": schedule.total_steps, "epochs": schedule.total_steps / epoch, "epoch": epoch}
    with at.notices:
        notice(say(f"explore.slip.{slip}", **facts, changes=schedule.updates), look="warning")


class Seen(NamedTuple):
    """Whether there is more to come, because a network is still training; and the rates used under a feedback rule."""

    waits: bool
    used: FloatArray | None = None


def show(setting: Setting, at: Places, *, moving: bool) -> Seen:
    """Verdict, advice and charts.

    While a slider is moving the charts and the verdict are enough: what takes another run or a closer look waits for its end.
    """
    link = urlencode(setting.link())
    if setting.run.problem.net:
        return Seen(networks.show(setting, at, lambda found: _draw(Shown(found, setting), link, at)))
    shown = _glimpsed(link) if moving else studied(link)
    _draw(shown, link, at, moving=moving)
    _draw_late(setting.run, shown, link, at, moving=moving)
    return Seen(False, shown.drawn.used)


class Shown:
    """What is shown of a study: `drawn` at once; `later`, which takes more runs or a closer look, once it is asked for."""

    def __init__(self, found: Study, setting: Setting, theory: bool = True) -> None:
        self.drawn = view.drawn(found, setting, theory)
        self.later: Later | None = None
        self._found: Study | None = found
        self._name = view.ghost_name(setting)

    def complete(self) -> Later:
        """What comes later; the study is forgotten then."""
        with _TURN:
            if self.later is None and self._found is not None:
                self.later = view.later(self._found, self._name)
                self._found = None
        assert self.later is not None
        return self.later


@st.cache_resource(max_entries=128, show_spinner=False)
def studied(link: str) -> Shown:
    """What is shown of a setting; a person who opens the same link gets the same object."""
    return _shown(link)


@st.cache_resource(max_entries=64, show_spinner=False)
def plainly(link: str) -> Shown:
    """What is shown of a setting without the theory beside it: a lesson brings up one thing at a time."""
    return _shown(link, theory=False)


@st.cache_resource(max_entries=8, show_spinner=False)
def _glimpsed(link: str) -> Shown:
    """What is shown of a setting that is on its way to another."""
    return _shown(link)


def _shown(link: str, theory: bool = True) -> Shown:
    setting, _ = state.read(dict(parse_qsl(link)))
    with _TURN:
        return Shown(study(setting.run, view.ghost_of(setting), advice=False), setting, theory)


def _draw(shown: Shown, link: str, at: Places, *, moving: bool = False) -> tuple[Chart, ...]:
    """Draws the charts, and returns them; they are sent before what comes later is worked out."""
    verdict, charts, replay, *_ = shown.drawn
    at.verdict.html(told(verdict))
    with at.panel:
        panel(*charts, replay=replay, of=link, large=address.projector(), key="panel")
    advice, found = ((), {}) if moving else shown.complete()
    text = _whole_numbers(html.escape(" ".join(str(sentence) for sentence in advice)))
    because = f"<small>{_whole_numbers(html.escape(str(verdict.because)))}</small>"
    at.verdict.html(f'<p class="anneal-advice" role="status" style="--verdict: {_color(verdict)}">{text} {because}</p>')
    with at.panel:
        stops(found, of=link)
    return charts


def _draw_late(run: Run, shown: Shown, link: str, at: Places, *, moving: bool) -> None:
    """The best possible schedule joins the charts once it is found; a move ends the search."""
    more: tuple[Late, ...] = ()
    if shown.drawn.awaits and not moving:
        spot = at.verdict.empty()

        def look_up() -> bool:
            spot.empty()  # where something is written, Streamlit sees whether the hand has moved on
            return False

        more = view.best_possible(run, look_up)
    with at.panel:
        late(*more, of=link)


def told(verdict: Verdict) -> str:
    """The verdict as HTML, with its mark and in its color."""
    said, glyph = _whole_numbers(html.escape(str(verdict.sentence))), VERDICTS[verdict.kind.value].glyph
    return f'<p class="anneal-verdict" role="status" style="--verdict: {_color(verdict)}">{glyph} {said}</p>'


def _whole_numbers(text: str) -> str:
    """HTML in which no line ends inside a number: browsers take the sign of an exponent for a hyphen."""
    return re.sub(r"\d[\d.,]*e-\d+", r'<span class="anneal-number">\g<0></span>', text)


def _color(verdict: Verdict) -> str:
    return f"var(--a-{VERDICTS[verdict.kind.value].color.removeprefix('@')})"  # follows light and dark by itself
