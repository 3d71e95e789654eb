"""Settings: the keys and values of configurations in YAML, JSON, TOML, Python and command lines, with their lines.

Every form becomes one tree of mappings, lists and values. All parsers are bounded and total: what cannot be parsed gives no
tree, and at most a sentence.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from schedules.libraries._call import Findings, Symbol, Value
from schedules.reading.values import Values, text_of
from schedules.words import say

DEEPEST = 40
"""Most levels of mappings and lists."""
MOST = 4_000
"""Most entries of a tree, with repeated ones."""

Held: TypeAlias = "Value | dict[str, Node] | list[Node]"


class Node(NamedTuple):
    """A value, a list or a mapping with its line in the text."""

    value: Any
    line: int

    def entries(self) -> Iterator[tuple[str, Node]]:
        """The keys and values of a mapping, or the positions and values of a list."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from ((str(i), each) for i, each in enumerate(self.value) if isinstance(each, Node))

    @property
    def branches(self) -> bool:
        """True of a mapping and of a list with mappings."""
        if isinstance(self.value, dict):
            return True
        return isinstance(self.value, list) and any(isinstance(each, Node) and each.branches for each in self.value)


class UnreadableError(ValueError):
    """A text that a parser refuses, with the line of the error."""

    def __init__(self, form: str, line: int) -> None:
        super().__init__(form)
        self.form, self.line = form, line


def flat(root: Node) -> dict[str, Node]:
    """Values by path, such as "optim.sched.warmup_steps"; lists of values are values."""
    found: dict[str, Node] = {}
    left = [("", root)]
    while left:
        path, node = left.pop()
        for key, child in reversed(list(node.entries())):
            name = f"{path}.{key}" if path else key
            if child.branches:
                left.append((name, child))
            else:
                found.setdefault(name, child)
    return dict(sorted(found.items(), key=lambda item: item[1].line))


def mappings(root: Node) -> dict[str, Node]:
    """The mappings of a tree by the last part of their path; the first of a name counts."""
    found: dict[str, Node] = {}
    left = [root]
    while left:
        for key, child in left.pop().entries():
            if child.branches:
                left.append(child)
            if isinstance(child.value, dict):
                found.setdefault(key, child)
    return found


INTERPOLATED = re.compile(r"\$\{([\w.]+)\}")


def interpolate(root: Node) -> None:
    """Replace values such as "${model.encoder.d_model}" by those of the path, and others that begin with "${" by names."""
    settings = flat(root)
    left = [root]
    while left:
        holder = left.pop().value
        for key, child in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
            if not isinstance(child, Node):
                continue
            if isinstance(child.value, (dict, list)):
                left.append(child)
            elif isinstance(child.value, str) and child.value.startswith("${"):
                holder[key] = Node(_followed(child.value, settings), child.line)


def _followed(text: str, settings: Mapping[str, Node]) -> Value:
    for _ in range(8):
        match = INTERPOLATED.fullmatch(text)
        held = settings.get(match[1]) if match else None
        if held is None:
            return unknown(text.strip("${}"))
        if not isinstance(held.value, str) or not held.value.startswith("${"):
            found: Value = plain(held)
            return found
        text = held.value
    return unknown(text.strip("${}"))


def plain(node: Node) -> Any:
    """The value of a node with lists and mappings of values."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(each) if isinstance(each, Node) else each for each in node.value]
    return node.value


def unknown(text: str) -> Symbol:
    """A name without a value."""
    return Symbol(text, (text,), lambda values: values[text])


# YAML and JSON


NUMBER = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?")
YAML_NUMBER = re.compile(r"[-+]?(\d[\d_]*|\d[\d_]*\.[\d_]*([eE][-+]\d+)?|\.[\d_]+([eE][-+]\d+)?)")
WORDS = {
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "on", "On"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "off", "Off"), False),
    **dict.fromkeys(("null", "Null", "None", "NULL", "~", ""), None),
}
MISSING = ("???", "auto")
"""Values that stand for a value from elsewhere: in Hydra, and in DeepSpeed's configuration under the Trainer."""

AUTO = {
    "lr": "learning_rate",
    "warmup_max_lr": "learning_rate",
    "warmup_num_steps": "warmup_steps",
    "total_num_steps": "max_steps",
}
"""The Trainer's argument that fills in "auto" in DeepSpeed's configuration."""


