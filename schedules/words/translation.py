"""Translations: all keys with their English texts, and a check of a language's file.

`python -m schedules.words.translation > schedules/words/xx.toml` begins one: every key, with its text in English.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from schedules import topics
from schedules.compare.branches import Branching
from schedules.feedback import FEEDBACK
from schedules.lessons import lessons
from schedules.policies import POLICIES
from schedules.real_run import RealRun
from schedules.real_run.cost import Cost
from schedules.real_run.groups import Group
from schedules.real_run.resume import Resume
from schedules.schedule import Schedule
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.runs import Run
from schedules.training.theory_results import CONDITION, MOMENTUM
from schedules.units import Units
from schedules.words import ENGLISH, Text, fields, texts_of

TEMPLATES = "lesson."
"""Prefix of the keys of declared texts that have fields, like sentences."""


@cache
def texts() -> Mapping[str, str]:
    """The English text of every key: first sentences, then declared texts.

    A file of another language has the same keys, as tables or as lines such as "policy.cosine.title" = "...".
    """
    found = dict(texts_of(ENGLISH))
    for text in declared():
        if found.setdefault(text.key, text.english) != text.english:
            raise ValueError(f"{text.key} is the key of two texts: {found[text.key]!r} and {text.english!r}")
    return MappingProxyType(found)


def written(texts: Mapping[str, str]) -> str:
    """The content of a language's file with these texts, a line each."""
    return "".join(f"{json.dumps(key)} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in texts.items())


def declared() -> Iterator[Text]:
    """Yield the texts of all declarations; a unit is repeated for each hyperparameter that has it."""
    for registry in (POLICIES, FEEDBACK, PROBLEMS, OPTIMIZERS):
        for cls in registry.values():
            yield from cls.texts()
    for spec in (Schedule, Run, Units, RealRun, Resume, Group, Cost, Branching):
        yield from spec.texts()
    yield from CONDITION.texts()
    yield from MOMENTUM.texts()
    yield from topics.texts()
    for lesson in lessons().values():
        yield from lesson.texts()


def faults(code: str) -> list[str]:
    """The errors in a language's file, a sentence each: missing keys, unknown keys, fields without a value."""
    english, found = texts(), texts_of(code)
    lines = [f"{code}.toml: {key} is missing; in English it is {english[key]!r}" for key in english if key not in found]
    lines += [f"{code}.toml: {key} is not a key of any text" for key in found if key not in english]
    for key, text in found.items():
        if key in english and (key in texts_of(ENGLISH) or key.startswith(TEMPLATES)):
            lines += [f"{code}.toml: {key} has {fault}" for fault in _field_faults(text, english[key])]
    return lines


def _field_faults(text: str, english: str) -> list[str]:
    try:
        named = fields(text)
    except ValueError as error:
        return [f"a field that cannot be read: {error}"]
    known = fields(english)
    return [
        f"a field {{{name}}}, which gets no value; known are {', '.join(known) or 'none'}"
        for name in named
        if name not in known
    ]


if __name__ == "__main__":
    print(written(texts()), end="")
