"""The palette: complete, readable, and distinguishable with normal and with deficient color vision."""

from __future__ import annotations

import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from schedules.figures.colors import PALETTES, resolve
from schedules.figures.runs import STYLES
from schedules.figures.verdict_colors import VERDICTS

# Machado, Oliveira & Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency", severity 1.
EYES = {
    "all three cones": np.eye(3),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "no blue cones": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}


def light(color: str) -> np.ndarray:
    """Linear red, green and blue of "#rrggbb"."""
    c = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def perceived(linear: np.ndarray) -> np.ndarray:
    """Oklab coordinates (Ottosson 2020): distances approximate perceived differences; about 0.02 is just noticeable."""
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    lab = np.array(
        [
            [0.2104542553, 0.793617785, -0.0040720468],
            [1.9779984951, -2.428592205, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.808675766],
        ]
    )
    return lab @ np.cbrt(cones @ np.clip(linear, 0, 1))


def contrast(a: str, b: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    dark, bright = sorted(float(light(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b))
    return (bright + 0.05) / (dark + 0.05)


RUNS = tuple(style.color.removeprefix("@") for style in STYLES)


def test_both_palettes_have_the_same_names():
    assert PALETTES["light"].keys() == PALETTES["dark"].keys()


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("names", [("run", "ghost", "best", "limit", "ink"), ("run", *VERDICTS), RUNS])
def test_colors_are_distinguishable_with_deficient_color_vision(eye, scheme, names):
    seen = {name: perceived(EYES[eye] @ light(PALETTES[scheme][name])) for name in names}
    for a, b in combinations(names, 2):
        assert np.linalg.norm(seen[a] - seen[b]) > 0.05, (a, b)


@pytest.mark.parametrize("scheme", PALETTES)
def test_text_and_lines_have_sufficient_contrast(scheme):
    palette = PALETTES[scheme]
    for name in ("ink", "muted", "limit", "goal", *VERDICTS):
        assert contrast(palette[name], palette["paper"]) >= 4.5, name
    for name in RUNS:
        assert contrast(palette[name], palette["paper"]) >= 3, name


def test_every_verdict_has_a_sign_besides_its_color():
    assert len({mark.glyph for mark in VERDICTS.values()}) == len(VERDICTS)
    assert len({mark.word for mark in VERDICTS.values()}) == len(VERDICTS)


@pytest.mark.parametrize("scheme", PALETTES)
def test_the_page_theme_uses_the_palette(scheme):
    config = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"][scheme]
    names = {"primaryColor": "run", "backgroundColor": "paper", "secondaryBackgroundColor": "panel", "textColor": "ink"}
    assert {name: config[name] for name in names} == {name: PALETTES[scheme][color] for name, color in names.items()}


def test_names_are_resolved_at_any_depth():
    figure = {"a": ["@run", {"b": "@ink"}], "c": [1.0, None], "d": "run"}
    palette = PALETTES["dark"]
    assert resolve(figure, "dark") == {"a": [palette["run"], {"b": palette["ink"]}], "c": [1.0, None], "d": "run"}


def test_an_unknown_color_raises():
    with pytest.raises(KeyError, match="mauve"):
        resolve(["@mauve"], "light")
