"""Waiting for what takes a moment: nothing about how fast it comes."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120
"""Seconds until something counts as stuck; far more than a slow machine beside other work takes."""


def until(true: Callable[[], object]) -> None:
    """Ask again and again until it is true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "stuck"
        time.sleep(0.002)
