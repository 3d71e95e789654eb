"""Choosing: every combination of answers recommends two or three schedules, each with a reason that fits the answers."""

from __future__ import annotations

from itertools import product

import pytest

from schedules.choosing import QUESTIONS, RULES, candidates
from schedules.words import keys, say

ALL = [dict(zip(QUESTIONS, answers, strict=True)) for answers in product(*QUESTIONS.values())]


@pytest.mark.parametrize("answers", ALL, ids=lambda answers: "-".join(answers.values()))
def test_every_combination_of_answers_gives_two_or_three_schedules(answers):
    found = candidates(answers)
    assert 2 <= len(found) <= 3
    assert len({one.recipe.slug for one in found}) == len(found)
    for one in found:
        assert str(one.reason).endswith(".")
        assert one.source.authors


@pytest.mark.parametrize("answers", ALL, ids=lambda answers: "-".join(answers.values()))
def test_a_candidate_satisfies_the_answers(answers):
    schedules = [one.recipe.schedule for one in candidates(answers)]
    if answers["batch"] == "large":
        assert any(schedule.warmup for schedule in schedules), "a large batch needs a warm-up"
    if answers["budget"] == "open":
        first = schedules[0]
        flat = first.lrs()[len(first.lrs()) // 2 :][: len(first.lrs()) // 5]
        assert flat.max() == pytest.approx(flat.min(), rel=1e-9), "a run of open length continues on a constant part"


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_changes_the_candidates(question):
    for answers in ALL:
        others = [{**answers, question: answer} for answer in QUESTIONS[question]]
        if len({tuple(one.reason for one in candidates(other)) for other in others}) > 1:
            return
    raise AssertionError(f"the answer to {question} changes nothing")


def test_every_rule_and_every_reason_is_used():
    used = {one.reason.key for answers in ALL for one in candidates(answers)}
    assert (
        used == {f"choosing.reason.{rule.reason}" for rule in RULES} == {k for k in keys() if k.startswith("choosing.reason.")}
    )
    for rule in RULES:
        assert all(answer in QUESTIONS[question] for question, answer in rule.when.items())


def test_an_omitted_question_has_its_default_answer():
    assert candidates({}) == candidates(ALL[0])
    with pytest.raises(ValueError, match="'closed'"):
        candidates({"budget": "closed"})
    with pytest.raises(ValueError, match="'weather'"):
        candidates({"weather": "known"})


def test_every_question_and_answer_has_its_text():
    for question, answers in QUESTIONS.items():
        assert str(say(f"choosing.question.{question}")).endswith("?")
        assert str(say(f"choosing.help.{question}")).endswith(".")
        assert all(str(say(f"choosing.answer.{answer}")) for answer in answers)
