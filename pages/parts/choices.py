"""The choices beside the charts: policy, its sliders, the problem, and the rest under "More"."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.parts import moves
from pages.parts.controls import controls
from pages.parts.state import Setting
from schedules import POLICIES
from schedules.policies import Policy
from schedules.training.problems import PROBLEMS, Problem
from schedules.words import say


def show(setting: Setting) -> None:
    """Everything that can be chosen for this setting."""
    run, fields = setting.run, moves.fields(setting)
    _menu("policy", POLICIES, run.schedule.policy, moves.pick_policy)
    controls(fields["schedule"], key="schedule")
    _menu("problem", PROBLEMS, run.problem, moves.pick_problem)
    if fields["problem"]:
        controls(fields["problem"], key="problem")
    more = st.expander(str(say("explore.more")), key="open_more", on_change="rerun")
    if more.open:  # what is closed is not sent with every move
        with more:
            controls(fields["more"], key="more")


def _menu(
    name: str,
    registry: Mapping[str, type[Policy]] | Mapping[str, type[Problem]],
    chosen: Policy | Problem,
    picked: Callable[[], None],
) -> None:
    """A menu of a registry, with the formula of what is chosen and its story one click away."""
    key = f"pick_{name}"
    st.session_state[key] = chosen.slug
    titles = {slug: cls.title for slug, cls in registry.items()}
    st.selectbox(str(say(f"explore.{name}")), list(titles), format_func=titles.__getitem__, key=key, on_change=picked)
    clauses = chosen.formula.split(r"\quad")
    st.latex(r"\quad\allowbreak ".join(f"{{{clause}}}" for clause in clauses))  # a line may end between them only
    about = st.popover(str(say(f"explore.about_{name}")), type="tertiary", key=f"about_{name}", on_change="rerun")
    if about.open:
        about.markdown(f"**{chosen.subtitle()}**\n\n{chosen.about()}")
        about.caption(str(say("explore.source", source=str(chosen.source))))
        if names := getattr(chosen, "names", ()):
            about.caption(str(say("explore.libraries", names=", ".join(names))))
