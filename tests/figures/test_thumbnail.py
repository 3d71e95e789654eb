"""Thumbnails: a few hundred bytes that draw the curve, its phases and its jumps."""

from __future__ import annotations

import re

import numpy as np
import pytest

from schedules import POLICIES, Constant, Cosine, MultiFactor, Schedule
from schedules.figures.thumbnail import HEIGHT, MARGIN, SLACK, WIDTH, thumbnail
from schedules.recipes import RECIPES

SAMPLES = {slug: Schedule(policy=cls()) for slug, cls in POLICIES.items()} | {s: r.schedule for s, r in RECIPES.items()}


def lines(svg: str) -> dict[str, np.ndarray]:
    """The points of each colored line, shape (n, 2)."""
    found = re.findall(r'<path d="M([^"HV]+)" stroke="var\(--a-(\w+)\)"/>', svg)
    return {color: np.array([list(map(int, pair.split())) for pair in path.split("L")]) for path, color in found}


@pytest.mark.parametrize("schedule", SAMPLES.values(), ids=SAMPLES)
def test_a_thumbnail_is_small_and_follows_the_curve(schedule):
    svg = thumbnail(schedule)
    assert len(svg) < 700
    points = np.concatenate(list(lines(svg).values()))
    assert points[:, 0].min() == MARGIN
    assert points[:, 0].max() == WIDTH - MARGIN
    assert points[:, 1].min() >= MARGIN - 1
    assert points[:, 1].max() <= HEIGHT - MARGIN + 1
    rates = schedule.lrs()
    x = MARGIN + np.arange(len(rates)) / (len(rates) - 1) * (WIDTH - 2 * MARGIN)
    y = HEIGHT - MARGIN - rates / rates.max() * (HEIGHT - 2 * MARGIN)
    flat = np.repeat(points, 2, axis=0)
    a, b = flat[:-1].astype(float), flat[1:].astype(float)
    for px, py in zip(x[::7], y[::7], strict=True):  # distance of each step from the nearest line segment
        along = np.clip(np.sum((np.array([px, py]) - a) * (b - a), axis=1) / np.maximum(np.sum((b - a) ** 2, axis=1), 1), 0, 1)
        nearest = np.hypot(*(a + along[:, None] * (b - a) - [px, py]).T).min()
        assert nearest <= SLACK + 1, "rounding to integers costs one unit"


def test_phases_of_a_thumbnail_have_their_colors():
    assert set(lines(thumbnail(Schedule(policy=Cosine())))) == {"run"}
    wsd = lines(thumbnail(Schedule(policy=Constant(), warmup=0.1, cooldown=0.2)))
    assert set(wsd) == {"warmup", "run", "cooldown"}
    assert wsd["run"][0, 0] == pytest.approx(MARGIN + 50 / 499 * (WIDTH - 2 * MARGIN), abs=1)
    assert wsd["run"][-1, 0] == pytest.approx(MARGIN + 400 / 499 * (WIDTH - 2 * MARGIN), abs=1)


def test_a_straight_line_has_two_points_and_a_jump_is_one():
    assert len(lines(thumbnail(Schedule(policy=Constant())))["run"]) == 2
    steps = lines(thumbnail(Schedule(policy=MultiFactor(milestones=(0.5,)))))["run"]
    assert len(steps) == 4


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_shortest_runs_are_drawn(n):
    svg = thumbnail(Schedule(policy=Cosine(), total_steps=n, warmup=1.0, cooldown=1.0))
    assert svg.startswith("<svg")
    assert "nan" not in svg