def scalar(text: str, key: str = "") -> Value:
    """The value of a word in a configuration; names that are to be filled in are Symbols."""
    if text in WORDS:
        return WORDS[text]
    if text in MISSING:
        return 0.0 if text == "auto" and key == "warmup_min_lr" else unknown(AUTO.get(key, key) if text == "auto" else key)
    if NUMBER.fullmatch(text):
        try:
            return int(text) if re.fullmatch(r"[-+]?\d[\d_]*", text) else float(text)
        except ValueError:
            return text
    return text


def yaml_tree(text: str, findings: Findings) -> Node | None:
    """The tree of YAML or JSON; None if the text is neither a mapping nor a list.

    Numbers such as 1e-4, which parsers of YAML 1.1 read as text, get a notice unless the text is JSON; so do repeated keys.

    Raises:
        UnreadableError: the text is no YAML.
    """
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 (at first use)

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if text.lstrip().startswith('"') and '":' in text:  # a part of JSON
        text = "{" + text + "}"
    is_json = _is_json(text)
    if is_json:
        text = JSON_COMMENT.sub("", text.replace("\t", "  "))
    try:
        return _Builder(findings, is_json).built(yaml.parse(text, Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        raise UnreadableError("JSON" if text.lstrip().startswith("{") else "YAML", mark.line + 1 if mark else 1) from None


JSON_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))//.*$")


def _is_json(text: str) -> bool:
    """True of JSON, also with comments or commas that JSON does not have."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text.lstrip().startswith("{") and text.rstrip().endswith("}") and '":' in text
    return True


class _Builder:
    """Builds a tree from the events of a YAML parser, without recursion: depth and size are bounded, aliases counted."""

    def __init__(self, findings: Findings, is_json: bool) -> None:
        self.findings, self.is_json = findings, is_json
        self.anchors: dict[str, Node] = {}
        self.sizes: dict[int, int] = {}
        self.root: Node | None = None
        self.stack: list[list[Any]] = []
        """Collections that are not closed yet: node, key that waits for its value, anchor, size."""

    def built(self, events: Any) -> Node | None:
        for event in events:
            line = event.start_mark.line + 1
            match type(event).__name__:
                case "ScalarEvent":
                    self._add(self._scalar(event, line), event.anchor, 1)
                case "AliasEvent":
                    node = self.anchors.get(event.anchor, Node(None, line))
                    self._add(node, None, self.sizes.get(id(node.value), 1))
                case "MappingStartEvent" | "SequenceStartEvent" as kind:
                    if len(self.stack) >= DEEPEST:
                        raise UnreadableError("YAML", line)
                    self.stack.append([Node({} if kind == "MappingStartEvent" else [], line), None, event.anchor, 1])
                case "MappingEndEvent" | "SequenceEndEvent":
                    node, _, anchor, size = self.stack.pop()
                    self.sizes[id(node.value)] = size
                    self._add(node, anchor, size)
        return self.root

    def _scalar(self, event: Any, line: int) -> Node:
        text = event.value
        key = self.stack[-1][1] if self.stack else None
        is_key = bool(self.stack) and isinstance(self.stack[-1][0].value, dict) and key is None
        if is_key:
            return Node(text, line)
        word = not event.style  # not quoted
        if word and not self.is_json and NUMBER.fullmatch(text) and not YAML_NUMBER.fullmatch(text):
            self.findings.note(line, say("reading.yaml_exponent", text=text, better=_with_point(text)), "info")
        value = scalar(text, key.value if key else "") if word or text in MISSING else text
        return Node(value, line)

    def _add(self, node: Node, anchor: str | None, size: int) -> None:
        if anchor:
            self.anchors[anchor] = node
        if not self.stack:
            self.root = _merged(self.root, node)
            return
        top = self.stack[-1]
        top[3] += size
        if top[3] > MOST:
            raise UnreadableError("YAML", node.line)
        holder, key = top[0].value, top[1]
        if isinstance(holder, list):
            holder.append(node)
        elif key is None:
            top[1] = node if isinstance(node.value, str) else Node(str(plain(node))[:40], node.line)
        else:
            top[1] = None
            if key.value == "<<":
                for each in node.value if isinstance(node.value, list) else [node]:
                    for name, child in each.entries():
                        holder.setdefault(name, child)
                return
            if key.value in holder:
                self.findings.note(key.line, say("reading.repeated_key", name=key.value))
            holder[key.value] = node


def _with_point(text: str) -> str:
    """A number as all YAML parsers read it: 1e-4 is 1.0e-4, and 2.5e4 is 2.5e+4."""
    digits, _, exponent = text.replace("E", "e").partition("e")
    return f"{digits if '.' in digits else digits + '.0'}e{exponent if exponent[:1] in '+-' else '+' + exponent}"


def _merged(first: Node | None, second: Node) -> Node:
    """Two documents as one mapping; the first one's keys win."""
    if first is not None and isinstance(first.value, dict) and isinstance(second.value, dict):
        return Node({**second.value, **first.value}, first.line)
    return second if first is None or isinstance(second.value, dict) else first


