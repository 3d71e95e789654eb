"""Functions in a text, computed for arrays of steps without executing them.

Lambdas and small functions of one or two arguments: bounded arithmetic, comparisons, branches, assignments, tables, and calls
of mathematical functions or of other functions of the text. Anything else raises ValueError.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from schedules.libraries._call import Function, UnknownError, Value

DEEPEST = 8
"""Most calls of functions of the text inside of each other."""
MOST = 400
"""Most nodes of a function; more are not computed."""
LOOP = 64
"""Most passes of a loop over a list."""
PARTS = 5_000
"""Most expressions that are computed for one call of a function, counting each pass of a loop."""
ENTRIES = 50_000_000
"""Most numbers that are computed for one call of a function."""
SHOWN = 40
"""Most characters of a part that is not computed."""

Compute = Callable[[ast.expr], Value]
ARRAYS: Mapping[str, Callable[..., Any]] = {
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(np.asarray(x, dtype=float)),
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "cos": np.cos,
    "sin": np.sin,
    "tanh": np.tanh,
    "ceil": np.ceil,
    "floor": np.floor,
    "abs": np.abs,
    "fabs": np.abs,
    "square": np.square,
    "pow": np.power,
    "power": np.power,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "where": np.where,
    "clip": np.clip,
    "round": np.round,
    "int": np.trunc,
    "float": np.asarray,
    "float32": np.asarray,
    "float64": np.asarray,
    "array": np.asarray,
    "asarray": np.asarray,
    "tensor": np.asarray,
    "constant": np.asarray,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
}
MODULES = ("", "math.", "np.", "numpy.", "jnp.", "jax.numpy.", "torch.", "tf.", "tf.math.", "keras.ops.", "ops.", "K.")
BINARY: Mapping[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: lambda base, power: np.power(np.asarray(base, dtype=float), power),
}
COMPARE: Mapping[type[ast.cmpop], Callable[..., Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}


@dataclass(slots=True)
class _State:
    """Calls of a function inside of each other, and the expressions computed for the outermost of them."""

    depth: int = 0
    parts: int = 0


class _Body:
    """One evaluation of a function: the values of its names for all steps at once.

    A statement is computed for the steps whose `active` is true; `returned` has the values of those that have returned.
    """

    def __init__(self, names: dict[str, Any], compute: Compute, number: Callable[[Value], float], state: _State) -> None:
        self.names, self.compute, self.number, self.state = names, compute, number, state
        self.shape = np.broadcast_shapes(*(np.shape(each) for each in names.values() if not isinstance(each, (list, Function))))
        self.size = math.prod(self.shape)
        self.done = np.zeros(self.shape, dtype=bool)
        self.result = np.full(self.shape, np.nan)

    def run(self, statements: Sequence[ast.stmt], active: Any) -> None:
        for statement in statements:
            if not np.any(active & ~self.done):
                return
            self._statement(statement, active)

    def _statement(self, node: ast.stmt, active: Any) -> None:
        match node:
            case ast.Return(value=ast.expr() as value):
                now, found = active & ~self.done, self.of(value)
                while isinstance(found, list) and len(found) == 1:  # the rates of all parameter groups
                    found = found[0]
                self.result = np.where(now, found, self.result)
                self.done = self.done | now
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                self._assign(name, self.of(value), active)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
                found = [self.of(each) for each in values]
                for target, held in zip(targets, found, strict=True):
                    if not isinstance(target, ast.Name):
                        raise UnknownError(_shown(target))
                    self._assign(target.id, held, active)
            case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value) if type(op) in BINARY:
                self._assign(name, BINARY[type(op)](self.of(target), self.of(value)), active)
            case ast.If(test=test, body=body, orelse=orelse):
                decided = self._truth(test)
                self.run(body, active & decided)
                self.run(orelse, active & ~decided)
            case ast.For(target=target, iter=source, body=body, orelse=[]):
                self._loop(target, source, body, active)
            case ast.Expr() | ast.Pass() | ast.Assert() | ast.Global() | ast.Nonlocal() | ast.Import() | ast.ImportFrom():
                return
            case _:
                raise UnknownError(_shown(node))

    def _assign(self, name: str, value: Any, active: Any) -> None:
        now = active & ~self.done
        if not np.all(now) and name in self.names:
            value = np.where(now, value, self.names[name])
        self.names[name] = value

    def _loop(self, target: ast.expr, source: ast.expr, body: list[ast.stmt], active: Any) -> None:
        entries = self.compute(source)
        if isinstance(source, ast.Call) and ast.unparse(source.func) == "enumerate" and len(source.args) == 1:
            inner = self.compute(source.args[0])
            entries = [[i, each] for i, each in enumerate(inner)] if isinstance(inner, list) else entries
        if not isinstance(entries, list) or len(entries) > LOOP or any(isinstance(each, ast.Break) for each in body):
            raise UnknownError(_shown(source))
        for entry in entries:
            match target:
                case ast.Name(id=name):
                    self.names[name] = entry
                case ast.Tuple(elts=elements) if isinstance(entry, list) and len(entry) == len(elements):
                    for each, value in zip(elements, entry, strict=True):
                        self.names[ast.unparse(each)] = value
                case _:
                    raise UnknownError(_shown(target))
            self.run(body, active)

    def _truth(self, node: ast.expr) -> Any:
        return np.asarray(self.of(node)).astype(bool) & np.ones(self.shape, dtype=bool)

    def of(self, node: ast.expr) -> Any:  # noqa: PLR0911, PLR0912 (a case per kind of expression)
        self.state.parts += 1
        if self.state.parts > PARTS or self.state.parts * self.size > ENTRIES:
            raise UnknownError(_shown(node))
        match node:
            case ast.Constant(value=bool() | int() | float() as value):
                return value
            case ast.Name(id=name) if name in self.names:
                return self.names[name]
            case ast.Attribute() if (name := ast.unparse(node)) in self.names:
                return self.names[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return np.negative(self.of(operand))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.of(operand)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ~self._truth(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
                return BINARY[type(op)](self.of(left), self.of(right))
            case ast.Compare(left=left, ops=ops, comparators=rights):
                return self._compared(left, ops, rights)
            case ast.BoolOp(op=op, values=values):
                truths = [self._truth(each) for each in values]
                return np.logical_and.reduce(truths) if isinstance(op, ast.And) else np.logical_or.reduce(truths)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                decided = self._truth(test)
                if decided.all():
                    return self.of(body)
                return self.of(orelse) if not decided.any() else np.where(decided, self.of(body), self.of(orelse))
            case ast.Subscript(value=value, slice=index) if self._varies(index):
                return self._taken(self.compute(value), self.of(index))
            case ast.Subscript(value=value, slice=index) if self._varies(value):
                return self._entry(node, self.of(value), self.of(index))
            case ast.ListComp() | ast.GeneratorExp():
                return [entry for entry, _ in self._entries(node)]
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return [self.of(each) for each in elements]
            case ast.Call():
                try:
                    return self._called(node)
                except UnknownError:
                    if self._varies(node):
                        raise
        return self._fixed(node)

    def _varies(self, node: ast.AST) -> bool:
        return any(
            (isinstance(each, ast.Name) and each.id in self.names)
            or (isinstance(each, ast.Attribute) and ast.unparse(each) in self.names)
            for each in ast.walk(node)
        )

    def _fixed(self, node: ast.expr) -> Any:
        """The value of an expression without the step in it; another one is not known, and is never asked for."""
        if self._varies(node):
            raise UnknownError(_shown(node))
        value = self.compute(node)
        if isinstance(value, (list, Function)):
            return value
        return value if isinstance(value, bool) else self.number(value)

    def _compared(self, left: ast.expr, ops: list[ast.cmpop], rights: list[ast.expr]) -> Any:
        found: Any = True
        before = self.of(left)
        for op, right in zip(ops, rights, strict=True):
            after = self.of(right)
            if isinstance(op, (ast.In, ast.NotIn)) and isinstance(after, list):
                inside = np.isin(before, after)
                found = found & (inside if isinstance(op, ast.In) else ~inside)
            elif type(op) in COMPARE:
                found = found & COMPARE[type(op)](before, after)
            else:
                raise UnknownError(_shown(right))
            before = after
        return found

    @staticmethod
    def _taken(table: Value, index: Any) -> Any:
        if not isinstance(table, list) or not all(isinstance(each, (int, float)) for each in table):
            raise UnknownError("table")
        at = np.asarray(index).astype(int)
        if at.min() < -len(table) or at.max() >= len(table):
            raise UnknownError("index")
        return np.asarray(table, dtype=float)[at]

    @staticmethod
    def _entry(node: ast.AST, held: Any, index: Any) -> Any:
        """An entry of a list that is computed from the step."""
        if not isinstance(held, list) or not isinstance(index, (int, float)) or not -len(held) <= index < len(held):
            raise UnknownError(_shown(node))
        return held[int(index)]

    def _entries(self, node: ast.ListComp | ast.GeneratorExp) -> list[tuple[Any, Any]]:
        """The entries of a comprehension over a list, each with its condition."""
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=source, ifs=ifs)]:
                entries = self.of(source)
            case _:
                entries = None
        if not isinstance(entries, list) or len(entries) > LOOP:
            raise UnknownError(_shown(node))
        before, found = dict(self.names), []
        for entry in entries:
            self.names[name] = entry
            kept: Any = True
            for each in ifs:
                kept = kept & self._truth(each)
            found.append((self.of(node.elt), kept))
        self.names = before
        return found

    def _folded(self, name: str, node: ast.ListComp | ast.GeneratorExp) -> Any:
        """The sum, the number, or the product of the entries of a comprehension."""
        entries = self._entries(node)
        if name == "len":
            return sum(np.where(kept, 1, 0) for _, kept in entries)
        if name == "sum":
            return sum(np.where(kept, entry, 0) for entry, kept in entries)
        found: Any = 1.0
        for entry, kept in entries:
            found = found * np.where(kept, entry, 1)
        return found

    def _called(self, node: ast.Call) -> Any:  # noqa: PLR0911, PLR0912
        name = ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"item", "numpy", "float"} and not node.args:
            return self.of(node.func.value)
        if (
            name in {"sum", "len", "math.prod"}
            and len(node.args) == 1
            and isinstance(node.args[0], (ast.ListComp, ast.GeneratorExp))
        ):
            return self._folded(name, node.args[0])
        if name.rpartition(".")[2] == "cast" and node.args:
            return self.of(node.args[0])
        if name == "len" and not self._varies(node):
            return self._fixed(node)
        arguments = [self.of(each) for each in node.args if not isinstance(each, ast.Starred)]
        keywords = {each.arg: self.of(each.value) for each in node.keywords if each.arg and each.arg != "dtype"}
        known = self.compute(node.func)
        if isinstance(known, Function) and self.state.depth < DEEPEST:
            of_self = {key: value for key, value in self.names.items() if key.startswith("self.")}
            return known.values(arguments, self.number, {**of_self, **keywords})
        if name in {"np.interp", "numpy.interp", "jnp.interp", "jax.numpy.interp"} and len(arguments) == 3 and not keywords:
            at, points, values = arguments
            return [np.interp(each, points, values) for each in at] if isinstance(at, list) else np.interp(at, points, values)
        if name == "len" and len(arguments) == 1 and isinstance(arguments[0], list):
            return len(arguments[0])
        if name in {"max", "min"} and arguments and not keywords:
            entries = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], list) else arguments
            function: Callable[..., Any] = np.maximum if name == "max" else np.minimum
            found = entries[0]
            for each in entries[1:]:
                found = function(found, each)
            return found
        if name in {"sum", "np.sum"} and len(arguments) == 1 and isinstance(arguments[0], list):
            return sum(arguments[0])
        if name in {"bisect_right", "bisect.bisect_right", "bisect", "bisect.bisect"} and len(arguments) == 2:
            return np.searchsorted(arguments[0], arguments[1], side="right")
        last = name.rpartition(".")[2]
        if last in ARRAYS and name[: -len(last)] in MODULES and not keywords:
            if last in {"float", "float32", "float64", "array", "asarray", "tensor", "constant"}:
                return np.asarray(arguments[0], dtype=float)
            if name == "round" and len(arguments) == 2:
                return np.round(arguments[0], int(arguments[1]))
            return ARRAYS[last](*arguments)
        raise UnknownError(_shown(node.func))


def _shown(node: ast.AST) -> str:
    """The text of a part that is not computed."""
    text = ast.unparse(node).partition("\n")[0].removesuffix(":")
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def lambda_function(node: ast.Lambda, text: str, compute: Compute) -> Function | None:
    """The Function of a lambda; None if its arguments have another form."""
    return _function([ast.Return(value=node.body)], node.args, text, compute)


def defined_function(node: ast.FunctionDef, compute: Compute) -> Function | None:
    """The Function of a definition; None if its arguments have another form."""
    return _function(node.body, node.args, node.name, compute)


def method_function(node: ast.FunctionDef, compute: Compute) -> Function | None:
    """The Function of a method; it may have no arguments besides `self`. None if its arguments have another form."""
    return _function(node.body, node.args, node.name, compute, least=0)


def step_function(
    body: list[ast.stmt], names: Sequence[str], text: str, compute: Compute, defaults: Mapping[str, ast.expr | None]
) -> Function | None:
    """The Function of statements that return a value.

    Args:
        body: the statements.
        names: arguments by position.
        text: the function's name.
        compute: the value of an expression without the arguments.
        defaults: further arguments, with their defaults, or with None where they are always given.
    """
    given = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(arg=name) for name in names],
        vararg=None,
        kwonlyargs=[ast.arg(arg=name) for name in defaults],
        kw_defaults=list(defaults.values()),
        kwarg=None,
        defaults=[],
    )
    return _function(body, given, text, compute)


def bound_function(function: Function, positional: Sequence[Value], keywords: Mapping[str, Value]) -> Function:
    """A function with some of its arguments, as functools.partial makes it."""
    first, given = list(positional), dict(keywords)

    def values(
        arguments: Sequence[Any], number: Callable[[Value], float], further: Mapping[str, Any] = MappingProxyType({})
    ) -> Any:
        held = [_plain(each, number) for each in first]
        named = {name: _plain(each, number) for name, each in given.items()}
        return function.values([*held, *arguments], number, {**named, **further})

    named = sum(1 for name in function.names[len(first) :] if name in given)
    return Function(function.text, values, max(0, function.arity - len(first) - named), function.names[len(first) :])


def _plain(value: Value, number: Callable[[Value], float]) -> Any:
    """A value as a body computes with it."""
    return value if value is None or isinstance(value, (bool, list, Function)) else number(value)


def _function(body: list[ast.stmt], given: ast.arguments, text: str, compute: Compute, *, least: int = 1) -> Function | None:
    names = [each.arg for each in (*given.posonlyargs, *given.args) if each.arg not in {"self", "cls"}]
    positional = len(names)
    defaults = dict(zip(names[len(names) - len(given.defaults) :], given.defaults, strict=False))
    names += [each.arg for each in given.kwonlyargs]
    defaults |= {each.arg: value for each, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value}
    if given.vararg or len(names) < least:
        return None
    state = _State()

    def values(
        arguments: Sequence[Any], number: Callable[[Value], float], keywords: Mapping[str, Any] = MappingProxyType({})
    ) -> Any:
        if (
            sum(1 for statement in body for _ in ast.walk(statement)) > MOST
            or state.depth >= DEEPEST
            or len(arguments) > positional
        ):
            raise UnknownError(text)
        known = dict(zip(names, arguments, strict=False))
        known |= {name: value for name, value in keywords.items() if name in names or name.startswith("self.")}
        for name in names:
            if name in known:
                continue
            if name not in defaults:
                raise UnknownError(name)
            known[name] = _plain(compute(defaults[name]), number)
        if state.depth == 0:
            state.parts = 0
        state.depth += 1
        try:
            held = _Body(known, compute, number, state)
            held.run(body, np.ones(held.shape, dtype=bool))
            if not held.done.all():
                raise UnknownError("return")
            return held.result
        finally:
            state.depth -= 1

    required = len(names) - len(defaults)
    return Function(text, values, required, tuple(names))
