"""The state of record of Explore: one plain session key, and the address bar that mirrors it.

A link that the browser asks for wins, so a pasted link and the back button work. Repairs and defaults never write the
address, and a drag writes it once, at its end: every write is an entry of the browser's history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.parts import address
from schedules import Run, Schedule, from_token, to_token
from schedules.core import tokens
from schedules.units import Units
from schedules.words import Sentence, language

KEYS = ("run", "pin", "units")
"""The query parameters of a link."""
_RECORD, _NOTICES, _SEQ, _REPLAYS = "setting", "setting_notices", "setting_seq", "setting_replays"


@dataclass(frozen=True, slots=True)
class Setting:
    """What Explore shows.

    Attributes:
        run: the run.
        pinned: the schedule that it is compared with; None for constant at the same peak.
        units: what an epoch is, where a person has said so.
    """

    run: Run
    pinned: Schedule | None = None
    units: Units | None = None

    @property
    def steps_per_epoch(self) -> int | None:
        """Steps that make an epoch, where that is known."""
        return self.units.steps_per_epoch if self.units else self.run.problem.steps_per_epoch

    def link(self) -> dict[str, str]:
        """The query parameters that reopen this setting."""
        query = {"run": to_token(self.run)}
        query |= {"pin": to_token(Run(schedule=self.pinned))} if self.pinned else {}
        return query | ({"units": tokens.encode(self.units)} if self.units else {})

    @property
    def key(self) -> str:
        """The link as one text: equal settings have equal keys."""
        return urlencode(self.link())


CACHE_VERSION = 1
"""Goes up where the same key comes to mean something else."""


def _cache_key(setting: Setting) -> str:
    """What identifies a setting in the caches of pages, which hold texts in a language."""
    return f"{CACHE_VERSION}&{language.get()}&{setting.key}"


HASH_FUNCS: dict[str | type[Any], Callable[[Any], Any]] = {Setting: _cache_key}
"""For every cache of a function of a Setting. Streamlit's own hash ignores the class of a nested dataclass."""


def read(query: dict[str, str]) -> tuple[Setting, tuple[Sentence, ...]]:
    """The setting that query parameters mean, and notices about what had to be repaired."""
    run, notices = from_token(query.get("run", ""))
    pinned = units = None
    if "pin" in query:
        pin, more = from_token(query["pin"])
        pinned, notices = pin.schedule, notices + more
    if "units" in query:
        units, more = tokens.decode(query["units"], Units)
        notices += more
    return Setting(run, pinned, units), notices


def current() -> Setting:
    """The setting to show in a full run of the page: that of the link that the browser asks for, else the one of record."""
    link, asks = address.follow("explore", KEYS)
    if asks or _RECORD not in st.session_state:
        setting, notices = read(link)
        st.session_state.update({_RECORD: setting, _NOTICES: notices, _REPLAYS: False})
    return record()


def record() -> Setting:
    """The setting of record as it stands, whatever the address says: for what a person just did."""
    setting: Setting = st.session_state[_RECORD]
    return setting


def notices() -> tuple[Sentence, ...]:
    """What had to be repaired in the link that is shown."""
    found: tuple[Sentence, ...] = st.session_state[_NOTICES]
    return found


def use_replay() -> None:
    """Note that the replay is used: from now on, until another link is opened, verdicts at its stops are sent unasked."""
    st.session_state[_REPLAYS] = True


def replays() -> bool:
    """Whether the replay is used."""
    return bool(st.session_state.get(_REPLAYS))


def keep(setting: Setting, *, write: bool = True, notices: tuple[Sentence, ...] = ()) -> None:
    """Make this the setting of record; with `write` the address bar follows. Notices are shown until the next move."""
    st.session_state.update({_RECORD: setting, _NOTICES: notices})
    if write:
        address.write(setting.link(), KEYS)


def is_new(element: str, seq: int) -> bool:
    """Whether an element's event has not been handled yet; handling is noted. Older events are ignored."""
    seen: dict[str, int] = st.session_state.setdefault(_SEQ, {})
    if seq <= seen.get(element, 0):
        return False
    seen[element] = seq
    return True


def with_value(setting: Setting, key: str, value: Any) -> Setting:
    """The setting with one field changed, named as in links: `peak_lr`, `policy.floor`, `problem.noise`, `units.batch`."""
    run = setting.run
    holder, _, name = key.rpartition(".")
    if holder == "units":
        return replace(setting, units=(setting.units or Units()).replace(**{name: value}))
    if holder == "policy":
        return replace(
            setting, run=run.replace(schedule=run.schedule.replace(policy=run.schedule.policy.replace(**{name: value})))
        )
    if holder:
        return replace(setting, run=run.replace(**{holder: getattr(run, holder).replace(**{name: value})}))
    if any(param.name == key for param in Schedule.params):
        return replace(setting, run=run.replace(schedule=run.schedule.replace(**{key: value})))
    return replace(setting, run=run.replace(**{key: value}))
