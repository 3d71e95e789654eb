"""Library: the schedules of one library, with the names of their arguments and of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from schedules.libraries._call import Reader


class Configuration(NamedTuple):
    """A form of a library's configuration: its keys are the arguments of a callable.

    Attributes:
        callable: entry of `readers`; "" for keys elsewhere in a text that fill in arguments of any callable, by their path.
            A form that is no call in Python, such as the flags of a script, has the script's name.
        marks: keys by which this form is recognized: each of them is in the text, as the last part of a path such as
            "optim.sched.warmup_steps". Flags count without dashes, with "_" for "-".
        keys: argument by key, where their names differ. "" ignores the key.
    """

    callable: str
    marks: tuple[str, ...]
    keys: Mapping[str, str] = {}


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
        imports: packages and modules by which a text shows that it uses this library; by default its own name.
        takes_optimizer: True if the first argument of its callables is the optimizer, which `signatures` omits.
        readers: by callable, the function that reads a call. A callable without one is known by name only.
        others: argument names by callable, for callables that are read and are no schedules; "*" is any others.
        orders: positional arguments by callable, where `signatures` omits some of them.
        leading: arguments between the optimizer and those of `signatures`.
        ignored: arguments of any callable that have no influence on the curve.
        configurations: forms of configurations that are read.
        short_names: callable by its name in configurations, such as "cosine_with_warmup".
    """

    rank: int
    version: str
    signatures: Mapping[str, tuple[str, ...]]
    source: str = ""
    cards: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    takes_optimizer: bool = False
    readers: Mapping[str, Reader] = field(default_factory=dict)
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leading: tuple[str, ...] = ()
    ignored: tuple[str, ...] = (
        *("optimizer", "last_epoch", "verbose", "cycle_momentum", "base_momentum", "max_momentum", "name"),
        *("noise_range_t", "noise_type", "noise_pct", "noise_std", "noise_seed", "initialize"),
    )
    configurations: tuple[Configuration, ...] = ()
    short_names: Mapping[str, str] = field(default_factory=dict)
