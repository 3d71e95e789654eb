"""The user's actions on Explore; each makes a new setting of record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.parts import state
from pages.parts.controls.controls import Field, accept, field, latest
from pages.parts.explore.preset_links import Link
from pages.parts.state import Setting
from pages.parts.verdict.verdict import clicked
from schedules import POLICIES, Run, Schedule
from schedules.core.params import Knots, Nested, Number, Param, Spans
from schedules.core.spec import Spec
from schedules.feedback import FEEDBACK
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.runs import usual_peak
from schedules.training.verdict.advice import Advice
from schedules.units import Units
from schedules.words import say

_OFFERED = "advice_offered"
SLIDERS = "sliders"
"""The key of the element that brings the fields of all sliders."""
GROUPS = ("schedule", "feedback", "problem", "optimizer", "more", "units")


def fields(setting: Setting) -> dict[str, list[Field]]:
    """The slider fields of a setting by group: policy and schedule, feedback, problem, optimizer, "More", units."""
    run = setting.run
    groups: dict[str, list[Field]] = {group: [] for group in GROUPS}
    usual = {
        "peak_lr": usual_peak(run.problem, run.optimizer),
        "total_steps": run.problem.default_steps,
        "warmup": Run().schedule.warmup,
    }  # values that a double click restores

    def add(spec: Spec, group: str, prefix: str = "", steps: int | None = None) -> None:
        for param in spec.params:
            value = getattr(spec, param.name)
            if not isinstance(param, Nested) and not (param.hidden and value == param.default):
                length = run.schedule.updates if param.name == "horizon" else steps
                every = _held(param, run.schedule)
                epoch = _epoch(param, setting.steps_per_epoch, every)
                if param.name in usual and spec is run.schedule:
                    param = replace(param, default=usual[param.name])  # noqa: PLW2901
                idle = param.matters is not None and not param.matters(spec)
                key = prefix + param.name
                made = field(param, value, key=key, steps=length, steps_per_epoch=epoch, every=every, idle=idle)
                groups["more" if param.more else group].append(made)

    add(run.schedule.policy, "schedule", "policy.", steps=run.schedule.plan.policy)
    add(run.schedule, "schedule", steps=run.schedule.plan.updates)
    groups["schedule"] = [_no_longer(f, run.problem.max_steps) if f.key == "total_steps" else f for f in groups["schedule"]]
    add(run.feedback, "feedback", "feedback.")
    add(run.problem, "problem", "problem.")
    add(run.optimizer, "optimizer", "optimizer.")
    add(run, "more")
    add(setting.units or Units(), "units", "units.")
    return groups


def follow_sliders(setting: Setting) -> tuple[Setting, bool]:
    """Apply the user's last slider changes that are new; return the setting, and whether a slider is still being dragged."""
    moving = False
    change = latest(SLIDERS)
    if change is not None and state.is_new(SLIDERS, change.seq):
        value = accept(change, [each for group in fields(setting).values() for each in group])
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
    schedule = setting.run.schedule.replace(peak_lr=problem.default_peak, total_steps=problem.default_steps)
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
    said = {"problem": problem.text("title"), "most": steps, "fits": steps / units.steps_per_epoch}
    clipped = say("explore.strip.clipped", **said, epochs=units.epochs, steps=units.total_steps)
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


def _held(param: Param, schedule: Schedule) -> int:
    """Steps per unit of a length: lengths are counted in updates, unless their declared unit is steps."""
    return 1 if isinstance(param, Number) and param.unit == "steps" else schedule.update_every


def _epoch(param: Param, epoch: int | None, every: int) -> int | None:
    """An epoch in the unit of a length, so that the length can be typed in epochs; None if an epoch is no whole number of
    units.
    """
    length = isinstance(param, Spans) or (
        isinstance(param, Number) and (param.kind == "span" or param.unit in ("steps", "updates"))
    )
    return epoch // every if epoch and length and epoch % every == 0 else None


def _no_longer(steps: Field, most: int) -> Field:
    """The slider of the run's length, with the problem's maximum as its upper end."""
    return replace(steps, param=replace(steps.param, high=most))  # type: ignore[call-arg]
