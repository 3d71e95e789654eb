"""Libraries: the names of schedules and arguments in other libraries, one file per library, found by discovery.

A test compares every file with the installed library. Declarations list names without saying where they come from; this
package says which libraries have them.
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
    """A name and the libraries that have it; empty if the name comes from elsewhere."""

    text: str
    libraries: tuple[str, ...] = ()


def discovered(package: str) -> Mapping[str, Library]:
    """Import the libraries of a package, by file name and in order of rank; raises ImportError where a file declares none."""
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


def callables(names: Iterable[str], card: str = "") -> tuple[Name, ...]:
    """Match names of schedules with the libraries that have them, in the libraries' order; names of no library come last.

    With the slug of a card, the callables that the libraries declare for this card are added, and a library whose callable of
    the same name has another curve is left out.
    """
    texts = dict.fromkeys((*names, *(call for lib in LIBRARIES.values() for call, to in lib.cards.items() if card in to)))
    known = [Name(text, tuple(lib for lib in LIBRARIES if _has(LIBRARIES[lib], _first(text), card))) for text in texts]
    order = {lib: i for i, lib in enumerate(LIBRARIES)}
    return tuple(sorted(known, key=lambda name: order.get(next(iter(name.libraries), ""), len(order))))


def arguments(names: Iterable[str], calls: Iterable[Name]) -> tuple[Name, ...]:
    """Match names of hyperparameters with the libraries whose `calls` have such an argument."""
    known = asked(calls)
    return tuple(Name(name, tuple(lib for lib in LIBRARIES if known[lib] & _words(name))) for name in names)


def asked(calls: Iterable[Name]) -> dict[str, set[str]]:
    """All arguments of these calls, by library."""
    known: dict[str, set[str]] = {lib: set() for lib in LIBRARIES}
    for call in calls:
        for lib in call.libraries:
            known[lib].update(LIBRARIES[lib].signatures[_first(call.text)])
    return known


def _has(library: Library, call: str, card: str) -> bool:
    return call in library.signatures and (not card or card in library.cards.get(call, (card,)))


def _first(name: str) -> str:
    """The callable in a name that may have a note after it, such as "ExponentialDecay staircase"."""
    return name.partition(" ")[0]


def _words(name: str) -> set[str]:
    """The identifiers in a name such as "1 / div_factor"."""
    return set(re.findall(r"[A-Za-z_]\w*", name))
