"""The controls: one element that shows any declared hyperparameters and reports the user's changes.

A page reads `latest` at its top, stores the value that `accept` returns in its state, draws, and mounts `controls` last with
fields made from the new state. The element sends the next value of a drag once the last one was acknowledged; mounted last, it
never interrupts a run of the script whose charts have not been sent yet.

A move of a slider sends a few kB; the script is a module that the app serves, the style is in the head of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias

import streamlit as st

from pages.parts.assets import compact, component
from schedules.core.numbers import format_number, round_steps
from schedules.core.params import Choice, Knots, Number, Param, Spans, Switch
from schedules.core.quantities import Quantity, Rate, Steps, mapped
from schedules.words import Sentence, keys, language, say

_element = component(
    "anneal_controls",
    "controls/control_group.js",
    draw="drawControls",
    remove="removeControls",
    html='<div class="anneal-controls"></div>',
)

_group = component(
    "anneal_control_group",
    "controls/control_group.js",
    draw="drawGroup",
    remove="removeGroup",
    html='<div class="anneal-controls"></div>',
)

CONTROLS = Number, Choice, Switch, Spans, Knots
"""The kinds of declarations that have a control."""
SEGMENTS = 3
"""Choices of at most this many short options are shown as buttons side by side, longer ones as a menu."""
SEGMENT_LETTERS = 26
BLANK = "\u200b"
"""Zero-width space: the text of an empty line in Markdown."""


@dataclass(frozen=True, slots=True)
class Field:
    """One hyperparameter on the page: its declaration, its current value, and its key, such as "policy.floor".

    `steps` is the number of steps that a span is a share of; spans are rounded to whole steps of it. With `steps_per_epoch`
    values can be typed in epochs. Where a rate is held for `every` steps, both are in updates. `peak` is the rate that a ratio
    refers to, if it can be given as a rate. An `idle` field has no effect at the present settings. `note` is shown beside the
    slider of a number.

    A number of a problem that trains a person's schedule has the number of that schedule as `yours`: it gets a box of its own
    above the slider, and `name` is written before each of the two boxes.
    """

    param: Param
    value: Any
    key: str
    steps: int | None = None
    steps_per_epoch: int | None = None
    every: int = 1
    peak: float | None = None
    idle: bool = False
    note: str = ""
    name: str = ""
    yours: Field | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A text button among the fields: the key of its change, its label, and why it is disabled, if it is."""

    key: str
    label: Sentence
    reason: Sentence | None = None


Shown: TypeAlias = Field | Button


@dataclass(frozen=True, slots=True)
class Change:
    """A change made by the user: `final` is False while a slider is dragged, True on release and for keys and typed values.

    `seq` only increases within one browser session; a number that was seen before belongs to a change already handled.
    """

    seq: int
    key: str
    value: Any
    final: bool


def field(param: Param, value: Any, *, key: str, **more: Any) -> Field:
    """Return a control for a declared hyperparameter; `more` as in `Field`. Raises TypeError for a kind that has no control."""
    if not isinstance(param, CONTROLS):
        raise TypeError(f"no control for a {type(param).__name__}")
    return Field(param, value, key, **more)


def latest(key: str) -> Change | None:
    """The last change of the element mounted under this key, readable before it is mounted again."""
    return _read(st.session_state.get(key))


def container(key: str, fields: Sequence[Shown] = ()) -> st.delta_generator.DeltaGenerator:
    """The container in which an element of this key is mounted.

    Blank lines reserve the height of these fields, so that the content below does not move when they arrive. They are Markdown
    because Streamlit shows it at once, while its other elements load their scripts first.
    """
    box = st.container(gap=None, key=f"{key}_box")
    if fields:
        box.markdown("\n\n".join("  \n".join([BLANK] * _lines(one)) for one in fields))
    return box


def _lines(field: Shown) -> int:
    """Height of a field's control, in lines."""
    if isinstance(field, Button):
        return 3 if field.reason else 1
    match field.param:
        case Number():
            return 2
        case Spans():
            return 1 + len(field.value)
        case Knots():
            return 7
        case _:
            return 1


def controls(fields: Sequence[Shown], *, key: str) -> Change | None:
    """Mount one element with these fields in the container that `container` made, and return its last change."""
    data = f'{{"fields":{_fields_text(fields)},{_heard_text(key)}}}'
    return _read(_element(key=key, data=data, on_move_change=lambda: None))


def group(name: str) -> None:
    """Mount an empty group of controls in a container that `container` made; `groups_text` has its fields."""
    _group(key=f"{name}_group", data={"group": name})


