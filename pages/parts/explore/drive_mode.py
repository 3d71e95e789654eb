"""The mode of Explore in which the run is driven by hand: charts and throttle, in the place of charts and sliders."""

from __future__ import annotations

from dataclasses import replace

from pages.parts.drive import drive
from pages.parts.explore import actions, live
from pages.parts.explore.layout import lay_out_stage
from pages.parts.panel.panel import missing_surfaces
from pages.parts.state import Setting
from schedules.training.cost import fitted
from schedules.training.own_numbers import for_problem


def show(setting: Setting) -> None:
    """Show the mode: the layout, the throttle, and the charts at the first step."""
    setting = replace(setting, run=fitted(setting.run)[0], numbers="")
    stage = lay_out_stage(setting)
    with stage.side:
        drive.mount(setting.run, on_end=actions.end_drive, on_leave=actions.leave_drive)
    charts, of = drive.shown(setting.run)
    missing_surfaces(charts, stage.surfaces)
    live.send(charts, None, {}, Setting(for_problem(setting.run)), of=of)  # the line of own numbers has buttons of the sliders
