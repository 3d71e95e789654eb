"""The READMEs are correct: examples run, links open without repair, and named files exist."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from schedules import from_token
from tests.policies_table import COUNTS, counted, number, replaced

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "schedules/README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_readme_examples_run(page):
    failed, _ = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert not failed


def test_links_to_settings_open_without_repair():
    tokens = re.findall(r"\?run=([^)\s&]+)", PAGES[0].read_text(encoding="utf-8"))
    assert tokens
    for token in tokens:
        assert from_token(token)[1] == (), token


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_linked_exist(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_make_targets_that_are_named_exist():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M)
    named = re.findall(r"\bmake ([a-z]+)\b", PAGES[0].read_text(encoding="utf-8"))
    assert set(named) - {"and", "it", "give"} <= set(targets)
    assert {"run", "test", "bench"} <= set(named)


def test_policy_table_and_counts_match_the_registries():
    text = PAGES[0].read_text(encoding="utf-8")
    assert replaced(text) == text, "python -m tests.policies_table writes them anew"
    assert text.count("| `") > 10


@pytest.mark.parametrize("noun", COUNTS)
def test_counts_in_the_readme_are_rewritten(noun):
    right = number(COUNTS[noun])
    assert f"{right} {noun}" in PAGES[0].read_text(encoding="utf-8").casefold()
    assert counted(f"One {noun}, 99 {noun}, the {noun}") == f"{right.capitalize()} {noun}, {right} {noun}, the {noun}"
