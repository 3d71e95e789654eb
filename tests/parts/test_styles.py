"""The style sheets and scripts of the pages, checked as text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "pages"
FILES = sorted(path for path in PAGES.rglob("*") if path.suffix in {".css", ".js", ".py"})
PARTIAL = re.compile(r"\[\s*(?:class|id|name|data-[\w-]+)\s*[*^$|]=")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PAGES)))
def test_no_selector_matches_a_part_of_a_name(path):
    """Regression: a rule for `*_late` hid the button with key `predict_later`."""
    found = [line for line in path.read_text(encoding="utf-8").splitlines() if PARTIAL.search(line)]
    assert not found, found


@pytest.mark.parametrize("path", sorted(PAGES.rglob("*.css")), ids=lambda path: str(path.relative_to(PAGES)))
def test_every_block_of_a_sheet_is_closed(path):
    """All sheets are one style in the head of a page: an open block would disable those that follow it."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert text.count("{") == text.count("}")
