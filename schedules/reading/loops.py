"""Loops of a training script: how often a scheduler is stepped, and how long the run is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from schedules.libraries._call import Symbol, Value
from schedules.reading.values import combined, text_of

WRAPPERS = {"tqdm", "enumerate", "trange", "track", "progress_bar", "islice", "iter", "list", "zip"}
EPOCHS = ("epoch", "ep", "epochs")
OPTIMIZER_STEPS = ("optim", "opt", "scaler", "accelerator", "trainer")


class Loop(NamedTuple):
    """A loop: its line, the name of its variable, its source without wrappers such as tqdm, and its passes, if known."""

    line: int
    variable: str
    source: str
    passes: Value
    over_numbers: bool


@dataclass(slots=True)
class Stepped:
    """A call of `step`: the object, its line, the loops around it, and the conditions `x % n == 0` in the innermost.

    `condition` is another condition in the innermost loop, `argument` what the call is given, and `branch` the branches of
    conditions that it is in. With `sets` it is a function that sets the rate of the step that follows, and not a scheduler.
    """

    name: str
    line: int
    loops: tuple[Loop, ...]
    guards: tuple[Value, ...] = ()
    condition: str = ""
    argument: str = ""
    branch: tuple[tuple[int, int], ...] = ()
    sets: bool = False


@dataclass(slots=True)
class Pace:
    """The calls of `step` of a scheduler.

    Attributes:
        stepped: "update", "epoch", "micro_batch", or "".
        first: True if it is stepped before the optimizer.
        calls: calls of `step` in the run, or None.
        every: optimizer updates per call where it is stepped per epoch, or None.
        epochs: passes of the outer loop, or None.
        accumulation: micro-batches of an update, or None.
        line: line of the call.
        updates: most optimizer updates of the run, or 0.
    """

    stepped: str = ""
    first: bool = False
    calls: Value = None
    every: Value = None
    epochs: Value = None
    accumulation: Value = None
    line: int = 0
    updates: int = 0


@dataclass
class Loops:
    """The loops of a text, with the calls of `step` in them; `fitted` are the epochs of a call that trains."""

    value: Callable[[ast.expr], Value]
    steps: list[Stepped] = field(default_factory=list)
    all: list[Loop] = field(default_factory=list)
    _open: list[Loop] = field(default_factory=list)
    _guards: list[tuple[int, Value]] = field(default_factory=list)
    _conditions: list[tuple[int, str]] = field(default_factory=list)
    branch: tuple[tuple[int, int], ...] = ()
    changes: list[tuple[str, int, str]] = field(default_factory=list)
    accumulates: bool = False
    fitted: Value = None

    @property
    def inside(self) -> bool:
        """True within a loop."""
        return bool(self._open)

    @contextmanager
    def loop(self, node: ast.For | ast.While, source: ast.expr | None) -> Iterator[None]:
        """Enter a loop."""
        found = self._loop(node, source)
        self.all.append(found)
        self._open.append(found)
        try:
            yield
        finally:
            self._open.pop()

    @contextmanager
    def guard(self, test: ast.expr) -> Iterator[None]:
        """Enter the first branch of a condition."""
        every = next((every for each in ast.walk(test) for every in [self._every(each)] if every is not None), None)
        if every is None:
            yield
            return
        self._guards.append((len(self._open), every))
        try:
            yield
        finally:
            self._guards.pop()

    @contextmanager
    def condition(self, test: ast.expr, *, holds: bool = True) -> Iterator[None]:
        """Enter a branch of a comparison such as `step < warmup` or `step % 2 == 0`, in which it holds or not."""
        if not any(isinstance(each, (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Mod)) for each in ast.walk(test)):
            yield
            return
        self._conditions.append((len(self._open), text_of(test) if holds else f"not {text_of(test)}"))
        try:
            yield
        finally:
            self._conditions.pop()

    def manners(self, target: str, *, arguments: bool) -> Iterator[tuple[str, int, dict[str, str | int]]]:
        """Ways of stepping a scheduler that its curve leaves out: the key of a sentence, its line and its values.

        With `arguments` false, calls of `step` with an argument are what the scheduler expects.
        """
        calls = [each for each in self.steps if each.loops and _is_scheduler(each.name, target)]
        if not calls or not arguments:
            return
        mine = calls[-1]
        if mine.argument:
            yield "step_argument", mine.line, {"name": mine.name, "argument": mine.argument}
        if mine.condition and not any(_is_optimizer(each.name) and each.condition == mine.condition for each in self.steps):
            yield "step_condition", mine.line, {"name": mine.name, "condition": mine.condition}
        same = [each for each in calls if (each.name, each.loops, each.branch) == (mine.name, mine.loops, mine.branch)]
        if len(same) > 1:
            yield "step_times", mine.line, {"name": mine.name, "times": len(same)}
        certain = [each for each in calls if each.name == mine.name and not each.branch and not mine.branch]
        if any(each.loops != mine.loops and each.loops[: len(mine.loops)] == mine.loops for each in certain):
            yield "step_loops", mine.line, {"name": mine.name, "line": mine.line}
        yield from self._optimizer_steps(mine, target)

    @property
    def optimizers_only(self) -> bool:
        """True if loops of the text step optimizers and nothing else."""
        stepped = [_is_optimizer(each.name) for each in self.steps if each.loops]
        return bool(stepped) and all(stepped)

    def _optimizer_steps(self, mine: Stepped, target: str) -> Iterator[tuple[str, int, dict[str, str | int]]]:
        """Optimizers with several steps in a pass of the loops around a scheduler's; separate conditions do not add up."""
        counted: dict[tuple[str, tuple[Loop, ...]], list[Stepped]] = {}
        for each in self.steps:
            inside = each.loops[: len(mine.loops)] == mine.loops
            if inside and not each.sets and _is_optimizer(each.name) and not _is_scheduler(each.name, target):
                counted.setdefault((each.name, each.loops), []).append(each)
        for (name, _), calls in counted.items():
            last = calls[-1]
            together = [each for each in calls if _within(each.branch, last.branch)]
            if len(together) > 1:
                yield "optimizer_times", last.line, {"name": name, "times": len(together)}

    def _every(self, node: ast.AST) -> Value:
        """n in `k % n == 0` or `k % n == n - 1`."""
        match node:
            case ast.Compare(left=ast.BinOp(op=ast.Mod(), right=right), ops=[ast.Eq()], comparators=[_]):
                return self.value(right)
            case ast.UnaryOp(op=ast.Not(), operand=ast.BinOp(op=ast.Mod(), right=right)):
                return self.value(right)
        return None

    def call(self, node: ast.expr) -> None:
        """Record a call of `step` in the loops that are open."""
        for each in ast.walk(node):
            if not isinstance(each, ast.Call) or not isinstance(each.func, ast.Attribute):
                continue
            name, method = text_of(each.func.value), each.func.attr
            if method == "accumulate":
                self.accumulates = True
            if method in {"step", "step_update"}:
                if each.args and method == "step" and name.rpartition(".")[2] == "scaler":
                    name = "scaler"
                guards = tuple(every for level, every in self._guards if level == len(self._open))
                condition = next((text for level, text in self._conditions if level == len(self._open)), "")
                argument = (
                    text_of([*each.args, *(given.value for given in each.keywords)][0]) if each.args or each.keywords else ""
                )
                self.steps.append(Stepped(name, each.lineno, tuple(self._open), guards, condition, argument, self.branch))

    def sets(self, name: str, line: int) -> None:
        """Record that the rate is set in the loops that are open."""
        self.steps.append(Stepped(name, line, tuple(self._open), sets=True))

    @property
    def opened(self) -> tuple[Loop, ...]:
        """The loops that are open, from the outside in."""
        return tuple(self._open)

    def _loop(self, node: ast.For | ast.While, source: ast.expr | None) -> Loop:
        variable = text_of(node.target) if isinstance(node, ast.For) else ""
        while isinstance(source, ast.Call) and text_of(source.func).rpartition(".")[2] in WRAPPERS and source.args:
            if text_of(source.func).rpartition(".")[2] == "trange":
                break
            source = source.args[0]
        if source is None:
            return Loop(node.lineno, variable, "", None, False)
        text = text_of(source)
        if isinstance(source, ast.Call) and text_of(source.func).rpartition(".")[2] in {"range", "trange"}:
            return Loop(node.lineno, variable, text, self._range(source), True)
        held = self.value(source)
        if isinstance(held, list):
            return Loop(node.lineno, variable, text, len(held), False)
        name = f"len({text})"
        return Loop(node.lineno, variable, text, self._length(name), False)

    @staticmethod
    def _length(name: str) -> Symbol:
        return Symbol(name, (name,), lambda values: values[name])

    def _range(self, node: ast.Call) -> Value:
        values = [self.value(each) for each in node.args]
        if not values or not all(isinstance(each, (int, float, Symbol)) for each in values):
            return None
        if len(values) == 1:
            return values[0]
        if isinstance(values[0], Symbol) and "start" in values[0].text:  # a run from its start
            return values[1]
        return _minus(values[1], values[0])

    def pace(self, target: str) -> Pace:  # noqa: PLR0911
        """Return the calls of `step` of the scheduler of this name; of any name that may be a scheduler's if `target` is ""."""
        calls = [each for each in self.steps if _is_scheduler(each.name, target)]
        if not calls:
            return Pace()
        mine = calls[-1]
        updates = [each for each in self.steps if _is_optimizer(each.name) and not _is_scheduler(each.name, target)]
        if not mine.loops:
            return Pace(line=mine.line)
        inner = mine.loops[-1]
        same = [each for each in updates if each.loops == mine.loops]
        deeper = [each for each in updates if len(each.loops) > len(mine.loops) and each.loops[: len(mine.loops)] == mine.loops]
        outer = mine.loops[0].passes if len(mine.loops) > 1 else None
        passes = inner.passes
        total = passes if outer is None else None if passes is None else _times(outer, passes)
        if same:
            update = same[-1]
            accumulation = update.guards[-1] if update.guards else None
            if accumulation is not None and not mine.guards:
                return Pace(
                    "micro_batch", not mine.sets and mine.line < update.line, total, None, outer, accumulation, mine.line
                )
            if accumulation is not None:
                total = None if total is None else _divided(total, accumulation)
            return Pace("update", not mine.sets and mine.line < update.line, total, None, outer, accumulation, mine.line)
        nested = [each for each in self.all if each.line > inner.line and not each.over_numbers]
        if deeper:
            update = deeper[-1]
            every = update.loops[-1].passes
            if update.guards and every is not None:
                every = _divided(every, update.guards[-1])
            accumulation = update.guards[-1] if update.guards else None
            return Pace("epoch", not mine.sets and mine.line < update.line, passes, every, passes, accumulation, mine.line)
        if inner.variable.casefold().startswith(EPOCHS) or (inner.over_numbers and "epoch" in inner.source.casefold()):
            every = nested[0].passes if nested else None
            return Pace("epoch", False, passes, every, passes, None, mine.line)
        if len(mine.loops) > 1 or not inner.over_numbers:
            return Pace("update", False, total, None, outer, None, mine.line)
        return Pace("", False, total, None, None, None, mine.line)


