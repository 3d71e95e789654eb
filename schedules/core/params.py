"""Hyperparameters, each declared once: default, bounds, scale, unit, symbol and a one-sentence description.

Slider, validation, link, cache key, exported code and contract tests are derived from the declaration. Every kind has closed
bounds, and every value within them is valid. Numbers in links are written by `schedules.core.link_numbers`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from schedules.core.link_numbers import (
    NOT_A_NUMBER,
    plain_number,
    read_number,
    read_pairs,
    write_number,
    write_pairs,
)
from schedules.core.numbers import format_number
from schedules.core.quantities import Quantity, Rate, Steps
from schedules.words import Sentence, Text, say

if TYPE_CHECKING:
    from schedules.core.registry import Registry

Scale = Literal["linear", "log", "log1m"]
"""Spacing of values along a slider; "log1m" is logarithmic in 1 - value, for decay factors close to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """Base class of hyperparameter declarations.

    Attributes:
        name: the field's name, filled in by the class that declares it.
        default: the default value.
        doc: one sentence, shown as help.
        symbol: its letter in formulas, as LaTeX.
        label: its name on screen; by default made from the field's name.
        names: its names in other libraries, for search and help.
        unit: the unit of a number, as shown after it on screen.
        more: whether a page shows it under "More".
        hidden: whether a page omits it while it has its default.
        matters: function of the containing object that returns whether the field has an effect; None if it always has.
        key: key of its texts in translations, such as "policy.cosine.floor"; filled in like `name`.
    """

    name: str = ""
    default: Any = None
    doc: str = ""
    symbol: str = ""
    label: str = ""
    names: tuple[str, ...] = ()
    unit: str = ""
    more: bool = False
    hidden: bool = False
    matters: Callable[[Any], bool] | None = None
    key: str = ""

    def named(self, name: str, owner: str) -> Param:
        """A copy of this declaration with the name of its field; `owner` is the key of the class that declares it."""
        label = self.label or name.replace("_", " ").capitalize()
        return dataclasses.replace(self, name=name, label=label, key=f"{owner}.{name}")

    def text(self, fact: str) -> Text:
        """The "label", "doc" or "unit" of this declaration. Declarations with the same unit share its text."""
        english: str = getattr(self, fact)
        return Text(f"unit.{english.replace(' ', '_')}" if fact == "unit" else f"{self.key}.{fact}", english)

    def texts(self) -> Iterator[Text]:
        """Yield all texts of this declaration that are not empty."""
        yield from (text for text in map(self.text, ("label", "doc", "unit")) if text.english)

    def check(self, value: Any, owner: str) -> Any:
        """Return the value as a plain Python value; raise ValueError that names owner, field and allowed range."""
        raise NotImplementedError

    def repair(self, value: Any) -> Any:
        """Return the valid value closest to a decoded one."""
        raise NotImplementedError

    def encode(self, value: Any) -> str:
        """Encode a valid value as text made of letters, digits, dot, minus and underscore."""
        raise NotImplementedError

    def decode(self, text: str) -> Any:
        """Decode text into a value that is not checked yet; raise ValueError if it cannot be read."""
        raise NotImplementedError

    def corners(self) -> tuple[Any, ...]:
        """Values for contract tests: the corners of the allowed range and the default."""
        raise NotImplementedError

    def allowed(self) -> Sentence:
        """Describe the allowed range."""
        raise NotImplementedError

    def _refuse(self, value: Any, owner: str) -> ValueError:
        return ValueError(f"{owner}.{self.name} must be {self.allowed()}, got {value!r}")


def _checked(value: Any, low: float, high: float, integer: bool, quantity: type[Quantity] | None) -> Any:
    """A number or a quantity of this class as a plain Python value; raises one of NOT_A_NUMBER if it is not allowed."""
    if quantity and type(value) is quantity:
        return quantity(_checked(value.number, 0, quantity.high, quantity.integer, None))
    number = plain_number(value)
    if not low <= number <= high or (integer and number != int(number)):
        raise ValueError(value)
    return int(number) if integer else number


def _clipped(value: Any, low: float, high: float) -> Any:
    """The number or the quantity within its bounds that is closest to a decoded one."""
    if not isinstance(value, Quantity):
        return float(min(max(plain_number(value), low), high))
    inside = _clipped(value.number, 0, value.high)
    return type(value)(round(inside) if value.integer else inside)


def _written(value: float | Quantity) -> str:
    return str(value) if isinstance(value, Quantity) else write_number(value)


