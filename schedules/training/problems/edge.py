from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.spec import Source
from schedules.training.problems._base import Effort, NetworkProblem, problem

WIDTH = 24


def points() -> tuple[FloatArray, FloatArray]:
    """The training points: 20 inputs and targets, shape (20,) each."""
    x = np.linspace(-1, 1, 20)
    return x, 4 * x**3 - 3 * x


def inputs() -> FloatArray:
    """The inputs at which the fitted curve is kept at the end, shape (81,)."""
    return np.linspace(-1, 1, 81)


@problem
class Edge(NetworkProblem):
    """A small tanh network fits 20 points of a cubic, and its sharpness climbs to 2 over the rate.

    Two hidden layers of 24 units, half the mean squared error, and every step uses all 20 points: there is no noise. While the
    loss falls, the sharpness rises until it reaches 2 / rate, where gradient descent on a bowl would stop converging. There it
    stays: if it is a little above, the loss jumps up, which moves the weights to where the loss is flatter; if it is a little
    below, it rises again. So the limit on the rate chart comes down to the rate and follows it, up and down. At rates of
    0.2 and 0.3 two fifths to a half of the steps then raise the loss, and yet it falls in the long run.

    Over the second half of 1,000 steps the median of sharpness x rate / 2 is 0.94 to 1.04 at rates of 0.1, 0.2 and 0.3, for
    each of five seeds; at 0.02 it is below 0.2, because the run is too short for the sharpness to rise. At 0.5 two seeds in
    five diverge, at 0.8 all of them.
    """

    title = "Edge of stability"
    noun = "the edge-of-stability network"
    source = Source(
        "Cohen et al.",
        2021,
        "Gradient Descent on Neural Networks Typically Occurs at the Edge of Stability",
        "arXiv:2103.00065",
    )
    formula = r"f(\theta) = \tfrac{1}{2n}\,\textstyle\sum_i (p_\theta(x_i) - y_i)^2, \quad y = 4x^3 - 3x"
    rank = 43
    size = 673
    default_steps = 1_000
    max_steps = 4_000
    default_peak = 0.2
    default_seeds = 4
    drawing = "fit"
    chance = float(0.5 * np.var(points()[1]))
    sharpness_every = 5

    @property
    def effort(self) -> Effort:
        return Effort(step=0, row=245, loss=32, measurement=0, seen=32)