# TOML


TOML_KEY = re.compile(r"\s*(\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$|([\w.\"'-]+)\s*=(?!=))")


def toml_tree(text: str) -> Node | None:
    """The tree of TOML; None if it is none, or empty."""
    if "=" not in text or any(line.partition("=")[0].count(".") > DEEPEST for line in text.splitlines()):
        return None
    try:
        held = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := TOML_KEY.match(line):
            if match[2]:
                section = match[2].replace('"', "") + "."
            else:
                lines.setdefault(section + match[4].replace('"', ""), number)
    return _held(held, "", lines, 1, 0) if held else None


def _held(value: Any, path: str, lines: Mapping[str, int], line: int, depth: int) -> Node:
    line = lines.get(path, line)
    if isinstance(value, dict) and depth < DEEPEST:
        children = {key: _held(each, f"{path}.{key}" if path else key, lines, line, depth + 1) for key, each in value.items()}
        return Node(children, line)
    if isinstance(value, list) and depth < DEEPEST:
        return Node([_held(each, path, lines, line, depth + 1) for each in value], line)
    return Node(value if isinstance(value, (str, int, float, bool)) else str(value), line)


# Command lines


TOKEN = re.compile(r"(?:\w{1,60}=)?\"?\$\(\(.*?\)\)\"?|(?:[^\s\"'\\]|\\.)*\"[^\"]*\"[^\s\"']*|[^\s\"']*'[^']*'[^\s\"']*|[^\s]+")
FLAG = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
PAIR = re.compile(r"\+{0,2}([A-Za-z_][\w./-]*)=(.*)", re.DOTALL)
ARITHMETIC = re.compile(r"\$\(\((.*?)\)\)")
LIST = re.compile(r"\b\w{1,60}\+?=(\(|[\"'](?=\s*(--|$)))")
"""The beginning of a variable that holds flags."""
VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?[-=]([^}]*))?\}|(\w+))")


def flag_tree(text: str) -> Node | None:
    """The tree of the flags and settings of a command line, with the variables of its shell script; None if there are none.

    `--lr 0.1`, `--lr=0.1`, `optimizer.lr=0.1`, and `LR=0.1` with `$LR` are understood. Keys have "_" for "-", and flags that
    are given several values have a list.
    """
    if "--" not in text and "=" not in text:
        return None
    variables: dict[str, str] = {}
    found: dict[str, Node] = {}
    for command in _commands(text):
        key, begins = "", True
        for token, line in command:
            word = _resolved(token.strip("\"',") if "$((" in token else _bare(token), variables)
            if match := FLAG.fullmatch(word):
                key = match[1].replace("-", "_")
                found[key] = Node([] if match[2] is None else [_word(match[2].strip("\"'"), key)], line)
            elif match := PAIR.fullmatch(word):
                name, held = match[1].replace("-", "_"), match[2].strip("\"'")
                if begins and "." not in name:
                    variables[match[1]] = held
                else:
                    found[name] = Node([_word(held, name)], line)
                continue
            elif key and word:
                found[key].value.append(_word(word, key))
            begins = begins and word in {"", "export", "local", "$", "!"}
    entries: dict[str, Node] = {}
    for name, held in variables.items():
        _put(entries, name.lower(), Node(_word(held, name.lower()), 1))
    for path, node in found.items():
        values = node.value
        held = values if len(values) > 1 else values[0] if values else True
        _put(entries, path, _held(held, "", {}, node.line, 0) if isinstance(held, dict) else Node(held, node.line))
    return Node(entries, 1) if entries else None


