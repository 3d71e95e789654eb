"""Tables as text in the CSV format."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def csv_file(head: Sequence[object], rows: Iterable[Sequence[object]], notes: Iterable[object] = ()) -> str:
    """Return the text of a CSV file.

    Args:
        head: the names of the columns.
        rows: the cells of each row.
        notes: sentences for the top of the file, each a line that begins with #.
    """
    text = io.StringIO()
    text.writelines(f"# {' '.join(str(note).split())}\n" for note in notes)
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue()
