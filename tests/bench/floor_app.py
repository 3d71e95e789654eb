"""Reference page for Explore's latency: one slider of Streamlit's own and one chart drawn by Plotly.react.

Its surface is sent once; its path of 500 points is sent with each move of the slider.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import streamlit as st

from pages.parts.assets import PLOTLY, plotly_route

_ground = st.components.v2.component(
    "floor_ground",
    html="<span hidden></span>",
    js="""
export default ({ data }) => {
  globalThis.floorGround ??= new Promise((ready, failed) => {
    const script = document.createElement('script');
    Object.assign(script, { src: data.plotly, onload: () => ready(data.surface), onerror: failed });
    document.head.appendChild(script);
  });
};
""",
    isolate_styles=False,
)
_chart = st.components.v2.component(
    "floor_chart",
    html='<div class="floor" style="height: 450px"></div>',
    js="""
export default ({ data, parentElement }) => {
  const plot = parentElement.querySelector('.floor');
  const layout = { uirevision: 'same', margin: { l: 40, r: 10, t: 10, b: 30 } };
  const path = { type: 'scatter', mode: 'lines', ...data };
  const draw = (surface) => Plotly.react(plot, [surface, path], layout, { responsive: true });
  const wait = () => (globalThis.floorGround ? floorGround.then(draw) : requestAnimationFrame(wait));
  wait();
};
""",
    isolate_styles=False,
)


def main() -> None:
    """Show the page."""
    rate = st.slider("Rate", 1, 60, 10)
    _ground(key="ground", data={"plotly": PLOTLY, "surface": surface()})
    x, y = np.round(list(path(rate)), 4).T
    _chart(key="chart", data={"x": x.tolist(), "y": y.tolist()})


def surface() -> dict[str, Any]:
    """Contours of a curved valley, 100 by 100."""
    x, y = np.linspace(-2, 2, 100), np.linspace(-1, 3, 100)
    z = np.log1p((1 - x) ** 2 + 100 * (y[:, None] - x**2) ** 2)
    return {"type": "contour", "showscale": False, "x": x.tolist(), "y": y.tolist(), "z": z.round(4).tolist()}


def path(rate: float, steps: int = 500) -> Iterator[tuple[float, float]]:
    """Path of gradient descent in that valley, with clipped gradients."""
    x, y = -1.5, 2.0
    for _ in range(steps):
        yield x, y
        u, v = -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)
        step = 2e-5 * rate / max(1, math.hypot(u, v) / 50)
        x, y = x - step * u, y - step * v


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=[plotly_route()])
