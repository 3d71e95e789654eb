"""The user's actions on Explore; each makes a new setting of record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.parts import state
from pages.parts.controls.controls import accept, latest
from pages.parts.explore.live import LIVE
from pages.parts.explore.ready_made_links import Link
from pages.parts.explore.slider_groups import slider_groups
from pages.parts.state import Setting
from pages.parts.verdict.verdict import clicked
from schedules import POLICIES, Run
from schedules.core.params import Knots
from schedules.feedback import FEEDBACK
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.runs import usual_peak
from schedules.training.verdict.advice import Advice
from schedules.units import Units
from schedules.words import say

_OFFERED = "advice_offered"


def follow_sliders(setting: Setting) -> tuple[Setting, bool]:
    """Apply the user's last slider changes that are new; return the setting, and whether a slider is still being dragged."""
    moving = False
    change = latest(LIVE)
    if change is not None and state.is_new(LIVE, change.seq):
        value = accept(change, [each for group in slider_groups(setting).values() for each in group])
        if value is not None:
            setting, moving = state.with_value(setting, change.key, value), not change.final
            state.keep(setting, write=change.final)
    return setting, moving


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
    """Select a problem, with its default peak, steps, seeds and optimizer; the shape of the schedule stays."""
    setting = state.record()
    problem = PROBLEMS[slug]
    peak, steps, before = problem.default_peak, problem.default_steps, setting.run.schedule
    schedule = before.scaled(steps=steps / before.total_steps, rates=peak / before.peak_lr)
    schedule = schedule.replace(peak_lr=peak, total_steps=steps)
    optimizer = OPTIMIZERS[problem.default_optimizer]()
    run = setting.run.replace(problem=problem(), schedule=schedule, optimizer=optimizer, seeds=problem.default_seeds)
    state.keep(Setting(run, units=setting.units))


def pick_optimizer(slug: str) -> None:
    """Select an optimizer; the peak stays, unless only one of the two divides by the size of the gradients."""
    setting = state.record()
    run, optimizer = setting.run, OPTIMIZERS[slug]()
    schedule = run.schedule
    if optimizer.typical != run.optimizer.typical:
        schedule = schedule.replace(peak_lr=usual_peak(run.problem, optimizer))
    state.keep(replace(setting, run=run.replace(optimizer=optimizer, schedule=schedule)))


def use_units() -> None:
    """Make the run as long as its epochs, at most as long as its problem allows; from then on an epoch is known."""
    setting = state.record()
    units, problem = setting.units or Units(), setting.run.problem
    steps = min(units.total_steps, problem.max_steps)
    run = setting.run.replace(schedule=setting.run.schedule.replace(total_steps=steps))
    fits = steps / units.steps_per_epoch
    clipped = say(
        "explore.strip.clipped",
        problem=problem.text("title"),
        most=steps,
        fits=fits,
        epochs=units.epochs,
        steps=units.total_steps,
    )
    state.keep(replace(setting, run=run, units=units), notices=(clipped,) if steps < units.total_steps else ())


def leave_units() -> None:
    """Count in steps only: remove the units from the setting."""
    state.keep(replace(state.record(), units=None))


def open_link(link: Link) -> None:
    """Open the setting of a link."""
    state.keep(state.read(link.query())[0])


def pin() -> None:
    """Make the present schedule the ghost."""
    setting = state.record()
    state.keep(replace(setting, pinned=setting.run.schedule))


def unpin() -> None:
    """Return to the usual ghost."""
    state.keep(replace(state.record(), pinned=None))


def offer(setting: Setting, advice: Sequence[Advice]) -> None:
    """Keep the changed runs of the advice that is shown for a setting, for `apply_advice`."""
    st.session_state[_OFFERED] = setting.key, [each.run for each in advice]


def apply_advice(setting: Setting) -> bool:
    """If an Apply button was pressed, make its changed run the run of the record; return whether this happened.

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
    state.keep(replace(state.record(), run=run))
    return True
