"""Lessons: short stories for a class. Each lesson is a TOML file in this folder; README.md describes the format.

A file separates settings from sentences. Its sentences are English; other languages are files in `words`. Sentences contain no
numbers: they name quantities that are measured when the sentence is shown.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from schedules.core.spec import Source
from schedules.lessons.exhibits import EXHIBITS
from schedules.schedule import Schedule
from schedules.training.runs import Run, from_token
from schedules.training.verdict.rules import Kind
from schedules.words import ENGLISH, Text

HERE = Path(__file__).parent
CONSIDERATIONS = ("size", "decay", "warmup", "restarts")
"""The topics of lessons: aspects of a schedule that one has to decide."""
ALL = "all"
"""The topic of a lesson about all of them."""
STEPS, ANSWERS = (3, 4), (2, 3)
"""Minimum and maximum number of each."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A setting that answers a question.

    Attributes:
        name: its name in templates.
        label: its name on the page if a step has several cases, else empty.
        query: query parameters that open it in Explore: `run` and optionally `pin`.
        run: the run.
        pinned: the schedule to compare with, if any.
        verdict: the expected verdict.
        reason: the expected reason of a stall, if given.
    """

    name: str
    label: Text
    query: Mapping[str, str]
    run: Run
    pinned: Schedule | None
    verdict: Kind
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """The ratio of two measured numbers, and the interval that it must be in for the lesson to be true."""

    of: str
    over: str
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A question to predict, the settings that answer it, and their interpretation.

    Attributes:
        question: what to predict; a template like all sentences here, see `schedules.lessons.measured`.
        answers: the possible answers, by name.
        right: name of the correct answer.
        cases: the settings by name; the first is shown first. None if the step shows an exhibit.
        exhibit: name of the exhibit that answers in place of a run (`schedules.lessons.exhibits`), or "".
        ratios: by their names in templates.
        reading: what the run shows, and why.
        caveats: what it does not show.
    """

    question: Text
    answers: Mapping[str, Text]
    right: str
    cases: Mapping[str, Case]
    ratios: Mapping[str, Ratio]
    reading: Text
    caveats: Text
    exhibit: str = ""

    @property
    def as_job(self) -> bool:
        """True if it trains a network, which takes seconds: it runs as a job."""
        return any(case.run.problem.as_job for case in self.cases.values())

    def texts(self) -> Iterator[Text]:
        """Yield all texts of the step."""
        labels = (case.label for case in self.cases.values() if case.label.english)
        yield from (self.question, *self.answers.values(), *labels, self.reading, self.caveats)


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A story of three or four steps about one topic, with sources.

    Attributes:
        slug: its name in links.
        consideration: its topic.
        rank: its position on the page.
        title: its title.
        menu: its name in the menu of lessons: the title, or a shorter form of it.
        sources: what it is based on.
        steps: its steps.
    """

    slug: str
    consideration: str
    rank: float
    title: Text
    menu: Text
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]

    def texts(self) -> Iterator[Text]:
        """Yield all texts of the lesson."""
        yield self.title
        if self.menu is not self.title:
            yield self.menu
        for step in self.steps:
            yield from step.texts()


@cache
def lessons() -> Mapping[str, Lesson]:
    """All lessons by slug, in display order."""
    declared = [read(path.stem, path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("*.toml"))]
    return MappingProxyType({lesson.slug: lesson for lesson in sorted(declared, key=lambda lesson: lesson.rank)})


def read(slug: str, text: str) -> Lesson:
    """Parse a lesson from the text of its file; raises ValueError that says where and what is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{slug}.toml is not TOML: {error}") from error
    table = _Table(data, f"{slug}.toml")
    consideration = table.text("consideration")
    topics = (*CONSIDERATIONS, ALL)
    table.demand(consideration in topics, f"consideration must be one of {', '.join(topics)}")
    steps, sources = table.tables("steps"), table.tables("sources")
    table.demand(STEPS[0] <= len(steps) <= STEPS[1], f"a lesson has {STEPS[0]} to {STEPS[1]} steps, not {len(steps)}")
    words = table.table(ENGLISH)
    title = Text(f"lesson.{slug}.title", words.text("title"))
    lesson = Lesson(
        slug=slug,
        consideration=consideration,
        rank=table.number("rank"),
        title=title,
        menu=Text(f"lesson.{slug}.menu", words.text("menu")) if "menu" in words.data else title,
        sources=tuple(_source(source) for source in sources),
        steps=tuple(_step(step, f"lesson.{slug}.{number}") for number, step in enumerate(steps, 1)),
    )
    words.done()
    table.done()
    return lesson


