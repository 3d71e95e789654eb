"""What happened: the verdict in one sentence, checked advice, and the panel of charts."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode
from weakref import ref

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address, state
from pages.parts.explore import charts, networks
from pages.parts.explore.charts import Drawn, Later
from pages.parts.explore.layout import Places
from pages.parts.notice import notice
from pages.parts.panel.panel import Chart, Late, late, panel, stops
from pages.parts.state import Setting
from schedules import Run
from schedules.core.numbers import FloatArray
from schedules.core.pace import answering
from schedules.figures.theme import VERDICTS
from schedules.training import cost
from schedules.training.engine import simulate
from schedules.training.jobs import Status, stopping
from schedules.training.study import Study, Train, advice_work, study
from schedules.training.verdict.advice import Advice
from schedules.training.verdict.judge import Verdict
from schedules.words import say

LIGHT = 8.0
"""What costs no more than so many studies of the first screen never waits for what costs more."""
_LIGHT, _HEAVY = Lock(), Lock()
"""One light study at a time, and one heavy one: more threads at work only take the interpreter from each other."""
PATIENCE = 0.5
"""Seconds of waiting for either after which the page says so."""
_RECENT: deque[Study] = deque(maxlen=4)
"""The studies whose advice may still be asked for; others are made again for it, because they hold every step of every run."""


def fitted(setting: Setting, at: Places) -> Setting:
    """The setting, no longer and with no more seeds than can run here; says what was repaired or cut, under the verdict."""
    run, pinned, cut = cost.fitted(setting.run, setting.pinned)
    said = [*cut, *state.notices()]
    at.notices.empty()  # written to on every run, or else Streamlit keeps no place for what a move brings
    if said:
        with at.notices:
            notice(*said)
    fits = replace(setting, run=run, pinned=pinned)
    _warn_of_a_slip(fits, at)
    return fits


def _warn_of_a_slip(setting: Setting, at: Places) -> None:
    """Says so where a plan counted in epochs looks used as steps, or the other way round."""
    schedule, epoch, slip = setting.run.schedule, setting.steps_per_epoch, charts.slip_of(setting)
    if slip == "none" or not epoch:
        return
    planned = schedule.plan.updates * (schedule.update_every if slip == "epochs_as_steps" else 1)
    facts = {"planned": planned, "steps": schedule.total_steps, "epochs": schedule.total_steps / epoch, "epoch": epoch}
    with at.notices:
        notice(say(f"explore.slip.{slip}", **facts, changes=schedule.updates), look="warning")


class Seen(NamedTuple):
    """Whether there is more to come, because a job is not done; and the rates used under a feedback rule."""

    waits: bool
    used: FloatArray | None = None


def show(setting: Setting, at: Places, *, moving: bool) -> Seen:
    """Verdict, advice and charts.

    While a slider is moving the charts and the verdict are enough: what takes another run or a closer look waits for its end.
    """
    link = urlencode(setting.link())
    if setting.run.problem.net:
        return Seen(networks.show(setting, at, lambda found: _draw(Shown(setting, found=found), link, at)))
    shown = _glimpsed(link) if moving else studied(link)
    with _patience(at) as busy:
        shown.draw(busy)
    later = None if moving or not shown.dear or shown.later else networks.ask(setting, "later", shown.job)
    _draw(shown, link, at, moving=moving, later=later)
    _draw_late(setting.run, shown, link, at, moving=moving)
    return Seen(later is not None and not later.result, shown.drawn.used)


@contextmanager
def turn(work: float, busy: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of work that costs so much; `busy` is called once where that takes long. Heavy work gives way to pages."""
    light = work <= LIGHT
    lock = _LIGHT if light else _HEAVY
    with answering(light):
        if not lock.acquire(timeout=PATIENCE):
            busy()
            lock.acquire()
        try:
            yield
        finally:
            lock.release()


@contextmanager
def _patience(at: Places) -> Iterator[Callable[[], None]]:
    """What tells the page that the server is busy; what it says is gone at the end."""
    said: list[DeltaGenerator] = []

    def busy() -> None:
        said.append(at.verdict.empty())
        said[0].caption(str(say("explore.busy")))

    yield busy
    for spot in said:
        spot.empty()


