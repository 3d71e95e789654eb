"""The box for code or a configuration, and what was read in it. The text stays in the session; links do not hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from pages.parts import address, state
from pages.parts.assets import component
from pages.parts.controls.controls import latest
from pages.parts.state import Setting
from schedules.libraries._call import Missing
from schedules.reading import LONGEST, Reading, read_code
from schedules.real_run import RealRun
from schedules.real_run.axes import counts_epochs, one_pass
from schedules.training.own_numbers import adopt
from schedules.training.read_optimizer import optimizer_for
from schedules.words import say

PASTE = "your_run_paste"
"""The key of the element."""
_PASTED = "your_run_pasted"
ROUNDS = 5
"""Most times that a text is read again because a value that was filled in leads to another missing one."""
_box = component(
    "anneal_paste", "your_run/paste.js", draw="drawPaste", remove="removePaste", html='<div class="anneal-paste"></div>'
)


@dataclass(frozen=True, slots=True)
class Pasted:
    """A text with the values that were filled in for it, and what was read.

    Attributes:
        text: the text; empty before the first paste.
        values: values by the name of a missing one.
        reading: the reading of the text with these values; its schedule is provisional while values are missing.
        asked: all values that were missing, also those that are filled in.
        of: number of times that the page itself has replaced the text.
    """

    text: str = ""
    values: Mapping[str, float | str] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    asked: tuple[Missing, ...] = ()
    of: int = 0


def pasted() -> Pasted:
    """The text of the session with what was read in it."""
    found: Pasted = st.session_state.get(_PASTED) or Pasted()
    return found


def take() -> None:
    """Read the text again if the box has a new one."""
    change = latest(PASTE)
    if change is not None and state.is_new(PASTE, change.seq) and isinstance(change.value, str):
        read(change.value, pasted().values)


def read(text: str, values: Mapping[str, float | str], *, by_page: bool = False, here: bool = True) -> None:
    """Read a text and make its schedule the run of record, unless values are missing in it.

    Args:
        text: the text.
        values: values for names that are missing in it.
        by_page: whether the page puts the text into the box.
        here: whether Your run is the current page; another page keeps its own address.
    """
    before = pasted()
    found = reading_of(text, values) if text.strip() else Pasted()
    found = replace(found, of=before.of + by_page)
    st.session_state[_PASTED] = found
    if found.reading.schedule is None or found.reading.missing:
        return
    setting = with_reading(state.latest(), found.reading)
    state.keep(setting, write=here)
    if not here:
        address.carry(setting.link(), state.PAGES)


def reading_of(text: str, values: Mapping[str, float | str]) -> Pasted:
    """A text as it is read with those of these values that it asks for."""
    used: dict[str, float | str] = {}
    asked: dict[str, Missing] = {}
    for _ in range(ROUNDS):
        reading = read_code(text, used)
        asked |= {each.name: each for each in reading.missing}
        more = {each.name: values[each.name] for each in reading.missing if each.name in values}
        if not more:
            break
        used |= more
    return Pasted(text, used, reading, tuple(asked.values()))


def with_reading(setting: Setting, reading: Reading) -> Setting:
    """The setting with the schedule, feedback rule, optimizer, weight decay and units of a reading; the problem is scaled."""
    assert reading.schedule is not None
    run = setting.run.replace(schedule=reading.schedule, feedback=reading.feedback)
    optimizer = optimizer_for(reading.optimizer) if reading.optimizer else None
    run = adopt(run.replace(optimizer=optimizer or run.optimizer))
    decay = reading.optimizer.arguments.get("weight_decay") if reading.optimizer else None
    real, units = setting.real or RealRun(), setting.units
    if isinstance(decay, (int, float)):
        real = real.replace(weight_decay=RealRun.param("weight_decay").repair(float(decay)))
    if reading.units:
        units = reading.units
    elif units and not counts_epochs(units, setting.run.schedule.total_steps):
        units = one_pass(units, reading.schedule.total_steps)
    return replace(setting, run=run, real=real, units=units, pinned=None, numbers=setting.numbers or "shown")


def provisional() -> Reading | None:
    """The reading of the text while values are missing in it, else None; it has no schedule if none can be made up."""
    reading = pasted().reading
    return reading if reading.missing else None


def refused() -> bool:
    """True if there is a text in which no schedule was found."""
    found = pasted()
    return bool(found.text.strip()) and found.reading.schedule is None and not found.reading.missing


def describes(setting: Setting) -> bool:
    """True if the text is what the setting's schedule was read from."""
    schedule = pasted().reading.schedule
    return schedule is not None and schedule == setting.run.schedule


def mount() -> None:
    """Mount the box."""
    found, heard = pasted(), latest(PASTE)
    words = {name: str(say(f"your_run.{name}", most=LONGEST)) for name in ("label", "placeholder")}
    words["hint"] = str(say("your_run.private"))
    data: dict[str, Any] = {"text": found.text, "of": found.of, "most": LONGEST, "heard": heard.seq if heard else 0}
    _box(key=PASTE, data=data | {"words": words}, on_move_change=lambda: None)
