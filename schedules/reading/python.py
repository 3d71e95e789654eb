"""Schedulers in Python code: parsed as a syntax tree, never executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from schedules.libraries import LIBRARIES
from schedules.libraries._base import Library
from schedules.libraries._call import Call, CallError, Findings, Read, Value, bound
from schedules.reading.optimizers import Optimizer, optimizer_of
from schedules.reading.values import Values, text_of
from schedules.words import say


class Found(NamedTuple):
    """A call of a library's callable that is not an argument of another one, and the name that it is assigned to, or ""."""

    library: str
    call: Call
    target: str = ""


class Code:
    """The schedulers, optimizers and names of Python code, in the order of the text.

    Attributes:
        found: calls that are no arguments of other calls.
        optimizers: all optimizers.
        values: names with their values, after the last line.
    """

    def __init__(self, tree: ast.Module, findings: Findings) -> None:
        self.findings = findings
        self.found: list[Found] = []
        self.optimizers: list[Optimizer] = []
        self.values = Values(self._call)
        self._imported: dict[str, str] = {}
        self._library_of: dict[int, str] = {}
        self._statements(tree.body)

    def _statements(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import(names=names):
                for name in names:
                    first = name.name.partition(".")[0]
                    self._imported[name.asname or first] = name.name if name.asname else first
            case ast.ImportFrom(module=module, names=names):
                self._imported |= {name.asname or name.name: f"{module or ''}.{name.name}" for name in names}
            case ast.Assign(targets=targets, value=value):
                held = self._top_value(value)
                for target in targets:
                    self._assign(target, held)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self._top_value(value))
            case ast.Expr(value=value) | ast.Return(value=ast.expr() as value):
                self._top_value(value)
            case _:
                for field in ("body", "orelse", "handlers", "finalbody"):
                    for inner in getattr(node, field, []):
                        self._statement(inner) if isinstance(inner, ast.stmt) else self._statements(inner.body)

    def _top_value(self, node: ast.expr) -> Value:
        value = self.values.of(node)
        self.found += [Found(self._library_of[id(call)], call) for call in _calls(value)]
        return value

    def _assign(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, list) and len(value) == len(target.elts):
            for each, held in zip(target.elts, value, strict=True):
                self._assign(each, held)
            return
        name = text_of(target)
        self.values.names[name] = value
        self.found = [each._replace(target=name) if each.call is value else each for each in self.found]

    def _call(self, node: ast.Call, name: str) -> Any:
        """The Call of a known callable, or the Optimizer of a known optimizer; None for any other call."""
        last = name.rpartition(".")[2]
        positional = [self.values.of(each) for each in node.args if not isinstance(each, ast.Starred)]
        keywords = {each.arg: self.values.of(each.value) for each in node.keywords if each.arg}
        optimizer = optimizer_of(last, positional, keywords, node.lineno)
        if optimizer:
            self.optimizers.append(optimizer)
            return optimizer
        if last == "dict" and isinstance(keywords.get("type"), str):  # a registry's configuration, as in mmengine
            last, name = str(keywords.pop("type")).rpartition(".")[2], ""
            optimizer = optimizer_of(last, [], keywords, node.lineno)
            if optimizer:
                self.optimizers.append(optimizer)
                return optimizer
        candidates = {lib: LIBRARIES[lib] for lib in LIBRARIES if last in LIBRARIES[lib].readers}
        if not candidates:
            return None
        imported = {lib: found for lib, found in candidates.items() if _imports(found, lib, self._full(name))}
        return self.known(node.lineno, last, positional, keywords, imported or candidates)

    def known(
        self, line: int, last: str, positional: list[Value], keywords: dict[str, Value], candidates: Mapping[str, Library]
    ) -> Call:
        """The Call of a callable that some libraries have; the arguments tell them apart, or the person is asked."""
        fits = {lib: _bound(candidates[lib], last, positional, keywords) for lib in candidates}
        fewest = min(len(unknown) for _, unknown in fits.values())
        options = [lib for lib, (_, unknown) in fits.items() if len(unknown) == fewest]
        library = self.findings.choose("library", options, line) if len(options) > 1 else options[0]
        arguments, unknown = fits[library]
        for argument, nearest in unknown:
            key = "unknown_nearest" if nearest else "unknown"
            self.findings.note(line, say(f"reading.{key}", name=argument, call=last, nearest=nearest))
        return self.call_of(library, last, line, arguments)

    def call_of(self, library: str, name: str, line: int, arguments: Mapping[str, Value]) -> Call:
        """The Call of a library's callable with bound arguments."""
        call = Call(name=name, line=line, arguments=arguments, findings=self.findings, read=self.read)
        self._library_of[id(call)] = library
        return call

    def library_of(self, call: Call) -> str:
        """The library that a call belongs to."""
        return self._library_of[id(call)]

    def read(self, call: Call) -> Read:
        """Read a call by the reader of its library."""
        library = self._library_of[id(call)]
        optimizer = call.arguments.get("optimizer")
        if isinstance(optimizer, Optimizer):
            self.findings.peak = optimizer.lr
        elif self.optimizers:
            self.findings.peak = self.optimizers[-1].lr
        try:
            return LIBRARIES[library].readers[call.name](call)
        except CallError:
            raise
        except (ArithmeticError, ValueError) as error:  # a value outside the bounds of a Schedule
            raise CallError(say("reading.out_of_bounds", reason=str(error))) from error

    def _full(self, name: str) -> str:
        first, dot, rest = name.partition(".")
        return self._imported.get(first, first) + dot + rest


def _imports(library: Library, name: str, full: str) -> bool:
    """True if a full name is in one of the library's packages."""
    return any(full == package or full.startswith(package + ".") for package in library.imports or (name,))


def _bound(
    library: Library, name: str, positional: list[Value], keywords: dict[str, Value]
) -> tuple[dict[str, Value], list[tuple[str, str]]]:
    signature = library.signatures[name]
    if library.takes_optimizer and not (positional and isinstance(positional[0], (int, float, str, list))):
        signature = ("optimizer", *signature)
    return bound(signature, positional, keywords, library.ignored)


def _calls(value: Value) -> Iterator[Call]:
    """The calls in a value that are not arguments of other calls."""
    if isinstance(value, Call):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _calls(each)
