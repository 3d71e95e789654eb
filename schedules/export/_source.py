"""A policy's own source as a plain function, so that exported code uses the one definition of the curve.

A policy's `factor` may use `np`, the functions in `HELPERS`, its arguments, its local names and `self.<field>`; exported
scripts have all of them.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import Any

from schedules.core.cycles import cycle_at
from schedules.core.numbers import round_steps
from schedules.policies import Policy


def written(value: Any) -> str:
    """Format a value as source that evaluates to the same value: 0.1, 1e-8, 100_000, (0.5, 0.75), "linear"."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return f"({', '.join(map(written, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, int) and value >= 10_000:
        return f"{value:_}"
    return repr(value).replace("e-0", "e-")


HELPERS: dict[str, Callable[..., Any]] = {"round_steps": round_steps, "cycle_at": cycle_at}
"""Functions that a policy's `factor` may use."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A policy as source: its functions (none for the constant 1), and the constants that these may read."""

    functions: tuple[str, ...]
    constants: dict[str, str]

    def at(self, t: str) -> str:
        """The expression for the policy's factor at time t."""
        return f"curve({t})" if self.functions else "1.0"


def curve_of(
    policy: Policy, taken: Collection[str], ratio: Callable[[str, Any], str] = lambda _, value: written(value)
) -> Curve:
    """The policy's `factor` as `def curve(t)`, with `T` and the hyperparameters as global constants.

    Args:
        policy: its field values become the constants.
        taken: names that the script uses already; a hyperparameter with such a name gets the prefix `policy_`.
        ratio: function of a field's name and value that returns its source.

    Raises:
        ValueError: `factor` uses a name that the script would not have.
    """
    tree = _tree(type(policy).factor)
    local = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {p.name: f"policy_{p.name}" if p.name in {*taken, *local, *dir(builtins)} else p.name for p in policy.params}
    tree = _Plain(policy, names).visit(tree)
    used = {n.id for statement in tree.body for n in ast.walk(statement) if isinstance(n, ast.Name)}
    unknown = used - local - {*names.values(), "t", "T", "np", *HELPERS, *dir(builtins)}
    if unknown:
        raise ValueError(f"{type(policy).__name__}.factor uses {', '.join(sorted(unknown))}, which a script lacks")
    constants = {names[p.name]: ratio(p.name, getattr(policy, p.name)) for p in policy.params}
    match tree.body:
        case [ast.Return(value=ast.Constant(value=1.0))]:
            return Curve((), {})
    helpers = (helper_source(helper) for name, helper in HELPERS.items() if name in used)
    return Curve((*helpers, _text("curve(t)", tree)), constants)


def helper_source(function: Callable[..., Any]) -> str:
    """The source of a function that policies may use, without annotations."""
    return _text(f"{function.__name__}({', '.join(inspect.signature(function).parameters)})", _tree(function))


def expression_of(shape: Callable[..., Any], inserted: Mapping[str, str]) -> str:
    """The source of the expression that a function of a single statement returns, with some of its names replaced."""
    [returned] = _tree(shape).body
    assert isinstance(returned, ast.Return) and returned.value
    return ast.unparse(_Inserted(inserted).visit(returned.value))


class _Inserted(ast.NodeTransformer):
    """Replaces names by expressions, and removes `np.asarray`, which only says a type."""

    def __init__(self, inserted: Mapping[str, str]) -> None:
        self.inserted = inserted

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np"), attr="asarray"), args=[inner]):
                return self.visit(inner)  # type: ignore[no-any-return]
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.parse(self.inserted[node.id], mode="eval").body if node.id in self.inserted else node


def used_constants(constants: dict[str, str], code: str) -> str:
    """Assignments of the constants that the code reads, directly or through other constants; always includes the peak."""
    names, lines = {"peak_lr", *names_in(code)}, []
    for name, value in reversed(constants.items()):
        if name in names:
            names |= names_in(value)
            lines.append(f"{name} = {value}")
    return "\n".join(reversed(lines))


def names_in(code: str) -> set[str]:
    """All names in some code."""
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


class _Plain(ast.NodeTransformer):
    """Specializes `factor` for one policy: replaces `self.x` by a name, drops annotations and other branches, uses scalars."""

    def __init__(self, policy: Policy, names: Mapping[str, str]) -> None:
        self.policy = policy
        self.names = names

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=field) if field in self.names:
                return ast.Name(self.names[field], ast.Load())
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return self.generic_visit(ast.Assign([node.target], node.value))

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        decided = self._decided(node.test)
        if decided is None:
            return self.generic_visit(node)
        return self.visit(ast.Module(node.body if decided else node.orelse, [])).body  # type: ignore[no-any-return]

    def _decided(self, test: ast.expr) -> bool | None:
        """The value of a test of one hyperparameter (`self.x`, or `self.x` compared with a constant); None for other tests."""
        match test:
            case ast.Attribute(value=ast.Name(id="self"), attr=field):
                return bool(getattr(self.policy, field))
            case ast.Compare(
                left=ast.Attribute(value=ast.Name(id="self"), attr=field),
                ops=[ast.Eq() | ast.NotEq() as asked],
                comparators=[ast.Constant(value=option)],
            ):
                return bool(getattr(self.policy, field) == option) == isinstance(asked, ast.Eq)
        return None

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node.func:
            case ast.Attribute(value=ast.Name(id="np"), attr="ones_like"):
                return ast.Constant(1.0)
        return self.generic_visit(node)


def _tree(function: Callable[..., Any]) -> ast.FunctionDef:
    """The syntax tree of a function, without its docstring."""
    tree = ast.parse(dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    if ast.get_docstring(tree) is not None:
        del tree.body[0]
    return tree


def _text(signature: str, tree: ast.FunctionDef) -> str:
    body = ast.unparse(ast.fix_missing_locations(ast.Module(list(tree.body), []))).replace("'", '"')
    return f"def {signature}:\n{indent(body, '    ')}"
