"""The state of record of Explore and Your run: one plain session key, mirrored by the address bar.

A link that the browser opens takes precedence, so pasted links and the Back button work. Repairs and defaults never write the
address, and a drag writes it once, at its end: every write adds an entry to the browser's history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.parts import address
from pages.parts.undoing import Undo
from schedules import Run, Schedule, from_token, to_token
from schedules.core import tokens
from schedules.core.tokens import short_text
from schedules.real_run import RealRun
from schedules.training import own_numbers
from schedules.training.own_numbers import adopt, exact, exactly
from schedules.training.runs import with_field
from schedules.units import Units
from schedules.words import Sentence, language, say

KEYS = ("run", "pin", "units", "own", "show", "real")
"""The query parameters of a link."""
PAGES = ("explore", "your_run")
"""The pages that show the setting and change it."""
NUMBERS = ("shown", "axis")
"""Values of `Setting.numbers` in a link."""
SHOWN = ("best", "expected", "angle", "goal", "accuracy")
"""Lines and charts that can be shown besides the schedule, the ghost and the stability limit: values of `Setting.shown`."""
UNSCALED = "rate_scale-1"
"""Part of a pin's token that says that its scales are 1."""
_RECORD, _NOTICES, _SEQ, _REPLAYS, _DRIVES = "setting", "setting_notices", "setting_seq", "setting_replays", "setting_drives"
_UNDO = Undo(_RECORD)


@dataclass(frozen=True, slots=True)
class Setting:
    """The state of Explore and Your run.

    Attributes:
        run: the run.
        pinned: the schedule of the ghost, at whose rates and steps the problem trains, or a run with a schedule and its scales;
            None for the constant rate at the same peak.
        units: how epochs are counted, if the user has set it.
        numbers: "shown" if own numbers are shown although the problem trains at exactly these; "axis" if the charts have the
            axis of the person's schedule; else "".
        shown: one of `SHOWN` that the charts show too, if it exists for the run; else "".
        real: what happens to the schedule in a person's real run; None until Your run has one.
    """

    run: Run
    pinned: Schedule | Run | None = None
    units: Units | None = None
    numbers: str = ""
    shown: str = ""
    real: RealRun | None = None

    @property
    def own(self) -> bool:
        """True if a person's own numbers are shown beside those of the problem."""
        return bool(self.numbers) or self.run.own

    @property
    def pin(self) -> Schedule | Run | None:
        """The pinned schedule, as a run if its scales are not those of this setting's run."""
        return Run(schedule=self.pinned) if isinstance(self.pinned, Schedule) and self._scaled else self.pinned

    @property
    def _scaled(self) -> bool:
        return self.run.rate_scale != 1 or self.run.step_scale != 1

    def _pin_token(self) -> str:
        """The token of the pin. One without scales, as in older links, is read with the scales of the run."""
        pinned = Run(schedule=self.pinned) if isinstance(self.pinned, Schedule) else self.pinned
        token = to_token(pinned or Run())
        return f"{token}~{UNSCALED}" if self._scaled and "_scale-" not in token else token

    @property
    def own_axis(self) -> bool:
        """True if the charts have the axis of the person's schedule."""
        return self.numbers == "axis" and not exact(self.run)

    @property
    def steps_per_epoch(self) -> int | None:
        """Steps of the schedule per epoch, if known."""
        epoch = None if self.run.own else self.run.problem.steps_per_epoch
        return self.units.steps_per_epoch if self.units else epoch

    def link(self) -> dict[str, str]:
        """The query parameters that reopen this setting."""
        query = {"run": to_token(self.run)}
        query |= {"pin": self._pin_token()} if self.pinned else {}
        query |= {"units": tokens.encode(self.units)} if self.units else {}
        query |= {"own": self.numbers} if self.numbers else {}
        query |= {"show": self.shown} if self.shown else {}
        return query | ({"real": tokens.encode(self.real)} if self.real else {})

    @property
    def key(self) -> str:
        """The link as one text: equal settings have equal keys."""
        return urlencode(self.link())


def pinned_with(schedule: Schedule, scales: Run) -> Schedule | Run:
    """A pin of a schedule with the scales of a run: the schedule alone if both are 1."""
    pinned = Run(schedule=schedule, rate_scale=scales.rate_scale, step_scale=scales.step_scale)
    return schedule if exactly(pinned) == pinned else pinned


CACHE_VERSION = 1
"""Version of the key; increased whenever the same key would identify a different setting."""


def _cache_key(setting: Setting) -> str:
    """Cache key of a setting, with the language, because cached results contain texts."""
    return f"{CACHE_VERSION}&{language.get()}&{setting.key}"


HASH_FUNCS: dict[str | type[Any], Callable[[Any], Any]] = {Setting: _cache_key}
"""`hash_funcs` for caches of functions of a Setting: Streamlit's own hash ignores the class of a nested dataclass."""


