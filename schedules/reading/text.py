"""From pasted text to Python statements: notebooks, prompts, diffs and Markdown fences are unwrapped; lines keep numbers."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from textwrap import dedent

from schedules.libraries import LIBRARIES
from schedules.reading.optimizers import OPTIMIZERS

QUOTES = str.maketrans("\u201c\u201d\u201e\u2018\u2019\u201a\u2212\u2013\u00d7", "\"\"\"'''--*")
"""Characters that editors and web pages put in place of quotes, minus signs and asterisks."""
PROMPT = re.compile(r"^\s*(?:>>>|\.\.\.)(?: |$)|^\s*(?:In|Out) ?\[\d*\]: ?|^\s*\.\.\.: ?")
MAGIC = re.compile(r"^\s*(?:[%!?]|pip install|Out ?\[\d*\]:)")
FENCE = re.compile(r"^\s*(?:```|~~~)\s*\w*\s*$")
NUMBERED = re.compile(r"^\s*(\d+)(?:[:|]\s?|\s{2,}|\t)(?=\S)")
CALLED = re.compile(r"([A-Za-z_][\w.]*)\s*\(")
ASSIGNED = re.compile(r"^\s*[A-Za-z_][\w.]*(?:\s*:\s*\w+)?\s*=(?!=)")
KNOWN = {"dict", *OPTIMIZERS, *(name for library in LIBRARIES.values() for name in library.readers)}
LONGEST_CALL = 3_000
"""Most characters of a call that is read on its own."""
COMMENT = re.compile(r"^\s*#(?: MAGIC)?(?: |$)?")
OPEN, CLOSE = "([{", ")]}"
MOST_CALLS = 30
"""Most calls that are read on their own in text that is no Python."""


def cleaned(text: str) -> str:
    """The text without prompts, magic commands, fences and marks of a diff; every line keeps its number."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", " ").replace("\x00", "")
    text = "".join(" " if each not in "\n\t" and unicodedata.category(each) in {"Zs", "Cf"} else each for each in text)
    lines = text.translate(QUOTES).expandtabs(4).split("\n")
    if all(
        line.lstrip().startswith("#") for line in lines if line.strip()
    ):  # commented out, or a cell of a Databricks notebook
        lines = [COMMENT.sub("", line, count=1) for line in lines]
    if any(PROMPT.match(line) for line in lines):
        lines = _without_prompts(lines)
    if _is_diff(lines):
        lines = [_without_mark(line) for line in lines]
    if sum(bool(NUMBERED.match(line)) for line in lines if line.strip()) >= max(2, sum(bool(each.strip()) for each in lines)):
        lines = [NUMBERED.sub("", line, count=1) for line in lines]
    if any(FENCE.match(line) for line in lines):
        lines = _inside_fences(lines)
    return "\n".join("" if MAGIC.match(line) and " --" not in line else line for line in lines)


def _without_prompts(lines: list[str]) -> list[str]:
    """Lines of a session; in that of a Python shell, lines without a prompt are output."""
    shell = any(re.match(r"^\s*>>>", line) for line in lines)
    found = []
    for line in lines:
        match = PROMPT.match(line)
        if match:
            found.append("" if line.lstrip().startswith("Out") else line[match.end() :])
        else:
            found.append("" if shell else line)
    return found