def _step(table: _Table, key: str) -> Step:
    """Parse a step; the keys of its texts begin with `key`."""
    words, right = table.table(ENGLISH), table.text("right")
    answers = words.texts("answers")
    words.demand(ANSWERS[0] <= len(answers) <= ANSWERS[1], f"a question has {ANSWERS[0]} to {ANSWERS[1]} answers")
    words.demand(right in answers, f"the right answer, {right}, is not among the answers {', '.join(answers)}")
    exhibit = table.text("exhibit") if "exhibit" in table.data else ""
    table.demand(exhibit in ("", *EXHIBITS), f"exhibit must be one of {', '.join(EXHIBITS)}")
    cases = _Table({}, "") if exhibit else table.table("cases")
    labels = words.texts("labels") if len(cases.data) > 1 else dict.fromkeys(cases.data, "")
    words.demand(set(labels) == set(cases.data), f"labels must name the cases: {', '.join(cases.data)}")
    step = Step(
        question=Text(f"{key}.question", words.text("question")),
        answers={name: Text(f"{key}.answers.{name}", answer) for name, answer in answers.items()},
        right=right,
        cases={name: _case(name, Text(f"{key}.labels.{name}", labels[name]), cases.table(name)) for name in cases.data},
        ratios={name: _ratio(ratio) for name, ratio in table.some("ratios").items()},
        reading=Text(f"{key}.reading", words.text("reading")),
        caveats=Text(f"{key}.caveats", words.text("caveats")),
        exhibit=exhibit,
    )
    table.demand(bool(step.cases) or bool(exhibit), "a step needs a case or an exhibit that answers it")
    alone = len(step.cases) == 1 and all(case.pinned for case in step.cases.values())
    table.demand(alone or not step.as_job, "a step that trains a network has one case, with a pin")
    words.done()
    table.done()
    return step


def _case(name: str, label: Text, table: _Table) -> Case:
    query = {key: table.text(key) for key in ("run", "pin") if key in table.data or key == "run"}
    runs = {}
    for key, token in query.items():
        runs[key], notices = from_token(token)
        table.demand(not notices, f"{key}: {' '.join(str(notice) for notice in notices)}")
    run, verdict = runs["run"], table.text("verdict")
    kinds = [kind.value for kind in Kind]
    table.demand(verdict in kinds, f"verdict must be one of {', '.join(kinds)}")
    reason = table.text("reason") if "reason" in table.data else ""
    table.done()
    pinned = runs["pin"].schedule if "pin" in runs else None
    return Case(name, label, MappingProxyType(query), run, pinned, Kind(verdict), reason)


def _ratio(table: _Table) -> Ratio:
    ratio = Ratio(table.text("of"), table.text("over"), table.number("low"), table.number("high"))
    table.done()
    return ratio


def _source(table: _Table) -> Source:
    where = table.text("where") if "where" in table.data else ""
    source = Source(table.text("authors"), int(table.number("year")), table.text("title"), where)
    table.done()
    return source


class _Table:
    """A table of a lesson's file that knows its position, for error messages, and which of its keys were read."""

    def __init__(self, data: Mapping[str, Any], location: str) -> None:
        self.data, self.location = data, location
        self._read: set[str] = set()

    def demand(self, holds: bool, word: str) -> None:
        if not holds:
            raise ValueError(f"{self.location}: {word}")

    def _get(self, key: str, kind: type | tuple[type, ...], name: str) -> Any:
        self._read.add(key)
        self.demand(key in self.data, f"{key} is missing")
        self.demand(isinstance(self.data[key], kind), f"{key} must be {name}")
        return self.data[key]

    def text(self, key: str) -> str:
        found: str = self._get(key, str, "a text")
        self.demand(bool(found.strip()), f"{key} is empty")
        return found.strip()

    def number(self, key: str) -> float:
        return float(self._get(key, (int, float), "a number"))

    def table(self, key: str) -> _Table:
        return _Table(self._get(key, dict, "a table"), f"{self.location}, {key}")

    def texts(self, key: str) -> dict[str, str]:
        table = self.table(key)
        return {name: table.text(name) for name in table.data}

    def some(self, key: str) -> dict[str, _Table]:
        """The tables in an optional table."""
        if key not in self.data:
            return {}
        table = self.table(key)
        return {name: table.table(name) for name in table.data}

    def tables(self, key: str) -> list[_Table]:
        found = self._get(key, list, "a list of tables")
        self.demand(all(isinstance(one, dict) for one in found) and found != [], f"{key} must be a list of tables")
        return [_Table(one, f"{self.location}, {key} {i}") for i, one in enumerate(found, 1)]

    def done(self) -> None:
        """Raise ValueError if there are keys that were not read, such as misspelled ones."""
        left = self.data.keys() - self._read
        self.demand(not left, f"not known: {', '.join(sorted(left))}")


def considered(consideration: str) -> list[Lesson]:
    """The lessons about a topic."""
    return [lesson for lesson in lessons().values() if lesson.consideration == consideration]


__all__ = ["ALL", "CONSIDERATIONS", "Case", "Lesson", "Ratio", "Step", "considered", "lessons", "read"]
