"""The README's table of policies and its counts, from the registries: `python -m tests.policies_table` writes them anew."""

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
"""Names of other libraries in a row, at most; the page Schedules has all of them."""

NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
COUNTS = {
    "problems": len(PROBLEMS),
    "networks": sum(problem.as_job for problem in PROBLEMS.values()),
    "optimizers": len(OPTIMIZERS),
    "stories": len(lessons()),
    "questions": len(QUESTIONS),
}
"""What the README counts, by the noun after the number."""


def table() -> str:
    """One row a policy, in the order of the menu."""
    lines = ["| policy | family | source | called elsewhere |", "| --- | --- | --- | --- |"]
    for policy in POLICIES.values():
        source = f"{policy.source.authors} {policy.source.year}"
        names = ", ".join(f"`{name}`" for name in policy.names[:NAMES])
        lines.append(f"| {policy.title} | {policy.family.value} | {source} | {names} |")
    return "\n".join(lines) + "\n"


def number(count: int) -> str:
    """In letters up to twelve, in digits from there on."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def counted(text: str) -> str:
    """A text with the right count wherever a number stands before one of the nouns."""

    def count(found: re.Match[str]) -> str:
        right = number(COUNTS[found["noun"].casefold()])
        return f"{right.capitalize() if found[1].istitle() else right} {found['noun']}"

    return re.sub(rf"\b({'|'.join(NUMBERS)}|\d+) (?P<noun>{'|'.join(COUNTS)})\b", count, text, flags=re.IGNORECASE)


def replaced(text: str) -> str:
    """The README with this table in its place, and these counts before it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{counted(before)}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    README.write_text(replaced(README.read_text(encoding="utf-8")), encoding="utf-8")
