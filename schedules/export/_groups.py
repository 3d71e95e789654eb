"""Code for a second group of parameters: what its rates need besides the code for those of the first group."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from typing import NamedTuple

PREFIX = "group_"
"""Prefix of the second group's names, where their values are others than those of the first group."""


class Parts(NamedTuple):
    """Source that sets the rates of a group: constants by name, then definitions and statements; each may read those before."""

    constants: dict[str, str]
    definitions: tuple[str, ...]
    statements: tuple[str, ...] = ()


class Second(NamedTuple):
    """Source that the second group adds, and its names by those of the first group; names that are missing are shared."""

    parts: Parts
    names: dict[str, str]

    def name(self, name: str) -> str:
        """The name for the second group of what has this name for the first."""
        return self.names.get(name, name)


def second_of(first: Parts, group: Parts) -> Second:
    """The part of a group's source that differs from that of the first group, with names of its own."""
    names: dict[str, str] = {}
    constants: dict[str, str] = {}
    for name, source in group.constants.items():
        value = renamed(source, names)
        if first.constants.get(name) != value:
            names[name] = PREFIX + name
            constants[names[name]] = value

    def differing(sources: Iterable[str], shared: tuple[str, ...]) -> tuple[str, ...]:
        found = []
        for source in sources:
            if renamed(source, names) not in shared:
                names.update({name: PREFIX + name for name in _defined(source)})
                found.append(renamed(source, names))
        return tuple(found)

    definitions = differing(group.definitions, first.definitions)
    return Second(Parts(constants, definitions, differing(group.statements, first.statements)), names)


def renamed(code: str, names: Mapping[str, str]) -> str:
    """Some code with other names; its layout and its comments stay."""
    lines = code.split("\n")
    found = [
        (node.lineno - 1, node.col_offset + len("def ") * isinstance(node, ast.FunctionDef), name)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, (ast.Name, ast.FunctionDef)) and (name := _name(node)) in names
    ]
    for row, column, name in sorted(found, reverse=True):
        line = lines[row]
        lines[row] = line[:column] + names[name] + line[column + len(name) :]
    return "\n".join(lines)


def _name(node: ast.AST) -> str:
    """The name that a node of a syntax tree reads or defines; empty for other nodes."""
    return node.id if isinstance(node, ast.Name) else node.name if isinstance(node, ast.FunctionDef) else ""


def _defined(code: str) -> set[str]:
    """The names that the outermost statements of some code assign or define as functions."""
    found = set()
    for statement in ast.parse(code).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement]
        found |= {name for target in targets if (name := _name(target))}
    return found
