"""The element that brings all that changes on Explore with a move of a slider: charts, verdict, and the fields of the sliders.

Streamlit spends about a millisecond on each element that a move mounts, and as much on each container outside of the fragment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pages.parts.assets import compact, component
from pages.parts.controls.controls import Field, groups_text
from pages.parts.panel.panel import Chart, panel_data
from pages.parts.verdict.verdict import verdict_data
from schedules.training.verdict.judge import Verdict

LIVE = "live"
"""The key of the element."""
_live = component("anneal_live", "explore/live.js", draw="drawParts", remove="removeParts")


def send(
    charts: Sequence[Chart],
    verdict: Verdict | None,
    fields: Mapping[str, Sequence[Field]],
    *,
    replay: dict[str, Any] | None = None,
    of: str = "",
) -> None:
    """Send charts, verdict and the fields of the sliders by group; `replay` and `of` as in `panel`."""
    panel = compact(panel_data(*charts, replay=replay, of=of, asks=True))
    parts = f'"verdict":{compact(verdict_data(verdict))},"panel":{panel},"controls":{groups_text(fields, key=LIVE)}'
    _live(key=LIVE, data=f'{{"parts":{{{parts}}}}}', on_move_change=lambda: None, on_wants_stops_change=lambda: None)
