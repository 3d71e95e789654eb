"""Tokens: encode a Spec as short readable text, for links and cache keys.

    1~policy-factor~policy.gamma-0.99~peak_lr-0.1~problem.noise-0

A version, then `field-value` pairs joined by `~`; defaults are omitted. The name of a nested field is prefixed with the name
of its holder and a dot, unless the holder is declared flat. No character needs escaping in a URL. `link_numbers` writes the
numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from schedules.core.numbers import format_number
from schedules.core.params import Nested, Number, Param, Spans
from schedules.core.quantities import Quantity
from schedules.core.spec import Spec
from schedules.words import Sentence, say

S = TypeVar("S", bound=Spec)
VERSION = "1"
LONGEST = 8_000


def encode(spec: Spec) -> str:
    """Encode a value; equal values have equal tokens."""
    return "~".join([VERSION, *(f"{key}-{text}" for key, text in _pairs(spec, type(spec)(), ""))])


def _pairs(spec: Spec, default: Spec, prefix: str) -> Iterator[tuple[str, str]]:
    for param in spec.params:
        value, usual = getattr(spec, param.name), getattr(default, param.name)
        key = prefix + param.name
        if isinstance(param, Nested):
            if type(value) is not type(usual):
                yield key, value.slug
                usual = type(value)()
            yield from _pairs(value, usual, _inner(param, prefix))
        elif value != usual:
            yield key, param.encode(value)


def _inner(param: Nested, prefix: str) -> str:
    return prefix if param.flat else f"{prefix}{param.name}."


def decode(text: str, base: type[S]) -> tuple[S, tuple[Sentence, ...]]:
    """Decode text into a valid value, with a notice for everything that was repaired or ignored.

    Never raises: every text yields a valid value of `base`.
    """
    notices: list[Sentence] = []
    if len(text) > LONGEST:
        notices.append(say("notice.too_long", longest=LONGEST))
    version, *parts = text[:LONGEST].split("~")
    if version not in (VERSION, ""):
        word = "version" if version.isdecimal() else "no_version"
        notices.append(say(f"notice.{word}", version=short_text(version), known=VERSION))
    pairs: dict[str, str] = {}
    repeated: dict[str, None] = {}
    for part in parts:
        key, dash, value = part.partition("-")
        if key and dash:
            if key in pairs:
                repeated[key] = None
            pairs[key] = value
        elif part:
            notices.append(say("notice.unreadable_part", part=short_text(part)))
    last = {key: pairs[key] for key in repeated}
    spec = _read(base(), pairs, "", notices)  # removes the pairs that it reads
    notices += [
        say("notice.repeated_field", field=key, used=short_text(text)) for key, text in last.items() if key not in pairs
    ]
    notices += [say("notice.unknown_field", field=short_text(key)) for key in pairs]
    return spec, tuple(dict.fromkeys(notices))


def _read(default: S, pairs: dict[str, str], prefix: str, notices: list[Sentence]) -> S:
    """Read all fields under `prefix` into a copy of `default`; removes the pairs that it reads from `pairs`."""
    changes: dict[str, Any] = {}
    for param in default.params:
        key = prefix + param.name
        if isinstance(param, Nested):
            inner = getattr(default, param.name)
            slug = pairs.pop(key, None) if param.registry is not None else None
            if slug is not None and param.registry is not None:
                if slug in param.registry:
                    inner = inner if inner.slug == slug else param.registry[slug]()
                else:
                    notices.append(say("notice.unknown_name", field=key, name=short_text(slug), used=inner.text("title")))
            changes[param.name] = _read(inner, pairs, _inner(param, prefix), notices)
        elif key in pairs:
            changes[param.name] = _value(param, key, pairs.pop(key), getattr(default, param.name), notices)
    return default.replace(**changes)


def _value(param: Param, key: str, text: str, fallback: Any, notices: list[Sentence]) -> Any:
    try:
        value = param.decode(text)
        repaired = param.repair(value)
    except ValueError:
        notices.append(say("notice.unreadable_value", field=key, text=short_text(text), used=_written(param, fallback)))
        return fallback
    try:
        return param.check(value, "")
    except ValueError:
        shown = _written(param, repaired)
        notices.append(say("notice.out_of_range", field=key, text=short_text(text), allowed=param.allowed(), used=shown))
        return repaired


def _written(param: Param, value: Any) -> str:
    """Format a valid value for a notice; numbers have the precision of the bounds in the same notice."""
    if isinstance(value, Quantity):
        return str(say(f"quantity.{value.suffix}", number=value.number))
    if isinstance(param, Spans):
        return ", ".join(_written(param, moment) for moment in value) if isinstance(value, tuple) else format_number(value, 7)
    return format_number(value, 7) if isinstance(param, Number) else param.encode(value)


def short_text(text: str) -> str:
    """Shorten untrusted text and replace characters that could act as markup."""
    plain = "".join(c if c.isalnum() or c in " ._-+" else "?" for c in text[:40])
    return plain if len(text) <= 40 else plain + "…"
