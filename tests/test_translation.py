"""Translations: a language file has exactly the keys of English, and every displayed text uses it."""

from __future__ import annotations

import threading

import pytest

from schedules import words
from schedules.core.numbers import ENGLISH_STYLE, NumberStyle, format_number
from schedules.policies import POLICIES
from schedules.words import Text, languages, say, speak, speaking
from schedules.words.translation import declared, faults, texts
from tests import pseudo


@pytest.fixture
def language(tmp_path, monkeypatch):
    """A function that makes given texts a language and returns its code."""
    known = iter("abcdefgh")

    def install(found):
        code = f"x{next(known)}"
        pseudo.install(tmp_path, monkeypatch, found, code)
        words.texts_of.cache_clear()
        words._style.cache_clear()
        return code

    yield install
    words.texts_of.cache_clear()
    words._style.cache_clear()


def test_every_language_is_complete():
    assert [fault for code in languages() if code != "en" for fault in faults(code)] == []


def test_a_complete_language_has_no_errors(language):
    code = language(pseudo.pseudo())
    assert faults(code) == []
    assert words.texts_of(code) == pseudo.pseudo(), "texts round-trip through the file"


@pytest.mark.parametrize("key", ["notice.more", "policy.cosine.title", "schedule.peak_lr.label", "lesson.warmup.1.question"])
def test_each_missing_key_is_named_with_its_english(language, key):
    found = pseudo.pseudo()
    english = texts()[key]
    del found[key]
    code = language(found)
    assert faults(code) == [f"{code}.toml: {key} is missing; in English it is {english!r}"]


def test_each_unknown_key_and_field_is_named(language):
    found = pseudo.pseudo() | {
        "policy.cosinus.title": "?",
        "notice.more": "{number}",
        "lesson.size.1.reading": "{below.nothing}",
        "policy.cosine.about": "{braces} stand in formulas too",
    }
    named = faults(language(found))
    assert len(named) == 3
    assert "policy.cosinus.title is not a key of any text" in named[0]
    assert "notice.more has a field {number}, which gets no value; known are count" in named[1]
    assert "lesson.size.1.reading has a field {below.nothing}" in named[2]


def test_every_declared_text_has_a_unique_key():
    assert {"schedule.peak_lr.label", "problem.bowl.subtitle", "units.batch.doc", "theory.condition.label"} <= texts().keys()
    assert "schedule.warmup_shape.option.linear" in texts()
    assert all(key == key.strip(".") and ".." not in key for key in texts()), "a declaration has no key"
    shared = [text.key for text in declared() if not text.key.startswith("unit.")]
    assert len(shared) == len(set(shared))


def test_sentences_are_translated_when_they_become_strings(language):
    code = language(pseudo.pseudo())
    late = say("notice.more", count=2), POLICIES["cosine"].text("title"), POLICIES["cosine"].param("floor").allowed()
    english = [str(one) for one in late]
    with speaking(code):
        assert [str(one) for one in late] == [pseudo.translated(text) for text in english]
        nested = str(say("control.about", label=late[1]))
    assert pseudo.translated("Cosine decay") in nested
    assert [str(one) for one in late] == english


def test_numbers_and_plurals_follow_the_language(language, monkeypatch):
    found = pseudo.pseudo() | {
        "number.thousands": ".",
        "number.decimal": ",",
        "number.unknown": "?",
        "explore.readouts.early": "{steps:raz|dwa|duzo}",
    }
    code = language(found)
    monkeypatch.setitem(words.PLURALS, code, lambda number: 0 if number == "1" else 1 if number in "234" else 2)
    with speaking(code):
        assert (format_number(1_234.5, 5), format_number(0.0017), format_number(float("nan"))) == ("1.234,5", "0,0017", "?")
        assert [str(say("explore.readouts.early", steps=n)) for n in (1, 3, 1_000)] == ["1 raz", "3 dwa", "1.000 duzo"]
    assert format_number(1_234.5, 5) == "1,234.5"


def test_english_number_format_matches_its_file():
    assert NumberStyle(**{name: texts()[f"number.{name}"] for name in NumberStyle.__slots__}) == ENGLISH_STYLE


def test_a_missing_translation_falls_back_to_english(language):
    with speaking(language({})):
        assert str(say("notice.more", count=2)) == "And 2 more."
        assert str(Text("policy.cosine.title", "Cosine decay")) == "Cosine decay"


def test_threads_start_in_english_and_keep_a_separate_language(language):
    code, seen = language(pseudo.pseudo()), []
    with speaking(code):
        thread = threading.Thread(target=lambda: (seen.append(words.language.get()), speak(code)))
        thread.start()
        thread.join()
    assert seen == ["en"]
    assert words.language.get() == "en"
