"""Configurations: calls of a library's callables that keys and values stand for.

A mapping that names a callable, under any of the keys that projects use for it, is a call of it. All other forms are tables of
keys, which the libraries declare as `configurations`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from schedules.libraries import LIBRARIES
from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, Findings, Value
from schedules.reading.optimizers import OPTIMIZERS, Optimizer
from schedules.reading.python import Code, Found
from schedules.reading.settings import (
    Node,
    UnreadableError,
    flag_tree,
    flat,
    interpolate,
    mappings,
    plain,
    python_tree,
    toml_tree,
    yaml_tree,
)

NAMING = (
    *("_target_", "class_path", "_component_", "class_name", "class", "type", "name"),
    *("scheduler", "sched", "lr_scheduler", "scheduler_type", "scheduler_name", "lr_scheduler_name", "opt", "optimizer"),
)
"""Keys whose value names the callable that the mapping around it is a call of."""
INNER = (
    *("init_args", "params", "args", "kwargs", "config", "parameters", "options", "lr_scheduler_kwargs", "scheduler_kwargs"),
    *("scheduler_params", "scheduler_args", "lr_scheduler_params", "optimizer_params", "optimizer_kwargs"),
)
"""Keys of a mapping with the arguments of a call that the mapping around it names."""
RATES = ("lr", "learning_rate", "base_lr", "lr0", "max_lr", "peak_lr", "init_lr")
"""Keys of the optimizer's rate."""


OF_MMENGINE = ("param_scheduler", "optim_wrapper", "train_cfg")
"""Parts of keys of mmengine's configurations, whose schedulers have the names of PyTorch's."""


KEY = re.compile(r"[\w.-]+")
"""A path in a configuration, which the parts of other texts before a colon are not."""
FLAGS = re.compile(r"(^|\s)--[a-z]")


class Form(NamedTuple):
    """A library's form of configuration that a text has."""

    library: str
    form: Configuration


def configured(text: str, tree: ast.Module | None, python: Code | None, findings: Findings) -> Code | None:
    """The schedulers of a text, as calls in Python or in a configuration; None if it is neither.

    Args:
        text: the text.
        tree: its syntax tree, if it is Python.
        python: the names of the tree.
        findings: findings of the reading.

    Raises:
        UnreadableError: the text looks like a configuration, and could not be parsed.
    """
    if tree is not None and python is not None and python.found:
        root = python_tree(tree, python.values)
        join(python, flat(root) if root else {})
        return python
    broken: UnreadableError | None = None
    empty: Code | None = None
    for parse in (toml_tree, lambda text: yaml_tree(text, findings), flag_tree):
        try:
            root = parse(text)
        except UnreadableError as error:
            broken, root = error, None
        if root is not None and _branches(root):
            code = Code(ast.Module([], []), findings)
            add_calls(root, code)
            if code.found:
                join(code, flat(root))
                return code
            if all(KEY.fullmatch(path) for path in flat(root)) and (parse is not flag_tree or FLAGS.search(text)):
                empty = code
    if tree is not None and python is not None:
        return configured_in_python(tree, python)
    if broken is not None and empty is None:
        raise broken
    return empty


def configured_in_python(tree: ast.Module, python: Code) -> Code | None:
    """The schedulers in dictionaries, assignments and calls of other functions, where there are no calls of schedulers."""
    root = python_tree(tree, python.values)
    if root is not None:
        add_calls(root, python)
        join(python, flat(root))
    return python if python.found else None


def _branches(root: Node) -> bool:
    return bool(root.value) and isinstance(root.value, (dict, list))


def join(code: Code, settings: Mapping[str, Node]) -> None:
    """Join calls that run together: a list of schedulers in mmengine, and a warm-up with the schedule that it dampens."""
    code.settings |= settings
    for each in code.found:
        complete(each.call, code.library_of(each.call), settings)
    of_list = [each.call for each in code.found if code.library_of(each.call) == "mmengine" and each.call.name != "lr_config"]
    if of_list:
        arguments: dict[str, Value] = {"schedulers": list(of_list)}
        for one in of_list:
            arguments |= {name: one.arguments[name] for name in ("max_iters", "max_epochs") if name in one.arguments}
        joined = code.call_of("mmengine", "param_scheduler", of_list[0].line, arguments)
        code.found = [Found("mmengine", joined)]
        return
    last = code.found[-1].call if code.found else None
    if last and code.library_of(last) == "pytorch_warmup" and isinstance(last.arguments, dict):
        others = [each.call for each in code.found if code.library_of(each.call) != "pytorch_warmup"]
        if others:
            last.arguments["schedule"] = others[-1]
        betas = code.optimizers[-1].arguments.get("betas") if code.optimizers else None
        if isinstance(betas, list) and len(betas) == 2:
            last.arguments["beta2"] = betas[1]


def add_calls(root: Node, code: Code) -> None:
    """Add the schedulers and optimizers of a tree to those of `code`; nothing if it has none."""
    interpolate(root)
    settings = flat(root)
    optimizers = len(code.optimizers)
    found = _Calls(code, settings)
    held = found.value(root, "")
    named = list(found.top(held))
    if not named:
        named = list(_by_form(settings, mappings(root), code))
    if named and len(code.optimizers) == optimizers and (rate := _rate(settings)):
        code.findings.peak = rate.value
    code.found += named


