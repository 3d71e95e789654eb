"""The fold Numbers: a table of the slots, and all of it as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedules.compare.slots import Comparison

if TYPE_CHECKING:
    from pages.parts.compare.layout import Containers


def show(comparison: Comparison, containers: Containers, *, moving: bool) -> None:
    """Show the table in the fold, if it is open."""
