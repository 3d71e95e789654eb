"""Registry: finds the classes of one kind by importing every file of a folder, one class per file."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

from schedules.core.spec import Spec, declared, keyed

S = TypeVar("S", bound=Spec)
C = TypeVar("C", bound=Spec)


class Registry(Mapping[str, type[S]]):
    """The classes of one kind by slug, in menu order: by `rank`, then by title.

    A slug is the name of the file that declares the class. Registering the same class again (hot reload) replaces it; a second
    class with the same slug raises ValueError. A class that lacks a docstring, a required fact or an abstract method raises
    TypeError.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._classes: dict[str, type[S]] = {}

    def add(self, cls: type[C]) -> type[C]:
        """Turn the class into a declared Spec and register it under the name of its file."""
        if lack := _lack(cls):
            raise TypeError(f"{cls.__name__} has no {lack[0]}: every {self.kind} has one, e.g. {lack[1]}")
        made: Any = declared(cls)
        slug = made.__module__.rpartition(".")[2]
        owner = self._classes.get(slug)
        if owner and (owner.__module__, owner.__qualname__) != (made.__module__, made.__qualname__):
            raise ValueError(f"{self.kind} {slug!r} is declared by {owner.__qualname__} and by {made.__qualname__}")
        made.slug = slug
        self._classes[slug] = keyed(made, f"{self.kind}.{slug}")
        return made  # type: ignore[no-any-return]

    def discover(self, package: str) -> None:
        """Import every file of a package whose name has no leading underscore, then sort the registry.

        Errors of an import propagate; a file that registers nothing raises ImportError.
        """
        for slug, module in modules(package):
            if slug not in self:
                raise ImportError(
                    f"{module.__file__} registers no {self.kind}: declare one there, e.g. @{self.kind} before a class, "
                    "or begin the file's name with an underscore"
                )
        order = sorted(self._classes.items(), key=lambda item: (item[1].rank, item[1].title))
        self._classes = dict(order)

    def __getitem__(self, slug: str) -> type[S]:
        return self._classes[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)


def modules(package: str) -> Iterator[tuple[str, ModuleType]]:
    """Yield name and module of every file of a package whose name has no leading underscore."""
    found: Any = importlib.import_module(package)
    for module in pkgutil.iter_modules(found.__path__):
        if not module.name.startswith("_"):
            yield module.name, importlib.import_module(f"{package}.{module.name}")


def _lack(cls: type[Spec]) -> tuple[str, str] | None:
    """The first requirement that a class does not meet, with an example as source code; None if it meets all.

    Required are a docstring, the class facts that its base annotates without a value (the annotation carries the example), and
    the base's abstract methods.
    """
    if not cls.__doc__:
        return "docstring", '"""A constant rate."""'
    for name, hint in get_type_hints(cls.__base__, include_extras=True).items():
        if get_origin(hint) is ClassVar and not hasattr(cls, name):
            return name, f"{name} = {get_args(get_args(hint)[0])[1]}"
    for name, method in inspect.getmembers(cls, inspect.isfunction):
        if getattr(method, "__isabstractmethod__", False):
            return name, f"def {name}{inspect.signature(method)}".replace("'", "")
    return None
