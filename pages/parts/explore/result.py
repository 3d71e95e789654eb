"""The result on Explore as it is sent: verdict, charts and sliders together, then advice and the best possible schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import charts, state
from pages.parts.drive import drive
from pages.parts.explore import actions, jobs, live, networks, sidebar
from pages.parts.explore.layout import Containers
from pages.parts.ghost import unit_mix_up_of
from pages.parts.notice import notice
from pages.parts.panel.panel import Late, late, missing_surfaces, stops, wants_stops
from pages.parts.state import Setting
from pages.parts.studies import ShownStudy, cached_study
from pages.parts.verdict.verdict import show_advice
from schedules.core.numbers import FloatArray
from schedules.core.pace import answering
from schedules.training import cost
from schedules.training.driving import levels_of
from schedules.training.exact import has_best
from schedules.training.verdict.advice import Advice
from schedules.training.verdict.judge import Verdict
from schedules.words import Sentence, say

_NOTICED = "notices_container"


class Found(NamedTuple):
    """The study to show, and a note while its advice is computed; or the training of a network that is not finished."""

    shown: ShownStudy | None
    note: Sentence | None = None
    training: networks.Training | None = None


def clamped_to_problem(setting: Setting, containers: Containers) -> Setting:
    """Return the setting with steps and seeds cut to what its problem allows; show notices of repairs and cuts."""
    run, pinned, cut = cost.fitted(setting.run, setting.pin)
    notices = [*state.notices(), *cut]
    if st.session_state.get(_NOTICED) is not containers:
        containers.notices.empty()  # written to once, or else Streamlit keeps no container for what a move brings
        st.session_state[_NOTICED] = containers
    if notices:
        with containers.notices:
            notice(*notices)
    clamped = replace(setting, run=run, pinned=pinned)
    _warn_of_unit_mixup(clamped, containers)
    return clamped


def _warn_of_unit_mixup(setting: Setting, containers: Containers) -> None:
    """Warn if the plan appears to be counted in another unit than that in which the schedule advances."""
    schedule, epoch, mix_up = setting.run.schedule, setting.steps_per_epoch, unit_mix_up_of(setting)
    if mix_up == "none" or not epoch:
        return
    planned = schedule.plan.updates * (1 if mix_up == "steps_as_epochs" else schedule.update_every)
    numbers = {"planned": planned, "steps": schedule.total_steps, "epochs": schedule.total_steps / epoch, "epoch": epoch}
    if setting.units:
        numbers |= {"devices": setting.units.devices, "batches": setting.units.accumulation}
    with containers.notices:
        notice(say(f"explore.unit_mix_up.{mix_up}", **numbers, changes=schedule.updates), kind="warning")


def show(setting: Setting, containers: Containers, *, moving: bool) -> FloatArray | None:
    """Study, verdict, charts and advice of a setting; returns the rates that a feedback rule used, or None.

    One element brings verdict, charts and sliders. Advice and further runs follow it, but not while a slider is moving.
    """
    shown, note, training = (
        _trained(setting, containers) if setting.run.problem.as_job else _simulated(setting, containers, moving)
    )
    fields = sidebar.open_fields(setting, containers)
    if shown is None:
        drawn_so_far = networks.charts_so_far(setting, training) if training else ()
        live.send(drawn_so_far, None, fields, setting, of=setting.key)
        return None
    drawn = shown.draw()
    missing_surfaces(drawn.charts, containers.surfaces)
    live.send(drawn.charts, drawn, fields, setting, of=setting.key)
    if setting.run.problem.as_job:
        networks.remember(setting, drawn.charts)
    if not moving:
        driven = levels_of(setting.run) is not None
        if driven and has_best(setting.run):  # the sentence beside the verdict compares with it
            _find_best(setting)
        compared = drive.result(setting.run, drawn.verdict) if driven else ()
        _send_advice((*compared, *(shown.advice.now() if note is None else ())), note, drawn.verdict, setting)
        _send_stops(shown, setting)
        if drawn.awaits:
            late(*_find_best(setting), of=setting.key)
    return drawn.used


def _trained(setting: Setting, containers: Containers) -> Found:
    """The study of a network, from its job."""
    containers.verdict.empty()  # keeps the container for the progress of later runs
    training = networks.training(setting)
    networks.say_progress(training, setting, containers.verdict)
    if training.study is None:
        return Found(None, training=training)
    return Found(ShownStudy(setting, found=training.study), say("explore.checking") if training.waits else None)


def _simulated(setting: Setting, containers: Containers, moving: bool) -> Found:
    """The study of an analytic problem, computed here; its advice is a job where it is expensive."""
    shown = ShownStudy(setting, kept=False) if moving else cached_study(setting)  # a drag evicts no setting at rest
    with _busy_notice(containers) as busy:
        shown.draw(busy)
    if moving or not shown.advice.as_job:
        return Found(shown)
    status = jobs.ask(setting, "advice", shown.advice.job)
    if status.error:
        raise status.error
    return Found(shown, None if status.result is not None else jobs.waiting(status, "explore.checking"))


@contextmanager
def _busy_notice(containers: Containers) -> Iterator[Callable[[], None]]:
    """Yield a function that shows that the server is busy; the message is removed at the end."""
    shown: list[DeltaGenerator] = []

    def busy() -> None:
        shown.append(containers.notices.empty())
        shown[0].caption(str(say("explore.busy")))

    yield busy
    for spot in shown:
        spot.empty()


def _send_advice(advice: Sequence[Advice], note: Sentence | None, verdict: Verdict, setting: Setting) -> None:
    """The advice, or the note in its stead."""
    actions.offer(setting, advice)
    show_advice(verdict, advice, of=setting.key, note=note)


def _send_stops(shown: ShownStudy, setting: Setting) -> None:
    """Send the verdicts at the stops of the replay, if it is used, and if no job still computes them."""
    if wants_stops(live.LIVE):
        state.use_replay()
    if not state.replays():
        return
    found: dict[str, Any] | None
    if shown.stops.as_job:
        status = jobs.ask(setting, "stops", shown.stops.job)
        if status.error:
            raise status.error
        found = status.result
    else:
        found = shown.stops.now()
    if found is not None:
        stops(found, of=setting.key)


def _find_best(setting: Setting) -> tuple[Late, ...]:
    """Search for the best possible schedule, and return what it adds to the charts; a move of a slider ends the search."""
    spot = st.empty()

    def stop() -> bool:
        spot.empty()  # at each write Streamlit ends this run if a slider has moved
        return False

    with answering(False):
        return charts.best_possible(setting.run, stop)
