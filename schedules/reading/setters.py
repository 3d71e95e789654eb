"""Rates that a script sets itself: `param_group["lr"] = ...` in a function such as adjust_learning_rate, or in a loop."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schedules.libraries._call import Function, Symbol, Value
from schedules.reading.functions import Compute, bound_function, step_function
from schedules.reading.loops import Loop
from schedules.reading.values import depth, names_in

DEEPEST = 40
"""Deepest function that is read."""
COUNTERS = re.compile(
    r"(?:cur\w*_|global_|n_|num_|train_)?(?:epochs?|steps?|it|iter|iters|iteration|iterations|iter_num|update|updates|i|k|t)"
)
"""Names of what a schedule is a function of."""


@dataclass(slots=True)
class Setter:
    """A function of the text that sets the optimizer's rate.

    Attributes:
        node: its definition.
        step: the argument that the rate is a function of.
        compute: the value of an expression without that argument.
        bound: other arguments, as the text has them where it calls the function.
        share: the expression that a call has as the step, if that is a division of a count of batches, or None.
    """

    node: ast.FunctionDef
    step: str
    compute: Compute
    bound: dict[str, Value] = field(default_factory=dict)
    share: bool = False

    def called(self, node: ast.Call, positional: Sequence[Value], keywords: Mapping[str, Value]) -> None:
        """Keep the arguments of a call."""
        names = [each.arg for each in self.node.args.args if each.arg not in {"self", "cls"}]
        given = dict(zip(names, positional, strict=False)) | dict(keywords)
        expressions = dict(zip(names, node.args, strict=False)) | {each.arg: each.value for each in node.keywords if each.arg}
        self.share = any(isinstance(each, ast.Div) for each in ast.walk(expressions.get(self.step, node.func)))
        self.bound |= {
            name: value
            for name, value in given.items()
            if name in names and name != self.step and isinstance(value, (int, float, list))
        }

    def function(self) -> Function | None:
        """The rate as a function of the step."""
        arguments = self.node.args
        names = [each.arg for each in arguments.args]
        defaults = dict(zip(names[len(names) - len(arguments.defaults) :], arguments.defaults, strict=True))
        known = {name: value for name, value in defaults.items() if name != self.step}
        of_step = step_function(
            _returning(self.node.body), (self.step,), self.node.name, self.compute, known | dict.fromkeys(self.bound)
        )
        return bound_function(of_step, [], self.bound) if of_step is not None else None


def setter_of(node: ast.FunctionDef, compute: Compute) -> Setter | None:
    """The Setter of a function that sets a rate; None for any other function."""
    if depth(node, DEEPEST) >= DEEPEST or not any(assigned(each) for each in ast.walk(node) if isinstance(each, ast.stmt)):
        return None
    names = [each.arg for each in node.args.args if each.arg not in {"self", "cls"}]
    steps = [name for name in names if COUNTERS.fullmatch(name)]
    return Setter(node, steps[0], compute) if steps else None


def assigned(node: ast.stmt) -> ast.expr | None:
    """The rate that a statement sets: of all groups in a loop, or of one; None for any other statement."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=held, slice=ast.Constant(value="lr"))], value=value):
            return value if "param_groups" in ast.unparse(held) else None
        case ast.For(target=ast.Tuple(elts=[_, ast.Name() as second]), iter=ast.Call(args=[source])):  # enumerate
            return assigned(ast.For(target=second, iter=source, body=node.body, orelse=[]))
        case ast.For(target=ast.Name(id=group), iter=source) if ast.unparse(source).rpartition(".")[2] == "param_groups":
            values = [
                each.value
                for each in ast.walk(node)
                if isinstance(each, ast.Assign)
                and isinstance(target := each.targets[0], ast.Subscript)
                and isinstance(target.slice, ast.Constant)
                and target.slice.value == "lr"
            ]
            values = [value for value in values if group not in names_in(value)]
            return values[-1] if values else None
    return None


def rate_in_loop(value: ast.expr, before: Sequence[ast.stmt], loops: Sequence[Loop], compute: Compute) -> Function | None:
    """The rate that is set in a loop, as a function of the loop's passes.

    Args:
        value: the rate.
        before: statements of the loop before it.
        loops: the loops around it.
        compute: the value of an expression without the loop's variable.
    """
    needed, kept = set(names_in(value)), [ast.Return(value=value)]
    body: list[ast.stmt] = list(kept)
    for statement in reversed(before):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) if name in needed:
                body.insert(0, statement)
                needed |= set(names_in(statement.value))
            case ast.If() if any(
                isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store) and each.id in needed
                for each in ast.walk(statement)
            ):
                body.insert(0, statement)
                needed |= set(names_in(statement))
    variables = [_variable(each) for each in loops]
    used = [i for i, name in enumerate(variables) if name in needed]
    if used and used[0] < len(loops) - 2:
        return None
    if used and len(loops) > 1:  # an epoch, or a batch in it, which begins at 0 again
        return _of_updates(body, (variables[-2], variables[-1]), loops[-1].passes, compute)
    counters = [name for name in sorted(needed) if COUNTERS.fullmatch(name)]
    step = variables[used[0]] if used else counters[0] if counters else ""
    return step_function(body, (step,), "lr", compute, {}) if step else None


def _of_updates(body: list[ast.stmt], names: tuple[str, str], passes: Value, compute: Compute) -> Function | None:
    inner = step_function(body, names, "lr", compute, {})
    if inner is None or not isinstance(passes, (int, float, Symbol)):
        return None

    def values(arguments: Sequence[Any], number: Callable[[Value], float]) -> Any:
        each = max(1.0, number(passes))
        return inner.values((arguments[0] // each, arguments[0] % each), number)

    return Function("lr", values)


def _variable(loop: Loop) -> str:
    found = re.match(r"\(?(\w+)", loop.variable)
    return found[1] if found else ""


def _returning(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Statements that return the rate where they set it."""
    found: list[ast.stmt] = []
    for each in statements:
        if (value := assigned(each)) is not None:
            found.append(ast.Return(value=value))
        elif isinstance(each, ast.If):
            found.append(ast.If(test=each.test, body=_returning(each.body), orelse=_returning(each.orelse)))
        else:
            found.append(each)
    return found


def per_epoch(step: str) -> bool:
    """True if the name of a count is that of epochs."""
    return "epoch" in step