def _bare(token: str) -> str:
    """A word without quotes, commas and brackets that do not belong to it."""
    token = token.strip("\"',()")
    if token.startswith(("[", "{")) and not token.endswith(("]", "}")):
        token = token.lstrip("[{").strip("\"'")
    return token if "[" in token or "{" in token else token.strip("\"',()]}")


def _commands(text: str) -> Iterator[list[tuple[str, int]]]:
    """The words of each command with their lines; a backslash at its end continues a line, and a parenthesis is one command."""
    command: list[tuple[str, int]] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        words = TOKEN.findall(LIST.sub(" ", re.sub(r"(^|\s)#.*", "", line)))
        inside = (inside or "=(" in line) and ")" not in line.partition("=(")[2 if "=(" in line else 0]
        command += [(word, number) for word in words if word != "\\"]
        if not (inside or (words and words[-1] == "\\")):
            yield command
            command = []
    yield command


def _put(entries: dict[str, Node], path: str, node: Node) -> None:
    """Put a value under a dotted path."""
    *parents, last = path.split(".")[:DEEPEST]
    for name in parents:
        below = entries.setdefault(name, Node({}, node.line))
        if not isinstance(below.value, dict):
            return
        entries = below.value
    entries[last] = node


def _word(text: str, key: str) -> Value:
    if text.startswith("$"):
        return unknown(text.strip("${}\"'"))
    if text.startswith("[") and text.endswith("]"):
        return [scalar(part.strip(" \"'"), key) for part in text[1:-1].split(",") if part.strip()]
    if text.startswith("{"):
        try:
            return json.loads(text)  # type: ignore[no-any-return]
        except (ValueError, RecursionError):
            return text
    if re.fullmatch(r"[\d.eE+-]+(,\s*[\d.eE+-]+)+", text):
        return [scalar(part.strip(), key) for part in text.split(",")]
    return scalar(text, key)


def _resolved(word: str, variables: Mapping[str, str]) -> str:
    """A word with the values of its variables and of its arithmetic, where they are known."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[3]
        return variables.get(name, match[2] if match[2] is not None else match[0])[:200]

    def computed(match: re.Match[str]) -> str:
        bare = re.sub(r"(?<![\w$])[A-Za-z_]\w*", lambda name: variables.get(name[0], name[0])[:200], match[1])
        try:
            found = Values(lambda node, name: None).of(ast.parse(VARIABLE.sub(value, bare).strip(), mode="eval").body)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return match[0]
        is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
        return str(int(found)) if is_number else "$" + bare.strip()  # type: ignore[arg-type]  # the shell's numbers are integers

    return VARIABLE.sub(value, ARITHMETIC.sub(computed, word))


# Python


def python_tree(tree: ast.Module, values: Values) -> Node | None:
    """The tree of the values that names are assigned, and of the keyword arguments of calls under the call's name."""
    entries: dict[str, Node] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)], value=value):
                entries[name] = _of_ast(value, values, 0)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                entries[name] = _of_ast(value, values, 0)
            case ast.Call(func=function, keywords=[_, *_]) if text_of(function) != "dict":
                held = _of_ast(node, values, 0)
                entries.setdefault(f"{text_of(function)[:40]}()".replace(".", "/"), held)
            case ast.Expr(value=ast.Dict() | ast.List() as value):
                entries.setdefault(f"line {value.lineno}", _of_ast(value, values, 0))
    return Node(entries, 1) if entries else None


def _of_ast(node: ast.expr, values: Values, depth: int) -> Node:
    line = node.lineno
    match node:
        case ast.Dict(keys=keys, values=held) if depth < DEEPEST:
            pairs = [(key, each) for key, each in zip(keys, held, strict=True) if isinstance(key, ast.Constant)]
            return Node({str(key.value): _of_ast(each, values, depth + 1) for key, each in pairs}, line)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) if depth < DEEPEST:
            return Node([_of_ast(each, values, depth + 1) for each in elements[:MOST]], line)
        case ast.Call(keywords=[_, *_] as keywords) if depth < DEEPEST:
            return Node({each.arg: _of_ast(each.value, values, depth + 1) for each in keywords if each.arg}, line)
    return _of_value(values.of(node), line)


def _of_value(value: Value, line: int) -> Node:
    """A value as a node; the entries of a mapping are nodes too."""
    return Node({str(key): _of_value(each, line) for key, each in value.items()} if isinstance(value, dict) else value, line)
