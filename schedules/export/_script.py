"""Result of an export target."""

from __future__ import annotations

from typing import NamedTuple


class Script(NamedTuple):
    """A program that trains at a run's rates; `planned` is true if it omits the run's feedback rule."""

    code: str
    planned: bool = False
