"""Compare's part with final loss against peak, with the line that is dragged, the ranking beside it and the sentence above."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts import address
from pages.parts.assets import component
from pages.parts.compare import networks, rankings, results, state
from pages.parts.compare.rankings import Growing
from pages.parts.compare.slots import samples
from pages.parts.controls import controls
from pages.parts.controls.controls import Change, field, moved_data
from pages.parts.explore import jobs
from pages.parts.panel import panel as charts
from pages.parts.panel.panel import Chart, panel_data
from pages.parts.state import is_new
from pages.parts.tables import html_table
from schedules.compare.peaks import BestPeak, PeakCurve
from schedules.compare.sentences import SMALL, Standing, said, standing, two_digits
from schedules.compare.slots import Comparison, slot_names
from schedules.compare.statistics import CLOSE, Ranking
from schedules.core.numbers import format_number
from schedules.figures.peaks import PeakLine, peak_point, peaks_figure, peaks_table, x_ends
from schedules.figures.theme import Figure, rounded
from schedules.schedule import Schedule
from schedules.words import Sentence, Words, language, say

if TYPE_CHECKING:
    from pages.parts.compare.layout import Containers

PANEL, LINE = "compare_peaks_panel", "compare_line"
"""The keys of the panel with the chart, and of the element that brings what it shows."""
PEAK, EACH, SWEEP = "peak", "each", "sweep"
"""Keys of the element's changes: the peak of the line; whether each is at its own best peak; a press to try more."""
NONE = "–"
"""Cell of a table without a number."""
AROUND = 10.0
"""Factor of peaks around that of the line that is shown where no curve is known."""
_MODULE = "compare/sections/peaks.js"
_SENT = "compare_peaks_sent"
_line = component("anneal_compare_line", _MODULE, draw="drawLine", remove="removeLine")
_later = component("anneal_compare_later", _MODULE, draw="drawLater")
_sentence = component(
    "anneal_compare_said", _MODULE, draw="mountSaid", remove="removeSaid", html='<div class="anneal-compared"></div>'
)
_ranking = component(
    "anneal_ranking", _MODULE, draw="mountRanking", remove="removeRanking", html='<div class="anneal-ranking"></div>'
)


def mount(comparison: Comparison, containers: Containers) -> None:
    """Mount what a move does not change; called once in a full run of the page."""
    with containers.sentence:
        _sentence(key="compare_said", data={})
    with containers.peaks, charts.container(PANEL):
        charts.constants(large=address.projector(), key=PANEL)
    words = ("label", "each", "line", "name", "ratio", "best", "forgiving", "lowest", "tie", "open", "diverged", "waits")
    helps = ("ratio", "best", "forgiving", "tie")
    data: dict[str, Any] = {"words": {word: str(say(f"compare.ranking.{word}")) for word in words}}
    data["words"] |= {
        "times": str(say("compare.ranking.times", ratio="{ratio}")),
        "higher": str(say("compare.ranking.higher", share="{share}")),
        "at": str(say("compare.ranking.at", peak="{peak}")),
        "help": {word: str(say(f"compare.ranking.help.{word}")) for word in helps},
    }
    with containers.ranking:
        _ranking(key="compare_rows", data=data | {"small": SMALL, "close": CLOSE})


def follow(comparison: Comparison) -> tuple[Comparison, bool]:
    """Apply the user's last action in this part that is new, and keep the comparison of record.

    Returns the comparison, and whether the line is still being dragged.
    """
    change = controls.latest(LINE)
    if change is None or not is_new(LINE, change.seq):
        return comparison, False
    if change.key == SWEEP:
        networks.sweep(comparison)
        return comparison, False
    if change.key == EACH:
        return state.keep(replace(comparison, each_best=change.value is True)), False
    peak = _accepted(change)
    if peak is None:
        return comparison, False
    return state.keep(replace(comparison, peak=peak, each_best=False), write=change.final), not change.final


