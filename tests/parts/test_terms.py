"""The terms that the pages mark in sentences."""

from __future__ import annotations

import re

import pytest

from pages.parts.terms import terms_data
from schedules.words import keys
from schedules.words.translation import texts

TERMS = terms_data()
SENTENCES = {key: text for key, text in texts().items() if key.startswith(("verdict.", "advice.", "own.", "explore.readouts."))}


def test_each_term_has_an_explanation_and_no_other_has():
    assert [key for key in keys() if key.startswith("terms.help.")] == [f"terms.help.{term}" for term in TERMS["words"]]


@pytest.mark.parametrize("term", TERMS["words"])
def test_a_term_occurs_in_the_sentences_that_are_marked(term):
    words = "|".join(map(re.escape, TERMS["words"][term].split("|")))
    assert any(re.search(rf"\b(?:{words})\b", text, re.IGNORECASE) for text in SENTENCES.values())


@pytest.mark.parametrize("term", TERMS["words"])
def test_longer_words_come_first(term):
    words = TERMS["words"][term].split("|")
    assert not any(later.startswith(word) for i, word in enumerate(words) for later in words[i + 1 :])


@pytest.mark.parametrize("term", TERMS["words"])
def test_an_explanation_is_one_sentence_that_begins_with_the_term(term):
    text = TERMS["help"][term]
    assert re.fullmatch(r"\*\*[^*]+\*\*: [^.]+\.", text.replace("1/1,000", "1/1000")), text
    assert len(text.split()) <= 30


def test_verdicts_name_steps_as_the_pages_find_them():
    before, after = TERMS["step"].split("{step}")
    named = [text for text in SENTENCES.values() if re.search(re.escape(before) + r"\{\w+\}" + re.escape(after), text)]
    assert len(named) > 5
