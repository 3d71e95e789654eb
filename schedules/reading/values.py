"""Values of Python expressions, without executing them: numbers, names, bounded arithmetic, lists, and calls that are known."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schedules.libraries._call import Call, Function, Symbol, Value
from schedules.reading.functions import lambda_function

LARGEST = 1e30
"""Largest magnitude of a result; a larger one has no value."""
LONGEST = 10_000
"""Most entries of a list."""
BUDGET = 30_000
"""Most expressions that are evaluated for one text."""
SHOWN = 160
"""Most characters of an expression's text."""
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
CONSTANTS = {
    "math.nan": math.nan,
    "math.inf": math.inf,
    "np.nan": math.nan,
    "np.inf": math.inf,
    "math.pi": math.pi,
    "math.e": math.e,
    "np.pi": math.pi,
    "torch.pi": math.pi,
    "jnp.pi": math.pi,
    "jax.numpy.pi": math.pi,
    "numpy.pi": math.pi,
}


class Values:
    """Evaluates expressions in a text.

    Args:
        call: returns the value of a call of a known callable, or None for another: `call(node, name)`.

    Attributes:
        names: values by name; dotted names are allowed. The caller adds to it as it goes through the text.
        defaults: value and line of attributes that options, classes or configurations declare, by their last name.
        used_defaults: line of those that were used, by the name in the text.
    """

    def __init__(self, call: Callable[[ast.Call, str], Any]) -> None:
        self.names: dict[str, Value] = {}
        self.defaults: dict[str, tuple[Value, int]] = {}
        self.used_defaults: dict[str, int] = {}
        self._call = call
        self._left = BUDGET

    def of(self, node: ast.expr) -> Value:
        """The value of an expression. A Symbol stands for all that has no value in the text.

        Raises RecursionError where a text has more expressions than `BUDGET`.
        """
        self._left -= 1
        if self._left < 0:
            raise RecursionError("too many expressions")
        found: Value = self._evaluated(node)
        if isinstance(found, float) and not math.isfinite(found):
            return found
        if isinstance(found, (int, float)) and not isinstance(found, bool) and abs(found) > LARGEST:
            return symbol(node)
        return found

    def scoped(self) -> Callable[[ast.expr], Value]:
        """The evaluation of expressions in the names of the present function, whenever it is called."""
        scope = self.names

        def value(node: ast.expr) -> Value:
            before, self.names = self.names, scope
            try:
                return self.of(node)
            finally:
                self.names = before

        return value

    def _evaluated(self, node: ast.expr) -> Any:  # noqa: PLR0911, PLR0912 (a case per kind of expression)
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
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(node, op, self.of(left), self.of(right))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                decided = self.of(test)
                return symbol(node) if isinstance(decided, Symbol) else self.of(body if decided else orelse)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return [self.of(each) for each in elements[:LONGEST]]
            case ast.ListComp():
                return self._listed(node)
            case ast.Dict(keys=keys, values=values):
                return {_key(self.of(key)): self.of(value) for key, value in zip(keys, values, strict=True) if key}
            case ast.DictComp():
                return self._mapped(node)
            case ast.Subscript(value=value, slice=index):
                return self._entry(node, self.of(value), self.of(index))
            case ast.Call():
                return self._called(node)
            case ast.Lambda():
                return lambda_function(node, text_of(node), self.scoped()) or symbol(node)
            case ast.JoinedStr():
                return symbol(node)
            case ast.Starred(value=value):
                return self.of(value)
            case ast.BoolOp(op=op, values=[first, *rest]):
                return self._either(node, isinstance(op, ast.Or), [first, *rest])
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                self.names[name] = held = self.of(value)
                return held
        return symbol(node)

    def _named(self, node: ast.expr) -> Value:
        text = text_of(node)
        if text in CONSTANTS:
            return CONSTANTS[text]
        if text in self.names:
            return self.names[text]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
            return getattr(self.of(node.value), "methods", {}).get(node.attr, symbol(node))  # type: ignore[no-any-return]
        base, dot, last = text.rpartition(".")
        if dot and isinstance(held := self.names.get(base), dict) and last in held:
            return held[last]  # type: ignore[no-any-return]
        if dot and last in self.defaults and "(" not in base:
            value, line = self.defaults[last]
            self.used_defaults[text] = line
            return value
        return symbol(node)

    def _either(self, node: ast.expr, is_or: bool, operands: list[ast.expr]) -> Value:
        for operand in operands:
            value = self.of(operand)
            if isinstance(value, Symbol):
                return symbol(node)
            if bool(value) == is_or:
                return value
        return value

    def _computed(self, node: ast.expr, function: Callable[..., Any], *operands: ast.expr) -> Value:
        """A function of numbers; a Symbol if an operand is one, or where the function has no value."""
        values = [self.of(each) for each in operands]
        if any(isinstance(value, (Call, Function)) for value in values):
            return symbol(node)
        if any(isinstance(value, Symbol) for value in values):
            return combined(function, values)
        if function in {operator.mul, operator.add} and any(isinstance(value, list) for value in values):
            return _of_lists(node, function, *values)
        if not all(isinstance(value, (int, float)) for value in values):
            return symbol(node)
        try:
            return _number(function(*values))
        except (ArithmeticError, ValueError, TypeError):
            return symbol(node)

    def _compared(self, node: ast.expr, op: ast.cmpop, left: Value, right: Value) -> Value:  # noqa: PLR0911
        """A comparison of values that are known; a Symbol otherwise."""
        if isinstance(left, (Symbol, Call, Function)) or isinstance(right, (Symbol, Call, Function)):
            return symbol(node)
        if isinstance(op, (ast.Is, ast.IsNot)):
            return (left is right) == isinstance(op, ast.Is)
        if isinstance(op, (ast.In, ast.NotIn)) and isinstance(right, (list, dict, str)):
            if isinstance(right, list) and any(isinstance(each, Symbol) for each in right):
                return symbol(node)
            try:
                return bool(left in right) == isinstance(op, ast.In)
            except TypeError:
                return symbol(node)
        try:
            return bool(COMPARE[type(op)](left, right)) if type(op) in COMPARE else symbol(node)
        except TypeError:
            return symbol(node)

    def _called(self, node: ast.Call) -> Any:  # noqa: PLR0911, PLR0912
        name = text_of(node.func)
        known = self._call(node, name)
        if known is not None:
            return known
        short = name.removeprefix("numpy.") if not name.startswith("numpy.") else "np." + name.removeprefix("numpy.")
        function = FUNCTIONS.get(short)
        if name in {"float", "int"} and len(node.args) == 1 and isinstance(text := self.of(node.args[0]), str):
            return _of_text(text, node)
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
        if name == "dict" and not node.args:
            return {each.arg: self.of(each.value) for each in node.keywords if each.arg}
        if name in {"getattr", "os.environ.get", "os.getenv"} and len(node.args) in (2, 3):
            return self._fetched(node, name)
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "pop"} and len(node.args) in (1, 2):
            held, key = self.of(node.func.value), self.of(node.args[0])
            if isinstance(held, Symbol) and len(node.args) == 2 and isinstance(key, str):
                value = self.of(node.args[1])
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    self.defaults[key] = (value, node.lineno)
                    self.used_defaults[key] = node.lineno
                    return value
            if isinstance(held, dict) and isinstance(key, (str, int, float)):
                return held[key] if key in held else self.of(node.args[1]) if len(node.args) == 2 else None
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"to", "cuda", "item"}:
            return self.of(node.func.value)
        if name.rpartition(".")[2] == "cast" and node.args:
            return self.of(node.args[0])
        if name == "slice" and node.args:
            return self.of(node.args[-1])
        return symbol(node)

    def _fetched(self, node: ast.Call, name: str) -> Value:
        if name == "getattr" and isinstance(node.args[1], ast.Constant):
            value = self._named(ast.Attribute(value=node.args[0], attr=str(node.args[1].value), ctx=ast.Load()))
            if not isinstance(value, Symbol):
                return value
        return self.of(node.args[-1]) if len(node.args) == 3 or name != "getattr" else symbol(node)

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

    def _mapped(self, node: ast.DictComp) -> Value:
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=source, ifs=[])]:
                entries = self.of(source)
                if isinstance(entries, list):
                    held = entries[:LONGEST]
                    return {_key(self._with(name, each, node.key)): self._with(name, each, node.value) for each in held}
        return symbol(node)

    def _with(self, name: str, value: Value, node: ast.expr) -> Value:
        """The value of an expression while a name has a value."""
        before, had = self.names.get(name), name in self.names
        self.names[name] = value
        try:
            return self.of(node)
        finally:
            if had:
                self.names[name] = before
            else:
                del self.names[name]

    def _entry(self, node: ast.Subscript, held: Value, index: Value) -> Value:
        try:
            if isinstance(held, dict):
                return held.get(index, symbol(node))  # type: ignore[no-any-return]
            if isinstance(held, list) and isinstance(index, int):
                return held[index]  # type: ignore[no-any-return]
        except (IndexError, TypeError):
            pass
        return self.names.get(text_of(node), symbol(node))


