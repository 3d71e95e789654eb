"""Explore: choose a policy, move its sliders, and see the rate, the training run and the verdict on it."""

import streamlit as st

from pages.parts import state
from pages.parts.explore import (
    actions,
    drive_mode,
    epochs,
    export,
    formula,
    jobs,
    language_model,
    networks,
    rate_finder,
    result,
)
from pages.parts.explore.layout import Containers, lay_out
from pages.parts.fragments import fragment


def live(containers: Containers) -> None:
    """Read the sliders once and draw what depends on them; the fragment that a slider move reruns."""
    setting, moving = actions.follow_sliders(state.record())
    setting = result.clamped_to_problem(setting, containers)
    if actions.apply_advice(setting):
        st.rerun()  # the menus change too
    if not moving and not (formula.mounted(setting) and language_model.shown(setting.run.problem)):
        st.rerun()
    used = result.show(setting, containers, moving=moving)
    if containers.wanted is not None:
        with containers.wanted:
            language_model.show_peak(setting, moving=moving)
    rate_finder.show(setting, containers, moving=moving)
    export.show(setting, containers, used, moving=moving)
    epochs.show(setting, containers)
    jobs.watch(setting, networks.draw(setting) if setting.run.problem.as_job else None)


state.current()
actions.follow_verbs()
setting = state.record()
if state.drives():
    drive_mode.show(setting)
else:
    containers = lay_out(setting)
    fragment(live)(containers)
