"""Compare's part with rates, losses, and all slots racing in one picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from pages.parts import address
from pages.parts.assets import compact
from pages.parts.charts import surface, surface_of
from pages.parts.compare import networks, results
from pages.parts.compare.sections import branches
from pages.parts.compare.slots.samples import style_of
from pages.parts.explore import jobs
from pages.parts.panel import panel
from pages.parts.panel.panel import Chart
from schedules.compare import slots
from schedules.compare.branches import why_not
from schedules.compare.race import Racer, common_limit, judged, race, trained
from schedules.compare.slots import Comparison
from schedules.core.numbers import format_number
from schedules.figures.loss import average_loss, loss_figure
from schedules.figures.path import race_data
from schedules.figures.rate import rate_figure
from schedules.figures.replay import Raced, race_replay_data
from schedules.figures.runs import Measured, Rates, Trail
from schedules.figures.verdict_colors import VERDICTS
from schedules.training import cost
from schedules.training.drawing import trail
from schedules.training.jobs import Progress, Work, stopping
from schedules.training.runs import Run, to_token
from schedules.words import language, say

if TYPE_CHECKING:
    from pages.parts.compare.layout import Containers

PANEL = "compare_race_panel"
"""The key of the panel."""
_SURFACES, _SENT = "race_surfaces", "race_sent"
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


def show(comparison: Comparison, containers: Containers, *, moving: bool) -> None:
    """Show the race; called with every move. While something is `moving`, what takes long waits."""
    with containers.race:
        if drawn := surface(comparison.problem):
            chart = Chart("path", drawn.figure, token=drawn.token)
            panel.missing_surfaces([chart], st.session_state[_SURFACES], key=PANEL)
        text = _text(comparison, moving)
        if text is not None:
            st.session_state[_SENT] = text
            panel.data(text, key=PANEL, on_branch_change=_branch)


def _text(comparison: Comparison, moving: bool) -> str | None:
    """The data of the panel as JSON; while something moves, what was sent last if new ones take long."""
    sent: str | None = st.session_state.get(_SENT)
    if moving and sent and comparison.each_best and not results.are_quick(comparison):
        return sent
    names = slots.slot_names(comparison)
    entries = tuple(Entry(key, names[key], run) for key, run in results.shown_runs(comparison).items())
    mode = _mode(comparison)
    if comparison.problem.as_job:
        racers = judged(networks.traces(comparison))
        return compact(race_panel(entries, racers, mode))
    work = cost.work([entry.run for entry in entries])
    known = Kept(entries, mode, language.get(), further=not moving)
    if known not in _KEPT and moving and sent and work > cost.AT_ONCE / 4:
        return sent
    if known not in _KEPT and work > cost.AT_ONCE:
        stage = "race " + " ".join(to_token(entry.run) for entry in entries)
        status = jobs.ask_for(results.job_key(comparison), stage, _job(known))
        if status.unfinished or status.error:
            return compact(race_panel(entries, {}, mode))
    return _kept(known)


class Kept(NamedTuple):
    """The key of the data of a panel: slots, the sentence on their peaks, the language, and `further` as in `race`."""

    entries: tuple[Entry, ...]
    mode: str
    spoken: str
    further: bool


_KEPT: dict[Kept, str] = {}


def _kept(of: Kept, stop: Callable[[], bool] | None = None) -> str:
    """The data of the panel as JSON, kept; in the language of the context."""
    if of not in _KEPT:
        train = None if stop is None else stopping(trained, stop)
        racers = race({entry.key: entry.run for entry in of.entries}, train, further=of.further)
        _KEPT[of] = compact(race_panel(of.entries, racers, of.mode))
        for oldest in [*_KEPT][:-KEPT]:
            _KEPT.pop(oldest, None)
    return _KEPT[of]


def _job(of: Kept) -> Work[bool]:
    def work(progress: Progress, stop: Callable[[], bool]) -> bool:
        return bool(_kept(of, stop))

    return work


def _branch() -> None:
    branches.asked(PANEL)


def _mode(comparison: Comparison) -> str:
    """The sentence on the peaks of the race."""
    best = results.best_peaks(comparison) if comparison.each_best else {}
    known = sum(found.peak > 0 for found in best.values())
    missing = len(comparison.active()) - known
    word = "line" if not known or (missing and comparison.problem.as_job) else "some" if missing else "best"
    return str(say(f"compare.race.{word}", peak=comparison.peak))


def race_panel(entries: tuple[Entry, ...], racers: Mapping[str, Racer], mode: str) -> dict[str, Any]:
    """The data of the panel; slots without a racer, which still train, have rates only."""
    styles = {entry.key: style_of(entry.key) for entry in entries}
    racing = [(entry, racers[entry.key]) for entry in entries if entry.key in racers]
    steps = entries[0].run.trained_steps
    peaks = [format_number(entry.run.trained_peak) for entry in entries]
    names = [entry.name for entry in entries]
    rates = rate_figure(
        [
            Rates(entry.name, racers[entry.key].trace.rates if entry.key in racers else entry.run.trained_rates())
            for entry in entries
        ],
        limit=common_limit(racers.values()) if racers else None,
        caption=mode,
        styles=[*styles.values()],
        alt=_alt("rate", steps, names, peaks),
    )
    charts = [Chart("rate", rates)]
    replay = None
    if racing:
        shown, found = [styles[entry.key] for entry, _ in racing], [racer for _, racer in racing]
        charts += [_losses(racing, steps), *(_picture(entries, found) if len(racing) == len(entries) else ())]
        raced = [Raced(style.group, entry.name, racer.shown_loss) for style, (entry, racer) in zip(shown, racing, strict=True)]
        blown = [racer.blown_at for racer in found]
        until = max(step for step in blown if step is not None) if None not in blown else None
        replay = race_replay_data(found[0].trace.steps, raced, until=until)
    data = panel.panel_data(
        *charts,
        replay=replay,
        verdicts={styles[entry.key].group: VERDICTS[racer.kind.value] for entry, racer in racing},
        key=PANEL,
    )
    return data | {"branch": str(say("compare.branches.here")) if any(not why_not(entry.run) for entry in entries) else ""}


def _losses(racing: list[tuple[Entry, Racer]], steps: int) -> Chart:
    """The chart of the losses of these slots."""
    measured = [Measured(entry.name, racer.trace.steps, racer.trace.loss, racer.blown_at) for entry, racer in racing]
    alt = _alt("loss", steps, [entry.name for entry, _ in racing], [_ended(racer) for _, racer in racing])
    styles = [style_of(entry.key) for entry, _ in racing]
    return Chart("loss", loss_figure(measured, goal=0, styles=styles, alt=alt, last=steps))


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
    diverged = racer.blown_at is not None or not math.isfinite(loss)
    return str(VERDICTS["diverged"].word) if diverged else format_number(loss)


def _alt(chart: str, steps: int, names: list[str], values: list[str]) -> str:
    """The text alternative of a chart, with a value for each slot."""
    ends = [str(say("compare.race.ended", name=name, loss=value)) for name, value in zip(names, values, strict=True)]
    return str(say(f"compare.race.alt.{chart}", steps=steps, values=", ".join(ends)))
