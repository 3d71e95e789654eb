"""The user's actions on Explore; each makes a new setting of record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from pages.parts import address, state
from pages.parts.controls.controls import accept_all, latest
from pages.parts.drive.drive import ended
from pages.parts.explore.live import LIVE
from pages.parts.explore.own_numbers import LINE, OWN_AXIS, PROBLEM_AXIS, PROBLEM_ONLY, TRAIN_LONGER
from pages.parts.explore.presets import PRESETS, SHAPE_MENU, SHAPES, Link
from pages.parts.explore.slider_groups import THESE_RATES, USE_OWN, USUAL_RATES, slider_groups
from pages.parts.state import Setting
from pages.parts.verbs import verbs
from pages.parts.verdict.verdict import clicked
from schedules import POLICIES, Run
from schedules.core.params import Knots
from schedules.feedback import FEEDBACK
from schedules.lessons import lessons
from schedules.training.cost import fitted
from schedules.training.driving import best_cosine, refusal
from schedules.training.exact import has_best
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.own_numbers import (
    adopt,
    changes_shape,
    exactly,
    for_problem,
    hidden_phase,
    keeping_peak,
    misfit,
    with_problem_peak,
    with_problem_steps,
    with_schedule_steps,
)
from schedules.training.predicted import calibrated, with_shape, with_usual_warmup
from schedules.training.problems import PROBLEMS
from schedules.training.runs import beside, usual_peak
from schedules.training.verdict.advice import Advice
from schedules.units import Units
from schedules.words import Sentence, say

_OFFERED = "advice_offered"


def follow_sliders(setting: Setting) -> tuple[Setting, bool]:
    """Apply the user's last change that is new, of a slider or by a button; return the setting, and whether a slider is still
    being dragged.
    """
    moving = False
    change = latest(LIVE)
    if change is not None and state.is_new(LIVE, change.seq):
        press = PRESSES.get(change.key)
        values = accept_all(change, [each for group in slider_groups(setting).values() for each in group])
        if press is not None:
            if values or (change.key in LINE and setting.own):
                notices = _notices(change.key, setting)
                setting = press(setting)
                state.keep(setting, notices=notices)
        elif values:
            for key, value in values.items():
                setting = state.with_value(setting, key, value)
            moving = not change.final
            state.keep(setting, write=change.final)
    return setting, moving


def _use_own(setting: Setting) -> Setting:
    """The same run where its rates are possible, so that the press changes nothing that is trained."""
    run = setting.run
    return replace(setting, run=run if misfit(run) is None else adopt(run), numbers="shown")


def _these_rates(setting: Setting) -> Setting:
    return replace(setting, run=exactly(setting.run), numbers="shown")


def _usual_rates(setting: Setting) -> Setting:
    return replace(setting, run=adopt(setting.run))


def _problem_only(setting: Setting) -> Setting:
    pinned = setting.pinned
    if isinstance(pinned, Run):
        pinned = for_problem(beside(setting.run, pinned)).schedule
    return replace(setting, run=for_problem(setting.run), pinned=pinned, numbers="")


def _train_longer(setting: Setting) -> Setting:
    hidden = hidden_phase(setting.run)
    longer = hidden and hidden.enough
    return replace(setting, run=with_problem_steps(setting.run, longer)) if longer else setting


def _own_axis(setting: Setting) -> Setting:
    return replace(setting, numbers="axis")


def _problem_axis(setting: Setting) -> Setting:
    return replace(setting, numbers="" if setting.run.own else "shown")


def _notices(key: str, setting: Setting) -> tuple[Sentence, ...]:
    """Notices of changes by a press of a button that its label does not name."""
    changed = key == PROBLEM_ONLY and changes_shape(setting.run)
    return (say("own.changed_shape", steps=setting.run.trained_steps),) if changed else ()


PRESSES: dict[str, Callable[[Setting], Setting]] = {
    USE_OWN: _use_own,
    THESE_RATES: _these_rates,
    USUAL_RATES: _usual_rates,
    PROBLEM_ONLY: _problem_only,
    TRAIN_LONGER: _train_longer,
    OWN_AXIS: _own_axis,
    PROBLEM_AXIS: _problem_axis,
}
"""The new setting after a press of each button."""


def pick_policy(slug: str) -> None:
    """Select a policy; peak, steps and warm-up stay, but a curve drawn by hand starts without a warm-up ramp."""
    setting = state.record()
    policy = POLICIES[slug]()
    schedule = setting.run.schedule.replace(policy=policy)
    if any(isinstance(param, Knots) for param in policy.params):
        schedule = schedule.replace(warmup=0.0)
    state.keep(replace(setting, run=setting.run.replace(schedule=schedule)))


def pick_feedback(slug: str) -> None:
    """Select a feedback rule; everything else stays."""
    setting = state.record()
    state.keep(replace(setting, run=setting.run.replace(feedback=FEEDBACK[slug]())))


def pick_problem(slug: str) -> None:
    """Select a problem, with its default peak, steps, seeds and optimizer; the shape of the schedule stays.

    A person's own numbers stay too: then only the scales change.
    """
    setting = state.record()
    problem = PROBLEMS[slug]
    optimizer = OPTIMIZERS[problem.default_optimizer]()
    run = setting.run.replace(problem=problem(), optimizer=optimizer, seeds=problem.default_seeds)
    if setting.own:
        run = adopt(run)
    else:
        peak, steps, before = problem.default_peak, problem.default_steps, run.schedule
        schedule = before.scaled(steps=steps / before.total_steps, rates=peak / before.peak_lr)
        run = run.replace(schedule=schedule.replace(peak_lr=peak, total_steps=steps))
    run = with_usual_warmup(calibrated(run))
    state.keep(Setting(run, units=setting.units, numbers=setting.numbers, real=setting.real))


def pick_shape(name: str) -> None:
    """Select one of `SHAPES`; length, peak, pin and what is predicted stay, and there is a warm-up."""
    setting = state.record()
    run = setting.run.replace(schedule=with_shape(setting.run.schedule, SHAPES[name]))
    state.keep(replace(setting, run=with_usual_warmup(run)))


def pick_optimizer(slug: str) -> None:
    """Select an optimizer; the peak stays, unless only one of the two divides by the size of the gradients."""
    setting = state.record()
    run, optimizer = setting.run, OPTIMIZERS[slug]()
    if optimizer.typical != run.optimizer.typical:
        peak = usual_peak(run.problem, optimizer)
        run = with_problem_peak(run, peak) if setting.own else run.replace(schedule=run.schedule.replace(peak_lr=peak))
    state.keep(replace(setting, run=run.replace(optimizer=optimizer)))


def use_units() -> None:
    """Make the schedule as long as its epochs; from then on an epoch is known. A schedule with more steps than the
    problem may train has own numbers.
    """
    setting = state.record()
    units = setting.units or Units()
    if setting.own:
        run = with_schedule_steps(setting.run, units.total_steps)
    else:
        run = setting.run.replace(schedule=setting.run.schedule.replace(total_steps=units.total_steps))
        run = adopt(run) if run.own else run
    state.keep(replace(setting, run=run, units=units))


def leave_units() -> None:
    """Count in steps only: remove the units from the setting."""
    state.keep(replace(state.record(), units=None))


def open_link(link: Link) -> None:
    """Open the setting of a link."""
    state.keep(state.read(link.query())[0])


def pin() -> None:
    """Make the present schedule the ghost."""
    setting = state.record()
    state.keep(replace(setting, pinned=state.pinned_with(setting.run.schedule, setting.run)))


def unpin() -> None:
    """Return to the usual ghost."""
    state.keep(replace(state.record(), pinned=None))


def switch_drive() -> None:
    """Begin to drive the run by hand, or go back to the sliders."""
    state.drive(not state.drives())


def leave_drive() -> None:
    """Go back to the sliders with the setting from before."""
    state.drive(False)


def end_drive() -> None:
    """Make the run as it was driven the setting, with cosine at its best peak as its ghost.

    The best possible schedule is shown too where it is known: the sentence beside the verdict speaks of both.
    """
    setting = state.record()
    driven = ended(fitted(setting.run)[0])
    if driven is not None:
        shown = "best" if has_best(driven) else setting.shown
        state.keep(replace(setting, run=driven, pinned=state.pinned_with(best_cosine(driven), driven), shown=shown))


def show(name: str) -> None:
    """Show this one of `SHOWN` on the charts too, in place of another one; hide it if it is shown."""
    setting = state.record()
    state.keep(replace(setting, shown="" if setting.shown == name else name))


def follow_verbs() -> None:
    """Do what the user's last press in the row of verbs asks for, if it is new."""
    if (press := verbs.new_press()) is None:
        return
    group, _, name = str(press.value).partition(".")
    match press.key:
        case "preset" if name in PRESETS.get(group, ()):
            open_link(PRESETS[group][name])
        case "preset" if group == SHAPE_MENU and name in SHAPES and not state.record().run.problem.trains:
            pick_shape(name)
        case "show" if press.value in state.SHOWN:
            show(str(press.value))
        case "lesson" if press.value in lessons():
            st.switch_page("pages/lessons.py", query_params=address.kept_query() | {"lesson": str(press.value)})
        case "drive" if refusal(fitted(state.record().run)[0]) is None:
            switch_drive()
        case "pin":
            unpin() if state.record().pinned else pin()
        case "undo":
            state.undo()
        case "projector":
            address.switch_projector()


def offer(setting: Setting, advice: Sequence[Advice]) -> None:
    """Keep the changed runs of the advice that is shown for a setting, for `apply_advice`."""
    st.session_state[_OFFERED] = setting.key, [each.run for each in advice]


def apply_advice(setting: Setting) -> bool:
    """If an Apply button was pressed, make its changed run the current one; return True if one was.

    A press that arrives after the setting has changed is ignored.

    Args:
        setting: the displayed setting, for which the advice must have been given.
    """
    click, (of, runs) = clicked(), st.session_state.get(_OFFERED, ("", []))
    if click is None or not click.of == of == setting.key or click.number >= len(runs):
        return False
    run: Run | None = runs[click.number]
    if run is None:
        return False
    setting = state.record()
    state.keep(replace(setting, run=keeping_peak(setting.run, run) if setting.own else run))
    return True