def _of_lists(node: ast.expr, function: Callable[..., Any], left: Any, right: Any) -> Value:
    """Two lists, one after the other, or a list several times."""
    lists = [value for value in (left, right) if isinstance(value, list)]
    times = [value for value in (left, right) if isinstance(value, int) and not isinstance(value, bool)]
    if function is operator.add and len(lists) == 2:
        return [*left, *right][:LONGEST]
    if function is operator.mul and times and len(lists[0]) * times[0] <= LONGEST and not any(map(_holds_values, lists[0])):
        return lists[0] * times[0]
    return symbol(node)


def _holds_values(value: Value) -> bool:
    """True for lists, and for dictionaries of lists or dictionaries, which many copies would make long."""
    inner = value.values() if isinstance(value, dict) else ()
    return isinstance(value, list) or any(isinstance(each, (list, dict)) for each in inner)


def _of_text(text: str, node: ast.expr) -> Value:
    """The number in a text, as in float("1e-3")."""
    try:
        return float(text)
    except ValueError:
        return symbol(node)


def symbol(node: ast.expr) -> Symbol:
    """An expression as a name without a value."""
    text = text_of(node)
    return Symbol(text, (text,), lambda values: values[text])


def combined(function: Callable[..., Any], operands: list[Value]) -> Symbol:
    """A function of values of which some have no value yet."""
    atoms = tuple(dict.fromkeys(atom for each in operands if isinstance(each, Symbol) for atom in each.atoms))

    def value(values: Mapping[str, float]) -> float:
        return float(_number(function(*(each.value(values) if isinstance(each, Symbol) else each for each in operands))))

    return Symbol(atoms[0] if len(atoms) == 1 else "", atoms, value)


def text_of(node: ast.AST) -> str:
    """The text of a part of the source; a long one is cut off."""
    parts: list[str] = []
    inner: ast.AST = node
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        return ".".join((inner.id, *reversed(parts)))
    if size(node, SHOWN) >= SHOWN:
        return f"line {getattr(node, 'lineno', 0)}"
    text = ast.unparse(node)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def size(node: ast.AST, most: int) -> int:
    """The number of parts of an expression, counted up to `most`."""
    count = 0
    for _ in ast.walk(node):
        count += 1
        if count >= most:
            break
    return count


def depth(node: ast.AST, most: int) -> int:
    """The depth of a syntax tree, measured up to `most`."""
    level, found = [node], 0
    while level and found < most:
        level = [child for each in level for child in ast.iter_child_nodes(each)]
        found += 1
    return found


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
