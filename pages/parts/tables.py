"""Tables as Markdown."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def markdown_table(head: Sequence[str], lines: Sequence[Sequence[str]], words: Collection[int] = ()) -> str:
    """A Markdown table; columns in `words` are left-aligned, all others (numbers) right-aligned."""
    align = [":---" if i in words else "---:" for i in range(len(head))]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, align, *lines])
