"""CPU time of the server for one change on Explore, compared with an empty Streamlit script; and on Compare, with Explore."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from pages.parts import charts
from pages.parts.compare import live
from pages.parts.compare.sections import peaks
from pages.parts.controls.controls import Change
from pages.parts.explore import actions
from pages.parts.explore.presets import PRESETS, Link
from pages.parts.ghost import ghost_of
from pages.parts.state import Setting
from schedules import Cosine, Run, Schedule, from_token, to_token
from schedules.compare.slots import KEYS, Comparison, Slot, without_shared
from schedules.training.exact import find_best_schedule
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS, Problem
from schedules.training.problems.bowl import Bowl
from schedules.training.study import Study, study
from tests.bench import comparisons
from tests.bench.timing import RatioLine, ValueLine, clock, medians
from tests.waiting import PATIENCE

APP = Path(__file__).parents[2] / "app.py"
SETTINGS = {
    "Explore, first screen": Link("1"),
    "Explore, valley": PRESETS["warmup"]["steep_start"],
    "Explore, double well": PRESETS["restarts"]["two_valleys"],
}
SEEDS = 8


def rows(repeats: int = 15) -> Iterator[RatioLine | ValueLine]:
    """Time a rerun of each setting after a small change of its peak, which no cache contains.

    Streamlit's own AppTest runs both scripts, in this process and without a browser. It also parses the messages that a script
    sends, which a server does not: the true difference is a little smaller.
    """
    empty = AppTest.from_string("import streamlit as st", default_timeout=PATIENCE)
    app = AppTest.from_file(APP, default_timeout=PATIENCE)
    for name, link in SETTINGS.items():
        ours, rival = medians(_changes(app, link), lambda: clock(empty.run), repeats=repeats)
        yield RatioLine(
            name=name,
            ours=ours,
            rival=rival,
            against="empty script",
            expected="under 50 ms more",
            note=f"{1_000 * (ours - rival):.0f} ms more",
        )
    yield from _moves(repeats)
    for problem in PROBLEMS.values():
        if not problem.as_job:
            yield from _reruns(problem(), repeats)
    for dimensions in (2, 50):
        run = Run(problem=Bowl(dimensions=dimensions, spectrum="hard"))
        [seconds] = medians(lambda run=run: clock(lambda: find_best_schedule(run)), repeats=repeats)  # type: ignore[misc]
        steps = run.schedule.total_steps
        yield ValueLine(f"Best schedule, {dimensions} dimensions", 1_000 * seconds, "ms", "under 300 ms", f"{steps} steps")


def _moves(repeats: int) -> Iterator[RatioLine]:
    """Time a move of a slider, and of the line of Compare, with a move of the peak on Explore by turns.

    The two moves of the steps have no value in common: the curves of a slot are kept.
    """
    explore = _move("", actions, "latest", "peak_lr", lambda i: 0.05 + 1e-4 * i)
    six = Comparison(tuple((key, Slot(without_shared(run))) for key, run in zip(KEYS, comparisons.slots(500), strict=True)))
    moves = {
        "Compare, steps dragged": _move("compare", live, "latest", "steps", lambda i: 400 + i),
        "Compare, steps of six slots": _move("compare", live, "latest", "steps", lambda i: 500 + i, link=six.link()),
        "Compare, line dragged": _move("compare", peaks.controls, "latest", peaks.PEAK, lambda i: 0.02 + 1e-4 * i),
    }
    for name, move in moves.items():
        ours, rival = medians(move, explore, repeats=repeats)
        yield RatioLine(name=name, ours=ours, rival=rival, against="peak dragged on Explore", expected="at most 3 times slower")


def _move(
    page: str,
    where: Any,
    latest: str,
    key: str,
    value: Callable[[int], float],
    *,
    link: Mapping[str, str] = MappingProxyType({}),
) -> Callable[[], float]:
    """A timing of a rerun in which a control of a page, opened at a link, is being dragged to the next of its values."""
    app = AppTest.from_file(APP, default_timeout=PATIENCE)
    if page:
        app.switch_page(f"pages/{page}.py")
    app.query_params.update(link)
    app.run()
    moves = count(1)

    def timing() -> float:
        change = Change(number := next(moves), key, value(number), final=False)
        with patch.object(where, latest, lambda *_: change):
            seconds = clock(app.run)
        if app.exception:
            raise RuntimeError(f"{page or 'explore'} shows an exception: {app.exception[0].message}")
        return seconds

    return timing


def _reruns(problem: Problem, repeats: int) -> Iterator[ValueLine]:
    """Time the computations for a new setting of this problem: charts, and then advice and stops."""
    optimizer = OPTIMIZERS[problem.default_optimizer]()
    schedule = Schedule(policy=Cosine(), peak_lr=problem.default_peak, total_steps=problem.default_steps, warmup=0.1)
    setting = Setting(Run(problem=problem, schedule=schedule, optimizer=optimizer, seeds=SEEDS))

    def drawn() -> Study:
        found = study(setting.run, ghost_of(setting), advice=False)
        charts.draw_study(found, setting)
        return found

    def rest() -> None:
        charts.advice_on(found, "")
        charts.stops_of(found)

    found = drawn()
    first, then = medians(lambda: clock(drawn), lambda: clock(rest), repeats=repeats)
    note = f"charts; {1_000 * then:.0f} ms more for advice and stops"
    yield ValueLine(f"{problem.title}, {SEEDS} seeds", 1_000 * first, "ms", "under 100 ms", note)


def _changes(app: AppTest, link: Link) -> Callable[[], float]:
    """A timing that reruns the link, each time with a slightly lower peak."""
    run, notices = from_token(link.run)
    assert not notices, f"{link.run} does not open: {notices[0]}"
    moves = count(1)

    def timing() -> float:
        peak = run.schedule.peak_lr * (1 - 1e-3 * next(moves))
        query = link._replace(run=to_token(run.replace(schedule=run.schedule.replace(peak_lr=peak)))).query()
        app.query_params.clear()
        app.query_params.update(query)
        seconds = clock(app.run)
        if app.exception:
            raise RuntimeError(f"Explore shows an exception: {app.exception[0].message}")
        return seconds

    return timing
