"""The row of verbs of the page Map: undo, share and projector."""

from __future__ import annotations

from pages.parts import address, state
from pages.parts.map import element, selection
from pages.parts.verbs import verbs
from schedules.words import say

PICTURES = {"map": element.KEY, "worlds": "worlds_charts", "cooldown": "cooldown_charts"}
"""The key of the charts of each tab, for its picture."""


def follow() -> None:
    """Do what the user's last press in the row asks for, if it is new."""
    if (press := verbs.new_press()) is None:
        return
    if press.key == "undo":
        selection.undo()
    elif press.key == "projector":
        address.switch_projector()


def show() -> None:
    """Mount the row; the link that it shares has the base run too, whether or not the address has it."""
    shown = selection.latest()
    query = address.kept_query() | shown.link(state.record().run)
    file = str(say("map.file", tab=shown.tab))
    verbs.mount_short(PICTURES[shown.tab], file, undoes=selection.undoes(), query=query)
