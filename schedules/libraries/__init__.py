"""Libraries: one file each, found by discovery. What a library calls its schedules is compared with it by a test.

Names that a declaration carries are flat; here stands which library they belong to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from schedules.core.registry import modules
from schedules.libraries._base import Library

EXAMPLE = 'LIBRARY = Library(rank=6, version="1.0", signatures={"cosine_decay": ("steps", "alpha")})'


class Name(NamedTuple):
    """A name, and the libraries that know it; none for a name from elsewhere."""

    text: str
    libraries: tuple[str, ...] = ()


def discovered(package: str) -> Mapping[str, Library]:
    """The libraries of a package by the names of their files; raises ImportError where a file declares none."""
    found: dict[str, Library] = {}
    for name, module in modules(package):
        library = getattr(module, "LIBRARY", None)
        if not isinstance(library, Library):
            raise ImportError(
                f"{module.__file__} declares no library: write e.g. {EXAMPLE}, or begin the file's name with an underscore"
            )
        found[name] = library
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: item[1].rank)))


LIBRARIES = discovered(__name__)


def callables(names: Iterable[str]) -> tuple[Name, ...]:
    """Names of schedules with the libraries that have them, in their order; those that no library has come last."""
    known = [Name(name, tuple(lib for lib in LIBRARIES if _first(name) in LIBRARIES[lib].signatures)) for name in names]
    order = {lib: i for i, lib in enumerate(LIBRARIES)}
    return tuple(sorted(known, key=lambda name: order.get(next(iter(name.libraries), ""), len(order))))


def arguments(names: Iterable[str], calls: Iterable[Name]) -> tuple[Name, ...]:
    """Names of hyperparameters with the libraries in whose calls they stand."""
    known = asked(calls)
    return tuple(Name(name, tuple(lib for lib in LIBRARIES if known[lib] & _words(name))) for name in names)


def asked(calls: Iterable[Name]) -> dict[str, set[str]]:
    """Every argument of these calls, by library."""
    known: dict[str, set[str]] = {lib: set() for lib in LIBRARIES}
    for call in calls:
        for lib in call.libraries:
            known[lib].update(LIBRARIES[lib].signatures[_first(call.text)])
    return known


def _first(name: str) -> str:
    """What is called: names may go on with a note, as in "ExponentialDecay staircase"."""
    return name.partition(" ")[0]


def _words(name: str) -> set[str]:
    """The identifiers in a name such as "1 / div_factor"."""
    return set(re.findall(r"[A-Za-z_]\w*", name))
