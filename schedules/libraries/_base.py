"""Library: what a library calls its schedules and their arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The schedules of a library, as scripts call them.

    A library's file stands above Schedule: what reads its calls, or writes a schedule as its code, belongs there too.

    Attributes:
        rank: position wherever libraries are listed.
        version: the release that was read.
        signatures: arguments in order, by the name of the function or class. Left out are the optimizer, where counting starts,
            noise, and momentum.
        kinds: values of a setting that stand for one of these callables, such as "cosine".
        kind: where a script holds such a value; its first group is the value.
    """

    rank: int
    version: str
    signatures: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, str] = field(default_factory=dict)
    kind: re.Pattern[str] | None = None

    def called(self, text: str) -> str | None:
        """The callable that a setting in this text stands for; None where it has no such setting."""
        found = self.kind.search(text) if self.kind else None
        return self.kinds.get(found[1].casefold()) if found else None
