"""A curve of rates as inline SVG of a few hundred bytes, in the page's colors."""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.schedule import Schedule

WIDTH, HEIGHT, MARGIN = 2_400, 640, 30
"""Size in SVG units, ten per pixel of a card, so that integer coordinates are precise enough."""
SLACK = 6.0
"""Largest distance between line and curve in SVG units, about half a pixel: a hundred stairs are drawn as a straight line."""


def thumbnail(schedule: Schedule) -> str:
    """The rates of a run as an `<svg>`: warm-up, policy and cool-down in different colors, the axes as two thin lines.

    It is stretched to its container; the page's style keeps the line width constant. Colors are the page's `--a-warmup`,
    `--a-run` and `--a-cooldown`, so one image serves the light and the dark theme. It is hidden from screen readers, because
    the card has a description.
    """
    rates = schedule.lrs()
    last = len(rates) - 1
    x = MARGIN + np.arange(len(rates)) / max(last, 1) * (WIDTH - 2 * MARGIN)
    y = HEIGHT - MARGIN - rates / (rates.max() or 1) * (HEIGHT - 2 * MARGIN)
    warm, cool = _ends(schedule, last)
    paths = "".join(
        f'<path d="{_path(x[start : end + 1], y[start : end + 1])}" stroke="var(--a-{color})"/>'
        for color, start, end in (("warmup", 0, warm), ("run", warm, cool), ("cooldown", cool, last))
        if end > start
    )
    axes = f'<path d="M10 0V{HEIGHT - 10}H{WIDTH}" stroke="var(--a-axis)" stroke-width="1"/>'
    style = 'preserveAspectRatio="none" fill="none" stroke-width="2" stroke-linejoin="round" aria-hidden="true"'
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" {style}>{axes}{paths}</svg>'


def _ends(schedule: Schedule, last: int) -> tuple[int, int]:
    """The steps of the run at which the warm-up ends and the cool-down begins."""
    plan, counted = schedule.plan, schedule.first_step
    warm = (plan.warmup - counted) * schedule.update_every if plan.warmup else 0
    cool = (plan.updates - plan.cooldown - counted) * schedule.update_every if plan.cooldown else last
    return min(max(0, warm), last), min(max(0, warm, cool), last)


def _path(x: FloatArray, y: FloatArray) -> str:
    """SVG path through a subset of the points, with all others within SLACK (Douglas & Peucker 1973)."""
    keep, open_ = {0, len(x) - 1}, [(0, len(x) - 1)]
    while open_:
        a, b = open_.pop()
        dx, dy = x[b] - x[a], y[b] - y[a]
        away = np.abs(dx * (y[a:b] - y[a]) - dy * (x[a:b] - x[a])) / max(np.hypot(dx, dy), 1e-9)
        far = a + int(np.argmax(away))
        if away[far - a] > SLACK:
            keep.add(far)
            open_ += [(a, far), (far, b)]
    return "M" + "L".join(f"{x[i]:.0f} {y[i]:.0f}" for i in sorted(keep))