def _accepted(change: Change) -> float | None:
    """The peak of a change; None if it is not one."""
    found = controls.accept(change, [field(Schedule.param("peak_lr"), 1.0, key=PEAK)])
    return found if isinstance(found, float | int) else None


def show(comparison: Comparison, containers: Containers, *, moving: bool) -> None:
    """Show the part; called with every move. What is expensive waits while something is `moving`."""
    with containers.peaks:
        if moving and not results.are_quick(comparison):  # what was sent last, until the move has ended
            _line(key=LINE, data=st.session_state.get(_SENT, {}) | {"heard": _heard()}, on_move_change=lambda: None)
        elif comparison.problem.as_job:
            _show_networks(comparison)
        elif moving:
            seeds, found = max(curve.seeds for curve in results.curves(comparison).values()), rankings.estimated(comparison)
            note = say("compare.peaks.estimate", seeds=seeds) if seeds and found else None
            _send(comparison, _parts(comparison, found, note, moving=True))
        else:
            _show(comparison)


def _show(comparison: Comparison) -> None:
    """Show the comparison at rest, with more and more seeds."""
    note = _curve_job(comparison)
    growing = rankings.growing(comparison)
    if growing and not growing.found and growing.at_once:
        growing.grow()
    if growing and not note and not growing.ended and not growing.at_once:
        note = _seeds_job(comparison, growing)
    _send(comparison, _parts(comparison, growing.last if growing else None, note))
    if growing:
        _grow(comparison, growing)


def _show_networks(comparison: Comparison) -> None:
    """Show networks: at the peak of the line, unless their best peaks are known."""
    if len(results.curves(comparison)) < len(comparison.active()):
        comparison = replace(comparison, each_best=False)
    note = networks.train(comparison)
    offers = str(say("compare.ranking.sweep")) if networks.may_sweep(comparison) else ""
    _send(comparison, _parts(comparison, networks.network_ranking(comparison), note) | {"sweep": offers})


def _send(comparison: Comparison, parts: dict[str, Any]) -> None:
    """Send the sentences, the ranking and the chart."""
    best = not comparison.problem.as_job or len(results.curves(comparison)) == len(comparison.active())
    parts |= {"panel": _panel(comparison), "heard": _heard(), "field": _field(comparison), "best": best}
    st.session_state[_SENT] = parts
    _line(key=LINE, data=parts, on_move_change=lambda: None)


def _grow(comparison: Comparison, growing: Growing) -> None:
    """Send rankings with more and more seeds, as long as they are computed directly."""
    while not growing.ended and growing.at_once and (ranking := growing.grow()):
        note = None if growing.ended or growing.at_once else _seeds_job(comparison, growing)
        _later(key=f"compare_later_{ranking.seeds}", data=_parts(comparison, ranking, note))


def _curve_job(comparison: Comparison) -> Sentence | None:
    """Compute the curves that take long as jobs, one after the other; a sentence about it until all are known."""
    missing = results.expensive_curves(comparison)
    if not missing:
        return None
    key, run = next(iter(missing.items()))
    status = jobs.ask_for(results.job_key(comparison), f"curve {key}", results.curve_job(run), spoken=False)
    if status.state == "failed":
        return say("compare.peaks.failed", error=str(status.error))
    count = len(comparison.active())
    return say("compare.peaks.curve_job", done=count - len(missing), count=count)


def _seeds_job(comparison: Comparison, growing: Growing) -> Sentence | None:
    """Compute the next ranking as a job; a sentence about it until it is known, unless what is said of the last one has it."""
    stage = f"seeds {len(growing.found)} {comparison.each_best} {comparison.peak}"
    status = jobs.ask_for(results.job_key(comparison), stage, growing.job(), spoken=False)
    if status.state == "failed":
        return say("compare.peaks.failed", error=str(status.error))
    said_already = growing.last and not growing.last.done and standing(growing.last).open
    return say("compare.peaks.seeds_job") if status.unfinished and not said_already else None


def _heard() -> int:
    change = controls.latest(LINE)
    return change.seq if change else 0


