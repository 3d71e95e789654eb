"""How tests are marked, and how many threads they take."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy comes: two processes of tests share the machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if "witness" in item.nodeid.partition("::")[0]:
            item.add_marker("witness")
