"""Every problem belongs to one family, and code that evaluates traces reads facts, never the family."""

import dataclasses
import re
from pathlib import Path

import pytest

from schedules.training.problems import (
    PROBLEMS,
    AnalyticProblem,
    NetworkProblem,
    PredictedProblem,
    Problem,
    analytic,
    network,
    predicted,
    problem,
)
from schedules.training.problems._base import FAMILIES
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.edge import Edge
from schedules.training.problems.language_model import LanguageModel
from schedules.training.runs import Trace
from schedules.training.verdict import stops

ROOT = Path(__file__).parents[3]
BEFORE_THE_TRACE = {"schedules/training/study.py", "schedules/training/problems/_base.py"}
"""The files that may check the family: they choose the training function and declare the families."""


@pytest.mark.parametrize("cls", PROBLEMS.values(), ids=lambda cls: cls.slug)
def test_a_problem_belongs_to_one_family_and_is_final(cls):
    assert sum(issubclass(cls, family) for family in FAMILIES) == 1
    assert not any(other is not cls and issubclass(other, cls) for other in PROBLEMS.values())


def test_a_problem_without_a_family_is_refused():
    class Odd(Problem):
        title = "Odd"

    with pytest.raises(TypeError, match=r"Odd belongs to no family of problems: write e\.g\. class Odd\(AnalyticProblem\)"):
        problem(Odd)


def test_a_problem_that_derives_from_another_is_refused():
    class Steeper(Bowl):
        title = "Steeper"

    with pytest.raises(TypeError, match="Steeper derives from Bowl, a problem"):
        problem(Steeper)


def test_a_trainer_refuses_runs_of_another_family():
    assert analytic(Bowl()) == Bowl() and network(Edge()) == Edge() and predicted(LanguageModel()) == LanguageModel()
    for trainer in (network, predicted):
        with pytest.raises(ValueError, match=r"Run\.problem: Bowl"):
            trainer(Bowl())
    with pytest.raises(ValueError, match="is only predicted"):
        analytic(LanguageModel())
    with pytest.raises(ValueError, match="is a network"):
        analytic(Edge())
    with pytest.raises(ValueError, match="is not a network"):
        network(Bowl())


def test_code_after_the_trace_does_not_ask_for_the_family():
    family = re.compile(r"isinstance\([^)]*(Analytic|Network|Predicted)Problem|\.path is (not )?None|\.wide\b|problem\.net\b")
    asks = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("schedules", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if str(path.relative_to(ROOT)) not in BEFORE_THE_TRACE | {"schedules/training/runs.py"}
        for line in path.read_text(encoding="utf-8").splitlines()
        if family.search(line)
    }
    assert not asks


def test_cut_shortens_every_array_of_a_trace():
    """Except those of `network`, which are cut by `NetworkTrace.cut` (see tests/training/verdict/test_stops.py), and those of
    `prediction`: a predicted run has a verdict at its end only.
    """
    known = {"run", "overflow_at", "network", "prediction", *stops.MEASURED, *stops.STEPPED, *stops.EXAMINED, *stops.AT_END}
    assert {field.name for field in dataclasses.fields(Trace)} == known


def test_every_family_declares_the_facts_that_other_code_reads():
    assert (AnalyticProblem.as_job, AnalyticProblem.keeps_path) == (False, True)
    assert (NetworkProblem.as_job, NetworkProblem.keeps_path) == (True, False)
    assert (PredictedProblem.as_job, PredictedProblem.keeps_path, PredictedProblem.trains) == (False, False, False)
    assert AnalyticProblem.trains and NetworkProblem.trains