def _within(a: tuple[tuple[int, int], ...], b: tuple[tuple[int, int], ...]) -> bool:
    """True if one of two branches is a part of the other, so that where the inner one is taken, both are."""
    shared = min(len(a), len(b))
    return a[:shared] == b[:shared]


def _is_scheduler(name: str, target: str) -> bool:
    if target:
        return name == target or name.rpartition(".")[2] == target.rpartition(".")[2]
    last = name.rpartition(".")[2].casefold()
    return "sched" in last or last in {"lr_decay", "decay", "annealer"}


def _is_optimizer(name: str) -> bool:
    last = name.rpartition(".")[2].casefold()
    return last.startswith(OPTIMIZER_STEPS) or last.endswith(("optimizer", "optim", "opt"))


def _minus(a: Value, b: Value) -> Value:
    return _combine(lambda x, y: x - y, a, b)


def _times(a: Value, b: Value) -> Value:
    return _combine(lambda x, y: x * y, a, b)


def _divided(a: Value, b: Value) -> Value:
    return _combine(lambda x, y: x // y, a, b)


def _combine(function: Callable[[float, float], float], a: Value, b: Value) -> Value:
    if not isinstance(a, (int, float, Symbol)) or not isinstance(b, (int, float, Symbol)):
        return None
    if isinstance(a, Symbol) or isinstance(b, Symbol):
        return combined(function, [a, b])
    try:
        return function(a, b)
    except ArithmeticError:
        return None
