"""Text of a log: its encoding, and its lines, of bounded number and length."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from schedules.logs.errors import LogError
from schedules.words import say

MOST_BYTES = 50_000_000
"""Bytes that are read of a log; the rest is left out."""
MOST_ROWS = 1_000_000
"""Rows that are read of a log; the rest is left out."""
LONGEST_LINE = 1_000_000
"""Characters of a line of a table or of JSON lines."""
BEGINNING = 65_536
"""Bytes from which encoding and format are guessed."""

BLANK = b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"
"""Bytes of which an empty file may consist."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER = ((b"PK\x03\x04", "zip"), (b"\x1f\x8b", "zip"), (b"BZh", "zip"), (b"PAR1", "parquet"), (b"\x89HDF", "parquet"))
"""First bytes of files that are no text, with the key of the sentence."""


class Source(NamedTuple):
    """The bytes of a log, at most `MOST_BYTES`, their encoding, and True if there were more."""

    data: bytes
    encoding: str
    cut: bool

    @property
    def beginning(self) -> str:
        """The text of the first `BEGINNING` bytes."""
        return self.data[:BEGINNING].decode(self.encoding, errors="replace")

    def text(self) -> str:
        """The complete text."""
        return self.data.decode(self.encoding, errors="replace")

    def lines(self) -> Iterator[str]:
        """Yield the lines of the text, with their ends; raises LogError for one that is too long."""
        text = io.TextIOWrapper(io.BytesIO(self.data), encoding=self.encoding, errors="replace", newline="")
        row = 0
        while line := text.readline(LONGEST_LINE + 1):
            row += 1
            if len(line) > LONGEST_LINE:
                raise LogError(say("log.error.long_line", row=row, longest=LONGEST_LINE))
            yield line


def open_source(source: bytes | BinaryIO, name: str = "") -> Source:
    """Read a log's bytes and guess their encoding.

    Args:
        source: the file's content, or a binary stream.
        name: the file's name.

    Raises:
        LogError: the file is empty or no text.
    """
    data = bytes(source[: MOST_BYTES + 1]) if isinstance(source, (bytes, bytearray, memoryview)) else _read(source)
    cut, data = len(data) > MOST_BYTES, data[:MOST_BYTES]
    if not data[:BEGINNING].strip(BLANK) and not data.strip(BLANK):
        raise LogError(say("log.error.empty"))
    if "tfevents" in name:
        raise LogError(say("log.error.events"))
    kind = next((kind for mark, kind in _OTHER if data.startswith(mark)), None)
    if kind:
        raise LogError(say(f"log.error.{kind}"))
    encoding = _encoding(data)
    if encoding is None:
        raise LogError(say("log.error.binary"))
    return Source(data, encoding, cut)


def _read(stream: BinaryIO) -> bytes:
    """Read at most one byte more than is allowed."""
    parts, size = [], 0
    while size <= MOST_BYTES:
        part = stream.read(MOST_BYTES + 1 - size)
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _encoding(data: bytes) -> str | None:
    """The encoding of a text by its mark, its zeros or its validity; None for what is no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:4096]
    zeros = sample.count(0)
    if zeros > 0.2 * len(sample):
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if min(even, odd) < 0.05 * len(sample):
            return "utf-16-le" if odd > even else "utf-16-be"
        return None
    control = sum(byte < 9 or 13 < byte < 27 for byte in sample)
    if control > 0.05 * len(sample):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data[:BEGINNING])
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
