"""Spec: frozen dataclasses of declared hyperparameters, the base of everything that a user can select."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Self, TypeAlias, TypeVar, dataclass_transform, get_type_hints

import numpy as np
import numpy.typing as npt

from schedules.core.params import Number, Param, Spans, choice, count, knots, nested, number, ratio, span, spans, switch
from schedules.words import Text


@dataclass(frozen=True, slots=True)
class Source:
    """The reference of a statement: authors, year, title and, if there is one, an identifier or link."""

    authors: str
    year: int
    title: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}). {self.title}." + (f" {self.where}" if self.where else "")


CitedSource: TypeAlias = Annotated[Source, 'Source("Zinkevich", 2003, "Online Convex Programming")']
"""Annotation of a required `source`."""


def clauses(formula: str) -> list[str]:
    r"""Split a formula at \quad into the clauses between which a line may break.

    >>> clauses(r"\max(x, 0), \quad x = t / T")
    ['\\max(x, 0),', 'x = t / T']
    """
    return [clause.strip() for clause in formula.split(r"\quad")]


@dataclass_transform(
    kw_only_default=True,
    frozen_default=True,
    field_specifiers=(ratio, span, count, number, choice, spans, knots, switch, nested),
)
class Spec:
    """A frozen value made of declared hyperparameters. Two are equal when their classes and all fields are equal.

    Class facts: `title` (name on screen), `slug` (name in links; for registered classes the name of the file), `rank` (position
    in menus), `params` (the declarations in order), `quantities` (names of the fields that take a `Quantity`) and `key` (key of
    its texts in translations, such as "policy.cosine"). The first line of the docstring is the subtitle on screen.

    A base class annotates its facts. A fact without a value is required of registered classes; its annotation carries an
    example for the error message.
    """

    __slots__ = ()
    title: ClassVar[Annotated[str, '"Cosine decay"']]
    slug: ClassVar[str] = ""
    rank: ClassVar[int] = 100
    params: ClassVar[tuple[Param, ...]] = ()
    quantities: ClassVar[tuple[str, ...]] = ()
    key: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for param in self.params:
            value = param.check(getattr(self, param.name), type(self).__name__)
            object.__setattr__(self, param.name, value)

    @classmethod
    def param(cls, name: str) -> Param:
        """The declaration of a field; raises KeyError if there is none."""
        for param in cls.params:
            if param.name == name:
                return param
        raise KeyError(f"{cls.__name__} has no field {name!r}")

    @classmethod
    def subtitle(cls) -> str:
        """The first line of the docstring."""
        return (cls.__doc__ or "").strip().split("\n")[0]

    @classmethod
    def about(cls) -> str:
        """The docstring after its first line, without examples."""
        text = inspect.cleandoc(cls.__doc__ or "").partition("\n")[2]
        return text.partition(">>>")[0].strip()

    @classmethod
    def text(cls, fact: str) -> Text:
        """The "title", "subtitle" or "about" text of the class."""
        return Text(
            f"{cls.key}.{fact}", cls.title if fact == "title" else cls.subtitle() if fact == "subtitle" else cls.about()
        )

    @classmethod
    def texts(cls) -> Iterator[Text]:
        """Yield all texts of the hyperparameters, and of the class itself if it is registered."""
        yield from (text for text in map(cls.text, ("title", "subtitle", "about")) if cls.slug and text.english)
        for param in cls.params:
            yield from param.texts()

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed; raises ValueError if a value is out of bounds."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]


S = TypeVar("S", bound=Spec)


def computed(spec: S, **values: Any) -> S:
    """A copy with some fields set without a check: they are computed from checked ones, and may lie outside the bounds."""
    made = object.__new__(type(spec))
    for param in spec.params:
        object.__setattr__(made, param.name, values.get(param.name, getattr(spec, param.name)))
    return made


EXAMPLE = 'number(default=0.5, low=0, high=1, doc="What it does.")'
"""Example declaration for error messages."""


def declared(cls: type[S]) -> type[S]:
    """Class decorator that makes a Spec a frozen dataclass: `@declared class Bowl(Problem): ...`.

    Raises TypeError for a field without a declaration, and for a class fact that no base class has. A class's own constants
    have names in capitals.
    """
    _refuse_unknown_names(cls)
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    fields = dataclasses.fields(made)  # type: ignore[arg-type]
    for f in fields:
        if "param" not in f.metadata:
            example = f"{f.name} = {f.default!r}" if f.name in _inherited_names(cls) else f"{f.name}: {f.type} = {EXAMPLE}"
            raise TypeError(f"{cls.__name__}.{f.name} is not a declared hyperparameter: write e.g. {example}")
    return keyed(made, cls.__name__.casefold())


def keyed(cls: type[S], key: str) -> type[S]:
    """Set the key of the class and of its hyperparameters in translations; returns the class."""
    cls.key = key
    cls.params = tuple(f.metadata["param"].named(f.name, key) for f in dataclasses.fields(cls))  # type: ignore[arg-type]
    cls.quantities = tuple(param.name for param in cls.params if isinstance(param, Spans) or getattr(param, "quantity", None))
    return cls


def _inherited_names(cls: type[Spec]) -> list[str]:
    """The public attributes of the base class: facts and methods."""
    base = cls.__mro__[1]
    return [name for name in (*dir(base), *get_type_hints(base)) if not name.startswith("_")]


def _refuse_unknown_names(cls: type[Spec]) -> None:
    annotated, inherited = vars(cls).get("__annotations__", {}), _inherited_names(cls)
    for name, value in vars(cls).items():
        if name in annotated or name in inherited or name.startswith("_") or name.isupper() or hasattr(value, "__get__"):
            continue
        near = (*get_close_matches(name, inherited, 1), name.upper())[0]
        raise TypeError(f"{cls.__name__}.{name} is not a fact of {cls.__mro__[1].__name__}: write e.g. {near} = {value!r}")


def in_common(spec: Spec) -> Hashable:
    """Key that values must share to be stacked by `columns`: their class and each field that is shared or not a number."""
    return type(spec), tuple(getattr(spec, p.name) for p in spec.params if not isinstance(p, Number) or p.shared)


def columns(specs: Sequence[S], rows: int = 0, dtype: npt.DTypeLike = np.float64) -> S:
    """Stack values of one class: one value whose numeric fields are arrays of shape (len(specs),).

    The methods of the class then compute one run or a batch of runs with the same code. Fields that are shared or not numeric
    must be equal in all values, else ValueError.

    Args:
        specs: the values.
        rows: if not 0, the arrays have shape (rows, len(specs)): arithmetic on arrays of full shape is two to three times
            faster than with broadcasting.
        dtype: dtype of the arrays.
    """
    first = specs[0]
    stacked: dict[str, Any] = {}
    for param in first.params:
        values = [getattr(spec, param.name) for spec in specs]
        if isinstance(param, Number) and not param.shared:
            column = np.array(values, dtype=dtype)
            stacked[param.name] = np.tile(column, (rows, 1)) if rows else column
        elif any(value != values[0] for value in values):
            raise ValueError(f"{type(first).__name__}.{param.name} must be the same in every row")
    return computed(first, **stacked)
