"""Compare: up to six schedules and optimizers on one problem, at every peak."""

import streamlit as st

from pages.parts.compare import actions, results, state
from pages.parts.compare.layout import Containers, lay_out
from pages.parts.compare.sections import branches, numbers, peaks, predicted, race
from pages.parts.compare.slots import sidebar
from pages.parts.explore import jobs
from pages.parts.fragments import fragment


def live(containers: Containers) -> None:
    """Read the user's last actions once and draw what they change; the fragment that a move reruns."""
    laid_out = actions.layout_of(state.record())
    comparison, moving = actions.follow(state.record())
    if actions.layout_of(comparison) != laid_out:
        st.rerun()  # the menus change too
    sidebar.say_notices(containers)
    if comparison.problem.trains:
        for part in (peaks, race, branches, numbers):
            part.show(comparison, containers, moving=moving)
    else:
        predicted.show(comparison, containers)
    sidebar.send(comparison, containers)
    jobs.watch_for(results.job_key(comparison))


state.current()
actions.follow_verbs()
comparison = state.record()
containers = lay_out(comparison)
fragment(live)(containers)
