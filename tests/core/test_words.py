import math
import re
import string

import numpy as np
import pytest

from schedules import words
from schedules.words import ENGLISH, Sentence, Text, keys, say, speak

FORMATS = re.compile(r"(percent|fold|rough|first|\.\d+g|[a-z -]+\|[a-z -]+)?")

NOUN = Text("problem.bowl.noun", "the bowl")


def value(form, number):
    """A value for a field of this format."""
    return NOUN if form == "first" else number


def fields(key):
    """The (name, format) of each field of a sentence."""
    template = words.texts_of("en")[key]
    return [(name, form, conversion) for _, name, form, conversion in string.Formatter().parse(template) if name is not None]


@pytest.mark.parametrize("key", keys())
def test_every_sentence_renders(key):
    assert all(name.isidentifier() and FORMATS.fullmatch(form) and not conversion for name, form, conversion in fields(key))
    text = str(say(key, **{name: value(form, 0.25) for name, form, _ in fields(key)}))
    assert text.strip() == text
    assert text
    assert not set("{}") & set(text)


@pytest.mark.parametrize("key", keys())
def test_a_count_of_one_uses_the_singular(key):
    text = str(say(key, **{name: value(form, 1) for name, form, _ in fields(key)}))
    assert not re.search(r"(?<![\d.,])(?<!- )1 (steps|epochs|updates|changes|seeds|runs|points|images|cards)\b", text)
    assert "one steps" not in text and not re.search(r"\b1 [a-z]+ are\b", text)


@pytest.fixture
def template(monkeypatch):
    """A function that sets a template of a sentence and renders it."""

    known = words.texts_of(ENGLISH)

    def render(text, **values):
        monkeypatch.setattr(words, "texts_of", lambda code: {**known, "sample": text})
        return str(say("sample", **values))

    return render


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("{x}", 3e-4, "3e-4"),
        ("{x}", 1000, "1,000"),
        ("{x}", np.int64(1000), "1,000"),
        ("{x}", np.float64(0.0017), "0.0017"),
        ("{x}", math.nan, "unknown"),
        ("{x}", "{y} & plain", "{y} & plain"),
        ("{x}", True, "True"),
        ("{x:rough}", 0.1234, "0.12"),
        ("{x:step|steps}", 1, "1 step"),
        ("{x:step|steps}", 1.0004, "1 step"),
        ("{x:epoch is|epochs are}", 0.5, "0.5 epochs are"),
        ("{x:step|steps}", 0, "0 steps"),
        ("{x:step|steps}", 30_000_000, "30,000,000 steps"),
        ("{x:percent}", 0.25, "25 %"),
        ("{x:percent}", 0.07, "7 %"),
        ("{x:percent}", 0.0021, "0.21 %"),
        ("{x:percent}", 1.0, "100 %"),
        ("{x:fold}", 0.0017 / 7.25, "1/4,300"),
        ("{x:fold}", 0.001, "1/1,000"),
        ("{x:fold}", 0.0, "0"),
        ("{x:fold}", 1 / 2.7e25, "less than a billionth"),
        ("{x}", 2.38e-43, "almost 0"),
        ("{x}", 1e-6, "1e-6"),
        ("{x:percent}", 0.9999, "99.99 %"),
        ("{x:percent}", 0.994, "99 %"),
        ("{x:percent}", 1.004, "100 %"),
        ("{x:percent}", 3e-27, "less than a millionth"),
        ("{x:rough}", 7.3e25, "more than a million"),
    ],
)
def test_numbers_in_sentences_are_formatted(template, text, value, shown):
    assert template(text, x=value) == shown


def test_a_sentence_may_begin_with_a_text(template):
    assert template("{x:first} and {x}", x=NOUN) == "The bowl and the bowl"


def test_an_unknown_sentence_raises():
    with pytest.raises(KeyError, match=r"no\.such\.sentence"):
        str(say("no.such.sentence"))


def test_a_missing_value_raises(template):
    with pytest.raises(KeyError, match="x"):
        template("{x}")


def test_an_unknown_language_raises():
    with pytest.raises(ValueError, match=r"language must be one of .*en.*, got 'xx'"):
        speak("xx")


def test_a_sentence_compares_by_key_and_values():
    assert say("notice.too_long", longest=4_000) == Sentence("notice.too_long", (("longest", 4_000),))
    assert "4,000" in str(say("notice.too_long", longest=4_000))