def _parts(
    comparison: Comparison, ranking: Ranking | None, note: Sentence | None = None, *, moving: bool = False
) -> dict[str, Any]:
    """The sentences and the ranking of a comparison as the browser shows them."""
    best = results.best_peaks(comparison)
    found = said(comparison, ranking, best, moving=moving)
    line, beyond = _field(comparison), []
    if not comparison.each_best and not line["low"] <= comparison.peak <= line["high"]:
        beyond = [say("compare.peaks.beyond", peak=comparison.peak)]
    notes = (*found.notes, *beyond, *([note] if note else []))
    return {
        "of": _of(comparison),
        "said": {"line": str(found.line), "notes": [*map(str, notes)]},
        "each": comparison.each_best,
        "peak": comparison.peak,
        "moving": moving,
        "seeds": ranking.seeds if ranking else 0,
        "rows": rows_data(comparison, ranking, best),
    }


def _of(comparison: Comparison) -> str:
    """Identifies what is shown: the comparison with its line."""
    return f"{results.job_key(comparison)}&{comparison.peak}&{comparison.each_best}"


def rows_data(comparison: Comparison, ranking: Ranking | None, best: Mapping[str, BestPeak]) -> list[dict[str, Any]]:
    """The rows of the ranking, the lowest loss first; slots that diverge at every peak are the last."""
    names, curves = slot_names(comparison), results.curves(comparison)
    ranked = ranking.order if ranking else ()
    order = (*ranked, *(key for key in comparison.active() if key not in ranked))
    found = standing(ranking) if ranking else Standing((), (), (), (), ())
    rows = []
    for key in order:
        lost = comparison.each_best and key in best and not math.isfinite(best[key].peak)
        said_of = {"text": str(_text(key, ranking, found, lost=lost)), "loss": _loss(key, ranking)}
        rows.append(_row(key, names[key], curves.get(key), best.get(key)) | said_of)
    return rows


def _row(key: str, name: str, curve: PeakCurve | None, best: BestPeak | None) -> dict[str, Any]:
    return samples.sample(key) | {
        "key": key,
        "name": name,
        "best": rounded([best.peak], 2)[0] if best else None,
        "forgiving": rounded([best.forgiving], 2)[0] if best else None,
        "curve": {"x": rounded(curve.peaks, 6), "y": rounded(curve.loss, 4)} if curve else None,
    }


def _text(key: str, ranking: Ranking | None, found: Standing, *, lost: bool) -> Words:
    """The text beside the name of a slot: by how much its loss is above the lowest one.

    `lost` says whether the slot diverges at every peak; else one outside of the ranking is not computed yet.
    """
    if ranking is None or key not in ranking.order:
        return say("compare.ranking.diverged" if lost else "compare.ranking.waits")
    if key in dict(found.worse):
        return _higher(dict(found.worse)[key])
    words = {
        "compare.ranking.diverged": found.lost,
        "compare.ranking.some": found.some,
        "compare.ranking.open": (*found.ties, *found.open) if found.open else (),
        "compare.ranking.tie": found.ties if len(found.ties) > 1 else (),
        "compare.ranking.lowest": found.ties,
    }
    word = next(word for word, keys in words.items() if key in keys)
    return say(word, count=ranking.diverged[key], seeds=ranking.seeds)


def _higher(times: float) -> Words:
    if times < SMALL:
        return say("compare.ranking.higher", share=format_number(100 * (times - 1), 2))
    return say("compare.ranking.times", ratio=say("compare.ranking.rough", ratio=two_digits(times)))


def _loss(key: str, ranking: Ranking | None) -> str:
    """The mean final loss in words, or the median; "" if there is none."""
    loss = ranking.losses.get(key, math.inf) if ranking else math.inf
    return str(say("compare.ranking.loss", loss=loss)) if math.isfinite(loss) else ""


def _field(comparison: Comparison) -> dict[str, Any]:
    """The data of the line's field, between the ends of the curves."""
    data = moved_data(field(Schedule.param("peak_lr"), comparison.peak, key=PEAK), language.get())
    low, high = _peak_ends(comparison)
    return {**data, "low": float(f"{low:.3g}"), "high": float(f"{high:.3g}"), "label": str(say("compare.ranking.handle"))}


