"""Registries: a folder of files, one thing each, found by discovery."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from schedules.core.spec import Spec, declared

S = TypeVar("S", bound=Spec)
C = TypeVar("C", bound=Spec)


class Registry(Mapping[str, type[S]]):
    """The classes of one kind by slug, in menu order: by `rank`, then by title.

    A slug is the name of the file that declares the class. Declaring the same class again (a hot reload) replaces it; a
    second owner of a slug raises ValueError.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._classes: dict[str, type[S]] = {}

    def add(self, cls: type[C]) -> type[C]:
        """Declare a class and enter it under the name of its file."""
        made: Any = declared(cls)
        slug = made.__module__.rpartition(".")[2]
        owner = self._classes.get(slug)
        if owner and (owner.__module__, owner.__qualname__) != (made.__module__, made.__qualname__):
            raise ValueError(f"{self.kind} {slug!r} is declared by {owner.__qualname__} and by {made.__qualname__}")
        made.slug = slug
        self._classes[slug] = made
        return made  # type: ignore[no-any-return]

    def discover(self, package: str) -> None:
        """Import every file of a package whose name has no leading underscore; a broken file raises."""
        found: Any = importlib.import_module(package)
        for module in pkgutil.iter_modules(found.__path__):
            if not module.name.startswith("_"):
                importlib.import_module(f"{package}.{module.name}")
        order = sorted(self._classes.items(), key=lambda item: (getattr(item[1], "rank", 100), item[1].title))
        self._classes = dict(order)

    def __getitem__(self, slug: str) -> type[S]:
        return self._classes[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)
