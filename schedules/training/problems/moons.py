from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.params import number
from schedules.core.spec import Source
from schedules.training.problems._base import AnalyticProblem, Effort, Seeds, Stream, problem

Array: TypeAlias = npt.NDArray[Any]  # float32 in training

POINTS = 256
"""Number of points, half of them in each moon."""
WIDTH = 32
LAYERS = ((2, WIDTH), (WIDTH, WIDTH), (WIDTH, 1))
"""Inputs and outputs of each layer."""
CACHE = 400_000
"""Bytes of one layer's outputs that are processed together; they stay in the processor's cache between layers."""


class Layer(NamedTuple):
    """Weights (R, inputs, outputs), biases (R, 1, outputs) of R networks, and `both` stacked along the inputs; views of their
    parameters.
    """

    weights: Array
    offsets: Array
    both: Array


class Data(NamedTuple):
    """The points, shape (POINTS, 3), and the label of each, 0 or 1, shape (POINTS, 1).

    The third coordinate is 1, so that the first layer's biases are weights and cost nothing extra.
    """

    points: Array
    labels: Array


@problem
class Moons(AnalyticProblem):
    """A small network learns to tell two interleaved half moons apart.

    Two hidden layers of 32 tanh units, trained on 256 points in batches; the picture shows the network's output over the plane.
    Each seed has its own initial weights and its own order of the points. With momentum 0.9 and a rate of 0.001 the border
    between the moons is still nearly straight after 300 steps, and one point in eight is on its wrong side. At a constant rate
    the border keeps moving: at its best peak the loss ends four to five times as high as that of a cosine at its own. Tanh
    units saturate, so nothing overflows: at a far too high rate the loss stays high instead of growing.

    Some labels may be wrong. A point with a wrong label costs the most where the network is most certain, and a low rate late
    in the run lets the network bend its border around single points: a lower training loss then is no better border.
    """

    title = "Two moons"
    noun = "the moons network"
    source = Source("Pedregosa et al.", 2011, "Scikit-learn: Machine Learning in Python", "JMLR 12, pages 2825-2830")
    formula = (
        r"f(\theta) = \tfrac{1}{n}\,\textstyle\sum_i \log\bigl(1 + e^{-s_i z_\theta(x_i)}\bigr), \quad s_i = \pm 1, \quad "
        r"z_\theta = A_3 \circ \tanh \circ A_2 \circ \tanh \circ A_1"
    )
    rank = 7
    size = sum((inputs + 1) * outputs for inputs, outputs in LAYERS)
    default_steps = 300
    max_steps = 1_500
    default_peak = 0.5
    default_optimizer = "momentum"
    default_seeds = 8
    chance = math.log(2)
    measure_every = 10
    keeps_path = False
    drawing = "decision"
    axes = ("x", "y")

    spread: float = number(
        default=0.15, low=0, high=0.5, symbol=r"\sigma", label="Spread of the points", shared=True,
        doc="Standard deviation of each point's distance from its moon: above about 0.25 the moons run into each other.",
    )  # fmt: skip
    flipped: float = number(
        default=0, low=0, high=0.4, symbol=r"\rho", label="Wrong labels", shared=True,
        doc="Share of the points that are labeled as of the other moon.",
    )  # fmt: skip
    scale: float = number(
        default=1, low=0.1, high=5, scale="log", symbol="s", label="Scale of the start", more=True,
        doc="Size of the first weights, in units of 1 over the root of each layer's inputs.",
    )  # fmt: skip
    batch: int = number(
        default=32, low=4, high=128, scale="log", integer=True, symbol="B", unit="points", label="Batch size", shared=True,
        doc="Points in each step: fewer make the gradient noisier, and an epoch longer.", more=True,
    )  # fmt: skip

    @property
    def label_entropy(self) -> float:
        share = round(self.flipped * POINTS) / POINTS
        return -sum(p * math.log(p) for p in (share, 1 - share) if p > 0)

    @property
    def draws(self) -> int:
        return self.batch

    @property
    def max_seeds(self) -> int:
        return min(32, 1_024 // self.batch)  # limits the waiting time

    @property
    def steps_per_epoch(self) -> int:
        return POINTS // self.batch  # incomplete batches are dropped

    @property
    def effort(self) -> Effort:
        row = 0.5 + 0.13 * self.batch + 9e-4 * self.batch**2  # large batches fit into the cache less well
        return Effort(step=32, row=row, loss=17, measurement=820, seen=19, ask=100)

    def stream(self, seed: int) -> Stream:
        """The indices of the points in each batch; every epoch uses all of them in a new order."""
        permuted = np.random.Generator(np.random.Philox(key=[seed, 1])).permuted
        ready = np.empty((0, self.batch), dtype=np.int64)

        def following(steps: int) -> npt.NDArray[np.int64]:
            nonlocal ready
            epochs = max(0, -(-(steps - len(ready)) // self.steps_per_epoch))
            order = permuted(np.tile(np.arange(POINTS), (epochs, 1)), axis=1)
            new = order[:, : self.steps_per_epoch * self.batch].reshape(-1, self.batch)
            block, ready = np.split(np.concatenate([ready, new]), [steps])
            return block

        return following

    def start(self, seeds: Seeds) -> FloatArray:
        rows: Array = np.empty((len(seeds), self.size), dtype=np.float32)
        for row, seed in zip(rows, seeds.tolist(), strict=True):
            np.random.Generator(np.random.Philox(key=[seed, 0])).standard_normal(dtype=np.float32, out=row)
        for (inputs, _), layer in zip(LAYERS, _layers(rows), strict=True):
            size = np.asarray(self.scale / math.sqrt(inputs), dtype=np.float32)
            np.multiply(layer.weights, size.reshape(-1, 1, 1), out=layer.weights)
            layer.offsets[:] = 0
        return rows.T

    def loss(self, theta: FloatArray) -> FloatArray:
        data = moons(self.spread, self.flipped)
        signs, room = 1 - 2 * data.labels, self._room(theta, POINTS)
        total = np.empty(theta.shape[1])
        for rows in _chunks(theta.shape[1], POINTS):
            wrong = signs * scores(theta[:, rows], data.points, room)
            each = np.maximum(wrong, 0) + np.log1p(np.exp(-np.abs(wrong)))  # log(1 + exp(wrong)), without overflow
            total[rows] = each[:, :, 0].astype(np.float64).sum(axis=1)
        return total / POINTS

    def gradient(self, theta: FloatArray, noise: npt.NDArray[Any]) -> FloatArray:
        data, room = moons(self.spread, self.flipped), self._room(theta, len(noise))
        slope = np.empty(theta.T.shape, dtype=theta.dtype)
        for rows in _chunks(theta.shape[1], len(noise)):
            batch = noise[:, rows].T
            _backward(theta.T[rows], data.points[batch], data.labels[batch], slope[rows], room)
        return slope.T

    def slope(self, theta: FloatArray) -> FloatArray:
        data, room = moons(self.spread, self.flipped), self._room(theta, POINTS)
        slope = np.empty(theta.T.shape, dtype=theta.dtype)
        for rows in _chunks(theta.shape[1], POINTS):
            _backward(theta.T[rows], data.points[None], data.labels[None], slope[rows], room)
        return slope.T

    def _room(self, theta: Array, points: int) -> Array:
        """Buffer for four layers of a chunk of networks, shape (4, rows, points, WIDTH), reused because allocation is slow."""
        rows = next(_chunks(theta.shape[1], points))
        shape = (4, min(rows.stop, theta.shape[1]), points, WIDTH)
        return self.once(f"{shape} {theta.dtype.char}", lambda: np.empty(shape, dtype=theta.dtype))

    def examples(self) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        data = moons(self.spread, self.flipped)
        return data.points[:, :2].astype(np.float64), data.labels[:, 0] > 0

    def chance_of(self, theta: Array, inputs: FloatArray) -> FloatArray:
        points = np.pad(inputs, ((0, 0), (0, 1)), constant_values=1).astype(theta.dtype)
        return np.asarray(0.5 + 0.5 * np.tanh(0.5 * scores(theta, points)[:, :, 0].astype(np.float64)))

    def extent(self) -> tuple[tuple[float, float], ...]:
        return ((-1.6, 2.6), (-1.1, 1.6))


@lru_cache(maxsize=16)
def moons(spread: float, flipped: float) -> Data:
    """The points and their labels: the same for all seeds."""
    rng = np.random.Generator(np.random.Philox(key=0))
    half = POINTS // 2
    angle = np.pi * rng.uniform(size=(2, half))
    upper = np.stack([np.cos(angle[0]), np.sin(angle[0])], axis=1)
    lower = np.stack([1 - np.cos(angle[1]), 0.5 - np.sin(angle[1])], axis=1)
    points = np.concatenate([upper, lower]) + spread * rng.standard_normal((POINTS, 2))
    wrong = rng.permutation(POINTS) < round(flipped * POINTS)
    labels = (np.arange(POINTS) >= half) ^ wrong
    points = np.pad(points, ((0, 0), (0, 1)), constant_values=1)
    return Data(points.astype(np.float32), labels[:, None].astype(np.float32))


def scores(theta: Array, points: Array, room: Array | None = None) -> Array:
    """The score of each point in each network, positive for the second moon: (P, R) and (N, 3) to (R, N, 1)."""
    if room is None:
        room = np.empty((2, theta.shape[1], len(points), WIDTH), dtype=theta.dtype)
    layers = (*_layers(theta.T),)
    _, late = _forward(layers, points, room)
    output: Array = late @ layers[2].weights
    output += layers[2].offsets
    return output


def _forward(layers: Sequence[Layer], points: Array, room: Array) -> tuple[Array, Array]:
    """The outputs of the two hidden layers, each (R, N, WIDTH), written into `room`."""
    first, second, last = layers
    early, late = room[:2, : len(last.weights)]
    np.matmul(points, first.both, out=early)
    np.tanh(early, out=early)
    np.matmul(early, second.weights, out=late)
    late += second.offsets
    np.tanh(late, out=late)
    return early, late


def _backward(parameters: Array, points: Array, labels: Array, slope: Array, room: Array) -> None:
    """Write the gradient of each network's mean loss, (R, P), into `slope`, for points (R, B, 3) and labels (R, B, 1).

    Only matrix products per row are used, so that a row of a batch equals the same row alone; sums over the examples are
    products with ones.
    """
    _, second, last = layers = (*_layers(parameters),)
    ones = np.ones((1, points.shape[1]), dtype=parameters.dtype)
    early, late = _forward(layers, points, room)
    output = late @ last.weights
    output += last.offsets
    output *= 0.5
    np.tanh(output, out=output)  # the logistic function by tanh, without overflow
    output *= 0.5
    output += 0.5
    output -= labels
    output /= points.shape[1]
    pull, (to_first, to_second, to_last) = output, _layers(slope)
    for before, now, to, back in ((late, last, to_last, room[2]), (early, second, to_second, room[3])):
        np.matmul(before.transpose(0, 2, 1), pull, out=to.weights)
        np.matmul(ones, pull, out=to.offsets)
        across = now.weights.transpose(0, 2, 1)
        pull = (np.multiply if across.shape[1] == 1 else np.matmul)(pull, across, out=back[: len(pull)])
        np.multiply(before, before, out=before)
        np.subtract(1, before, out=before)
        pull *= before
    np.matmul(points.transpose(0, 2, 1), pull, out=to_first.both)


def _layers(parameters: Array) -> Iterator[Layer]:
    """The layers of R networks as views of their parameters, shape (R, P), each row contiguous."""
    start = 0
    for inputs, outputs in LAYERS:
        middle, end = start + inputs * outputs, start + (inputs + 1) * outputs
        weights, offsets = parameters[:, start:middle], parameters[:, middle:end]
        both = parameters[:, start:end].reshape(-1, inputs + 1, outputs)
        yield Layer(weights.reshape(-1, inputs, outputs), offsets.reshape(-1, 1, outputs), both)
        start = end


def _chunks(rows: int, points: int) -> Iterator[slice]:
    """Slices of rows such that one layer's outputs fit into the cache."""
    most = max(1, CACHE // (4 * points * WIDTH))
    return (slice(start, start + most) for start in range(0, rows, most))