class Shown:
    """What is shown of a setting: `draw` at once; `complete`, which takes more runs or a closer look, once it is asked for.

    Args:
        setting: what is shown.
        theory: whether what is known without a run is drawn beside it.
        found: the study, where there is one already: that of a network.
        kept: whether the study is kept until it is completed.
    """

    def __init__(self, setting: Setting, theory: bool = True, found: Study | None = None, kept: bool = True) -> None:
        self._setting, self._theory, self._kept = setting, theory, kept
        self._given = found
        self._made: Callable[[], Study | None] = lambda: found
        self._drawn: Drawn | None = None
        self.later: Later | None = None
        self._later_work = 0.0

    @property
    def drawn(self) -> Drawn:
        """What is drawn at once."""
        return self.draw()

    @property
    def dear(self) -> bool:
        """Whether to complete this costs so much that it is a job; known once it is drawn."""
        return self._later_work > cost.AT_ONCE

    def draw(self, busy: Callable[[], None] = lambda: None) -> Drawn:
        """What is drawn at once; `busy` is called where others are at work for long."""
        if self._drawn is None:
            with turn(0 if self._given else cost.cost(self._setting.run, charts.ghost_of(self._setting)).work, busy):
                if self._drawn is None:
                    found = self._study()
                    advice = 0 if found.trace.run.problem.net else advice_work(found)  # a network's is part of its study
                    self._later_work = cost.stops_work(found.trace.run) + advice
                    self._drawn = charts.drawn(found, self._setting, self._theory)
        return self._drawn

    def complete(self) -> Later:
        """What comes later, worked out now."""
        if self.later is None:
            with turn(self._later_work, lambda: None):
                self.later = self.later or self._work_later()
        return self.later

    def job(self, _: Callable[[float], None], stop: Callable[[], bool]) -> Later:
        """The same as the work of a job."""
        self.later = self.later or self._work_later(stopping(simulate, stop))
        return self.later

    def _work_later(self, train: Train = simulate) -> Later:
        return charts.later(self._study(), charts.ghost_name(self._setting), train)

    def _study(self) -> Study:
        found = self._made()
        if found is None:
            found = study(self._setting.run, charts.ghost_of(self._setting), advice=False)
            if self._kept:
                _RECENT.append(found)
                self._made = ref(found)
        return found


@st.cache_resource(max_entries=128, show_spinner=False)
def studied(link: str) -> Shown:
    """What is shown of a setting; a person who opens the same link gets the same object."""
    return Shown(_setting(link))


@st.cache_resource(max_entries=64, show_spinner=False)
def plainly(link: str) -> Shown:
    """What is shown of a setting without the theory beside it: a lesson brings up one thing at a time."""
    return Shown(_setting(link), theory=False)


@st.cache_resource(max_entries=8, show_spinner=False)
def _glimpsed(link: str) -> Shown:
    """What is shown of a setting that is on its way to another."""
    return Shown(_setting(link), kept=False)


def _setting(link: str) -> Setting:
    return state.read(dict(parse_qsl(link)))[0]


def _draw(
    shown: Shown, link: str, at: Places, *, moving: bool = False, later: Status[Later] | None = None
) -> tuple[Chart, ...]:
    """Draws the charts, and returns them; they are sent before what comes later is worked out, here or as a job."""
    verdict, charts, replay, *_ = shown.drawn
    at.verdict.html(told(verdict))
    with at.panel:
        panel(*charts, replay=replay, of=link, large=address.projector(), key="panel")
    advice: tuple[Advice, ...] = ()
    found: dict[str, Any] = {}
    if later and later.error:
        raise later.error
    if later and not later.result:
        advice = (Advice(networks.waiting(later, "explore.checking"), None),)
    elif not moving:
        advice, found = shown.complete()
    text = _whole_numbers(html.escape(" ".join(str(each.sentence) for each in advice)))
    why = f"<small>{_whole_numbers(html.escape(' '.join(map(str, verdict.why))))}</small>"
    at.verdict.html(f'<p class="anneal-advice" role="status" style="--verdict: {_color(verdict)}">{text} {why}</p>')
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

        with answering(False):
            more = charts.best_possible(run, look_up)
    with at.panel:
        late(*more, of=link)


def told(verdict: Verdict) -> str:
    """The verdict as HTML, with its mark and in its color."""
    said, glyph = _whole_numbers(html.escape(str(verdict.line))), VERDICTS[verdict.kind.value].glyph
    return f'<p class="anneal-verdict" role="status" style="--verdict: {_color(verdict)}">{glyph} {said}</p>'


def _whole_numbers(text: str) -> str:
    """HTML in which no line ends inside a number or before its "%": browsers take the sign of an exponent for a hyphen."""
    return re.sub(r"\d[\d.,]*(?:e-\d+(?: %)?| %)", r'<span class="anneal-number">\g<0></span>', text)


def _color(verdict: Verdict) -> str:
    return f"var(--a-{VERDICTS[verdict.kind.value].color.removeprefix('@')})"  # follows light and dark by itself
