"""Compare's part with rates, losses, and all slots racing in one picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from pages.parts import address
from pages.parts.assets import compact
from pages.parts.charts import surface, surface_of
from pages.parts.compare import branches, results
from pages.parts.compare.samples import style_of
from pages.parts.panel import panel
from pages.parts.panel.panel import Chart
from schedules.compare import slots
from schedules.compare.branches import why_not
from schedules.compare.race import Racer, common_limit, race
from schedules.compare.slots import Comparison
from schedules.core.numbers import format_number
from schedules.figures.loss import average_loss, loss_figure
from schedules.figures.path import race_data
from schedules.figures.rate import rate_figure
from schedules.figures.replay import Raced, race_replay_data
from schedules.figures.runs import Measured, Rates, Trail
from schedules.figures.verdict_colors import VERDICTS
from schedules.training.drawing import trail
from schedules.training.runs import Run
from schedules.words import language, say

if TYPE_CHECKING:
    from pages.parts.compare.layout import Containers

PANEL = "compare_race_panel"
"""The key of the panel."""
_SURFACES = "race_surfaces"
KEPT = 16
"""Races that are kept as they are sent, up to 100 kB each: what does not change a run does not train it again."""


class Entry(NamedTuple):
    """A slot in the race: its key, the name on screen, and its run."""

    key: str
    name: str
    run: Run


def mount(comparison: Comparison, containers: Containers) -> None:
    """Mount the panel, still empty; called once in a full run of the page."""
    surfaces = surface_of(comparison.problem)
    st.session_state[_SURFACES] = tuple(surfaces)
    with containers.race, panel.container(PANEL):
        panel.constants(surfaces, large=address.projector(), key=PANEL)


def follow(comparison: Comparison) -> tuple[Comparison, bool]:
    """Apply the user's last action in this part that is new, and keep the comparison of record.

    Returns the comparison, and whether something is still being dragged.
    """
    return comparison, False


def show(comparison: Comparison, containers: Containers, *, moving: bool) -> None:
    """Show the race; called with every move. Runs are continued for their verdicts only when nothing is `moving`."""
    if comparison.problem.as_job or not comparison.active():
        return
    runs = results.shown_runs(comparison)
    names = slots.slot_names(comparison)
    entries = tuple(Entry(key, names[key], run) for key, run in runs.items())
    with containers.race:
        if drawn := surface(comparison.problem):
            chart = Chart("path", drawn.figure, token=drawn.token)
            panel.missing_surfaces([chart], st.session_state[_SURFACES], key=PANEL)
        panel.data(
            race_text(entries, _mode(comparison), language.get(), further=not moving), key=PANEL, on_branch_change=_branch
        )


def _branch() -> None:
    branches.asked(PANEL)


def _mode(comparison: Comparison) -> str:
    """The sentence on the peaks of the race."""
    return str(say("compare.race.best" if comparison.each_best else "compare.race.line", peak=comparison.peak))


@lru_cache(maxsize=KEPT)
def race_text(entries: tuple[Entry, ...], mode: str, spoken: str, *, further: bool) -> str:
    """The data of the panel as JSON, in a language, that of the context.

    Args:
        entries: the slots.
        mode: a sentence on the peaks.
        spoken: the language.
        further: as in `race`.
    """
    racers = race({entry.key: entry.run for entry in entries}, further=further)
    return compact(race_panel(entries, racers, mode))


def race_panel(entries: tuple[Entry, ...], racers: Mapping[str, Racer], mode: str) -> dict[str, Any]:
    """The data of the panel with these racers."""
    styles = [style_of(entry.key) for entry in entries]
    found = [racers[entry.key] for entry in entries]
    peaks = [format_number(entry.run.trained_peak) for entry in entries]
    ends = [_ended(racer) for racer in found]
    steps = found[0].trace.run.trained_steps
    rates = rate_figure(
        [Rates(entry.name, racer.trace.rates) for entry, racer in zip(entries, found, strict=True)],
        limit=common_limit(found),
        caption=mode,
        styles=styles,
        alt=_alt("rate", steps, entries, peaks),
    )
    losses = loss_figure(
        [
            Measured(entry.name, racer.trace.steps, racer.trace.loss, racer.blown_at)
            for entry, racer in zip(entries, found, strict=True)
        ],
        goal=0,
        styles=styles,
        alt=_alt("loss", steps, entries, ends),
    )
    names = [entry.name for entry in entries]
    charts = [
        Chart("rate", rates, readouts=tuple(zip(names, peaks, strict=True)) if len(set(peaks)) > 1 else ()),
        Chart("loss", losses),
        *_picture(entries, found),
    ]
    raced = [Raced(style.group, name, racer.trace.loss) for style, name, racer in zip(styles, names, found, strict=True)]
    blown = [racer.blown_at for racer in found]
    until = max(step for step in blown if step is not None) if None not in blown else None
    return panel.panel_data(
        *charts,
        replay=race_replay_data(found[0].trace.steps, raced, until=until),
        verdicts={style.group: VERDICTS[racer.kind.value] for style, racer in zip(styles, found, strict=True)},
        key=PANEL,
    ) | {"branch": str(say("compare.branches.here")) if any(not why_not(entry.run) for entry in entries) else ""}


def _picture(entries: tuple[Entry, ...], racers: list[Racer]) -> list[Chart]:
    """The chart with the paths of all slots in a list; an empty list if the problem is not drawn."""
    problem = entries[0].run.problem
    drawn = surface(problem)
    trails = [Trail(points, racer.blown_at) for racer in racers if (points := trail(racer.trace)) is not None]
    if drawn is None or len(trails) < len(racers):
        return []
    styles = [style_of(entry.key) for entry in entries]
    path = race_data(trails, drawn.extent, styles=styles, on_curve=problem.drawing == "landscape")
    caption, alt = (str(say(f"compare.race.{kind}.{problem.drawing}")) for kind in ("caption", "alt"))
    return [Chart("path", drawn.figure, path=path, token=drawn.token, alt=alt, caption=caption)]


def _ended(racer: Racer) -> str:
    """The mean final loss as text; the word for a run that diverged."""
    loss = float(average_loss(racer.trace.loss)[-1])
    gone = racer.blown_at is not None or not math.isfinite(loss)
    return str(VERDICTS["diverged"].word) if gone else format_number(loss)


def _alt(chart: str, steps: int, entries: tuple[Entry, ...], values: list[str]) -> str:
    """The text alternative of a chart, with a value for each slot."""
    told = [str(say("compare.race.ended", name=entry.name, loss=value)) for entry, value in zip(entries, values, strict=True)]
    return str(say(f"compare.race.alt.{chart}", steps=steps, values=", ".join(told)))
