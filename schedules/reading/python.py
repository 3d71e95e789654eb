"""Schedulers in Python code: parsed as a syntax tree, never executed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from schedules.libraries import LIBRARIES
from schedules.libraries._base import Library
from schedules.libraries._call import Call, CallError, Findings, Function, Read, Symbol, Value, bound, reason_of
from schedules.libraries._curves import FUNCTION, SETTER
from schedules.reading.classes import SCHEDULERS, SCHEDULES, Instance, base_of, methods_of, rates_of_steps
from schedules.reading.functions import bound_function, defined_function
from schedules.reading.loops import Loops
from schedules.reading.optimizers import LIKE, OPTIMIZERS, Optimizer, optimizer_of
from schedules.reading.setters import Setter, assigned, per_epoch, rate_in_loop, setter_of
from schedules.reading.values import Values, depth, text_of
from schedules.words import say

FITS = {"fit", "fit_generator", "Trainer"}
"""Calls that train, with the number of epochs."""
RATES = ("get_lr", "get_learning_rate", "lr_schedule", "learning_rate_schedule", "cosine_lr", "schedule_lr")
"""Names of functions that return a rate."""
FACTORS = ("lr_lambda", "get_lr_multiplier", "lr_multiplier", "lr_lambda_fn", "get_lr_factor", "lr_scale")
"""Names of functions that return a factor of the rate."""
DEEPEST = 40
"""Deepest expression that is read."""
MOST_FOUND = 150
"""Most schedulers of a text."""
MOST_SET = 10
"""Most rates of loops that are kept."""
BODIES = 100
"""Most bodies of functions that are read, counting every call."""
COMMON = 5
"""Rank up to which a library is taken for granted where another one has the same name."""
NESTED = 4
"""Most calls of functions of the text inside of each other."""
CALLABLES: Mapping[str, tuple[str, ...]] = {
    name: tuple(library for library in LIBRARIES if name in LIBRARIES[library].readers)
    for each in LIBRARIES.values()
    for name in each.readers
}
"""The libraries that read a callable, by its name."""


class Found(NamedTuple):
    """A call of a library's callable that is not an argument of another one.

    Attributes:
        library: the library's name.
        call: the call.
        target: the name that it is assigned to, or "".
        branch: the branches of conditions that it is in: the line of each condition, and which of its branches.
    """

    library: str
    call: Call
    target: str = ""
    branch: tuple[tuple[int, int], ...] = ()


class Partial(NamedTuple):
    """A callable with some of its arguments, as functools.partial makes it."""

    name: str
    positional: tuple[Value, ...]
    keywords: Mapping[str, Value]


class Code:
    """The schedulers, optimizers, loops and names of Python code, in the order of the text.

    Attributes:
        found: calls that are no arguments of other calls.
        optimizers: all optimizers.
        values: names with their values, after the last line.
        loops: loops, with the calls of `step` in them.
        classes: classes that the text defines, by name.
        settings: nodes of the text's settings by path.
        tree: the syntax tree.
    """

    def __init__(self, tree: ast.Module, findings: Findings) -> None:
        self.findings = findings
        self.found: list[Found] = []
        self.optimizers: list[Optimizer] = []
        self.values = Values(self._call)
        self.loops = Loops(self.values.of)
        self.settings: dict[str, Any] = {}
        self.tree = tree
        self._imported: dict[str, str] = {}
        self._modules: set[str] = set()
        self._functions: dict[str, ast.FunctionDef] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self._bases: list[str] = []
        self._run: set[str] = set()
        self._setters: dict[str, Setter] = {}
        self._set: list[Found] = []
        self._branch: tuple[tuple[int, int], ...] = ()
        self._nested = self._bodies = 0
        self._complete = False
        self._lines: dict[str, dict[int, Value]] = {}
        self._statements(tree.body)
        for name, function in list(self._functions.items()):
            if name not in self._run:
                self._body(function, {})
        for definition in list(self.classes.values()) if not self.found else ():
            if self._full(base_of(definition)).rpartition(".")[2] in CALLABLES:
                self._instance(definition, definition.lineno, [], {})
        if not self.found:
            self._read_setters()
        if not self.found:
            self._rate_function()
        self._complete = True
        self._used_in_functions(tree)

    def _statements(self, statements: list[ast.stmt]) -> Value:
        """Read statements; returns the value of the first `return` that is certain, or else of the last one."""
        returned: Value = None
        for i, statement in enumerate(statements):
            if self.loops.inside and (rate := assigned(statement)) is not None:
                self._set_in_loop(statement, rate, statements[:i])
            value = self._statement(statement)
            returned = value if value is not None else returned
            if isinstance(statement, ast.Return):
                break
        return returned

    def _statement(self, node: ast.stmt) -> Value:  # noqa: PLR0911, PLR0912 (a case per kind of statement)
        match node:
            case ast.Import(names=names):
                for name in names:
                    first = name.name.partition(".")[0]
                    self._modules.add(name.name)
                    self._imported[name.asname or first] = name.name if name.asname else first
            case ast.ImportFrom(module=module, names=names):
                self._modules.add(module or "")
                self._imported |= {name.asname or name.name: f"{module or ''}.{name.name}" for name in names}
            case ast.Assign(targets=targets, value=value):
                held = self._top_value(value)
                for target in targets:
                    self._assign(target, held)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign(target, self._top_value(value))
            case ast.AugAssign(target=target, op=op, value=value):
                self._assign(target, self._top_value(ast.copy_location(ast.BinOp(target, op, value), node)))
            case ast.Return(value=ast.expr() as value):
                return self._top_value(value)
            case ast.Expr(value=value):
                if not isinstance(value, ast.Constant):
                    self.loops.call(value)
                    self._top_value(value)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._define(node)
            case ast.ClassDef():
                self._class(node)
            case ast.If(test=test, body=body, orelse=orelse):
                return self._if(node, test, body, orelse)
            case ast.For(target=target, iter=source, body=body):
                with self.loops.loop(node, source):
                    self._assign(target, _unknown(target))
                    return self._statements(body)
            case ast.While(body=body):
                with self.loops.loop(node, None):
                    return self._statements(body)
            case ast.With(items=items, body=body):
                for item in items:
                    self.loops.call(item.context_expr)
                return self._statements(body)
            case ast.Try(body=body, handlers=handlers, finalbody=final):
                found = self._statements(body)
                for handler in handlers:
                    self._statements(handler.body)
                self._statements(final)
                return found
            case ast.Match(cases=cases):
                return self._match(node, cases)
        return None

    def _if(self, node: ast.stmt, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> Value:
        decided = None if depth(test, DEEPEST) >= DEEPEST else self.values.of(test)
        if text_of(test) == "__name__ == '__main__'":
            return self._statements(body)
        if not isinstance(decided, (Symbol, Call, Function)) and not self.loops.inside and depth(test, DEEPEST) < DEEPEST:
            return self._statements(body if decided else orelse)
        before = self._branch
        with self.loops.guard(test), self.loops.condition(test):
            self._branch = self.loops.branch = (*before, (node.lineno, 0))
            first = self._statements(body)
        with self.loops.condition(test, holds=False):
            self._branch = self.loops.branch = (*before, (node.lineno, 1))
            second = self._statements(orelse)
        self._branch = self.loops.branch = before
        return first if first is not None else second

    def _match(self, node: ast.stmt, cases: list[ast.match_case]) -> Value:
        before, found = self._branch, None
        for i, case in enumerate(cases):
            self._branch = (*before, (node.lineno, i))
            value = self._statements(case.body)
            found = found if found is not None else value
        self._branch = before
        return found

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self._option(decorator)
        if isinstance(node, ast.AsyncFunctionDef):
            return
        self._functions[node.name] = node
        self._note_setter(node)
        function = defined_function(node, self.values.scoped())
        if function:
            self.values.names[node.name] = function

    def _class(self, node: ast.ClassDef) -> None:
        self.classes[node.name] = node
        for statement in node.body:
            match statement:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    self._default(name, self._field(value), statement.lineno)
                case ast.FunctionDef(name="__init__") as init:
                    if self._full(base_of(node)).rpartition(".")[2] not in CALLABLES:
                        self._functions.setdefault(f"{node.name}.__init__", init)
                case ast.FunctionDef():
                    self._functions[statement.name] = statement
                    self._note_setter(statement)
                case ast.ClassDef():
                    self._class(statement)

    def _field(self, node: ast.expr) -> Value:
        """The default of a field, which may stand in a call such as `field(default=...)`."""
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "default":
                    return self._value(keyword.value)
        return self._value(node)

    def _body(self, function: ast.FunctionDef, arguments: Mapping[str, Value]) -> Value:
        """Read a function's body; arguments that are not given have their defaults, if there are any."""
        self._bodies += 1
        if self._nested >= NESTED or self._bodies > BODIES:
            return None
        names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
        given = list(zip(names[len(names) - len(function.args.defaults) :], function.args.defaults, strict=True))
        given += [
            (each.arg, value) for each, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if value
        ]
        parameters = dict.fromkeys((*names, *(each.arg for each in function.args.kwonlyargs)))
        defaults = {name: self._value(value) for name, value in given if name not in arguments}
        outer = self.values.names
        inner = {name: value for name, value in outer.items() if name not in parameters}
        self.values.names = {**inner, **defaults, **arguments}
        self._nested += 1
        lines, self._lines = self._lines, {}
        try:
            return self._statements(function.body)
        finally:
            self._nested -= 1
            self._lines = lines
            outer |= {name: value for name, value in self.values.names.items() if name.startswith("self.")}
            self.values.names = outer

    def _value(self, node: ast.expr) -> Value:
        """The value of an expression that is not too deep."""
        if depth(node, DEEPEST) >= DEEPEST:
            return Symbol(text := f"line {node.lineno}", (text,), lambda values: values[text])
        return self.values.of(node)

    def _top_value(self, node: ast.expr) -> Value:
        before = len(self.found)
        value = self._value(node)
        if len(self.found) == before and not isinstance(value, (Call, list, dict)):
            return value
        if len(self.found) > MOST_FOUND:
            raise RecursionError("too many schedulers")
        known = {id(each.call) for each in self.found}
        self.found += [Found(call.library, call, "", self._branch) for call in _calls(value) if id(call) not in known]
        inner = {id(call) for each in self.found[before:] for call in inner_calls(each.call)}
        self.found = [each for each in self.found if id(each.call) not in inner]
        return value

    def _assign(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            if isinstance(value, list) and len(value) == len(target.elts):
                for each, held in zip(target.elts, value, strict=True):
                    self._assign(each, held)
            elif isinstance(value, Call) and target.elts:  # scheduler, epochs = create_scheduler_v2(...)
                self._assign(target.elts[0], value)
            else:
                for each in target.elts:
                    self._forget(text_of(each))
            return
        name = text_of(target)
        self._changed(target, name)
        if isinstance(value, Instance):
            self.values.names |= {f"{name}.{method}": function for method, function in value.methods.items()}
        if isinstance(value, Symbol) and value.text == name:
            self._forget(name)
            return
        self.values.names[name] = value
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            self._lines.setdefault(name, {})[target.lineno] = value
        if "." in name and not name.startswith("self.") and isinstance(value, (int, float, str)):
            self.values.defaults.setdefault(name.rpartition(".")[2], (value, target.lineno))
        if name.startswith("self.") and isinstance(value, (int, float, str)):
            self.values.defaults.setdefault(name[5:], (value, target.lineno))
        self.found = [each._replace(target=name) if each.call is value else each for each in self.found]

    def _changed(self, target: ast.expr, name: str) -> None:
        """Record an assignment to a rate of an optimizer, or to an attribute of a scheduler."""
        if name.endswith("['lr']") and isinstance(target, ast.Subscript):
            self.loops.changes.append(("rate_set", target.lineno, name))
        if isinstance(target, ast.Attribute) and any(each.target == text_of(target.value) != "" for each in self.found):
            self.loops.changes.append(("attribute_set", target.lineno, name))

    def _used_in_functions(self, tree: ast.Module) -> None:
        """Record schedules that a lambda computes with; a change of sign, as for an update, is no other curve."""
        names = {each.target for each in self.found if each.target and not LIBRARIES[each.library].takes_optimizer}
        for each in ast.walk(tree) if names else ():
            if not isinstance(each, ast.Lambda):
                continue
            body = each.body.operand if isinstance(each.body, ast.UnaryOp) else each.body
            called = [part for part in ast.walk(body) if isinstance(part, ast.Call) and text_of(part.func) in names]
            plain = called == [body] and all(isinstance(argument, ast.Name) for argument in called[0].args)
            for call in called if not plain else ():
                self.loops.changes.append(("in_function", call.lineno, text_of(call.func)))

    def _forget(self, name: str) -> None:
        self.values.names.pop(name, None)

    def _default(self, name: str, value: Value, line: int) -> None:
        if not isinstance(value, (Symbol, Call)):
            self.values.defaults[name] = (value, line)
            self.values.names.pop(name, None)

    def _option(self, node: ast.expr) -> None:
        """The default of a command-line option, in a call whose first argument is its name."""
        match node:
            case ast.Call(args=[ast.Constant(value=str()), *_], keywords=keywords):
                names = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
                dest = next((each.value for each in keywords if each.arg == "dest"), None)
                name = next((each for each in names if each.startswith("--")), "")
                if text_of(node.func).rpartition(".")[2].startswith("DEFINE_"):
                    name = names[0]
                    default: ast.expr | None = node.args[1] if len(node.args) > 1 else None
                else:
                    default = next((each.value for each in keywords if each.arg == "default"), None)
                if isinstance(dest, ast.Constant) and isinstance(dest.value, str):
                    name = dest.value
                if name and default is None and any(_is_switch(each) for each in keywords):
                    default = ast.copy_location(ast.Constant(value=False), node)
                if name and default is not None:
                    self._default(name.lstrip("-").replace("-", "_"), self._value(default), node.lineno)

    def _call(self, node: ast.Call, name: str) -> Any:  # noqa: PLR0911, PLR0912
        """The Call of a known callable, or the Optimizer of a known optimizer; None for any other call."""
        if name.endswith((".add_argument", ".option", ".add_option")) or ".DEFINE_" in name:
            self._option(node)
            return None
        if isinstance(node.func, ast.Call) and text_of(node.func.func) == "getattr" and len(node.func.args) > 1:
            held_name = self.values.of(node.func.args[1])
            name = f"{text_of(node.func.args[0])}.{held_name}" if isinstance(held_name, str) else name
        full = self._full(name)
        positional, keywords = self._arguments(node, full.rpartition(".")[2])
        held = self.values.names.get(name)
        if isinstance(held, Partial):
            positional, keywords, full = [*held.positional, *positional], {**held.keywords, **keywords}, held.name
        elif isinstance(held, Symbol) and held.text != name:
            full = self._full(held.text)
        elif isinstance(held, str) and held in CALLABLES:
            full = held
        last = full.rpartition(".")[2]
        if last == "__init__" and name.startswith("super(") and self._bases and self._bases[-1] in CALLABLES:
            last = full = self._bases[-1]
        elif full in self.classes and not isinstance(held, Partial):
            self._hold(node, keywords)
            return self._instance(self.classes[full], node.lineno, positional, keywords)
        if last == "partial" and positional and isinstance(positional[0], Function):
            return bound_function(positional[0], positional[1:], keywords)
        if last == "partial" and positional and isinstance(positional[0], Symbol):
            return Partial(self._full(positional[0].text), tuple(positional[1:]), keywords)
        if last in self._setters:
            self._setters[last].called(node, positional, keywords)
            self.loops.sets(last, node.lineno)
        if last in self._functions and not isinstance(held, Partial) and (last not in CALLABLES or last in RATES):
            return self._called(last, positional, keywords)
        if last in FITS and isinstance(epochs := keywords.get("epochs", keywords.get("max_epochs")), (int, Symbol)):
            self.loops.fitted = epochs
        if (optimizer := self._optimizer(node, full, positional, keywords)) is not None:
            return optimizer
        if last == "dict" and isinstance(keywords.get("type"), str):  # a registry's configuration, as in mmengine
            kind = str(keywords["type"]).rpartition(".")[2]
            keywords = {key: value for key, value in keywords.items() if key != "type"}
            optimizer = optimizer_of(kind, [], keywords, node.lineno)
            if optimizer:
                return self._keep(optimizer, node)
            if kind not in CALLABLES:
                return None
            last, full = kind, ""
        last = _meant(last, name, positional, keywords)
        candidates = {lib: LIBRARIES[lib] for lib in CALLABLES.get(last, ())}
        if not candidates:
            self._hold(node, keywords)
            return None
        self._note_lines(node)
        self._note_unpacked(node)
        imported = {lib: found for lib, found in candidates.items() if _imports(found, lib, full)}
        hinted = {lib: found for lib, found in candidates.items() if any(_imports(found, lib, each) for each in self._modules)}
        registry = not full  # mmengine's classes are called by dict(type=...) only
        direct = {
            lib: found for lib, found in candidates.items() if (lib == "mmengine") == (registry and "mmengine" in candidates)
        }
        call = self.known(node.lineno, last, positional, keywords, imported or hinted or direct or candidates)
        if not self._complete:
            self.found.append(Found(call.library, call, "", self._branch))
        return call

    def _hold(self, node: ast.Call, keywords: Mapping[str, Value]) -> None:
        """Keep the keywords of a configuration object as defaults of its attributes."""
        name = text_of(node.func).rpartition(".")[2]
        if name[:1].isupper() or name in {"Namespace", "dict", "set_defaults"}:
            for key, value in keywords.items():
                if isinstance(value, (int, float, str)):
                    self._default(key, value, node.lineno)

    def _arguments(self, node: ast.Call, name: str) -> tuple[list[Value], dict[str, Value]]:
        """The arguments of a call, with lists and dictionaries unpacked.

        PyTorch takes no text for a number, so a text that its callables are given keeps its quotes.
        """
        no_texts = "torch" in CALLABLES.get(name, ()) or name in OPTIMIZERS
        positional: list[Value] = []
        for each in node.args:
            value = self.values.of(each.value if isinstance(each, ast.Starred) else each)
            value = repr(value) if no_texts and _is_text_of_number(each) else value
            if isinstance(each, ast.Starred) and isinstance(value, list):
                positional += value
            else:
                positional.append(value)
        keywords: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.values.of(keyword.value)
            if keyword.arg:
                value = repr(value) if no_texts and _is_text_of_number(keyword.value) else value
                keywords[keyword.arg] = value
            elif isinstance(value, dict):
                keywords |= {str(key): entry for key, entry in value.items()}
        return positional, keywords

    def _keep(self, optimizer: Optimizer, node: ast.Call) -> Optimizer:
        """Record an optimizer; return it."""
        self._note_unpacked(node)
        self.optimizers.append(optimizer)
        return optimizer

    def _note_unpacked(self, node: ast.Call) -> None:
        """Note dictionaries in the arguments of a scheduler or an optimizer whose contents are not in the text."""
        for keyword in node.keywords:
            if not keyword.arg and isinstance(value := self.values.of(keyword.value), Symbol):
                self.findings.note(node.lineno, say("reading.unpacked", name=value.text))

    def _called(self, name: str, positional: list[Value], keywords: Mapping[str, Value]) -> Value:
        """The value of a call of a function of the text, if it returns a scheduler or an optimizer."""
        function = self._functions[name]
        if not _holds_known(function, self._imported) and not _returns_function(function):
            return None
        names = [each.arg for each in function.args.args if each.arg not in {"self", "cls"}]
        arguments = dict(zip(names, positional, strict=False)) | dict(keywords)
        self._run.add(name)
        value = self._body(function, arguments)
        return value if isinstance(value, (Call, Optimizer, Function, list, dict)) else None

    def _instance(self, definition: ast.ClassDef, line: int, positional: list[Value], given: dict[str, Value]) -> Any:
        """An object of a class in the text: the Call that stands for it if it is a scheduler, or else an Instance."""
        base, methods = self._full(base_of(definition)).rpartition(".")[2], methods_of(definition)
        held = Instance(definition)
        outer, found = self.values.names, len(self.found)
        self.values.names = {name: value for name, value in outer.items() if not name.startswith("self.")}
        compute = self.values.scoped()
        for name, method in methods.items():
            if (function := defined_function(method, compute)) is not None:
                held.methods[name] = self.values.names[f"self.{name}"] = function
        self._bases.append("" if base in SCHEDULES else base)
        try:
            if (init := methods.get("__init__")) is not None:
                names = [each.arg for each in init.args.args[1:]]
                self._run.add(f"{definition.name}.__init__")
                given = dict(zip(names, positional, strict=False)) | given
                self._body(init, given)
            attributes = {name: value for name, value in self.values.names.items() if name.startswith("self.")}
        finally:
            self.values.names = outer
            self._bases.pop()
        outer |= {name: value for name, value in attributes.items() if not isinstance(value, Function)}
        calls = [each.call for each in self.found[found:] if each.call.name == base]
        if calls:
            del self.found[found:]
            self.found += [Found(calls[-1].library, calls[-1], "", self._branch)] if not self._complete else []
            return calls[-1]
        return self._from_class(held, base, line, given, compute)

    def _from_class(
        self, held: Instance, base: str, line: int, given: dict[str, Value], compute: Callable[[ast.expr], Value]
    ) -> Any:
        """The Call for a scheduler whose class is in the text; the Instance of any other class."""
        name, methods = held.definition.name, methods_of(held.definition)
        library = "torch" if base in SCHEDULERS else "keras" if base in SCHEDULES else ""
        if not library and base not in CALLABLES:
            return held
        method = {"torch": "get_lr", "keras": "__call__"}.get(library, "")
        if method not in methods or "step" in methods:
            self.findings.note(line, say("reading.own_class_not_read", name=name))
            return held
        self.findings.note(line, say("reading.own_class", name=name, method=method), "info")
        if library == "keras":
            return self._listed_call("keras", "LearningRateSchedule", line, {"schedule": held.methods.get(method)})
        passed: list[Any] = [*given.values(), *self.optimizers[::-1]]
        optimizer = next((each for each in passed if isinstance(each, Optimizer)), None)

        def rate() -> float:
            if optimizer is None or optimizer.lr is None:
                return self.findings.ask("lr", "rate", line)
            return self.findings.number(optimizer.lr, "rate", line, "lr")

        function = rates_of_steps(methods[method], compute, rate)
        arguments: dict[str, Any] = {"lr_lambda": function} | ({"optimizer": optimizer} if optimizer is not None else {})
        return self._listed_call("torch", "LambdaLR", line, arguments)

    def _listed_call(self, library: str, name: str, line: int, arguments: dict[str, Value]) -> Call:
        call = self.call_of(library, name, line, arguments)
        if not self._complete:
            self.found.append(Found(library, call, "", self._branch))
        return call

    def _optimizer(
        self, node: ast.Call, full: str, positional: list[Value], keywords: Mapping[str, Value]
    ) -> Optimizer | Call | None:
        """The optimizer of a call; the call that stands for a function of the step that optax has as its rate; or None."""
        last = full.rpartition(".")[2]
        rate = keywords.get("learning_rate", positional[0] if positional else None)
        in_optax = full.startswith("optax") or any(each.startswith("optax") for each in self._modules)
        if in_optax and isinstance(rate, Function) and (LIKE.search(last) or last == "scale_by_learning_rate"):
            call = self.call_of("optax", FUNCTION, node.lineno, {"learning_rate": rate})
            if not self._complete:
                self.found.append(Found("optax", call, "", self._branch))
            return call
        optimizer = optimizer_of(last, positional, keywords, node.lineno)
        return self._keep(optimizer, node) if optimizer else None

    def _note_setter(self, node: ast.FunctionDef) -> None:
        if (setter := setter_of(node, self.values.scoped())) is not None:
            self._setters[node.name] = setter

    def _set_in_loop(self, node: ast.stmt, rate: ast.expr, before: list[ast.stmt]) -> None:
        """Keep a rate that a loop sets."""
        if depth(rate, DEEPEST) >= DEEPEST or len(self._set) >= MOST_SET:
            return
        function = rate_in_loop(rate, before, self.loops.opened, self.values.scoped())
        if function is not None:
            call = self.call_of("torch", SETTER, node.lineno, {"lr": function})
            self._set.append(Found("torch", call, f"line {node.lineno}", self._branch))
            self.loops.sets(f"line {node.lineno}", node.lineno)

    def _read_setters(self) -> None:
        """Rates that the script sets itself, where it has no scheduler: in functions that it calls, or in its loop."""
        called = {each.name for each in self.loops.steps if each.sets}
        for name, setter in self._setters.items():
            function = setter.function()
            if function is None or (name not in called and self._setters.keys() & called):
                continue
            unit = "share" if setter.share else "epoch" if per_epoch(setter.step) else "update"
            arguments: dict[str, Value] = {"lr": function, "unit": unit}
            call = self.call_of("torch", SETTER, setter.node.lineno, arguments)
            self.found.append(Found("torch", call, name))
        if not self.found:
            self.found += self._set[-1:]

    def _rate_function(self) -> None:
        """A function of the step that no scheduler takes: one that returns a rate, or a factor of it."""
        for name, value in self.values.names.items():
            if not isinstance(value, Function) or value.arity != 1 or name not in self._functions:
                continue
            line = self._functions[name].lineno
            if name in RATES:
                self.found.append(Found("nanogpt", self.call_of("nanogpt", "get_lr", line, {"function": value})))
            elif name in FACTORS:
                self.found.append(Found("torch", self.call_of("torch", "LambdaLR", line, {"lr_lambda": value})))

    def _note_lines(self, node: ast.Call) -> None:
        """A notice where a name in a call was assigned more than once."""
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and len(lines := self._lines.get(each.id, {})) > 1:
                before = sorted(lines)
                if len({repr(value) for value in lines.values()}) > 1:
                    self.findings.note(node.lineno, say("reading.reassigned", name=each.id, line=before[-1]), "info")

    def known(
        self, line: int, last: str, positional: list[Value], keywords: dict[str, Value], candidates: Mapping[str, Library]
    ) -> Call:
        """The Call of a callable that some libraries have; the arguments tell them apart, or the person is asked."""
        fits = {lib: _bound(candidates[lib], last, positional, keywords) for lib in candidates}
        fewest = min(len(unknown) for _, unknown in fits.values())
        options = [lib for lib, (_, unknown) in fits.items() if len(unknown) == fewest]
        if positional and _names_optimizer(positional[0]):
            options = [lib for lib in options if candidates[lib].takes_optimizer] or options
        library = self._library(options, last, line)
        arguments, unknown = fits[library]
        for argument, nearest in unknown:
            key = "too_many" if argument.startswith("#") else "unknown_nearest" if nearest else "unknown"
            self.findings.note(line, say(f"reading.{key}", name=argument, call=last, nearest=nearest))
        return self.call_of(library, last, line, arguments)

    def _library(self, options: list[str], name: str, line: int) -> str:
        """The library of a call that several libraries have: the given one, or the one of the five, or the person is asked."""
        common = [each for each in options if LIBRARIES[each].rank <= COMMON]
        if len(options) == 1 or (len(common) == 1 and self.findings.values.get("library") not in options):
            if len(options) > 1:
                self.findings.note(line, say("reading.of_library", name=name, library=common[0]), "info")
            return (common or options)[0]
        return self.findings.choose("library", options, line)

    def call_of(self, library: str, name: str, line: int, arguments: Mapping[str, Value]) -> Call:
        """The Call of a library's callable with bound arguments."""
        return Call(library=library, name=name, line=line, arguments=arguments, findings=self.findings, read=self.read)

    @staticmethod
    def library_of(call: Call) -> str:
        """The library that a call belongs to."""
        return call.library

    def read(self, call: Call) -> Read:
        """Read a call by the reader of its library."""
        optimizer = call.arguments.get("optimizer")
        if isinstance(optimizer, Optimizer):
            self.findings.peak = optimizer.lr
        elif self.findings.peak is None and self.optimizers:
            self.findings.peak = self.optimizers[-1].lr
        try:
            return LIBRARIES[call.library].readers[call.name](call)
        except CallError:
            raise
        except (ArithmeticError, ValueError) as error:  # a value outside the bounds of a Schedule
            raise CallError(say("reading.out_of_bounds", reason=reason_of(error))) from error

    def _full(self, name: str) -> str:
        first, dot, rest = name.partition(".")
        return self._imported.get(first, first) + dot + rest


def _meant(last: str, name: str, positional: list[Value], keywords: Mapping[str, Value]) -> str:
    """The callable that a call means where its name alone does not say it: a Learner's `fit`, or timm's factory."""
    if last == "fit" and name.rpartition(".")[0].casefold().startswith("learn") and "cbs" not in keywords:
        return "Learner.fit"
    return "create_scheduler_v2" if last == "create_scheduler" and len(positional) < 2 else last


def _is_text_of_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value[:1] in set("0123456789.+-")


def _imports(library: Library, name: str, full: str) -> bool:
    """True if a full name is in one of the library's packages."""
    return any(full == package or full.startswith(package + ".") for package in library.imports or (name,))


def _bound(
    library: Library, name: str, positional: list[Value], keywords: dict[str, Value]
) -> tuple[dict[str, Value], list[tuple[str, str]]]:
    signature = library.signatures.get(name) or library.others.get(name, ())
    if library.takes_optimizer and name in library.signatures and not _omits_optimizer(positional):
        signature = ("optimizer", *library.leading, *library.orders.get(name, signature))
    elif name in library.orders:
        signature = library.orders[name]
    if "last_epoch" in library.ignored and "last_epoch" not in signature:
        signature = (*signature, "last_epoch", "verbose")
    return bound(signature, positional, keywords, library.ignored)


def _omits_optimizer(positional: list[Value]) -> bool:
    """True if the first argument cannot be an optimizer."""
    return bool(positional) and isinstance(positional[0], (int, float, str, list, Call, Function))


def _calls(value: Value) -> Iterator[Call]:
    """The calls in a value that are not arguments of other calls."""
    if isinstance(value, Call):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _calls(each)


def inner_calls(call: Call) -> Iterator[Call]:
    """The calls in the arguments of a call, at any depth."""
    for value in call.arguments.values():
        for each in _calls(value):
            yield each
            yield from inner_calls(each)


def _holds_known(function: ast.FunctionDef, imported: Mapping[str, str]) -> bool:
    """True if a function calls a scheduler or an optimizer."""
    for each in ast.walk(function):
        if isinstance(each, ast.Call):
            name = text_of(each.func).rpartition(".")[2]
            name = imported.get(name, name).rpartition(".")[2]
            if name in CALLABLES or optimizer_of(name, [], {"lr": 1.0}, 0):
                return True
    return False


def _is_switch(keyword: ast.keyword) -> bool:
    return keyword.arg == "action" and isinstance(keyword.value, ast.Constant) and keyword.value.value == "store_true"


def _returns_function(function: ast.FunctionDef) -> bool:
    """True if a function returns a function that it defines."""
    inner = {each.name for each in function.body if isinstance(each, ast.FunctionDef)}
    for each in ast.walk(function):
        match each:
            case ast.Return(value=ast.Lambda()):
                return True
            case ast.Return(value=ast.Name(id=name)) if name in inner:
                return True
            case ast.Return(value=ast.Call(func=called)) if text_of(called).rpartition(".")[2] == "partial":
                return True
    return False


def _unknown(target: ast.expr) -> Value:
    text = text_of(target)
    return Symbol(text, (text,), lambda values: values[text])


def _names_optimizer(value: Value | Optimizer) -> bool:
    """True for an optimizer, or a name without a value that stands for one, such as `self.optimizer`."""
    return isinstance(value, Optimizer) or (isinstance(value, Symbol) and "opt" in value.text.rpartition(".")[2].casefold())
