"""The declarations of every class: texts, titles and ranks. A failure names the class and the error."""

from __future__ import annotations

from collections import defaultdict

import pytest

from schedules.core.params import Choice, Nested
from schedules.feedback import FEEDBACK
from schedules.policies import POLICIES
from schedules.schedule import Schedule
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.runs import Run

REGISTRIES = (POLICIES, PROBLEMS, OPTIMIZERS, FEEDBACK)
REGISTERED = [cls for registry in REGISTRIES for cls in registry.values()]


def is_sentence(text: str) -> bool:
    return text[:1].upper() == text[:1] and text.endswith((".", "?"))


@pytest.mark.parametrize("cls", [Run, Schedule, *REGISTERED], ids=lambda cls: cls.__name__)
def test_declared_texts_are_complete(cls):
    name = cls.__name__
    assert cls.title[0].isupper() and not cls.title.endswith("."), (
        f"{name}.title = {cls.title!r}, must be a name, not a sentence"
    )
    assert is_sentence(cls.subtitle()), f"{name}'s docstring must begin with a sentence on one line, not {cls.subtitle()!r}"
    for param in cls.params:
        field = f"{name}.{param.name}"
        assert param.label[0].isupper(), f"the label of {field} must begin with a capital, not {param.label!r}"
        flat = isinstance(param, Nested) and param.flat
        assert flat or is_sentence(param.doc), f"the doc of {field} must be a sentence, not {param.doc!r}"
        if isinstance(param, Choice):
            bad = [option for option in param.options if not (option.isascii() and option.replace("_", "").isalnum())]
            assert not bad, f"{field} has the options {bad}: a link takes letters, digits and underscores only"
            assert len(param.labels) in (0, len(param.options)), f"{field} has {len(param.options)} options, {param.labels}"


@pytest.mark.parametrize("cls", REGISTERED, ids=lambda cls: cls.__name__)
def test_registered_classes_have_a_story_and_a_source(cls):
    assert cls.about(), f"{cls.__name__}'s docstring needs a paragraph after its first line: when it helps, what it shows"
    assert cls.source.title and 1847 <= cls.source.year <= 2100, f"{cls.__name__}.source = {cls.source}"
    assert cls.formula.count("{") == cls.formula.count("}"), f"{cls.__name__}.formula has unpaired braces: {cls.formula}"


@pytest.mark.parametrize("fact", ["title", "rank"])
@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.kind)
def test_titles_and_ranks_are_unique(registry, fact):
    owners = defaultdict(list)
    for cls in registry.values():
        owners[getattr(cls, fact)].append(cls.__name__)
    shared = [f"{' and '.join(names)} have the {fact} {value!r}" for value, names in owners.items() if len(names) > 1]
    assert not shared, f"{'; '.join(shared)}: each {registry.kind} needs its own"
