"""The README's table of policies and its counts, from the registries; `python -m tests.policies_table` rewrites them."""

from __future__ import annotations

import re
from pathlib import Path

from schedules import POLICIES
from schedules.choosing import QUESTIONS
from schedules.lessons import lessons
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- policies -->\n", "<!-- end -->"
NAMES = 4
"""Maximum number of names in other libraries per row; the page Schedules lists all."""

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
COUNTS = {
    "problems": len(PROBLEMS),
    "networks": sum(problem.as_job for problem in PROBLEMS.values()),
    "optimizers": len(OPTIMIZERS),
    "stories": len(lessons()),
    "questions": len(QUESTIONS),
}
"""Counts in the README, by the noun after the number."""


def table() -> str:
    """The Markdown table with one row per policy, in the order of the menu."""
    lines = ["| policy | family | source | called elsewhere |", "| --- | --- | --- | --- |"]
    for policy in POLICIES.values():
        source = f"{policy.source.authors} {policy.source.year}"
        names = ", ".join(f"`{name}`" for name in policy.names[:NAMES])
        lines.append(f"| {policy.title} | {policy.family.value} | {source} | {names} |")
    return "\n".join(lines) + "\n"


def number(count: int) -> str:
    """A number as a word up to twelve, in digits above."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def counted(text: str) -> str:
    """The text with the correct count wherever a number precedes one of the nouns."""

    def count(found: re.Match[str]) -> str:
        right = number(COUNTS[found["noun"].casefold()])
        return f"{right.capitalize() if found[1].istitle() else right} {found['noun']}"

    return re.sub(rf"\b({'|'.join(NUMBERS)}|\d+) (?P<noun>{'|'.join(COUNTS)})\b", count, text, flags=re.IGNORECASE)


def replaced(text: str) -> str:
    """The README with the current table, and current counts before it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{counted(before)}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    README.write_text(replaced(README.read_text(encoding="utf-8")), encoding="utf-8")
