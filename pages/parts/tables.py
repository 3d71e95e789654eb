"""Tables as Markdown and as HTML."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from html import escape


def markdown_table(head: Sequence[str], lines: Sequence[Sequence[str]], words: Collection[int] = ()) -> str:
    """A Markdown table; columns in `words` are left-aligned, all others (numbers) right-aligned."""
    align = [":---" if i in words else "---:" for i in range(len(head))]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, align, *lines])


def html_table(head: Sequence[object], entries: Iterable[Sequence[str]], *, chosen: int | None = None) -> str:
    """A small table as HTML.

    Args:
        head: the heads of the columns.
        entries: the rows; the first cell of each is HTML, the others are text.
        chosen: the index of the row that is marked as the current one.
    """
    cells = "".join(f"<th scope='col'>{escape(str(cell))}</th>" for cell in head)
    lines = "".join(
        f"<tr{' aria-current=true' if i == chosen else ''}><th scope='row'>{line[0]}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in line[1:])
        + "</tr>"
        for i, line in enumerate(entries)
    )
    return f'<table class="anneal-table"><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table>'
