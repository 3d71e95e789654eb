"""Call: a library's callable with its arguments, as a text has them; and the result of reading it.

Readers stand in the files of the libraries. A reader takes a Call and returns a `Read`; it asks the call for its arguments by
name and kind, in the library's own units. Names that have no value in the text are recorded as missing, and a provisional value
stands in for them, so that a reader never handles them. A reader raises `CallError` where the library itself would raise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.quantities import Rate, Steps
from schedules.feedback import Feedback
from schedules.feedback.none import Planned
from schedules.policies import Policy
from schedules.schedule import Schedule
from schedules.units import Units
from schedules.words import Sentence, say

MOST_UNKNOWN = 10
"""Most unknown arguments of a call that are reported."""
PROVISIONAL = {"count": 100.0, "rate": 1e-3, "number": 1.0, "samples": 50_000.0}
"""Values that stand in for names without a value, by the kind of the argument that they are in."""
UNITS = {
    "accumulation": re.compile(r"accum\w*$", re.IGNORECASE),
    "devices": re.compile(
        r"(num_processes|world_size|num_devices|n_?gpus?|num_gpus|device_count\(\)|get_world_size\(\))$", re.IGNORECASE
    ),
    "batch": re.compile(r"batch_?size\w*$", re.IGNORECASE),
    "epochs": re.compile(r"(?<!per_)(?<!per)epochs?$", re.IGNORECASE),
}
"""Names of counts by the unit that is asked for; a count of any other name is asked for in steps."""
SHORT = 10.0
"""Length that stands in for a warm-up, so that it is shorter than the plan."""


class Notice(NamedTuple):
    """A sentence about a line of the text; line 0 is the text as a whole. `level` is "info", "warning" or "refused"."""

    line: int
    sentence: Sentence
    level: str = "warning"


class Missing(NamedTuple):
    """A value that the text does not have.

    Attributes:
        name: the expression as it stands in the text, such as `len(loader)`, or the argument's name; key of `values` in
            `read_code`.
        kind: "count", "rate", "number", "samples", or "choice" with `options`.
        line: line where it is needed.
        sentence: the question on screen.
        used: the provisional value; None for a choice.
        options: the values of a choice.
    """

    name: str
    kind: str
    line: int
    sentence: Sentence
    used: float | None = None
    options: tuple[str, ...] = ()


class CallError(ValueError):
    """A call that the library refuses, or a curve that a Schedule cannot have; `sentence` says the reason."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class UnknownError(ValueError):
    """A part of a function that is not computed."""


def reason_of(error: Exception) -> str:
    """The message of an error, without the class of the field that it names."""
    return re.sub(r"^[A-Z]\w*\.(?=\w+ must)", "", str(error))


@dataclass(frozen=True, slots=True)
class Symbol:
    """A number with names that have no value: `value` computes it from the values of `atoms`."""

    text: str
    atoms: tuple[str, ...]
    value: Callable[[Mapping[str, float]], float]


class Function(NamedTuple):
    """A function, such as a lambda: `values(arguments, number, keywords)` computes it for arrays or numbers, elementwise.

    `number` returns the value of a name that has none in the text; `keywords` are arguments by name and may be omitted.
    `arity` counts the arguments without a default, and `names` are those of all. A function that cannot be computed raises
    ValueError, an UnknownError if a part of it is the reason.
    """

    text: str
    values: Callable[..., Any]
    arity: int = 1
    names: tuple[str, ...] = ()


Value: TypeAlias = "float | str | bool | Symbol | Function | Call | list[Any] | dict[Any, Any] | None"
"""An argument: a number, a text, a switch, None, or one of these classes; lists and dictionaries hold values."""

TOTAL_STEPS = "total_steps"
"""Name of the missing length of the run."""


