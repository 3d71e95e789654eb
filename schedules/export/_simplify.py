"""Simplification of functions: known results of tests are inserted, and statements without effect are removed."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class Decided(ast.NodeTransformer):
    """Removes branches that are never taken.

    Args:
        known: values of expressions, by their source.
        written: expressions that are replaced by their values wherever they stand, by their source.
    """

    def __init__(self, known: Mapping[str, Any], written: Iterable[str] = ()) -> None:
        self.known = known
        self.written = {*written}

    def decided(self, test: ast.expr) -> bool | None:
        """The result of a test; None if it is not known."""
        match test:
            case ast.Constant(value=value):
                return bool(value)
            case ast.Name() | ast.Attribute() if (text := ast.unparse(test)) in self.known:
                return bool(self.known[text])
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                found = self.decided(inner)
                return None if found is None else not found
            case ast.Compare(left=left, ops=[asked], comparators=[right]) if type(asked) in COMPARISONS:
                values = [self._value(side) for side in (left, right)]
                return None if None in values else bool(COMPARISONS[type(asked)](*values))
            case ast.BoolOp(op=op, values=parts):
                ends, results = isinstance(op, ast.Or), [self.decided(part) for part in parts]
                return ends if ends in results else None if None in results else not ends
        return None

    def _value(self, node: ast.expr) -> Any:
        return node.value if isinstance(node, ast.Constant) else self.known.get(ast.unparse(node))

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        result = self.decided(node.test)
        if result is None:
            return self.generic_visit(ast.If(self._shorter(node.test), node.body, node.orelse))
        return self.visit(ast.Module(node.body if result else node.orelse, [])).body  # type: ignore[no-any-return]

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        result = self.decided(node.test)
        if result is None:
            return self.generic_visit(ast.IfExp(self._shorter(node.test), node.body, node.orelse))
        return self.visit(node.body if result else node.orelse)  # type: ignore[no-any-return]

    def _shorter(self, test: ast.expr) -> ast.expr:
        """A test without the parts whose result is known."""
        if not isinstance(test, ast.BoolOp):
            return test
        parts = [self._shorter(part) for part in test.values if self.decided(part) is None]
        return parts[0] if len(parts) == 1 else ast.BoolOp(test.op, parts)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """A sum or difference without zeros, and a product without ones; zero if a factor is."""
        left, right = self.visit(node.left), self.visit(node.right)
        for side, other in ((left, right), (right, left)):
            match node.op, side:
                case (ast.Add(), ast.Constant(value=0)) | (ast.Mult(), ast.Constant(value=1)):
                    return other  # type: ignore[no-any-return]
                case ast.Mult(), ast.Constant(value=0):
                    return side
        match node.op, right:
            case ast.Sub(), ast.Constant(value=0):
                return left  # type: ignore[no-any-return]
        return ast.BinOp(left, node.op, right)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._written(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._written(self.generic_visit(node))

    def _written(self, node: ast.AST) -> ast.AST:
        text = ast.unparse(node)
        return ast.Constant(self.known[text]) if text in self.written else node


def loaded(*nodes: ast.AST) -> set[str]:
    """The names that some code reads."""
    found = (each for node in nodes for each in ast.walk(node))
    return {each.id for each in found if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}


def stored(node: ast.AST) -> set[str]:
    """The names that some code assigns."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def without_unused(function: ast.FunctionDef) -> ast.FunctionDef:
    """A function without assignments that nothing reads, and without statements after a return.

    Names that nothing reads, of an assignment that is needed for others, become `_`.
    """
    body, _ = _used(function.body, set())
    function.body = body
    return function


def _used(statements: list[ast.stmt], live: set[str]) -> tuple[list[ast.stmt], set[str]]:
    """The statements that matter for names that are read after them, and the names that are read from before them."""
    kept: list[ast.stmt] = []
    for statement in reversed(_separate(statements)):
        match statement:
            case ast.Return():
                kept, live = [statement], loaded(statement)
            case ast.Assign() if not any(isinstance(part, ast.Subscript | ast.Attribute) for part in statement.targets):
                targets = [_needed(target, live) for target in statement.targets if stored(target) & live]
                if targets:
                    live = live - stored(statement) | loaded(statement.value)
                    kept.append(ast.Assign(targets, statement.value, lineno=0))
            case ast.AugAssign(target=ast.Name(id=name)):
                if name in live:
                    live = live | loaded(statement.value)
                    kept.append(statement)
            case ast.If():
                (body, first), (orelse, second) = _used(statement.body, live), _used(statement.orelse, live)
                if body or orelse:
                    live = first | second | loaded(statement.test)
                    kept.append(ast.If(statement.test, body or [ast.Pass()], orelse))
            case ast.While():
                before: set[str] = set()
                live = live | loaded(statement.test)
                while before != live:
                    body, before, live = (*_used(statement.body, live), live)
                    before, live = live, live | before
                kept.append(ast.While(statement.test, body, []))
            case _:
                live = live | loaded(statement)
                kept.append(statement)
    return kept[::-1], live


def _needed(target: ast.expr, live: set[str]) -> ast.expr:
    """A target of an assignment, with `_` for the names that nothing reads."""
    if not isinstance(target, ast.Tuple):
        return target
    return ast.Tuple([each if stored(each) & live else ast.Name("_", ast.Store()) for each in target.elts], ast.Store())


def _separate(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Statements in which `a, b = x, y` is two assignments where the second does not read the first."""
    found: list[ast.stmt] = []
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if all(
                not stored(name) & loaded(*values[i + 1 :]) for i, name in enumerate(names)
            ):
                found += [ast.Assign([name], value, lineno=0) for name, value in zip(names, values, strict=True)]
            case _:
                found.append(statement)
    return found
