"""The benches run, and their rivals do the same work. `make bench` prints the measurements; no test asserts them."""

import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest

from schedules import POLICIES, Run, Schedule
from schedules.policies.cosine import Cosine
from schedules.training.engine import simulate
from schedules.training.problems.moons import Moons
from tests.bench import (
    comparisons,
    curves,
    expensive,
    gaps,
    latency,
    laws,
    load,
    logs,
    maps,
    nets,
    page,
    reading,
    runs,
    verdicts,
    warmup,
)
from tests.bench.__main__ import BENCHES, line
from tests.bench.timing import RatioLine
from tests.e2e.conftest import ROOT, Server

TINY = {
    curves: {"steps": 1_000, "stepped": 100, "repeats": 1, "most": 1},
    laws: {"steps": 2_000, "points": 20, "repeats": 1, "most": 3},
    logs: {"count": 500, "many": 2_000, "repeats": 1},
    reading: {"texts": 20, "repeats": 1},
    runs: {"runs": 10, "steps": 50, "alone": 2, "repeats": 1, "side": 64},
    comparisons: {"peaks": 2, "seeds": 3, "most": 8, "steps": 20, "alone": 2, "repeats": 1},
    verdicts: {"side": 4, "steps": 50, "alone": 4, "repeats": 1},
    maps: {"cells": 5, "alone": 3, "repeats": 1},
    nets: {"nets": 3, "steps": 20, "alone": 1, "repeats": 1, "side": 64},
    warmup: {"seeds": 1, "most": 1},
    gaps: {"seeds": 2, "steps": 20},
    page: {"repeats": 1},
    expensive: {"repeats": 1, "most": 1, "shorten": 100},
    load: {"sizes": (1, 2), "interval": 0.1, "moves": 2, "last": 2},
}

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="what a server uses is read from /proc, on Linux")
MARKS = {load: linux, maps: linux} | dict.fromkeys((nets, warmup, gaps, expensive), pytest.mark.network)


def aside(work, *args):
    """Call in a separate thread, because a preceding browser test leaves an event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, *args).result()


@cache
def tiny_rows(bench):
    return aside(list, bench.rows(**TINY[bench]))


def test_every_bench_without_a_browser_is_tested():
    assert set(BENCHES) - set(TINY) == {latency}, "tests/e2e tests it"


@pytest.mark.parametrize(
    "bench",
    [pytest.param(bench, id=bench.__name__.rpartition(".")[2], marks=MARKS.get(bench, ())) for bench in TINY],
)
def test_a_bench_yields_rows_with_positive_finite_ratios(bench):
    rows = tiny_rows(bench)
    assert rows
    for row in rows:
        assert row.name and row.expected
        assert all(part in line(row) for part in (row.name, row.expected, row.note))
        if isinstance(row, RatioLine):
            assert row.against and row.against in line(row)
            assert 0 < row.ratio < math.inf
        else:
            assert math.isfinite(row.figure) and f" {row.unit} " in line(row)
    assert len({row.name for row in rows}) == len(rows)


def test_every_policy_is_timed():
    titles = [policy.title for policy in POLICIES.values()]
    assert [row.name for row in tiny_rows(curves)] == [*titles, *(f"{title}, hardest" for title in titles)]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_the_rival_steps_through_the_same_curve(policy):
    """Within 1e-12 of the peak, as the exported code promises."""
    schedule = Schedule(policy=policy(), total_steps=200)
    rates = curves.torch_rates(*curves.torch_scheduler(schedule), schedule.total_steps)
    np.testing.assert_allclose(rates, schedule.lrs(), rtol=0, atol=1e-12 * schedule.peak_lr)


def test_the_rival_trains_the_same_runs():
    for run in runs.grid(Schedule(policy=Cosine(), total_steps=100, warmup=0.1), 9):
        losses = runs.torch_losses(run, np.array(run.problem.draw_noise(0, 100)))
        np.testing.assert_allclose(losses, simulate([run])[0].loss[:-1, 0], rtol=1e-9)


@pytest.mark.network
def test_the_rival_trains_the_same_networks():
    run = Run(schedule=Schedule(policy=Cosine(), total_steps=40, warmup=0.1), problem=Moons(), seeds=2)
    losses = [nets.torch_losses(run, seed, run.problem.draw_noise(seed, 40)) for seed in range(2)]
    np.testing.assert_allclose(np.transpose(losses), simulate([run])[0].loss, rtol=1e-4)


def test_the_flop_count_of_networks_is_that_of_their_matrix_products():
    """By hand: forward 64 + 1,024 + 32, backward the same for weights, and 1,024 + 32 for activations; on 256 points forward
    only.
    """
    run = Run(schedule=Schedule(total_steps=1), problem=Moons(batch=4), seeds=1)
    assert nets.work(run) == 2 * (4 * (1_120 + 1_120 + 1_056) + 2 * 256 * 1_120)


def test_the_grid_has_the_requested_number_of_distinct_runs():
    grid = runs.grid(Run().schedule, 2_500)
    assert len(grid) == len(set(grid)) == 2_500


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(ROOT / "app.py", tmp_path_factory.mktemp("server") / "log.txt")
    running.wait()
    yield running
    running.end()
    assert not (faults := running.faults()), faults


@linux
def test_every_slider_move_of_every_session_is_answered(server):
    result = aside(load.drive, server, 3, 2, 0.1, load.peaks())
    assert not result.errors
    assert len(result.waits) == 6
    assert 0 < result.p(50) <= result.p(95) <= max(result.waits)
    assert result.cpu > 0


@linux
def test_a_move_that_changes_nothing_counts_as_an_error(server):
    result = aside(load.drive, server, 1, 3, 0.1, repeat(0.05))
    assert result.errors == ["a move without effect"] * 2


def test_number_and_rate_of_sessions_are_bounded():
    for users, moves in ((load.MOST_USERS + 1, 1), (1, load.MOST_SECONDS)):
        with pytest.raises(ValueError, match="at most"):
            load.drive(None, users, moves, 2, load.peaks())


def test_load_peaks_are_distinct_and_within_the_slider():
    first = [peak for peak, _ in zip(load.peaks(), range(5_000), strict=False)]
    assert len(set(first)) == len(first)
    assert 0.01 <= min(first) < max(first) <= 0.5


@linux
def test_a_move_costs_few_messages(server, monkeypatch):
    """Of elements and containers, which Streamlit sends again with each element that a fragment mounts outside of it."""
    counts: list[int] = []
    read = load.Visitor.read

    def counted(self, message, kept):
        if message.WhichOneof("type") == "new_session":
            counts.append(0)
        counts[-1] += message.WhichOneof("type") in ("delta", "ref_hash")
        return read(self, message, kept)

    monkeypatch.setattr(load.Visitor, "read", counted)
    result = aside(load.drive, server, 1, 3, 0.1, load.peaks())
    assert not result.errors
    assert counts[0] > 30, "the page is laid out"
    assert max(counts[1:]) <= 4
