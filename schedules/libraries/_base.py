"""Library: the schedules of one library, with the names of their arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The schedules of one library under the names that scripts use.

    These files are layered above Schedule, so code that reads a library's calls, or writes a schedule as such calls, belongs
    there too.

    Attributes:
        rank: position in lists of libraries.
        version: release that the signatures were read from.
        signatures: argument names in order, by function or class. Omitted are the optimizer, the start of counting, noise and
            momentum.
        kinds: maps values of a setting, such as "cosine", to one of these callables.
        kind: pattern that finds such a value in a script; group 1 is the value.
    """

    rank: int
    version: str
    signatures: Mapping[str, tuple[str, ...]]
    kinds: Mapping[str, str] = field(default_factory=dict)
    kind: re.Pattern[str] | None = None

    def called(self, text: str) -> str | None:
        """The callable that the setting in this text selects; None if the text has no such setting."""
        found = self.kind.search(text) if self.kind else None
        return self.kinds.get(found[1].casefold()) if found else None