class _Calls:
    """Turns a tree into values in which the mappings that name a callable are calls of it."""

    def __init__(self, code: Code, settings: Mapping[str, Node]) -> None:
        self.code, self.settings = code, settings

    def value(self, node: Node, key: str) -> Any:
        if isinstance(node.value, list):
            return [self.value(each, key) if isinstance(each, Node) else each for each in node.value]
        if not isinstance(node.value, dict):
            return node.value
        return self._named(node, key) or {name: self._keyed(name, child) for name, child in node.value.items()}

    def _keyed(self, name: str, node: Node) -> Any:
        """The value of an entry; a callable's name with its arguments below it is a call."""
        last = name.rpartition(".")[2].removesuffix("()").rpartition("/")[2]
        if isinstance(node.value, dict) and (_optimizer(last) or _callables(last)):
            return self._call(last, name, node.value, node.line) or self.value(node, name)
        return self.value(node, name)

    def _named(self, node: Node, key: str) -> Any:
        for naming in NAMING:
            name = node.value.get(naming)
            if name is None or not isinstance(name.value, str):
                continue
            last = name.value.rpartition(".")[2].rpartition(":")[2]
            if _optimizer(last) or _callables(last):
                inner = next((node.value[each] for each in INNER if each in node.value and _maps(node.value[each])), None)
                given = (
                    inner.value
                    if inner
                    else {each: child for each, child in node.value.items() if each not in NAMING or child.branches}
                )
                if (found := self._call(last, name.value, given, name.line)) is not None:
                    return found
        return None

    def _call(self, last: str, full: str, given: Mapping[str, Node], line: int) -> Any:
        if last in self.code.classes:
            return None
        arguments = {name: self.value(child, name) for name, child in given.items()}
        if known := _optimizer(last):
            optimizer = Optimizer(known, {name: value for name, value in arguments.items() if name != "params"}, line)
            self.code.optimizers.append(optimizer)
            return optimizer
        found = next((each for each in _callables(last) if each[0] == last or _fits(each, arguments)), None)
        if found is None:
            return None  # a short name alone says little
        name, candidates = found
        inside = {lib: held for lib, held in candidates.items() if full.startswith((*(held.imports or (lib,)),))}
        candidates = (inside if "." in full else {}) or candidates
        if "torch" in candidates and not any(mark in path for path in self.settings for mark in OF_MMENGINE):
            candidates = {lib: held for lib, held in candidates.items() if lib != "mmengine"}
        call = self.code.known(line, name, [], arguments, candidates)
        complete(call, self.code.library_of(call), self.settings)
        return call

    def top(self, value: Any) -> Iterator[Found]:
        """The calls that are not arguments of other calls."""
        if isinstance(value, Call):
            yield Found(self.code.library_of(value), value)
        elif isinstance(value, Optimizer):
            yield from self.top(dict(value.arguments))
        elif isinstance(value, (list, dict)):
            for each in value.values() if isinstance(value, dict) else value:
                yield from self.top(each)


def complete(call: Call, library: str, settings: Mapping[str, Node]) -> None:
    """Fill in arguments that stand elsewhere in the text, such as the length of the run."""
    for form in LIBRARIES[library].configurations:
        for path, argument in form.keys.items() if not form.callable else ():
            held = settings.get(path)
            if held and _empty(call.arguments.get(argument)) and isinstance(call.arguments, dict):
                call.arguments[argument] = plain(held)


def _optimizer(name: str) -> str:
    """The optimizer's name in `OPTIMIZERS`, or ""."""
    return next((known for known in OPTIMIZERS if known.casefold() == name.casefold()), "")


def _empty(value: Value) -> bool:
    return value is None or value == -1


def _maps(node: Node) -> bool:
    return isinstance(node.value, dict)


def _callables(name: str) -> list[tuple[str, dict[str, Library]]]:
    """Callables of this name with the libraries that read them; in configurations some have a short name."""
    found = {lib: held for lib, held in LIBRARIES.items() if name in held.readers and name in held.signatures}
    if found:
        return [(name, found)]
    short = ((held.short_names[name], {lib: held}) for lib, held in LIBRARIES.items() if name in held.short_names)
    return [(full, held) for full, held in short if all(full in each.readers for each in held.values())]


def _fits(found: tuple[str, Mapping[str, Library]], arguments: Mapping[str, Value]) -> bool:
    """True if one of the arguments is one of the callable's."""
    name, candidates = found
    return any(set(arguments) & set(held.signatures[name]) for held in candidates.values())


def _by_form(settings: Mapping[str, Node], inner: Mapping[str, Node], code: Code) -> Iterator[Found]:
    """The call that the most specific form of all libraries reads from these settings."""
    last: dict[str, Node] = {}
    for path, node in settings.items():
        last.setdefault(path.rpartition(".")[2].replace("-", "_"), node)
    forms = [
        Form(name, form)
        for name, library in LIBRARIES.items()
        for form in library.configurations
        if form.callable in library.readers and all(mark in last or mark in settings for mark in form.marks)
    ]
    if not forms:
        return
    most = max(len(form.marks) for _, form in forms)
    best = {library: form for library, form in reversed(forms) if len(form.marks) == most}
    options = list(reversed(best))
    library = code.findings.choose("library", options, 0) if len(options) > 1 else options[0]
    form = best[library]
    arguments: dict[str, Value] = {}
    line = min((last.get(mark) or settings[mark]).line for mark in form.marks)
    for key, node in [*settings.items(), *last.items(), *inner.items()]:
        argument = form.keys.get(key, "" if "." in key else key)
        if argument:
            arguments.setdefault(argument, plain(node))
    yield Found(library, code.call_of(library, form.callable, line, arguments))


def _rate(settings: Mapping[str, Node]) -> Node | None:
    """The optimizer's rate: under an optimizer's keys, or else the first in the text."""
    rates = [(path, node) for path, node in settings.items() if path.rpartition(".")[2].replace("-", "_") in RATES]
    inside = [node for path, node in rates if "optim" in path]
    return next((node for node in (*inside, *(node for _, node in rates))), None)
