"""Handles on the charts of Explore: each changes the field of a slider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pages.parts.controls.controls import Field, moved_data
from pages.parts.explore.slider_groups import slider_groups
from pages.parts.state import Setting
from schedules.core.numbers import FloatArray
from schedules.training.handles import Along, Handle, rate_handles, start_handle
from schedules.words import language


def handles_data(setting: Setting, used: FloatArray | None) -> dict[str, list[dict[str, Any]]]:
    """The handles of each chart of a setting, by its slot.

    Args:
        setting: the setting.
        used: the rates under a feedback rule; None without a rule.
    """
    run = setting.run
    fields = _fields(setting)
    rates = run.trained_rates() if used is None else used
    start = start_handle(run)
    shown = {
        "rate": rate_handles(run, rates, own=setting.own, own_axis=setting.own_axis),
        "path": () if start is None else (start,),
    }
    return {slot: [_handle_data(handle, fields) for handle in handles] for slot, handles in shown.items()}


def _fields(setting: Setting) -> dict[str, Field]:
    """The fields of all sliders by key, with those of a person's own numbers."""
    numbers = [each for group in slider_groups(setting).values() for each in group if isinstance(each, Field)]
    numbers += [each.yours for each in numbers if each.yours]
    return {each.key: each for each in numbers}


def _handle_data(handle: Handle, fields: Mapping[str, Field]) -> dict[str, Any]:
    x, y = (_along_data(along, fields) for along in (handle.x, handle.y))
    return {"key": handle.name, "x": x, "y": y, "at": handle.at}


def _along_data(along: Along | None, fields: Mapping[str, Field]) -> dict[str, Any] | None:
    if along is None:
        return None
    return {"zero": along.zero, "unit": along.unit, "field": moved_data(fields[along.key], language.get())}
