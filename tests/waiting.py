"""Wait for a condition, without asserting how fast it comes true."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120
"""Seconds until a test counts as stuck; far more than a slow, busy machine takes."""


def until(true: Callable[[], object]) -> None:
    """Poll until `true` returns a true value."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "stuck"
        time.sleep(0.002)
