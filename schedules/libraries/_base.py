"""Library: the schedules of one library, with the names of their arguments and of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The schedules of one library under the names that scripts and configuration files use.

    These files are layered above Schedule, so code that reads a library's calls, or writes a schedule as such calls, belongs
    there too.

    Attributes:
        rank: position in lists of libraries.
        version: release that the names were read from; a date where there are no releases.
        signatures: argument names in order, by function or class. Omitted are the optimizer, the start of counting, noise and
            momentum.
        source: repository and file that the names were read from.
        cards: slugs of the cards that give a callable's curve. A callable without an entry is listed by the cards' own names.
        keys: slug of the card that a configuration key belongs to.
        settings: by the name of a setting, such as `lr_scheduler_type`, the name of the schedule that each value selects.
    """

    rank: int
    version: str
    signatures: Mapping[str, tuple[str, ...]]
    source: str = ""
    cards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