def groups_text(fields: Mapping[str, Sequence[Shown]], *, key: str) -> str:
    """The fields of every `group` on the page as JSON, for the one element of this key that brings them."""
    shown = ",".join(f'"{name}":{_fields_text(group)}' for name, group in fields.items())
    return f'{{"groups":{{{shown}}},{_heard_text(key)}}}'


def _fields_text(fields: Sequence[Shown]) -> str:
    """The fields as JSON."""
    return f"[{','.join(_field_text(f, language.get()) for f in fields)}]"


def _heard_text(key: str) -> str:
    """The number of the last change that the server has heard and the units that can be typed, as members of a JSON object."""
    heard = latest(key)
    return f'"heard":{heard.seq if heard else 0},"units":{_typed_units(language.get())}'


@lru_cache(maxsize=16)
def _typed_units(spoken: str) -> str:
    """The names of each unit that a visitor may type after a number, as JSON in a language, that of the context."""
    return compact({unit: str(say(f"control.typed_units.{unit}")).split() for unit in ("step", "update", "epoch", "rate")})


def accept_all(change: Change, fields: Sequence[Shown]) -> dict[str, Any]:
    """The accepted values of a change by key; empty if one of them is invalid.

    A handle that moves in two directions changes two fields at once: their keys with a space between, and a list of values.
    """
    names = change.key.split(" ")
    values = [change.value] if len(names) == 1 else change.value
    if not isinstance(values, list) or len(values) != len(names):
        return {}
    found = {name: accept(replace(change, key=name, value=value), fields) for name, value in zip(names, values, strict=True)}
    return {} if None in found.values() else found


def accept(change: Change, fields: Sequence[Shown]) -> Any:
    """The value of a change, checked by its declaration; True for a button; None if it is invalid or its field is not shown."""
    if any(isinstance(f, Button) and f.key == change.key and not f.reason for f in fields):
        return True
    numbers = [f for f in fields if isinstance(f, Field)]
    numbers += [f.yours for f in numbers if f.yours]
    param = next((f.param for f in numbers if f.key == change.key), None)
    if param is None:
        return None
    try:
        number, value = isinstance(param, Number | Spans | Knots), change.value
        if isinstance(param, Number) and param.quantity and isinstance(value, str):
            value = param.decode(value)
        if isinstance(param, Spans) and isinstance(value, list):
            value = [moment for part in value for moment in (param.decode(part) if isinstance(part, str) else [part])]
        return param.check(param.repair(value) if number else value, "")
    except (TypeError, ValueError, OverflowError):
        return None


def _read(state: Any) -> Change | None:
    """Parse the change in the element's state; None if it is malformed. A browser wrote it, so nothing about it is certain."""
    move = state.get("move") if hasattr(state, "get") else None
    if not isinstance(move, dict):
        return None
    seq, key = move.get("seq"), move.get("key")
    if type(seq) is not int or not isinstance(key, str):
        return None
    return Change(seq, key, move.get("value"), move.get("final") is True)


@lru_cache(maxsize=1_024)
def _field_text(field: Shown, spoken: str) -> str:
    """A field as JSON in a language, that of the context; cached, because a move changes one field and not the others."""
    if isinstance(field, Button):
        return compact(button_data(field))
    kind = type(field.value) if isinstance(field.value, Quantity) else None
    declared = _declared_text(replace(field, value=kind, peak=field.peak and 1.0), spoken)
    return f'{{"value":{compact(mapped(field.value, str))},"peak":{compact(field.peak)},{declared}'


@lru_cache(maxsize=1_024)
def _declared_text(field: Field, spoken: str) -> str:
    """A field as JSON without the opening brace, value and peak, cached, because a move changes only these.

    The field has the class of a quantity in place of its value, and 1 in place of a peak.
    """
    return compact(_declared(field))[1:]


def button_data(button: Button) -> dict[str, Any]:
    """All that the browser needs to show a button."""
    reason = str(button.reason) if button.reason else ""
    return {"kind": "button", "key": button.key, "label": str(button.label), "reason": reason}


def field_data(field: Field) -> dict[str, Any]:
    """All that the browser needs to show a field."""
    return {"value": mapped(field.value, str), "peak": field.peak} | _declared(field)


MOVED = (
    *("key", "value", "label", "moved", "low", "high", "scale", "integer", "n", "stepsPerUpdate", "peak", "suffix"),
    *("unit", "unitOne", "stepsUnit", "stepsUnitOne", "keptUnit", "keptUnitOne", "rateUnit", "cutUnit"),
)
"""The data of a number's field with which a handle on a chart changes it as its slider does."""


