"""The element that brings the slots and the fields of the sliders of Compare, at the end of a move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pages.parts.assets import compact, component
from pages.parts.compare.slots import samples
from pages.parts.controls import controls
from pages.parts.controls.controls import Change, Shown, groups_text
from schedules.compare import slots
from schedules.compare.slots import Comparison
from schedules.words import say

LIVE = "compare_live"
"""The key of the element."""
_live = component("anneal_compare_live", "compare/live.js", draw="drawParts", remove="removeParts")
_list = component(
    "anneal_slots",
    "compare/slots/slot_list.js",
    draw="mountSlots",
    remove="removeSlots",
    html='<div class="anneal-slots"></div>',
)


def latest() -> Change | None:
    """The user's last change of a slider, or press in the list of slots."""
    return controls.latest(LIVE)


def mount() -> None:
    """Mount the list of slots with its texts, still empty."""
    words = ("edit", "switch", "rename", "duplicate", "explore", "remove", "more", "name")
    _list(key="compare_slots", data={"label": str(say("compare.slots.title")), "words": {one: _word(one) for one in words}})


def send(comparison: Comparison, open_slot: str | None, groups: Mapping[str, Sequence[Shown]]) -> None:
    """Send the slots, and the fields of the sliders by group."""
    parts = f'"slots":{compact(slots_data(comparison, open_slot))},"controls":{groups_text(groups, key=LIVE)}'
    _live(key=LIVE, data=f'{{"parts":{{{parts}}}}}', on_move_change=lambda: None)


def slots_data(comparison: Comparison, open_slot: str | None) -> dict[str, Any]:
    """The data of the list of slots."""
    names = slots.slot_names(comparison)
    return {
        "slots": [
            {"key": key, "name": names[key], "on": slot.on, "open": key == open_slot} | samples.sample(key)
            for key, slot in comparison.slots
        ],
        "full": comparison.free_key() is None,
        "heard": change.seq if (change := latest()) else 0,
    }


def _word(name: str) -> str:
    return str(say(f"compare.slots.{name}", name="{name}"))
