"""Compare's part with rates, losses, and all slots racing in one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedules.compare.slots import Comparison

if TYPE_CHECKING:
    from pages.parts.compare.layout import Containers


def mount(comparison: Comparison, containers: Containers) -> None:
    """Mount what a move does not change; called once in a full run of the page."""


def follow(comparison: Comparison) -> tuple[Comparison, bool]:
    """Apply the user's last action in this part that is new, and keep the comparison of record.

    Returns the comparison, and whether something is still being dragged.
    """
    return comparison, False


def show(comparison: Comparison, containers: Containers, *, moving: bool) -> None:
    """Show the part; called with every move. What is expensive waits while something is `moving`."""