@lru_cache(maxsize=256)
def moved_data(field: Field, spoken: str) -> dict[str, Any]:
    """The data with which a handle changes the number of a field, in a language, that of the context; cached, so it must not be
    changed.
    """
    data = field_data(field)
    return {name: data[name] for name in MOVED if data.get(name) not in ("", None)}


def _declared(field: Field) -> dict[str, Any]:
    """The data with which the browser shows a field, without its value and its peak."""
    param = field.param
    shown: dict[str, Any] = {
        "key": field.key,
        "label": str(param.text("label")),
        "symbol": symbol_parts(param.symbol),
        "default": param.default,
        "about": str(say("control.about", label=param.text("label"))),
        "help": [str(param.text("doc"))],
    }
    if field.idle:
        shown["idle"] = True
        shown["help"].append(str(say("control.idle")))
    shown["help"] += [str(say(f"control.{key}", names=", ".join(names))) for key, names in _libraries(param).items() if names]
    if isinstance(param, Choice):
        return shown | _choice(param)
    if isinstance(param, Number):
        shown |= {"note": field.note, "name": field.name} | _number(param, field, shown["help"])
        return shown if field.yours is None else shown | {"kind": "own", "yours": field_data(field.yours)}
    if isinstance(param, Spans):
        return shown | _spans(param, field, shown["help"])
    if isinstance(param, Knots):
        return shown | _knots(param, field, shown["help"])
    return shown | {"kind": "switch"}


def _libraries(param: Param) -> dict[str, Sequence[str]]:
    """The names of a hyperparameter in libraries by the sentence that lists them: rates apart from ratios."""
    rates = param.rate_names if isinstance(param, Number) else ()
    others = [name for name in param.names if name not in rates]
    return {"libraries_rate": rates, "libraries_ratio": others} if rates else {"libraries": others}


def _choice(param: Choice) -> dict[str, Any]:
    names = [str(param.shown(option)) for option in param.options]
    short = len(names) <= SEGMENTS and sum(map(len, names)) <= SEGMENT_LETTERS
    return {"kind": "choice", "options": list(zip(param.options, names, strict=True)), "segmented": short}


def _number(param: Number, field: Field, tips: list[str]) -> dict[str, Any]:
    steps = field.steps if param.kind == "span" else None
    scale = {"scale": param.scale, "integer": param.integer, "unit": str(param.text("unit")), "unitOne": _unit_singular(param)}
    range_ = _range(param, steps, field, "whole" if param.integer else "rate" if field.peak else "number")
    if param.quantity and (field.peak or range_["n"]):
        scale |= _kept_unit(param, field)
        tips.append(str(say(f"control.keeps.{getattr(field.value, 'suffix', param.kind)}")))
    tips.append(str(say("control.range", low=range_["lowText"], high=range_["highText"], back=_back(param, range_["n"]))))
    names = {"typed": _typed(param)}
    if field.name:
        label = param.text("label")
        names = {key: str(say(f"control.{key}_of", label=label, name=field.name)) for key in ("moved", "typed")}
    return {"kind": "number"} | names | scale | range_


def _kept_unit(param: Number, field: Field) -> dict[str, Any]:
    """The data with which the browser shows and sets a value in a unit of its own."""
    if param.quantity is Steps:
        return _steps_kept(field)
    texts = {"rateUnit": "rate", "keptUnit": "rate_kept", "cutUnit": "rate_cut"}
    said = {name: str(say(f"control.{word}", rate="{rate}", given="{given}")) for name, word in texts.items()}
    return {"suffix": Rate.suffix} | said


def _steps_kept(field: Field) -> dict[str, Any]:
    unit = "step" if field.every == 1 else "update"
    texts = {"keptUnit": f"{unit}s_kept", "keptUnitOne": f"{unit}_kept"}
    return {"suffix": Steps.suffix} | {name: str(say(f"control.{word}", share="{share}")) for name, word in texts.items()}


def _spans(param: Spans, field: Field, tips: list[str]) -> dict[str, Any]:
    range_ = _range(param, field.steps, field, "number")
    if range_["n"]:
        tips.append(str(say("control.keeps.spans")))
    tips.append(str(say("control.range_moments", most=param.most, low=range_["lowText"], high=range_["highText"])))
    return (
        {
            "kind": "spans",
            "scale": "linear",
            "integer": False,
            "unit": str(param.text("unit")),
            "unitOne": _unit_singular(param),
            "most": param.most,
            "default": list(param.default),
            "moment": str(say("control.moment", label=param.text("label"), number="{number}")),
            "typed": str(say("control.typed", label="{label}")),
            "add": str(say("control.add", label=param.text("label"))),
            "remove": str(say("control.remove", label="{label}")),
        }
        | (_steps_kept(field) if range_["n"] else {})
        | range_
    )