@dataclass(slots=True)
class Findings:
    """Findings of one reading besides the schedule.

    Attributes:
        values: values for missing names, from the person who reads.
        notices: sentences about lines, in the order of reading.
        missing: by name.
        peak: the optimizer's rate, where the text has one.
        run_steps: calls of the scheduler's `step` in the run, where the text says how long the run is.
        stepped: where the scheduler is stepped: "update", "epoch", "micro_batch", or "" if the text does not say.
        units: samples, batch and epochs of the run, where the text has them.
        counts: numbers by the fields of `Units`, each with its key and line, where settings of the text have them.
    """

    values: Mapping[str, float | str] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    missing: dict[str, Missing] = field(default_factory=dict)
    peak: Value = None
    run_steps: Value = None
    units: Units | None = None
    counts: Mapping[str, tuple[float, str, int]] = field(default_factory=dict)
    stepped: str = ""

    def run_length(self, line: int) -> int | None:
        """Calls of `step` in the run, where the text or the person says so."""
        given = self.values.get(TOTAL_STEPS)
        if isinstance(given, (int, float)) and math.isfinite(given):
            return max(1, round(given))
        if self.run_steps is None:
            return None
        return max(1, round(self.number(self.run_steps, "count", line, TOTAL_STEPS)))

    def note(self, line: int, sentence: Sentence, level: str = "warning") -> None:
        """Record a sentence about a line, once."""
        if (notice := Notice(line, sentence, level)) not in self.notices:
            self.notices.append(notice)

    def number(self, value: Value, kind: str, line: int, name: str) -> float:
        """A value as a finite number; missing names are recorded, and anything else raises CallError."""
        if isinstance(value, Symbol):
            known = {atom: self._atom(atom, kind, line) for atom in value.atoms}
            try:
                value = value.value(known)
            except (ArithmeticError, ValueError, TypeError):
                value = math.nan
        if isinstance(value, str):
            value = _number(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise CallError(say("reading.not_a_number", name=name))
        return value

    def _atom(self, atom: str, kind: str, line: int) -> float:
        given = self.values.get(atom)
        if isinstance(given, (int, float)) and math.isfinite(given):
            return float(given)
        return self.ask(atom, kind, line)

    def ask(self, name: str, kind: str, line: int) -> float:
        """Record a missing value, and return the one that stands in for it; the value given for the name, if there is one."""
        given = self.values.get(name)
        if isinstance(given, (int, float)) and math.isfinite(given):
            return float(given)
        kind, used = _provisional(name, kind)
        self.missing.setdefault(name, Missing(name, kind, line, say(f"reading.missing_{_asked(name, kind)}", name=name), used))
        return used

    def ask_or(self, name: str, default: float) -> float:
        """The value given for a name, or else a default; nothing is recorded as missing."""
        given = self.values.get(name)
        return float(given) if isinstance(given, (int, float)) and math.isfinite(given) else default

    def choose(self, name: str, options: Sequence[str], line: int) -> str:
        """One of several options: the given one, or else the first, recorded as missing."""
        given = self.values.get(name)
        if isinstance(given, str) and given in options:
            return given
        sentence = say("reading.missing_choice", name=name, options=", ".join(options))
        self.missing.setdefault(name, Missing(name, "choice", line, sentence, None, tuple(options)))
        return options[0]


def _provisional(name: str, kind: str) -> tuple[str, float]:
    """The kind of a missing value, where its name says more than where it stands; and the value that stands in for it.

    A run is longer than its warm-up, so that a curve can be drawn until the values are given.
    """
    text = name.casefold()
    if kind in {"number", "rate"} and UNITS["batch"].search(name):
        return "count", PROVISIONAL["count"]
    if kind == "number" and re.search(r"lr|rate", text):
        kind = "rate"
    if kind == "number" and re.search(r"warm|step|iter|epoch|total", text):
        kind = "count"
    if kind == "rate" and re.search(r"min|end|final|floor", text):
        return kind, PROVISIONAL[kind] / 10
    if kind == "count" and "warm" in text:
        return kind, SHORT
    longer = kind == "count" and re.search(r"total|train_steps|training_steps|max_|decay|iters", text)
    return kind, 10 * PROVISIONAL[kind] if longer else PROVISIONAL[kind]


def _asked(name: str, kind: str) -> str:
    """Return the subject of a question: the kind of a missing value, or the unit of a count by its name."""
    found = next((unit for unit, names in UNITS.items() if names.search(name)), kind)
    return found if kind == "count" else kind


def _number(text: str) -> float | str:
    try:
        return float(text.replace("_", "").replace(",", ""))
    except ValueError:
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a library's callable.

    Attributes:
        library: the library's name.
        name: the callable's name in the library's `signatures` or `others`.
        line: its line in the text.
        arguments: values by the names of the library's signature.
        findings: findings of the reading that it belongs to.
        read: reads another call, such as a scheduler in a list of schedulers.
    """

    library: str
    name: str
    line: int
    arguments: Mapping[str, Value]
    findings: Findings
    read: Callable[[Call], Read]

    def other(self, name: str, arguments: Mapping[str, Value]) -> Call:
        """A call of another callable of the same library, on the same line."""
        return replace(self, name=name, arguments=arguments)

    def has(self, name: str) -> bool:
        """True if the argument is given, and not None."""
        return self.arguments.get(name) is not None

    def number(self, name: str, default: float | None = None, kind: str = "number") -> float:
        """A number; without a default a missing argument is asked for."""
        if not self.has(name):
            return self.findings.ask(name, kind, self.line) if default is None else default
        return self.findings.number(self.arguments[name], kind, self.line, name)

    def count(self, name: str, default: int | None = None, *, least: int = 0) -> int:
        """A whole number of at least `least`; a fraction raises CallError."""
        value = self.number(name, default, "count")
        if value != int(value) or value < least:
            raise CallError(say("reading.count", name=name, least=least, value=value))
        return int(value)

    def fraction(self, name: str, default: int | None = None) -> float | None:
        """A number of steps that is positive and not whole, or None; for libraries that compute with fractions of a step."""
        value = self.number(name, default, "count")
        return value if value > 0 and value != int(value) else None

    def rate(self, name: str, default: float | None = None) -> float:
        """A learning rate."""
        return self.number(name, default, "rate")

    def peak(self) -> float:
        """The rate of the optimizer; asked for if the text has none."""
        if self.findings.peak is None:
            return self.findings.ask("lr", "rate", self.line)
        return self.findings.number(self.findings.peak, "rate", self.line, "lr")

    def text(self, name: str, default: str | None = None, options: Sequence[str] = ()) -> str:
        """A text; one of `options`, if there are any, or else CallError is raised."""
        value = self.arguments.get(name)
        value = default if value is None else value
        if isinstance(value, Symbol):
            return self.findings.choose(value.text, tuple(options), self.line) if options else value.text
        if not isinstance(value, str) or (options and value not in options):
            raise CallError(say("reading.option", name=name, options=", ".join(options)))
        return value

    def switch(self, name: str, default: bool = False) -> bool:
        """A switch."""
        value = self.arguments.get(name, default)
        return default if value is None or isinstance(value, Symbol) else bool(value)

    def numbers(self, name: str, kind: str = "number", default: Sequence[float] | None = None) -> list[float]:
        """A list of numbers."""
        value = self.arguments.get(name, list(default) if default is not None else None)
        if not isinstance(value, list):
            raise CallError(say("reading.not_a_list", name=name))
        return [self.findings.number(each, kind, self.line, name) for each in value]

    def calls(self, name: str) -> list[Call]:
        """A list of calls, such as schedulers."""
        value = self.arguments.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(each, Call) for each in value):
            raise CallError(say("reading.not_calls", name=name))
        return value

    def function(self, name: str) -> Callable[..., FloatArray]:
        """A function of arrays; the first one of a list. Where it cannot be computed it raises CallError."""
        value = self.arguments.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, Function):
            raise CallError(say("reading.not_a_function", name=name))
        function = value

        def values(*arguments: Any) -> FloatArray:
            try:
                with np.errstate(all="ignore"):
                    found = function.values(arguments, lambda held: self.findings.number(held, "number", self.line, name))
                    return np.asarray(found, dtype=float) + np.zeros(np.shape(arguments[0]))
            except CallError:
                raise
            except UnknownError as error:
                raise CallError(say("reading.not_computed_part", name=name, part=str(error))) from None
            except (ArithmeticError, ValueError, TypeError, IndexError, RecursionError, MemoryError):
                raise CallError(say("reading.not_computed", name=name)) from None

        return values

    def note(self, key: str, level: str = "warning", **values: Any) -> None:
        """Record the sentence `reading.<key>` about the line of this call."""
        self.findings.note(self.line, say(f"reading.{key}", **values), level)


class Read(NamedTuple):
    """The result of a reader: a schedule whose `total_steps` is not decided yet.

    `planned` is the length of the plan in calls of `step`; None where the curve depends on no length. The schedule then has its
    lengths as `Steps`. The text, or the person who reads, says how long the run is; else the plan is taken. `rates` are the
    library's own at any step, where the schedule is not known to be exact.
    """

    schedule: Schedule
    planned: int | None = None
    feedback: Feedback = Planned()
    rates: Callable[[FloatArray], FloatArray] | None = None


Reader: TypeAlias = Callable[[Call], Read]


def steps(number: float) -> Any:
    """A length in calls of `step`, for any field that is a share of the plan."""
    return Steps(number)


def rate(number: float) -> Any:
    """A learning rate, for any field that is a ratio to the peak."""
    return Rate(number)


def planned(policy: Policy, peak_lr: float, length: int, **fields: Any) -> Read:
    """Read a policy with a plan of `length` updates; further fields are those of Schedule."""
    return Read(Schedule(policy=policy, peak_lr=peak_lr, total_steps=length, horizon=Steps(length), **_needed(fields)), length)


def endless(policy: Policy, peak_lr: float, **fields: Any) -> Read:
    """Read a policy that depends on no length of the run; its lengths are `Steps`."""
    return Read(Schedule(policy=policy, peak_lr=peak_lr, **_needed(fields)))


def _needed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a schedule without phases of no length, and without the fields of a warm-up that there is none of."""
    found = {name: value for name, value in fields.items() if not (isinstance(value, Steps) and not value)}
    return {name: value for name, value in found.items() if not name.startswith("warmup_") or "warmup" in found}


def bound(
    signature: Sequence[str], positional: Sequence[Value], keywords: Mapping[str, Value], ignored: Sequence[str] = ()
) -> tuple[dict[str, Value], list[tuple[str, str]]]:
    """Bind arguments to the names of a signature.

    Args:
        signature: argument names in order.
        positional: values by position.
        keywords: values by name.
        ignored: names that have no influence on the curve.

    Returns:
        values by name; and the names that are not known, each with the nearest known one or "". Values beyond the signature
        count as unknown.
    """
    values = dict(zip(signature, positional, strict=False))
    unknown = [(f"#{i + 1}", "") for i in range(len(signature), len(positional))]
    for name, value in keywords.items():
        if name in signature:
            values[name] = value
        elif len(unknown) >= MOST_UNKNOWN:
            continue
        elif "*" in signature:  # only a slip of the keyboard is unknown
            nearest = next(iter(get_close_matches(name, signature, 1, 0.88)), "")
            unknown += [(name, nearest)] if nearest else []
        elif name not in ignored:
            unknown.append((name, next(iter(get_close_matches(name, signature, 1, 0.5)), "")))
    return values, unknown
