from __future__ import annotations

from functools import lru_cache

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.problems._base import AnalyticProblem, Effort, Seeds, problem


@problem
class Valley(AnalyticProblem):
    """A curved valley, steep where training starts and flat further along, where warm-up is decisive.

    On its floor uv = 1 the curvature is u^2 + v^2: 16 near the start at u = 4, 2 at the flattest point. A rate above
    4 / curvature at the start throws the weights out of the valley for good. A rate that rises slowly past 2 / curvature makes
    the weights oscillate, and the oscillation pushes them along the valley to where it is flatter and the same peak is stable
    (see also Kalra & Barkeshli 2024, arXiv:2406.09405). A flatter start, u = 2, needs no warm-up: initialization and warm-up
    solve the same problem. The reward for a large rate is w, a flat direction in which a small rate does not get to the end.

    Warm-up is decisive here because the curvature changes along the way; on a bowl it does not. At a constant rate that is
    stable from the start, it only costs steps. And noise helps it: without any, the weights settle where the valley is steep,
    the oscillation starts late, and only a far longer warm-up saves the run.
    """

    title = "Valley"
    noun = "the valley"
    source = Source(
        "Gilmer et al.", 2021, "A Loss Curvature Perspective on Training Instability in Deep Learning", "arXiv:2110.04369"
    )
    formula = r"f(u, v, w) = \tfrac{1}{2}\,(u v - 1 - s\,\xi)^2 + \tfrac{\mu}{2}\, w^2, \quad \mu = 0.02"
    rank = 2
    size = 3
    draws = 1
    default_steps = 400
    default_peak = 0.5
    drawing = "contour"
    cells = 80  # many, because the floor is narrow; no slider changes the surface
    axes = ("u", "v")
    start_fields = ("start_u", "start_v")

    start_u: float = number(
        default=4, low=-1.4, high=5.4, symbol="u_0", label="Start u",
        doc="Start along the valley; from 2 on the curvature there is about its square.",
    )  # fmt: skip
    start_v: float = number(
        default=0, low=-1.4, high=1.4, symbol="v_0", label="Start v", more=True,
        doc="Start across the valley; each seed starts up to 0.3 away from it.",
    )  # fmt: skip
    noise: float = number(
        default=0.1, low=0, high=0.5, symbol="s", label="Target noise",
        doc="Standard deviation of the noise in the target that uv should meet.",
    )  # fmt: skip

    FLAT = 0.02

    @property
    def effort(self) -> Effort:
        return Effort(step=5.1, row=0.04, loss=0.01, measurement=0.7, seen=0.025)

    def start(self, seeds: Seeds) -> FloatArray:
        first = np.array([_start_v(seed) for seed in seeds.tolist()])
        return np.stack([self.start_u + 0.0 * seeds, self.start_v + first, 1.0 + 0.0 * seeds])

    def loss(self, theta: FloatArray) -> FloatArray:
        u, v, w = theta
        miss = u * v - 1
        return np.asarray(0.5 * (miss * miss + self.FLAT * w * w))

    def gradient(self, theta: FloatArray, noise: FloatArray) -> FloatArray:
        u, v, w = theta
        miss = u * v - 1 - self.noise * noise[0]
        slope = np.empty_like(theta)
        slope[0], slope[1], slope[2] = miss * v, miss * u, self.FLAT * w
        return slope

    def curvature(self, theta: FloatArray) -> FloatArray:
        u, v, _ = theta
        mean, half = 0.5 * (u * u + v * v), 0.5 * (u * u - v * v)
        return np.asarray(np.maximum(mean + np.hypot(half, 2 * u * v - 1), self.FLAT))

    def extent(self) -> tuple[tuple[float, float], ...]:
        return (-1.5, 5.5), (-1.8, 1.8)


@lru_cache(maxsize=4_096)
def _start_v(seed: int) -> float:
    """A seed's initial v, uniform in +-0.3. The key's second word separates it from the seed's noise."""
    return float(np.random.Generator(np.random.Philox(key=seed + (1 << 64))).uniform(-0.3, 0.3))
