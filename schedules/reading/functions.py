"""Functions in a text, computed for arrays of steps without executing them.

Lambdas and small functions of one or two arguments: bounded arithmetic, comparisons, branches, assignments, tables, and calls
of mathematical functions or of other functions of the text. Anything else raises ValueError.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from schedules.libraries._call import Function, Value

DEEPEST = 8
"""Most calls of functions of the text inside of each other."""
MOST = 400
"""Most nodes of a function; more are not computed."""
LOOP = 64
"""Most passes of a loop over a list."""

Compute = Callable[[ast.expr], Value]
ARRAYS: Mapping[str, Callable[..., Any]] = {
    "sqrt": np.sqrt,
    "exp": np.exp,
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


class UnknownError(ValueError):
    """A part of a function that is not computed."""


class _Body:
    """One evaluation of a function: the values of its names for all steps at once.

    A statement is computed for the steps whose `active` is true; `returned` has the values of those that have returned.
    """

    def __init__(self, names: dict[str, Any], compute: Compute, number: Callable[[Value], float], depth: int) -> None:
        self.names, self.compute, self.number, self.depth = names, compute, number, depth
        self.shape = np.broadcast_shapes(*(np.shape(value) for value in names.values()))
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
                now = active & ~self.done
                self.result = np.where(now, self.of(value), self.result)
                self.done = self.done | now
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                self._assign(name, self.of(value), active)
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
                raise UnknownError(type(node).__name__)

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
            raise UnknownError("for")
        for entry in entries:
            match target:
                case ast.Name(id=name):
                    self.names[name] = entry
                case ast.Tuple(elts=elements) if isinstance(entry, list) and len(entry) == len(elements):
                    for each, value in zip(elements, entry, strict=True):
                        self.names[ast.unparse(each)] = value
                case _:
                    raise UnknownError("for")
            self.run(body, active)

    def _truth(self, node: ast.expr) -> Any:
        return np.asarray(self.of(node)).astype(bool) & np.ones(self.shape, dtype=bool)

    def of(self, node: ast.expr) -> Any:  # noqa: PLR0911, PLR0912 (a case per kind of expression)
        match node:
            case ast.Constant(value=bool() | int() | float() as value):
                return value
            case ast.Name(id=name) if name in self.names:
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
        return any(isinstance(each, ast.Name) and each.id in self.names for each in ast.walk(node))

    def _fixed(self, node: ast.expr) -> Any:
        """The value of an expression without the step in it."""
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
                raise UnknownError("comparison")
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

    def _called(self, node: ast.Call) -> Any:  # noqa: PLR0911
        name = ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"item", "numpy", "float"} and not node.args:
            return self.of(node.func.value)
        arguments = [self.of(each) for each in node.args if not isinstance(each, ast.Starred)]
        keywords = {each.arg: self.of(each.value) for each in node.keywords if each.arg}
        known = self.compute(node.func)
        if isinstance(known, Function) and self.depth < DEEPEST and not keywords:
            return known.values(arguments, self.number)
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
        if last in ARRAYS and name[: -len(last)] in MODULES and not (set(keywords) - {"dtype"}):
            if last in {"float", "float32", "float64", "array", "asarray", "tensor", "constant"}:
                return np.asarray(arguments[0], dtype=float)
            if name == "round" and len(arguments) == 2:
                return np.round(arguments[0], int(arguments[1]))
            return ARRAYS[last](*arguments)
        if last == "cast" and arguments:
            return arguments[0]
        raise UnknownError(name)


def lambda_function(node: ast.Lambda, text: str, compute: Compute) -> Function | None:
    """The Function of a lambda; None if its arguments have another form."""
    return _function([ast.Return(value=node.body)], node.args, text, compute, node)


def defined_function(node: ast.FunctionDef, compute: Compute) -> Function | None:
    """The Function of a definition; None if its arguments have another form."""
    return _function(node.body, node.args, node.name, compute, node)


def _function(body: list[ast.stmt], given: ast.arguments, text: str, compute: Compute, definition: ast.AST) -> Function | None:
    names = [each.arg for each in given.args if each.arg not in {"self", "cls"}]
    defaults = dict(zip(names[len(names) - len(given.defaults) :], given.defaults, strict=False))
    if given.vararg or not names:
        return None
    depth = [0]

    def values(arguments: Sequence[Any], number: Callable[[Value], float]) -> Any:
        if sum(1 for _ in ast.walk(definition)) > MOST or depth[0] >= DEEPEST:
            raise UnknownError(text)
        known = dict(zip(names, arguments, strict=False))
        for name in names[len(arguments) :]:
            if name not in defaults:
                raise UnknownError(name)
            value = compute(defaults[name])
            known[name] = value if isinstance(value, list) else number(value)
        depth[0] += 1
        try:
            held = _Body(known, compute, number, depth[0])
            held.run(body, np.ones(held.shape, dtype=bool))
            if not held.done.all():
                raise UnknownError("return")
            return held.result
        finally:
            depth[0] -= 1

    required = len(names) - len(defaults)
    return Function(text, values, required)
