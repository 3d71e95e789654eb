"""One word, one thing: words that identifiers may not use, with the term of the glossary (schedules/README.md) for each.

Checked are the names that code binds: functions, classes, parameters, variables, attributes, in Python and in JavaScript.
"""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = sorted(
    path for folder in (".", "schedules", "pages", "tests") for path in ROOT.glob(f"{folder}/{'**/' * (folder != '.')}*.py")
)
JAVASCRIPT = sorted(ROOT.glob("pages/**/*.js"))

METAPHORS = {
    "abreast": "batched",
    "alive dead died dying lived living": "finite, diverged, rate_at_work",
    "calm calming": "small, quiet",
    "crowd crowds": "batch",
    "dear": "expensive",
    "dress dressed": "head",
    "glimpse glimpsed": "drag",
    "gone": "overflow, missing, diverged",
    "hand": "drag, formula",
    "lent": "inherited",
    "look looked looking looks": "check, measurement, scheme",
    "people": "format_number, user",
    "place places": "container, position, index",
    "slip slipped slips": "unit_mix_up",
    "stem": "noise_key",
    "tape tapes": "noise",
    "tell teller tellers telling told": "sentence",
    "vote voter voters votes": "judged",
    "whole": "round_steps, integer, complete",
    "yardstick": "reference",
}
TERM = {word: term for words, term in METAPHORS.items() for word in words.split()}
SENTENCES = set(TERM) - {"abreast", "crowd", "crowds", "stem", "tape", "tapes", "voter", "voters", "yardstick"}
"""Words that may stand in the name of a test, which is a sentence."""

RESERVED = {
    "edge": ("the problem at the edge of stability", "schedules/training/problems/* schedules/training/nets/* pages/*.js"),
    "own": ("a person's own numbers", "schedules/training/* pages/*"),
    "facts": ("what the judge reads from a trace", "schedules/training/verdict/* schedules/training/study.py"),
    "view": ("the window of a browser test", ""),
}
"""Words of one meaning, and the files of `schedules` and `pages` that may use them for it."""

DECLARED = {("schedules/units.py", "slip"), ("schedules/training/problems/edge.py", "Edge")}
"""Fields of links and names that links hold: they keep their names."""

JS_NAMES = re.compile(
    r"\b(?:const|let|var|function\*?|class)\s+([\w$]+)"  # declarations
    r"|^\s*(?:export\s+|static\s+|async\s+|get\s+|set\s+)*#?([\w$]+)\s*\([^;{}]*\)\s*\{\s*$"  # methods
    r"|\b(?:const|let|var)\s+[{\[]([^=]*)[}\]]\s*="  # destructuring
    r"|(?:^|[\s(,=])\(?([\w$,\s]+)\)?\s*=>"  # parameters of arrow functions
    r"|^\s*(?:this\.)#?([\w$]+)\s*=[^=]"  # attributes
)


def words(identifier: str) -> list[str]:
    """The words of an identifier in snake_case or camelCase, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)]


def python_names(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of everything that a file binds, except imported names."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.alias(asname=str(name)):
                yield node.lineno, name


def javascript_names(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of a script's declarations: variables, functions, classes, methods, parameters, attributes."""
    code = re.sub(r"/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found.group()), text, flags=re.DOTALL)
    for number, line in enumerate(code.splitlines(), 1):
        for found in JS_NAMES.finditer(re.sub(r"(?<!:)//.*", "", line)):
            for name in re.findall(r"[\w$]+", " ".join(filter(None, found.groups()))):
                yield number, name


def faults(path: str, names: Iterator[tuple[int, str]]) -> Iterator[str]:
    """A sentence for each name that contains a word not allowed in its file."""
    for line, name in names:
        if (path, name) in DECLARED:
            continue
        allowed = SENTENCES if name.startswith("test_") else set()
        for word in words(name):
            if word in TERM and word not in allowed:
                yield f"{path}:{line}: {name}: do not say {word!r}; terms of the glossary: {TERM[word]}"
            if word in RESERVED and path.startswith(("schedules/", "pages/")):
                meaning, files = RESERVED[word]
                if not any(fnmatch(path, pattern) for pattern in files.split()):
                    yield f"{path}:{line}: {name}: {word!r} is {meaning}; use another word"


@pytest.mark.parametrize(
    ("files", "read"), [(PYTHON, python_names), (JAVASCRIPT, javascript_names)], ids=["Python", "JavaScript"]
)
def test_identifiers_use_the_terms_of_the_glossary(files, read):
    found = [
        fault for path in files for fault in faults(path.relative_to(ROOT).as_posix(), read(path.read_text(encoding="utf-8")))
    ]
    assert files
    assert not found, "\n".join(["", *sorted(set(found))])


def test_forbidden_words_are_detected():
    text = "def people(whole):\n    _abreast, self.my_tape = 1, 2\nclass CrowdRow: ...\nfrom a import b as voters\nplace_x = 1"
    names = [fault.split(": ")[1] for fault in faults("schedules/a.py", python_names(text))]
    assert sorted(names) == sorted(["people", "whole", "_abreast", "my_tape", "CrowdRow", "voters", "place_x"])
    script = "const crowdSize = 1;\nclass Tape {\n  told(slip) {\n    const { hand, b } = 1;\n"
    script += "    this.place = (dressed, c) => 1;\n// let gone"
    names = [fault.split(": ")[1] for fault in faults("pages/a.js", javascript_names(script))]
    assert sorted(names) == sorted(["crowdSize", "Tape", "told", "hand", "place", "dressed"])
    assert not list(faults("schedules/a.py", iter([(1, "placeholder"), (2, "tapered"), (3, "wholesale")])))
    assert list(faults("schedules/a.py", iter([(1, "chart_facts")])))
    assert list(faults("pages/a.js", javascript_names("const facts = 1;")))
    assert not list(faults("schedules/training/verdict/a.py", iter([(1, "facts")])))
