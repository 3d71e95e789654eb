"""The element that brings all that changes on Explore when a slider moves: charts, verdict, own numbers, verbs, fields.

Streamlit spends about a millisecond on each element that a move mounts, and as much on each container outside of the fragment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pages.parts.assets import compact, component
from pages.parts.charts import Drawn
from pages.parts.controls.controls import Shown, groups_text
from pages.parts.explore.formula import formula_data
from pages.parts.explore.handles import handles_data
from pages.parts.explore.own_numbers import line_data
from pages.parts.panel.panel import Chart, panel_data
from pages.parts.state import Setting
from pages.parts.verbs.verbs import verbs_data
from pages.parts.verdict.verdict import verdict_data
from schedules.training.own_sentences import first_reason, verdict_line

LIVE = "live"
"""The key of the element."""
_live = component("anneal_live", "explore/live.js", draw="drawParts", remove="removeParts")


def send(
    charts: Sequence[Chart],
    drawn: Drawn | None,
    fields: Mapping[str, Sequence[Shown]],
    setting: Setting,
    *,
    of: str = "",
) -> None:
    """Send charts, verdict, the line of own numbers, and the fields of the sliders by group.

    Args:
        charts: the charts.
        drawn: the result with the verdict and the replay; None while a network trains.
        fields: the fields by group; none where there are no sliders, and then no handles on the charts either.
        setting: the setting that is shown.
        of: as in `panel`.
    """
    handles = handles_data(setting, drawn.used if drawn else None) if fields else {}
    panel = compact(panel_data(*charts, replay=drawn.replay if drawn else None, of=of, asks=True, handles=handles))
    run = setting.run
    shown = drawn.verdict if drawn else None
    if shown and setting.own:
        verdict = verdict_data(shown, line=verdict_line(run.problem, shown), first_reasons=(first_reason(run), shown.line))
    else:
        verdict = verdict_data(shown)
    parts = f'"verdict":{compact(verdict)},"own":{compact(line_data(setting, drawn))},"panel":{panel}'
    parts += f',"formula":{compact(formula_data(setting, drawn=drawn is not None))}'
    parts += f',"verbs":{compact(verbs_data(setting, drawn.offers if drawn else ()))}'
    parts += f',"controls":{groups_text(fields, key=LIVE)}'
    _live(key=LIVE, data=f'{{"parts":{{{parts}}}}}', on_move_change=lambda: None, on_wants_stops_change=lambda: None)
