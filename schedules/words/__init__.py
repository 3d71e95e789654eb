"""Every sentence that Anneal says, in one place.

Templates live in a TOML file per language; code names a sentence by its key and hands over the numbers. No sentence is
built from pieces, so each can be translated whole.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from numbers import Real
from pathlib import Path
from string import Formatter
from typing import Any

from schedules.core.numbers import people


class _Number(float):
    """A number that formats itself as people write it; `{x:percent}`, `{x:fold}` (1/4,300 of a whole) and `{x:rough}` are ours.

    `{x:step|steps}` is a count with its noun: 1 step, 2 steps. What is too small or too large to mean anything is put in words.
    """

    def __format__(self, format_spec: str) -> str:
        if "|" in format_spec:
            one, many = format_spec.split("|")
            return f"{self._plain()} {one if self._plain() == '1' else many}"
        if written := {"": self._plain, "percent": self._percent, "fold": self._fold, "rough": self._rough}.get(format_spec):
            return written()
        return float.__format__(self, format_spec)

    def _plain(self) -> str:
        return "almost 0" if 0 < self < 1e-12 else people(self)

    def _percent(self) -> str:
        digits = 2
        while self < 1 and digits < 6 and float(f"{100 * self:.{digits}g}") == 100:
            digits += 1  # nearly all of it is not all of it
        return "less than a millionth" if 0 < self < 1e-8 else f"{people(100 * self, digits)} %"

    def _fold(self) -> str:
        if 0 < self < 1e-9:
            return "less than a billionth"
        return f"1/{people(float(f'{1 / self:.2g}'))}" if self > 0 else "0"

    def _rough(self) -> str:
        return "more than a million" if self > 1e6 else people(self, 2)


@cache
def _templates(language: str) -> Mapping[str, str]:
    """All templates of a language, flat: "verdict.diverged" -> text."""

    def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        for key, value in table.items():
            found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        return found

    return flat(tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text(encoding="utf-8")))


def keys(language: str = "en") -> tuple[str, ...]:
    """The keys of every sentence of a language."""
    return tuple(_templates(language))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as data: its key and the values that go into it. `str(sentence)` is the sentence in English.

    A value may be a sentence itself, where a template says in which order whole sentences follow each other.
    """

    key: str
    values: tuple[tuple[str, Any], ...] = ()

    def text(self, language: str = "en") -> str:
        """The sentence in a language; an unknown key raises KeyError."""
        return fill(_templates(language)[self.key], dict(self.values), language)

    def __str__(self) -> str:
        return self.text()


def fields(template: str) -> list[str]:
    """The names of the fields of a template; a name may have dots in it."""
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


def fill(template: str, values: Mapping[str, Any], language: str = "en") -> str:
    """A template with these values in its fields; a missing one raises KeyError."""
    return _Filled().vformat(template, (), {name: _shown(value, language) for name, value in values.items()})


class _Filled(Formatter):
    """Fields are names and nothing else: no attribute or entry of a value is looked up."""

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        return kwargs[field_name], field_name


def _shown(value: Any, language: str) -> Any:
    if isinstance(value, Sentence):
        return value.text(language)
    return _Number(value) if isinstance(value, Real) and not isinstance(value, bool) else value


def say(key: str, **values: Any) -> Sentence:
    """The sentence of this key, with these values."""
    return Sentence(key, tuple(values.items()))