def _read(text: str, quantity: type[Quantity] | None) -> float | Quantity:
    if quantity and text.endswith(quantity.suffix):
        return quantity(read_number(text.removesuffix(quantity.suffix)))
    return read_number(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Param):
    """A number in a closed interval.

    `kind` is its meaning: a ratio of the peak, a span of the run (a fraction, rounded to steps), a count of updates, or a plain
    number. A `shared` number sets a size (dimensions, batch size), so all rows of a batch of runs must agree on it: it stays a
    number where other fields become arrays with one entry per row. Instead of a number the value may be a `quantity`, which
    keeps its unit: a span in steps, or a floor as a rate. `rate_names` are those of `names` that mean a rate where this is a
    ratio.
    """

    low: float
    high: float
    scale: Scale = "linear"
    kind: Literal["ratio", "span", "count", "number"] = "number"
    integer: bool = False
    shared: bool = False
    quantity: type[Quantity] | None = None
    rate_names: tuple[str, ...] = ()

    def check(self, value: Any, owner: str) -> Any:
        try:
            return _checked(value, self.low, self.high, self.integer, self.quantity)
        except NOT_A_NUMBER:
            raise self._refuse(value, owner) from None

    def repair(self, value: Any) -> Any:
        number = _clipped(value, self.low, self.high)
        return round(number) if self.integer else number

    def encode(self, value: Any) -> str:
        return _written(value)

    def decode(self, text: str) -> float | Quantity:
        return _read(text, self.quantity)

    def corners(self) -> tuple[Any, ...]:
        return tuple(dict.fromkeys((self.default, self.low, self.high)))

    def quantities(self) -> tuple[Quantity, ...]:
        """Values for contract tests, in the unit of `quantity`: the lowest, some in between, and the largest."""
        return tuple(map(self.quantity, (0, 1, 30, self.quantity.high))) if self.quantity else ()

    def allowed(self) -> Sentence:
        kind = self.quantity.__name__.casefold() if self.quantity else "whole" if self.integer else "number"
        return say(f"allowed.{kind}", low=format_number(self.low, 7), high=format_number(self.high, 7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Param):
    """One of several named options; `labels` are their names on screen."""

    options: tuple[str, ...]
    labels: tuple[str, ...] = ()

    def check(self, value: Any, owner: str) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise self._refuse(value, owner)
        return str(value)

    def repair(self, value: Any) -> str:
        return str(value)

    def encode(self, value: Any) -> str:
        return str(value)

    def decode(self, text: str) -> str:
        if text not in self.options:
            raise ValueError(text)
        return text

    def corners(self) -> tuple[Any, ...]:
        return self.options

    def allowed(self) -> Sentence:
        return say("allowed.choice", options=", ".join(self.options))

    def shown(self, option: str) -> Text:
        """The name of an option on screen."""
        names = self.labels or tuple(o.replace("_", " ").capitalize() for o in self.options)
        return Text(f"{self.key}.option.{option}", names[self.options.index(option)])

    def texts(self) -> Iterator[Text]:
        yield from Param.texts(self)
        yield from map(self.shown, self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Param):
    """On or off."""

    def check(self, value: Any, owner: str) -> bool:
        if not isinstance(value, bool | np.bool_):
            raise self._refuse(value, owner)
        return bool(value)

    def repair(self, value: Any) -> bool:
        return bool(value)

    def encode(self, value: Any) -> str:
        return "on" if value else "off"

    def decode(self, text: str) -> bool:
        if text not in ("on", "off"):
            raise ValueError(text)
        return text == "on"

    def corners(self) -> tuple[Any, ...]:
        return (False, True)

    def allowed(self) -> Sentence:
        return say("allowed.switch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans(Param):
    """One to `most` fractions of the run or numbers of `Steps`; repeated values are allowed and count separately.

    They are sorted, fractions before steps: only a schedule knows which of them comes first.
    """

    low: float = 0.0
    high: float = 1.0
    most: int = 6

    def check(self, value: Any, owner: str) -> tuple[float | Quantity, ...]:
        try:
            moments = self._sorted(_checked(v, self.low, self.high, False, Steps) for v in value)
        except NOT_A_NUMBER:
            raise self._refuse(value, owner) from None
        if not 1 <= len(moments) <= self.most:
            raise self._refuse(value, owner)
        return moments

    def repair(self, value: Any) -> tuple[float | Quantity, ...]:
        return self._sorted(_clipped(v, self.low, self.high) for v in value)[: self.most]

    def encode(self, value: Any) -> str:
        return "_".join(map(_written, value))

    def decode(self, text: str) -> tuple[float | Quantity, ...]:
        return tuple(_read(part, Steps) for part in text.split("_"))

    def corners(self) -> tuple[Any, ...]:
        middle = (self.low + self.high) / 2
        return (
            self.default,
            (middle,),
            (self.low,) * self.most,
            (self.high,) * self.most,
            (middle,) * self.most,
            tuple(np.linspace(self.low, self.high, self.most).tolist()),
        )

    def quantities(self) -> tuple[tuple[float | Quantity, ...], ...]:
        """Values for contract tests that contain lengths in steps."""
        return (Steps(0),), (self.high, Steps(1), Steps(30)), (Steps(int(Steps.high)),) * self.most

    @staticmethod
    def _sorted(values: Iterable[Any]) -> tuple[float | Quantity, ...]:
        return tuple(sorted(values, key=lambda v: (True, v.number) if isinstance(v, Quantity) else (False, v)))

    def allowed(self) -> Sentence:
        return say("allowed.spans", most=self.most, low=self.low, high=self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knots(Param):
    """`least` to `most` pairs of a fraction of the run and the ratio of the peak at that point.

    Sorted by fraction; the sort is stable. Pairs with the same fraction form a jump, and the last of them applies from there
    on.
    """

    least: int = 2
    most: int = 12

    def check(self, value: Any, owner: str) -> tuple[tuple[float, float], ...]:
        try:
            pairs = self._sorted((plain_number(at), plain_number(ratio)) for at, ratio in value)
        except NOT_A_NUMBER:
            raise self._refuse(value, owner) from None
        if not self.least <= len(pairs) <= self.most or not all(0 <= v <= 1 for pair in pairs for v in pair):
            raise self._refuse(value, owner)
        return pairs

    def repair(self, value: Any) -> tuple[tuple[float, float], ...]:
        inside = self._sorted((_clipped(at, 0, 1), _clipped(ratio, 0, 1)) for at, ratio in value)[: self.most]
        return inside + inside[-1:] * (self.least - len(inside))

    def encode(self, value: Any) -> str:
        return write_pairs(value)

    def decode(self, text: str) -> tuple[tuple[float, float], ...]:
        return read_pairs(text)

    def corners(self) -> tuple[Any, ...]:
        steps = np.linspace(0, 1, self.most).tolist()
        return (
            self.default,
            ((0.25, 1.0), (0.75, 0.0)),
            tuple((at, float(i % 2)) for i, at in enumerate(steps)),
            ((0.0, 0.0),) * self.most,
            ((1.0, 1.0),) * self.most,
            ((0.5, 0.5),) * self.most,
        )

    def allowed(self) -> Sentence:
        return say("allowed.knots", least=self.least, most=self.most)

    @staticmethod
    def _sorted(pairs: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
        return tuple(sorted(pairs, key=lambda pair: pair[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested(Param):
    """Another Spec: one picked from a registry, or always of the same class when `registry` is None.

    With `flat`, its fields appear in links without the prefix of their holder.
    """

    base: type
    registry: Registry[Any] | None = None
    flat: bool = False

    def check(self, value: Any, owner: str) -> Any:
        if not isinstance(value, self.base):
            raise self._refuse(value, owner)
        return value

    def texts(self) -> Iterator[Text]:
        yield from ()  # pages name menus by sentences

    def corners(self) -> tuple[Any, ...]:
        return (self.default,)

    def allowed(self) -> Sentence:
        return say("allowed.nested", name=self.base.__name__)


def _declare(param: Param) -> Any:
    return field(default=param.default, metadata={"param": param})


def ratio(default: float, *, low: float = 0.0, high: float = 1.0, or_rate: bool = False, **properties: Any) -> Any:
    """A ratio of the peak rate; with `or_rate` it may also be given as a `Rate`."""
    properties["quantity"] = Rate if or_rate else None
    return _declare(Number(kind="ratio", default=default, low=low, high=high, **properties))


def span(default: float, *, low: float = 0.0, high: float = 1.0, **properties: Any) -> Any:
    """A length as a fraction of the run, rounded to steps, or as a number of `Steps`."""
    return _declare(Number(kind="span", default=default, low=low, high=high, unit="of the run", quantity=Steps, **properties))


def count(default: float, *, low: float = 1.0, high: float = 1e6, **properties: Any) -> Any:
    """A time constant in updates, independent of the length of the run."""
    properties = {"scale": "log", "unit": "updates"} | properties
    return _declare(Number(kind="count", default=default, low=low, high=high, **properties))


def number(default: float, *, low: float, high: float, **properties: Any) -> Any:
    """A plain number."""
    return _declare(Number(default=default, low=low, high=high, **properties))


def choice(default: str, *, options: Sequence[str], **properties: Any) -> Any:
    """One of several options."""
    return _declare(Choice(default=default, options=tuple(options), **properties))


def switch(default: bool, **properties: Any) -> Any:
    """On or off."""
    return _declare(Switch(default=default, **properties))


def spans(default: Sequence[float], **properties: Any) -> Any:
    """Sorted points in time, as fractions of the run or in `Steps`."""
    return _declare(Spans(default=tuple(default), **properties))


def knots(default: Sequence[tuple[float, float]], **properties: Any) -> Any:
    """The points of a user-drawn curve: fractions of the run with ratios of the peak."""
    return _declare(Knots(default=tuple(default), **properties))


def nested(default: Any, *, base: type, **properties: Any) -> Any:
    """Another Spec as a field."""
    return _declare(Nested(default=default, base=base, **properties))
