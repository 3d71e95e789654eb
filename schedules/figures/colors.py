"""The light and the dark palette: what a color name such as "@run" stands for, in charts and in the style sheets of the pages.

A figure contains names; the browser or `resolve` replaces them by colors. The colors are distinguishable with the common forms
of color blindness. The colors of verdicts are in `verdict_colors.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from schedules.figures.verdict_colors import VERDICT_COLORS

Scheme = Literal["light", "dark"]

_COLORS = {
    "light": {
        "paper": "#ffffff",
        "panel": "#f5f7f9",
        "ink": "#1b2430",
        "muted": "#5b6675",
        "grid": "#e8ebef",
        "axis": "#b4bcc6",
        "run": "#1561b5",
        "run_band": "rgba(21, 97, 181, 0.16)",
        "ghost": "#8a919c",
        "run_3": "#db4606",
        "run_4": "#c342fa",
        "run_5": "#174f3e",
        "run_6": "#aa187e",
        "limit": "#a82a1c",
        "best": "#732667",
        "distance_band": "rgba(8, 127, 174, 0.16)",
        "noise_band": "rgba(160, 104, 15, 0.18)",
        "zone": "rgba(168, 42, 28, 0.07)",
        "goal": "#2a6640",
        "warmup": "#a0680f",
        "policy": "#b4bcc6",
        "cooldown": "#6b3f80",
        "deep": "#9dbbdc",
        "high": "#f4f7fa",
        "contour": "#ffffff",
    },
    "dark": {
        "paper": "#11151c",
        "panel": "#1a202a",
        "ink": "#e6eaf0",
        "muted": "#9aa5b4",
        "grid": "#232a35",
        "axis": "#4a5464",
        "run": "#7ab6ff",
        "run_band": "rgba(122, 182, 255, 0.20)",
        "ghost": "#7d8692",
        "run_3": "#eea98b",
        "run_4": "#a620df",
        "run_5": "#06f9f9",
        "run_6": "#f90637",
        "limit": "#f2683a",
        "best": "#ca47eb",
        "distance_band": "rgba(98, 220, 240, 0.16)",
        "noise_band": "rgba(238, 178, 68, 0.18)",
        "zone": "rgba(242, 104, 58, 0.12)",
        "goal": "#4aa585",
        "warmup": "#eeb244",
        "policy": "#4a5464",
        "cooldown": "#ae74d8",
        "deep": "#35557a",
        "high": "#161d28",
        "contour": "#0b0e13",
    },
}
_ALIASES = {
    "distance": "improving",
    "noise": "bouncing",
    "steepest": "improving",
    "tenth": "warmup",
    "class_1": "bouncing",
    "class_2": "run",
    "warning": "bouncing",
    "error": "diverged",
    "match": "bouncing",
}
"""Things drawn in the color of another, which can so get a color of their own."""
PALETTES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        scheme: MappingProxyType(colors | {alias: colors[name] for alias, name in _ALIASES.items()})
        for scheme, colors in ((scheme, _COLORS[scheme] | VERDICT_COLORS[scheme]) for scheme in _COLORS)
    }
)


def resolve(figure: Any, scheme: Scheme) -> Any:
    """Replace the color names in a figure, or in a part of one, by colors; raises KeyError for an unknown name."""
    if isinstance(figure, dict):
        return {key: resolve(value, scheme) for key, value in figure.items()}
    if isinstance(figure, list | tuple):
        return [resolve(value, scheme) for value in figure]
    if isinstance(figure, str) and figure.startswith("@"):
        return PALETTES[scheme][figure[1:]]
    return figure
