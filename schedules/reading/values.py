"""Values of Python expressions, without executing them: numbers, names, bounded arithmetic, lists, and calls that are known."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schedules.libraries._call import Function, Symbol, Value

LARGEST = 1e30
"""Largest magnitude of a result; a larger one has no value."""
LONGEST = 10_000
"""Most entries of a list."""
BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "int": int,
    "float": float,
    "max": max,
    "min": min,
    "round": round,
    "abs": abs,
    "math.ceil": math.ceil,
    "math.floor": math.floor,
    "math.sqrt": math.sqrt,
    "math.exp": math.exp,
    "math.log": math.log,
    "math.log10": math.log10,
    "math.cos": math.cos,
    "math.sin": math.sin,
    "np.sqrt": math.sqrt,
    "np.ceil": math.ceil,
    "np.floor": math.floor,
    "np.exp": math.exp,
    "np.log": math.log,
    "np.cos": math.cos,
    "np.minimum": min,
    "np.maximum": max,
}
"""Functions of numbers that are computed; all of them are pure and fast for numbers of this magnitude."""
CONSTANTS = {"math.pi": math.pi, "math.e": math.e, "np.pi": math.pi, "torch.pi": math.pi}


class Values:
    """Evaluates expressions in a text.

    Args:
        names: values by name; dotted names are allowed. The caller adds to it as it goes through the text.
        call: returns the value of a call of a known callable, or None for another: `call(node, name)`.
    """

    def __init__(self, call: Callable[[ast.Call, str], Value | None]) -> None:
        self.names: dict[str, Value] = {}
        self._call = call

    def of(self, node: ast.expr) -> Value:
        """The value of an expression. A Symbol stands for all that has no value in the text."""
        found = self._evaluated(node)
        if isinstance(found, float) and not math.isfinite(found):
            return found
        if isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found) > LARGEST:
            return symbol(node)
        return found

    def _evaluated(self, node: ast.expr) -> Value:  # noqa: PLR0911, PLR0912 (a case per kind of expression)
        match node:
            case ast.Constant(value=bool() | int() | float() | str() | None as value):
                return value
            case ast.Name() | ast.Attribute():
                return self._named(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                factor = -1 if isinstance(sign, ast.USub) else 1
                return self._computed(node, lambda value: factor * value, operand)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._computed(node, operator.not_, operand)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self._computed(node, _power, left, right)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
                return self._computed(node, BINARY[type(op)], left, right)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARE:
                return self._computed(node, COMPARE[type(op)], left, right)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                decided = self.of(test)
                return symbol(node) if isinstance(decided, Symbol) else self.of(body if decided else orelse)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return [self.of(each) for each in elements[:LONGEST]]
            case ast.ListComp():
                return self._listed(node)
            case ast.Dict(keys=keys, values=values):
                return {_key(self.of(key)): self.of(value) for key, value in zip(keys, values, strict=True) if key}
            case ast.Subscript(value=value, slice=index):
                return self._entry(node, self.of(value), self.of(index))
            case ast.Call():
                return self._called(node)
            case ast.Lambda(args=ast.arguments(args=[first, *_]), body=body):
                return Function(text_of(node), lambda step: self._at(first.arg, step, body))
        return symbol(node)

    def _named(self, node: ast.expr) -> Value:
        text = text_of(node)
        if text in CONSTANTS:
            return CONSTANTS[text]
        return self.names.get(text, symbol(node))

    def _computed(self, node: ast.expr, function: Callable[..., Any], *operands: ast.expr) -> Value:
        """A function of numbers; a Symbol if an operand is one, or where the function has no value."""
        values = [self.of(each) for each in operands]
        if any(isinstance(value, Symbol) for value in values):
            return combined(text_of(node), function, values)
        if not all(isinstance(value, (int, float)) for value in values):
            return symbol(node)
        try:
            return _number(function(*values))
        except (ArithmeticError, ValueError, TypeError):
            return symbol(node)

    def _called(self, node: ast.Call) -> Value:  # noqa: PLR0911
        name = text_of(node.func)
        known = self._call(node, name)
        if known is not None:
            return known
        short = name.removeprefix("numpy.") if not name.startswith("numpy.") else "np." + name.removeprefix("numpy.")
        function = FUNCTIONS.get(short)
        if function and not node.keywords and node.args:
            if name in {"max", "min"} and len(node.args) == 1:
                return symbol(node)
            return self._computed(node, function, *node.args)
        if name == "len" and len(node.args) == 1 and isinstance(held := self.of(node.args[0]), list):
            return len(held)
        if name in {"list", "tuple", "sorted"} and len(node.args) == 1 and isinstance(held := self.of(node.args[0]), list):
            return held
        if name == "range":
            return self._range(node)
        return symbol(node)

    def _range(self, node: ast.Call) -> Value:
        values = [self.of(each) for each in node.args]
        bounds = [value for value in values if isinstance(value, int)]
        if len(bounds) != len(values) or not 1 <= len(values) <= 3:
            return symbol(node)
        try:
            return list(range(*bounds)[:LONGEST])
        except ValueError:
            return symbol(node)

    def _listed(self, node: ast.ListComp) -> Value:
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=source, ifs=[])]:
                entries = self.of(source)
                if isinstance(entries, list):
                    return [self._with(name, entry, node.elt) for entry in entries[:LONGEST]]
        return symbol(node)

    def _with(self, name: str, value: Value, node: ast.expr) -> Value:
        """The value of an expression while a name has a value."""
        before = self.names.copy()
        self.names[name] = value
        try:
            return self.of(node)
        finally:
            self.names.clear()
            self.names.update(before)

    def _at(self, name: str, step: int, node: ast.expr) -> float:
        value = self._with(name, step, node)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{text_of(node)} has no value")
        return float(value)

    def _entry(self, node: ast.Subscript, held: Value, index: Value) -> Value:
        try:
            if isinstance(held, dict):
                return held.get(index, symbol(node))  # type: ignore[no-any-return]
            if isinstance(held, list) and isinstance(index, int):
                return held[index]  # type: ignore[no-any-return]
        except (IndexError, TypeError):
            pass
        return self.names.get(text_of(node), symbol(node))


def symbol(node: ast.expr) -> Symbol:
    """An expression as a name without a value."""
    text = text_of(node)
    return Symbol(text, (text,), lambda values: values[text])


def combined(text: str, function: Callable[..., Any], operands: list[Value]) -> Symbol:
    """A function of values of which some have no value yet."""
    atoms = tuple(dict.fromkeys(atom for each in operands if isinstance(each, Symbol) for atom in each.atoms))

    def value(values: Mapping[str, float]) -> float:
        return float(_number(function(*(each.value(values) if isinstance(each, Symbol) else each for each in operands))))

    return Symbol(text, atoms, value)


def text_of(node: ast.AST) -> str:
    """The text of a part of the source."""
    return ast.unparse(node)


def names_in(node: ast.AST) -> Iterator[str]:
    """The names in a part of the source."""
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _key(value: Value) -> Any:
    return value if isinstance(value, (str, int, float)) else repr(value)


def _power(base: float, exponent: float) -> float:
    if abs(exponent) > 1_000 or abs(base) > LARGEST:
        raise OverflowError
    return _number(float(base) ** exponent if abs(exponent) > 64 else base**exponent)


def _number(value: Any) -> float:
    if isinstance(value, complex):
        raise ValueError("complex")
    number: float = value
    return number
