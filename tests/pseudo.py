"""A language generated from English for tests: letters become full-width forms, so that untranslated text can be detected.

Fields, formulas, code and commands of LaTeX stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from pages.parts.theory import sections
from schedules import POLICIES, Run, Schedule, words
from schedules.catalogue import cards, topics
from schedules.core.params import Number
from schedules.core.spec import Source
from schedules.export import TARGETS
from schedules.feedback import FEEDBACK
from schedules.lessons import chapter, lessons
from schedules.libraries import LIBRARIES
from schedules.real_run.cost import Cost
from schedules.real_run.groups import Group
from schedules.real_run.resume import Resume
from schedules.theory import bound, language_runs
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.units import Units
from schedules.words.translation import texts, written

CODE = "xx"
WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}
KEPT = re.compile(r"\$[^$]+\$|`[^`]+`|\{[^}]*\}")
"""Formulas, code and fields."""


def translated(text: str) -> str:
    """The text in full-width letters; of a field such as `{x:step|steps}` the forms of its noun."""
    pieces, end = [], 0
    for kept in KEPT.finditer(text):
        pieces += [text[end : kept.start()].translate(WIDE), _kept(kept[0])]
        end = kept.end()
    return "".join([*pieces, text[end:].translate(WIDE)])


def _kept(piece: str) -> str:
    name, colon, form = piece.partition(":")
    return name + colon + form.translate(WIDE) if piece.startswith("{") and "|" in form else piece


def install(folder: Path, patched: pytest.MonkeyPatch, found: dict[str, str], code: str = CODE) -> None:
    """Make the files of a folder the languages, English and one with these texts, until the patch is undone."""
    english = words.file_of(words.ENGLISH).read_text(encoding="utf-8")
    patched.setattr(words, "FOLDER", folder)
    for name, content in ((words.ENGLISH, english), (code, written(found))):
        words.file_of(name).write_text(content, encoding="utf-8")


def pseudo() -> dict[str, str]:
    """Every text in the generated language."""
    return {key: translated(text) for key, text in texts().items()}


def names() -> re.Pattern[str]:
    """Names that are not translated: sources, libraries, and their names of schedules and arguments."""
    specs = [cls for registry in (POLICIES, FEEDBACK, PROBLEMS, OPTIMIZERS) for cls in registry.values()]
    params = [param for spec in (*specs, Schedule, Run, Units, Resume, Group, Cost) for param in spec.params]
    found = {str(holder.source) for holder in (*specs, *cards(), *topics())}
    found |= {str(source) for lesson in lessons().values() for source in lesson.sources}
    found |= {str(source) for source in vars(sections).values() if isinstance(source, Source)}
    found |= {str(source) for source in (*chapter.SOURCES, *bound.SOURCES, *language_runs.SOURCES)}
    found |= {", ".join(thing.names) for thing in (*params, *POLICIES.values(), *FEEDBACK.values()) if thing.names}
    rates = {param: param.rate_names for param in params if isinstance(param, Number) and param.rate_names}
    found |= {", ".join(names) for names in rates.values()}
    found |= {", ".join(name for name in param.names if name not in names) for param, names in rates.items()} - {""}
    found |= {name.text for card in (*cards(), *topics()) for name in card.calls}
    found |= {name.text for card in cards() for row in card.entries for name in row.names}
    found |= {"cos", "tanh", "max"}  # functions in arithmetic
    return pattern(found | {*LIBRARIES, *(target.library for target in TARGETS.values())})


def pattern(found: Iterable[str]) -> re.Pattern[str]:
    """Any of these names, the longest first."""
    return re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(found, key=len, reverse=True)))


def plain_words(text: str, names: re.Pattern[str]) -> list[str]:
    """The untranslated words of a text, without names."""
    return re.findall(r"(?<![\w.-])[A-Za-z]{2,}", names.sub(" ", text))
