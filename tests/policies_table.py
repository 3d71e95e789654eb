"""The README's table of policies, made from what they declare: `python -m tests.policies_table` writes it anew."""

from __future__ import annotations

from pathlib import Path

from schedules import POLICIES

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- policies -->\n", "<!-- end -->"
NAMES = 4
"""Names of other libraries in a row, at most; the page Schedules has all of them."""


def table() -> str:
    """One row a policy, in the order of the menu."""
    lines = ["| policy | family | source | called elsewhere |", "| --- | --- | --- | --- |"]
    for policy in POLICIES.values():
        source = f"{policy.source.authors} {policy.source.year}"
        names = ", ".join(f"`{name}`" for name in policy.names[:NAMES])
        lines.append(f"| {policy.title} | {policy.family.value} | {source} | {names} |")
    return "\n".join(lines) + "\n"


def replaced(text: str) -> str:
    """The README with this table in its place."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    README.write_text(replaced(README.read_text(encoding="utf-8")), encoding="utf-8")