def read(query: dict[str, str]) -> tuple[Setting, tuple[Sentence, ...]]:
    """The setting given by query parameters, and notices of repairs."""
    run, notices = from_token(query.get("run", ""))
    pin = units = real = None
    if "pin" in query:
        pin, more = from_token(query["pin"])
        notices += more
    if "units" in query:
        units, more = tokens.decode(query["units"], Units)
        notices += more
    if "real" in query:
        real, more = tokens.decode(query["real"], RealRun)
        notices += more
    if run.own and run.rate_scale == run.step_scale == 1:  # longer than the problem's longest run
        run = adopt(run)
    run, changed = own_numbers.with_possible_scales(run)
    notices = (*(each for each in notices if dict(each.values).get("field") not in changed), *changed.values())
    pinned = pin and pinned_with(pin.schedule, pin if "_scale-" in query["pin"] else run)
    numbers, shown = query.get("own", ""), query.get("show", "")
    if shown not in ("", *SHOWN):
        notices += (say("notice.unknown_name", field="show", name=short_text(shown), used=say("explore.show.nothing")),)
        shown = ""
    return Setting(run, pinned, units, numbers if numbers in NUMBERS else "", shown, real), notices


def current(page: str = "explore") -> Setting:
    """The setting to show in a full run of one of `PAGES`: from the link if the browser opens one, else that of record."""
    link, asks = address.follow(page, KEYS)
    if asks or _RECORD not in st.session_state:
        setting, notices = read(link)
        notices += tuple(say("notice.unknown_field", field=short_text(name)) for name in address.unread())
        st.session_state.update({_RECORD: setting, _NOTICES: notices, _REPLAYS: False, _DRIVES: False})
        _UNDO.rest(setting, opened=True)
        address.carry(link, PAGES)
    return record()


def record() -> Setting:
    """The setting of record, independent of the address; for use after a user's action."""
    setting: Setting = st.session_state[_RECORD]
    return setting


def begun() -> Setting:
    """The setting of record, which is that of the first screen where no page has set one yet."""
    if _RECORD not in st.session_state:
        setting = Setting(Run())
        st.session_state.update({_RECORD: setting, _NOTICES: (), _REPLAYS: False, _DRIVES: False})
        _UNDO.rest(setting)
    return record()


def latest() -> Setting:
    """The setting of record for another page than Explore; that of the first screen if Explore was not opened yet."""
    setting: Setting = st.session_state.get(_RECORD) or Setting(Run())
    return setting


def notices() -> tuple[Sentence, ...]:
    """The notices of repairs in the current link."""
    found: tuple[Sentence, ...] = st.session_state[_NOTICES]
    return found


def use_replay() -> None:
    """Note that the replay is used: from now on, until another link is opened, verdicts at its stops are sent unasked."""
    st.session_state[_REPLAYS] = True


def replays() -> bool:
    """True if the replay is used."""
    return bool(st.session_state.get(_REPLAYS))


def drive(on: bool) -> None:
    """Start or stop driving the current run by hand; a change of the setting stops it too."""
    st.session_state[_DRIVES] = on


def drives() -> bool:
    """True if the current run is being driven by hand."""
    return bool(st.session_state.get(_DRIVES))


def keep(setting: Setting, *, write: bool = True, notices: tuple[Sentence, ...] = ()) -> None:
    """Make this the setting of record; with `write` the address bar is updated. Notices are shown until the next change."""
    st.session_state.update({_RECORD: setting, _NOTICES: notices, _DRIVES: False})
    if write:
        _UNDO.rest(setting)
        address.write(setting.link(), KEYS, PAGES)


def undo() -> None:
    """Return to the setting before the last change; a drag is one change."""
    if (setting := _UNDO.back()) is not None:
        st.session_state.update({_RECORD: setting, _NOTICES: (), _DRIVES: False})
        address.write(setting.link(), KEYS, PAGES)


def undoes() -> bool:
    """True if there is a change to undo."""
    return _UNDO.possible


def is_new(element: str, seq: int) -> bool:
    """True if an element's event is new, which is then marked as handled. Older events are ignored."""
    seen: dict[str, int] = st.session_state.setdefault(_SEQ, {})
    if seq <= seen.get(element, 0):
        return False
    seen[element] = seq
    return True


OWN: dict[str, Callable[[Run, Any], Run]] = {
    "peak_lr": own_numbers.with_schedule_peak,
    "total_steps": own_numbers.with_schedule_steps,
    "trained_peak": own_numbers.with_problem_peak,
    "trained_steps": own_numbers.with_problem_steps,
}
"""For each of these fields, the function that changes it where a person's own numbers are shown."""


def with_value(setting: Setting, key: str, value: Any) -> Setting:
    """The setting with one field changed; `key` as in links: `peak_lr`, `policy.floor`, `problem.noise`, `units.batch`.

    Where a person's own numbers are shown, `peak_lr` and `total_steps` are theirs, and the problem's stay; these have the keys
    `trained_peak` and `trained_steps`.
    """
    run = setting.run
    if setting.own and key in OWN:
        return replace(setting, run=OWN[key](run, value))
    holder, _, name = key.rpartition(".")
    if holder == "units":
        return replace(setting, units=(setting.units or Units()).replace(**{name: value}))
    return replace(setting, run=with_field(run, key, value))
