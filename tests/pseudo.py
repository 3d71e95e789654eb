"""A language made from English for tests: every letter becomes its full-width form, so that what was not translated stands out.

Fields, formulas, code and commands of LaTeX stay as they are.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from schedules import words
from schedules.words.translation import texts

CODE = "xx"
WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}
KEPT = re.compile(r"\$[^$]+\$|`[^`]+`|\{[^}]*\}")
"""Formulas, code and fields."""


def translated(text: str) -> str:
    """The text in full-width letters; of a field such as `{x:step|steps}` the forms of its noun."""
    pieces, end = [], 0
    for kept in KEPT.finditer(text):
        pieces += [text[end : kept.start()].translate(WIDE), _kept(kept[0])]
        end = kept.end()
    return "".join([*pieces, text[end:].translate(WIDE)])


def _kept(piece: str) -> str:
    name, colon, form = piece.partition(":")
    return name + colon + form.translate(WIDE) if piece.startswith("{") and "|" in form else piece


def written(texts: dict[str, str]) -> str:
    """A language's file with these texts."""
    return "".join(f"{json.dumps(key)} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in texts.items())


def install(folder: Path, patched: pytest.MonkeyPatch, texts: dict[str, str], code: str = CODE) -> None:
    """Make the files of a folder the languages, English and one with these texts, until the patch is undone."""
    for name, content in (("en", (words.FOLDER / "en.toml").read_text(encoding="utf-8")), (code, written(texts))):
        (folder / f"{name}.toml").write_text(content, encoding="utf-8")
    patched.setattr(words, "FOLDER", folder)


def pseudo() -> dict[str, str]:
    """Every text in the made language."""
    return {key: translated(text) for key, text in texts().items()}
