"""The section under the unit sliders: steps, epochs, and buttons to use them. While closed, it is not computed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.parts.explore import actions
from pages.parts.explore.layout import Containers
from pages.parts.state import Setting
from schedules.units import Units
from schedules.words import say


def show(setting: Setting, containers: Containers) -> None:
    """Show the number of steps of these epochs, and the number of epochs of this run."""
    if containers.epochs is None:
        return
    units, steps = setting.units or Units(), setting.run.schedule.total_steps
    numbers = {"epoch": units.steps_per_epoch, "epochs": units.epochs, "steps": units.total_steps}
    with containers.epochs:
        st.markdown(str(say("explore.epochs.total", **numbers)))
        if setting.units:
            st.caption(str(say("explore.epochs.run", steps=steps, epochs=steps / units.steps_per_epoch)))
        with st.container(horizontal=True, gap="small"):
            _button("use", actions.use_units)
            if setting.units:
                _button("leave", actions.leave_units)


def _button(name: str, move: Callable[[], None]) -> None:
    word, tip = (str(say(f"explore.epochs.{key}")) for key in (name, f"{name}_help"))
    st.button(word, key=f"{name}_units", help=tip, on_click=move, type="secondary" if name == "use" else "tertiary")
