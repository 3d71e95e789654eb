"""The sentences on screen, and the language of the session.

English stands in two places: its sentences in `english_sentences.toml`; titles, labels, descriptions, options, units and
lessons in the declarations that they belong to, as `Text`. Another language is one file `xx.toml` with all texts, whose keys
`schedules.words.translation` lists.

Code refers to a sentence by its key and passes the values. Each template is complete, so that it can be translated as one text.

`Sentence` and `Text` become strings as late as possible, in the language that `speak` has set for the current context. New
threads start in English: pass the language on with `speaking`. A cache of strings needs `language.get()` in its key.
"""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from numbers import Real
from pathlib import Path
from string import Formatter
from typing import Any, TypeAlias

from schedules.core.numbers import ENGLISH_STYLE, NumberStyle, format_number, number_style

ENGLISH = "en"
FOLDER = Path(__file__).parent
"""Folder of the language files."""
ENGLISH_SENTENCES = "english_sentences"
"""Name of the file of English; another language's file is named by its code, and has the declared texts too."""
language: ContextVar[str] = ContextVar("language", default=ENGLISH)
"""Code of the language in which sentences become strings. Set it with `speak`, which also sets the format of numbers."""
PLURALS: dict[str, Callable[[str], int]] = {ENGLISH: lambda number: int(number != "1")}
"""By language, the index of the form in `{x:step|steps}` for a formatted number. Other languages count like English."""


def languages() -> tuple[str, ...]:
    """The codes of the languages that have a file."""
    return tuple(sorted({ENGLISH, *(path.stem for path in FOLDER.glob("*.toml"))} - {ENGLISH_SENTENCES}))


def speak(code: str) -> None:
    """Set the language of this context; raises ValueError for a language without a file."""
    if code != ENGLISH and code not in languages():
        raise ValueError(f"language must be one of {', '.join(languages())}, got {code!r}")
    language.set(code)
    number_style.set(_style(code))


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Set the language inside a `with` statement; for threads, which start in English."""
    before = language.get()
    speak(code)
    try:
        yield
    finally:
        speak(before)


class _Number(float):
    """A number that formats itself: `{x:percent}`, `{x:fold}` (a share as 1/4,300), `{x:rough}` (two digits).

    `{x:step|steps}` is a count with its noun: 1 step, 2 steps. Numbers too small or too large to be meaningful become words.
    """

    least = 2
    """Digits of a percentage and of a rough number, at least."""

    def __format__(self, format_spec: str) -> str:
        if not format_spec:
            return self._plain()
        if "|" in format_spec:
            forms, number = format_spec.split("|"), self._plain()
            index = PLURALS.get(language.get(), PLURALS[ENGLISH])(number)
            return f"{number} {forms[min(index, len(forms) - 1)]}"
        if written := {"percent": self._percent, "fold": self._fold, "rough": self._rough}.get(format_spec):
            return written()
        return float.__format__(self, format_spec)

    def _plain(self) -> str:
        return _template("number.almost_zero") if 0 < self < 1e-12 else format_number(self)

    def _percent(self) -> str:
        digits = self.least
        while self < 1 and digits < 6 and float(f"{100 * self:.{digits}g}") == 100:
            digits += 1  # never round a share below 1 up to 100 %
        return _template("number.millionth") if 0 < self < 1e-8 else f"{format_number(100 * self, digits)} %"

    def _fold(self) -> str:
        if 0 < self < 1e-9:
            return _template("number.billionth")
        return f"1/{format_number(float(f'{1 / self:.2g}'))}" if self > 0 else "0"

    def _rough(self) -> str:
        return _template("number.million") if self > 1e6 else format_number(self, self.least)


class _Phrase(str):
    """A text inside a sentence; `{x:first}` begins a sentence with it: its first letter is a capital."""

    __slots__ = ()

    def __format__(self, format_spec: str) -> str:
        return self[:1].upper() + self[1:] if format_spec == "first" else str.__format__(self, format_spec)


class Compared(float):
    """A number beside a threshold, written with as many digits as tell the two apart: see `compared`."""

    least: int


def compared(value: float, threshold: float) -> Compared:
    """A value that a sentence compares with a threshold: as a percentage or roughly, 70.4 % is not written like 70 %."""
    found = Compared(value)
    found.least = next((n for n in range(2, 7) if value == threshold or f"{value:.{n}g}" != f"{threshold:.{n}g}"), 2)
    return found


def removed(left: float, threshold: float = math.nan) -> Compared:
    """The share that is missing where `left` is left, written so that both add up: 99.5 % is removed where 0.5 % is left.

    With a threshold of what may be left, it is also not written like the share that is missing there.
    """
    found = compared(1 - left, 1 - threshold)
    found.least = max(found.least, 2 + max(0, int(-math.log10(left))) if 0 < left < 1 else 2)
    return found


def file_of(code: str) -> Path:
    """The file of a language."""
    return FOLDER / f"{ENGLISH_SENTENCES if code == ENGLISH else code}.toml"


@cache
def texts_of(code: str) -> Mapping[str, str]:
    """The texts in a language's file by dotted key: "verdict.diverged" -> text."""

    def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        for key, value in table.items():
            found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        return found

    return flat(tomllib.loads(file_of(code).read_text(encoding="utf-8")))


@cache
def _style(code: str) -> NumberStyle:
    if code == ENGLISH:
        return ENGLISH_STYLE  # it stands in the code too, because numbers are written below this layer
    texts = {**texts_of(ENGLISH), **texts_of(code)}
    return NumberStyle(**{field.name: texts[f"number.{field.name}"] for field in dataclasses.fields(NumberStyle)})


def _template(key: str) -> str:
    """The template of a key in the context's language, or in English if the language's file lacks the key."""
    found = texts_of(language.get()).get(key)
    return texts_of(ENGLISH)[key] if found is None else found


def keys() -> tuple[str, ...]:
    """The keys of all sentences."""
    return tuple(texts_of(ENGLISH))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A key and its values; `str(sentence)` is the text in the context's language.

    A value may itself be a Sentence or Text, for templates that set the order of several texts. An unknown key raises KeyError.
    """

    key: str
    values: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return fill(_template(self.key), dict(self.values))


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a declared thing: its key in language files, and the English text; `str(text)` is in the context's language."""

    key: str
    english: str

    def __str__(self) -> str:
        code = language.get()
        return self.english if code == ENGLISH else texts_of(code).get(self.key, self.english)


Words: TypeAlias = Sentence | Text
"""Anything that becomes a string in the context's language."""


def fields(template: str) -> list[str]:
    """The field names in a template; a name may contain dots."""
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Fill the fields of a template; raises KeyError for a missing value.

    A field is a plain key, which may contain dots, and a format; there is no access to attributes or items of values.
    """
    return "".join(
        [before if name is None else before + format(_shown(values[name]), form) for before, name, form in _pieces(template)]
    )


@lru_cache(maxsize=4_096)
def _pieces(template: str) -> tuple[tuple[str, str | None, str], ...]:
    """The parts of a template: text, and name and format of the field after it, None at the end."""
    return tuple((before, name, form or "") for before, name, form, _ in Formatter().parse(template))


def _shown(value: Any) -> Any:
    if isinstance(value, (Sentence, Text)):
        return _Phrase(value)
    if isinstance(value, bool) or not isinstance(value, (float, Real)):
        return value
    number = _Number(value)
    if isinstance(value, Compared):
        number.least = value.least
    return number


def say(key: str, **values: Any) -> Sentence:
    """Make the sentence with this key and these values."""
    return Sentence(key, tuple(values.items()))