def _is_diff(lines: list[str]) -> bool:
    marks = [line[:1] for line in lines if line.strip()]
    if any(line.startswith(("@@ ", "diff --git", "+++ ")) for line in lines):
        return True
    return "+" in marks and set(marks) <= {"+", "-", " "} and marks.count("+") + marks.count("-") >= max(1, len(marks) // 4)


def _without_mark(line: str) -> str:
    if line.startswith(("@@", "diff --git", "+++", "---", "index ", "-", "\\")):
        return ""
    return line[1:] if line[:1] in {"+", " "} else line


def _inside_fences(lines: list[str]) -> list[str]:
    """The lines between fences; with a single fence, the lines on both sides of it."""
    fences = [i for i, line in enumerate(lines) if FENCE.match(line)]
    inside = len(fences) == 1
    found = []
    for line in lines:
        if FENCE.match(line):
            inside = True if len(fences) == 1 else not inside
            found.append("")
        else:
            found.append(line if inside else "")
    return found


def parsed(text: str) -> ast.Module:
    """The statements of a text; raises SyntaxError where it is no Python."""
    return ast.parse(dedent(text))


def partly_parsed(text: str) -> ast.Module:
    """The statements of those parts of a text that parse; raises SyntaxError where there are none."""
    body = [statement for line, part in _chunks(text.split("\n")) for statement in _statements(line, part)]
    if not body:
        raise SyntaxError("no statement parses")
    return ast.Module(body=body, type_ignores=[])


def _chunks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Parts of a text that begin at its smallest indentation, each with the number of its first line."""
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    least = min(indents, default=0)
    part: list[str] = []
    start, depth = 0, 0
    for i, line in enumerate(lines):
        begins = bool(line.strip()) and len(line) - len(line.lstrip()) <= least and depth <= 0 and line.strip()[0] not in CLOSE
        if begins and part and not line.lstrip().startswith(("else", "elif", "except", "finally")):
            yield start, part
            start, part, depth = i, [], 0
        part.append(line)
        plain = line.partition("#")[0]
        depth = max(0, depth + sum(map(plain.count, OPEN)) - sum(map(plain.count, CLOSE)))
    if part:
        yield start, part


def _statements(line: int, part: list[str]) -> list[ast.stmt]:
    """The statements of a part; if it does not parse, its assignments and calls one by one."""
    found = _parse(line, "\n".join(part))
    if found:
        return found
    if len(part) > 1:
        deeper = [
            each for start, inner in _lines(part) for each in (_parse(line + start, inner) or _calls(line + start, inner))
        ]
        if deeper:
            return deeper
    return _calls(line, "\n".join(part))


def _lines(part: list[str]) -> Iterator[tuple[int, str]]:
    """Single statements of a part, joined while brackets are open."""
    held: list[str] = []
    start, depth = 0, 0
    for i, line in enumerate(part):
        begins = ASSIGNED.match(line) or not line.strip()
        if held and (depth <= 0 or begins):
            yield start, "\n".join(held)
            start, held, depth = i, [], 0
        if not held:
            start = i
        held.append(line)
        plain = line.partition("#")[0]
        depth += sum(map(plain.count, OPEN)) - sum(map(plain.count, CLOSE))
    if held:
        yield start, "\n".join(held)


def _parse(line: int, text: str) -> list[ast.stmt]:
    text = dedent(text)
    for attempt in (text, text.strip().rstrip(",;") if text.strip().endswith((",", ";")) else ""):
        if not attempt.strip():
            continue
        try:
            tree = ast.parse(attempt)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        blank = len(text) - len(text.lstrip("\n"))
        ast.increment_lineno(tree, line + (blank if attempt is not text else 0))
        return tree.body
    return []


def _calls(line: int, text: str) -> list[ast.stmt]:
    """Calls in a text that is no Python; open brackets at the end are closed."""
    found: list[ast.stmt] = []
    at = 0
    known = (each for each in CALLED.finditer(text) if each[1].rpartition(".")[2] in KNOWN)
    for _, match in zip(range(MOST_CALLS), known, strict=False):
        if match.start() < at:
            continue
        begin = match.start()
        before = re.search(r"([A-Za-z_][\w.]*)\s*=\s*$", text[max(0, begin - 80) : begin])
        end, missing = _balanced(text, match.end() - 1)
        prefix = f"{before[1]} = " if before and "." not in before[1][:1] else ""
        statements = _parse(line + text.count("\n", 0, begin), prefix + text[begin:end] + missing)
        if not statements and missing:  # the last argument is cut off
            cut = text.rfind(",", begin, end)
            statements = _parse(line + text.count("\n", 0, begin), prefix + text[begin:cut] + missing) if cut > begin else []
        found += statements
        at = end if statements else at
    return found


def _balanced(text: str, start: int) -> tuple[int, str]:
    """The end of the brackets that open at an index, and what closes them if the text ends before."""
    stack: list[str] = []
    quote = ""
    for i in range(start, min(len(text), start + LONGEST_CALL)):
        each = text[i]
        if quote:
            quote = "" if each == quote and text[i - 1] != "\\" else quote
        elif each in "\"'":
            quote = each
        elif each in OPEN:
            stack.append(CLOSE[OPEN.index(each)])
        elif each in CLOSE:
            if not stack or stack.pop() != each:
                return i, "".join(reversed(stack))
            if not stack:
                return i + 1, ""
    return min(len(text), start + LONGEST_CALL), quote + "".join(reversed(stack))