def _knots(param: Knots, field: Field, tips: list[str]) -> dict[str, Any]:
    tips.append(str(say("control.range_knots", least=param.least, most=param.most)))
    open_fields = {name: f"{{{name}}}" for name in ("number", "count", "time", "height")}
    words = {"knot": "knot", "knotTime": "knot_time", "knotHeight": "knot_height", "remove": "knot_remove"}
    return {
        "kind": "knots",
        "least": param.least,
        "most": param.most,
        "n": field.steps,
        "default": [list(pair) for pair in param.default],
        "add": str(say("control.add", label=param.text("label"))),
        "back": str(say("control.knots_back")),
        "table": str(say("control.knots_table")),
        "please": str(say("control.please_knots_steps" if field.steps else "control.please_knots")),
    } | {name: str(say(f"control.{word}", **open_fields)) for name, word in words.items()}


def _range(param: Number | Spans, steps: int | None, field: Field, kind: str) -> dict[str, Any]:
    """The range and the texts of a slider: in steps (or updates) of the run if their number `n` is known, else as declared."""
    epoch, unit = field.steps_per_epoch, "step" if field.every == 1 else "update"
    ends = _step_bounds(param, steps) if steps else None
    low, high = ends or (param.low, param.high)
    texts = {"low": format_number(low, 7), "high": format_number(high, 7)}
    if ends:
        kind = f"{unit}s_epochs" if epoch else f"{unit}s"
    return {
        "low": low,
        "high": high,
        "lowText": texts["low"],
        "highText": texts["high"],
        "n": steps if ends else None,
        "stepsPerEpoch": epoch,
        "stepsPerUpdate": field.every,
        "stepsUnit": str(say(f"control.{unit}s", share="{share}")),
        "stepsUnitOne": str(say(f"control.{unit}", share="{share}")),
        "please": str(say(f"control.please_{kind}", **texts, every=field.every)),
    }


def _step_bounds(param: Number | Spans, steps: int) -> tuple[int, int] | None:
    """The smallest and the largest number of steps whose share of `steps` is allowed; None if no whole number is."""
    low, high = int(round_steps(param.low, steps)), int(round_steps(param.high, steps))
    low += low / steps < param.low
    high -= high / steps > param.high
    return (low, high) if low <= high else None


def _back(param: Number, n: int | None) -> str:
    return format_number(float(round_steps(param.default, n)) if n else param.default, 7)


def _typed(param: Param) -> str:
    return str(say("control.typed", label=param.text("label")))


def _unit_singular(param: Number | Spans) -> str:
    """The singular of a unit."""
    return str(say(key) if (key := f"control.one.{param.unit}") in keys() else param.text("unit"))


GREEK = dict(
    zip(
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "varepsilon",
            "zeta",
            "eta",
            "theta",
            "vartheta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "pi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "varphi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Xi",
            "Pi",
            "Sigma",
            "Phi",
            "Psi",
            "Omega",
            "ell",
            "infty",
        ],
        "αβγδϵεζηθϑικλμνξπρστυϕφχψωΓΔΘΛΞΠΣΦΨΩℓ∞",
        strict=True,
    )
)
TOKEN = re.compile(r"\\(?P<command>[A-Za-z]+)\s*|(?P<script>[_^])|(?P<brace>[{}])|\\.|\s+|(?P<letter>.)")


def symbol_parts(latex: str) -> list[tuple[str, str]]:
    r"""Split a short LaTeX symbol into pieces of text, each with its position: "" (baseline), "sub" or "sup".

    >>> symbol_parts(r"\eta_0"), symbol_parts(r"T_{\mathrm{mult}}")
    ([('η', ''), ('0', 'sub')], [('T', ''), ('mult', 'sub')])
    """
    parts: list[tuple[str, str]] = []
    for text, position in _letters(latex):
        if parts and parts[-1][1] == position:
            parts[-1] = (parts[-1][0] + text, position)
        else:
            parts.append((text, position))
    return parts


def _letters(latex: str) -> Iterator[tuple[str, str]]:
    groups, script = [""], ""
    for token in TOKEN.finditer(latex):
        command, letter = token["command"], token["letter"]
        if token["script"]:
            script = "sub" if token["script"] == "_" else "sup"
        elif token["brace"] == "{":
            groups.append(script or groups[-1])
            script = ""
        elif token["brace"] == "}":
            groups = groups[:-1] or [""]
        elif letter or (command and command not in ("mathrm", "text", "operatorname")):
            yield letter or GREEK.get(command, command), script or groups[-1]
            script = ""
