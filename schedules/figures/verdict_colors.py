"""Color, glyph and word of each verdict, so that color is never the only sign; charts, panel and pages read them here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schedules.words import Sentence, say

VERDICT_COLORS = {
    "light": {
        "predicted": "#2f3450",
        "diverged": "#a82a1c",
        "stalled": "#6b3f80",
        "improving": "#087fae",
        "bouncing": "#a0680f",
        "converged": "#2a6640",
    },
    "dark": {
        "predicted": "#e8ead2",
        "diverged": "#f2683a",
        "stalled": "#ae74d8",
        "improving": "#62dcf0",
        "bouncing": "#eeb244",
        "converged": "#4aa585",
    },
}
"""The colors by palette and verdict."""


GLYPHS = {"predicted": "?", "diverged": "×", "stalled": "–", "improving": "↘", "bouncing": "≈", "converged": "✓"}
"""The glyphs by verdict."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Signs of a verdict: name of its color in the palettes, glyph and word."""

    color: str
    glyph: str
    word: Sentence


VERDICTS: Mapping[str, Mark] = MappingProxyType(
    {slug: Mark(f"@{slug}", glyph, say(f"figure.verdict.{slug}")) for slug, glyph in GLYPHS.items()}
)
