"""A policy's own source as a plain function, so that exported code uses the one definition of the curve.

A policy's `factor` may use `np`, the functions in `HELPERS`, its arguments, its local names and `self.<field>`; exported
scripts have all of them.
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from textwrap import dedent, indent
from typing import Any

from schedules.core.cycles import cycle_at
from schedules.core.numbers import round_steps
from schedules.export._simplify import Decided, without_unused
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
    values = {f"self.{param.name}": getattr(policy, param.name) for param in policy.params}
    switches = [name for name, value in values.items() if isinstance(value, bool)]
    tree = without_unused(_Plain(names).visit(Decided(values, switches).visit(tree)))
    used = {n.id for statement in tree.body for n in ast.walk(statement) if isinstance(n, ast.Name)}
    unknown = used - local - {*names.values(), "_", "t", "T", "np", *HELPERS, *dir(builtins)}
    if unknown:
        raise ValueError(f"{type(policy).__name__}.factor uses {', '.join(sorted(unknown))}, which a script lacks")
    constants = {names[p.name]: ratio(p.name, getattr(policy, p.name)) for p in policy.params}
    match tree.body:
        case [ast.Return(value=ast.Constant(value=1.0))]:
            return Curve((), {})
    tree.name, tree.args.args = "curve", [ast.arg("t")]
    return Curve((_text(tree),), constants)


@lru_cache(maxsize=256)
def with_helpers(functions: tuple[str, ...]) -> tuple[str, ...]:
    """These functions after the helpers that they call; statements without an effect are removed from all of them.

    Arguments that are the same constant in all calls of a helper are inserted into it.
    """
    trees = [without_unused(_tree_of(function)) for function in functions]
    helpers = [without_unused(_inlined(HELPERS[name], calls)) for name in HELPERS if (calls := _calls_of(name, trees))]
    return tuple(map(_text, (*helpers, *trees)))


def _calls_of(name: str, trees: Iterable[ast.AST]) -> list[ast.Call]:
    """The calls of a function."""
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]


def _inlined(helper: Callable[..., Any], calls: Sequence[ast.Call]) -> ast.FunctionDef:
    """A helper with the constants inserted that all calls pass; they are removed from the calls."""
    tree = _tree(helper)
    passed = [{ast.unparse(call.args[i]) for call in calls} for i in range(len(tree.args.args))]
    same = {i for i, call in enumerate(passed) if len(call) == 1 and isinstance(calls[0].args[i], ast.Constant)}
    values = {tree.args.args[i].arg: ast.literal_eval(calls[0].args[i]) for i in same}
    for call in calls:
        call.args = [argument for i, argument in enumerate(call.args) if i not in same]
    tree.args.args = [argument for i, argument in enumerate(tree.args.args) if i not in same]
    decided = Decided(values, values).visit(tree)
    assert isinstance(decided, ast.FunctionDef)
    return decided


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
    """Writes `factor` for scalars, without annotations, and with a name in place of `self.x`."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=field) if field in self.names:
                return ast.Name(self.names[field], ast.Load())
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return self.generic_visit(ast.Assign([node.target], node.value, lineno=0))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node.func:
            case ast.Attribute(value=ast.Name(id="np"), attr="ones_like"):
                return ast.Constant(1.0)
        return self.generic_visit(node)


def _tree(function: Callable[..., Any]) -> ast.FunctionDef:
    """The syntax tree of a function, without its docstring and annotations."""
    tree = _tree_of(_source(function))
    if ast.get_docstring(tree) is not None:
        del tree.body[0]
    for argument in tree.args.args:
        argument.annotation = None
    return tree


@cache
def _source(function: Callable[..., Any]) -> str:
    """The source of a function; cached, because `inspect` reads the function's whole file for it."""
    return inspect.getsource(function)


def _tree_of(source: str) -> ast.FunctionDef:
    """The syntax tree of a function, from its source."""
    tree = ast.parse(dedent(source)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


def _text(tree: ast.FunctionDef) -> str:
    """The source of a function without annotations."""
    body = ast.unparse(ast.fix_missing_locations(ast.Module(list(tree.body), []))).replace("'", '"')
    return f"def {tree.name}({', '.join(argument.arg for argument in tree.args.args)}):\n{indent(body, '    ')}"