def _peak_ends(comparison: Comparison) -> tuple[float, float]:
    """The ends of the chart's axis of peaks: around the peak of the line where no curve is known."""
    if known := tuple(results.curves(comparison)):
        return _axis_ends(replace(comparison, peak=1.0, each_best=True), known)
    return comparison.peak / AROUND, comparison.peak * AROUND


@lru_cache(maxsize=32)
def _axis_ends(comparison: Comparison, known: tuple[str, ...]) -> tuple[float, float]:
    """The ends of the axis of peaks in the chart of the curves of the slots with the `known` keys."""
    return x_ends([line for line in chart_lines(comparison) if line.style in map(samples.style_of, known)])


def _panel(comparison: Comparison) -> dict[str, Any]:
    """The chart with its line."""
    known = tuple(results.curves(comparison))
    if known:
        figure = _figure(replace(comparison, peak=1.0, each_best=True), known, language.get())
    else:
        points = _trained_points(comparison)
        figure = peaks_figure(points, _limits(comparison), seeds=comparison.seeds, peaks=_peak_ends(comparison))
    shown = _field(comparison)
    at = min(max(comparison.peak, shown["low"]), shown["high"])  # a line beyond the axis is shown at its end
    handle = {"key": "line", "x": {"zero": 0, "unit": 1, "field": shown}, "y": None, "at": [at, None]}
    return panel_data(
        Chart("peaks", figure),
        of=_of(comparison),
        runs=[samples.style_of(key).group for key in comparison.active()],
        handles={"peaks": [handle]},
        key=PANEL,
    )


@lru_cache(maxsize=32)
def _figure(comparison: Comparison, known: tuple[str, ...], spoken: str) -> Figure:
    """The chart of the curves of the slots with the `known` keys, in a language, that of the context; not to be changed."""
    seeds = {curve.seeds for curve in results.curves(comparison).values()}
    return peaks_figure(chart_lines(comparison), _limits(comparison), seeds=max(seeds))


def chart_lines(comparison: Comparison) -> Sequence[PeakLine]:
    """The curves of the chart, in the order of the slots."""
    names, best = slot_names(comparison), results.best_peaks(comparison)
    lines = []
    for key, curve in results.curves(comparison).items():
        found = best[key]
        mark = (found.peak, found.loss) if math.isfinite(found.peak) else None
        lines.append(PeakLine(names[key], samples.style_of(key), curve.peaks, curve.loss, mark, curve.diverged))
    return lines


def losses_table(comparison: Comparison) -> str:
    """The curves of the chart as a table in HTML: a row for each peak."""
    lines = chart_lines(comparison)
    head = [say("compare.numbers.peak"), *(line.label for line in lines)]
    diverged, unknown = str(say("compare.ranking.diverged")), NONE
    rows = [
        [format_number(value, 3) if math.isfinite(value) else unknown if math.isnan(value) else diverged for value in row]
        for row in peaks_table(lines)
    ]
    return html_table(head, rows)


def _trained_points(comparison: Comparison) -> Sequence[PeakLine]:
    """Points for the networks that are trained at one peak only."""
    ranking = networks.network_ranking(comparison) if comparison.problem.as_job and not results.curves(comparison) else None
    if ranking is None:
        return []
    names = slot_names(comparison)
    return [peak_point(names[key], samples.style_of(key), comparison.peak, loss) for key, loss in ranking.losses.items()]


def _limits(comparison: Comparison) -> dict[float, Words]:
    """The stability limits by value, each with its name; with the optimizer where there are several."""
    found = rankings.limits(comparison)
    if len(found) == 1:
        return {limit: say("figure.limit", limit=limit) for limit in found}
    titles = {limit: comparison.slot(keys[0]).run.optimizer.text("title") for limit, keys in found.items()}
    return {limit: say("figure.peaks.limit_of", limit=limit, optimizer=title) for limit, title in titles.items()}
