"""Problem: a small training problem, each of which shows one effect clearly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.params import Number
from schedules.core.registry import Registry
from schedules.core.spec import CitedSource, Spec
from schedules.theory.loss_laws import LossLaw
from schedules.words import Text

Seeds = npt.NDArray[np.int64]
Steps = npt.NDArray[np.int64]
Stream: TypeAlias = Callable[[int], npt.NDArray[Any]]
"""Function of n that returns the noise of the next n steps, shape (n, draws)."""


class Directions(NamedTuple):
    """A quadratic loss by eigendirections, for the theory; arrays of shape (d,).

    Either the gradient noise has a fixed variance `noise`; or each step uses a `batch` of fresh examples with label noise of
    variance `label_noise`, and the gradient noise grows with the loss.
    """

    curvature: FloatArray
    start: FloatArray
    noise: FloatArray
    batch: int = 0
    label_noise: float = 0.0


class Effort(NamedTuple):
    """Costs of the parts of a run, in microseconds on the machine where they were measured; only ratios are meaningful.

    `step`: a step, for any number of rows; `row`: a step of one row; `loss`: the loss of one row; `measurement`: a measurement,
    for any number of rows; `seen`: a measurement of one row, with stability limit, verdict and charts; `ask`: the losses that a
    feedback rule needs before a step, for any number of rows, in addition to `loss`.
    """

    step: float
    row: float
    loss: float
    measurement: float
    seen: float
    ask: float = 5


class Problem(Spec):
    """A training problem: loss, gradient and noise. It belongs to one family and derives from no problem (see `problem`).

    This class declares the facts that schedules, menus, costs and verdicts read of any problem; `AnalyticProblem` adds those of
    the engine, `NetworkProblem` those of PyTorch, `PredictedProblem` those of a loss law. A run of any family results in a
    Trace; code that evaluates traces reads the facts of the trace and the facts below, never the family.

    Class facts besides those of Spec: `noun`, the problem in the middle of a sentence; `source` of the lesson, `formula`;
    `default_steps`, `max_steps`, `default_peak`, `default_seeds`, `max_seeds` and `default_optimizer` (a slug) for a page;
    `rank`, the position in menus. `convex`; `chance`, the chance level of a network: the loss of the best constant prediction.
    `drawing`, how a run is drawn: "contour" over the first two parameters, "landscape" (a curve over the first), "decision"
    (the decision regions over the plane of the inputs), "images" or "fit" (the final predictions: under test images, or as a
    curve), or "none"; `axes`, the names of its axes;
    `start_fields`, the hyperparameters that move the start along each axis of a contour or a landscape, on which the loss does
    not depend.

    `keeps_path`: whether a trace contains the parameters at each measurement. `as_job`: whether a run takes so long that it is
    a job. `reaches_goal`: whether a run of usual length comes near the goal of convergence. `measure_every`: steps between two
    measurements of the loss, more than 1 if a measurement costs more than a step.

    `trains`: whether runs take steps; if not, their loss is predicted from the rates alone, and optimizer, seeds and feedback
    rule have their defaults. `locked_peak`: the only peak at which the problem has a loss; 0 if it has one at any.
    `default_warmup`: the warm-up in steps with which a page begins; None if it keeps that of the schedule.

    `draws`, `max_steps`, `max_seeds` and `effort` may depend on shared hyperparameters.
    """

    __slots__ = ()
    noun: ClassVar[Annotated[str, '"the bowl"']]
    source: ClassVar[CitedSource]
    formula: ClassVar[Annotated[str, r'r"f(x) = \tfrac{1}{2} x^2"']]
    default_steps: ClassVar[int] = 500
    default_peak: ClassVar[float] = 0.1
    default_seeds: ClassVar[int] = 8
    default_optimizer: ClassVar[str] = "sgd"
    convex: ClassVar[bool] = False
    drawing: ClassVar[Literal["contour", "landscape", "decision", "images", "fit", "none"]] = "none"
    axes: ClassVar[tuple[str, ...]] = ()
    start_fields: ClassVar[tuple[str, ...]] = ()
    as_job: ClassVar[bool] = False
    keeps_path: ClassVar[bool] = False
    reaches_goal: ClassVar[bool] = True
    chance: ClassVar[float] = 0.0
    measure_every: ClassVar[int] = 1
    trains: ClassVar[bool] = True
    locked_peak: ClassVar[float] = 0.0
    default_warmup: ClassVar[int | None] = None

    @property
    def kept(self) -> int:
        """Number of parameters that the engine keeps at a measurement; 0 if it does not train the problem."""
        return 0

    @property
    def label_entropy(self) -> float:
        """The entropy of the labels given the inputs, if some are wrong at random: without memorizing them no loss is lower."""
        return 0.0

    @property
    def draws(self) -> int:
        """Random numbers per step and seed in the engine."""
        return 0

    @property
    def max_steps(self) -> int:
        """Maximum number of steps on a page."""
        return 10_000

    @property
    def max_seeds(self) -> int:
        """Maximum number of seeds on a page."""
        return 128

    @property
    def effort(self) -> Effort:
        """Costs of steps and measurements; `schedules.training.cost` adds them up."""
        raise NotImplementedError

    def measured_at(self, total_steps: int) -> Steps:
        """The steps at which the loss is measured: every `measure_every` steps from 0, half of the run, and its end."""
        if self.measure_every == 1:
            return np.arange(total_steps + 1)
        every = np.arange(0, total_steps, self.measure_every)
        return np.unique(np.concatenate([every, [total_steps // 2, total_steps]]))

    def directions(self) -> Directions | None:
        """The quadratic loss by eigendirections, if it is one, for exact results; not for a batch of rows."""
        return None

    @property
    def steps_per_epoch(self) -> int | None:
        """Steps per pass over the training examples; None if there are none."""
        return None

    @classmethod
    def in_sentence(cls) -> Text:
        """The problem in the middle of a sentence; `{problem:first}` begins one with it."""
        return Text(f"{cls.key}.noun", cls.noun)

    @classmethod
    def axis_names(cls) -> tuple[Text, ...]:
        """The names of the drawing's axes."""
        return tuple(Text(f"{cls.key}.axis.{number}", name) for number, name in enumerate(cls.axes, 1))

    @property
    def ceiling(self) -> float | None:
        """The loss at the walls, which no run can exceed by much; None where there are none."""
        return None

    @classmethod
    def texts(cls) -> Iterator[Text]:
        yield from super().texts()
        yield cls.in_sentence()
        yield from (name for name in cls.axis_names() if len(name.english) > 1)


@lru_cache(maxsize=64)
def directions_of(problem: Problem) -> Directions | None:
    """The directions of a problem (see `Problem.directions`), cached, because they are read several times for each run."""
    return problem.directions()


class AnalyticProblem(Problem):
    """A problem that the engine trains with NumPy: `size` P parameters, R rows (runs times seeds) as one batch.

    A problem is written once, as for single numbers; the engine passes its hyperparameters as columns of shape (R,), so the
    same arithmetic serves one run or thousands with different settings. Only elementwise arithmetic and sums written out term
    by term are allowed, so that a row in a batch equals, bit for bit, that row alone. Hyperparameters that are `shared`, and
    choices, remain scalars: all rows of a batch have the same.

    `minimum` is the single minimum, if there is one. `slope` and `scatter` are the mean and the variance of the gradient; they
    are overridden if its noise is not linear in independent numbers of mean zero and variance one. `cells`: grid points per
    side of a contour.

    If P is large, `keeps_path` is False, and parameters are stored row by row in memory (theta.T is contiguous). Training uses
    the precision of the array that `start` returns; losses always have double precision.
    """

    __slots__ = ("_kept",)
    cells: ClassVar[int] = 50
    keeps_path: ClassVar[bool] = True

    @property
    def size(self) -> int:
        """Number of parameters, P."""
        return 1

    @property
    def kept(self) -> int:
        return self.size

    def stream(self, seed: int) -> Stream:
        """The noise of a seed as a function that returns the next n steps, shape (n, draws).

        It depends on the seed, the step and the shared hyperparameters, not on the division into blocks. Standard normal
        numbers by default.
        """
        normal = np.random.Generator(np.random.Philox(key=seed)).standard_normal
        return lambda steps: normal((steps, self.draws))

    def draw_noise(self, seed: int, steps: int) -> npt.NDArray[Any]:
        """The noise of the first steps of a seed, shape (steps, draws)."""
        return self.stream(seed)(steps)

    def start(self, seeds: Seeds) -> FloatArray:
        """Initial parameters: seeds of shape (R,) to parameters of shape (P, R)."""
        raise NotImplementedError

    def loss(self, theta: FloatArray) -> FloatArray:
        """The noise-free loss above the best attainable one, at least 0; of a network the loss itself: (P, R) to (R,)."""
        raise NotImplementedError

    def gradient(self, theta: FloatArray, noise: npt.NDArray[Any]) -> FloatArray:
        """The stochastic gradient of a step: parameters (P, R) and this step's noise (draws, R) to (P, R)."""
        raise NotImplementedError

    def gradients(self, noise: npt.NDArray[Any]) -> Callable[[FloatArray, int], FloatArray]:
        """The gradient as a function of parameters and step, for the noise of a block of steps, shape (steps, draws, R).

        A problem overrides it where a part of the work can be done for all steps at once; the results are the same.
        """
        return lambda theta, step: self.gradient(theta, noise[step])

    def slope(self, theta: FloatArray) -> FloatArray:
        """The mean of the gradient over its noise, i.e. the gradient of the loss: (P, R) to (P, R)."""
        return self.gradient(theta, np.zeros((self.draws, *theta.shape[1:])))

    def scatter(self, theta: FloatArray) -> FloatArray:
        """The expected squared distance between a step's gradient and its mean: (P, R) to (R,)."""
        mean, total = self.slope(theta), np.zeros(theta.shape[1:])
        for draw in range(self.draws):
            noise = np.zeros((self.draws, *theta.shape[1:]))
            noise[draw] = 1
            total += ((self.gradient(theta, noise) - mean) ** 2).sum(axis=0)
        return total

    def minimum(self) -> FloatArray | None:
        """The minimum, shape (P,), or (P, R) if it differs between rows; None if it is not unique."""
        return None

    def in_deepest_basin(self, theta: FloatArray) -> npt.NDArray[np.bool_] | None:
        """True where parameters are in the basin of the deepest minimum: (P, ...) to (...); None if basins are not known."""
        return None

    def confine(self, theta: FloatArray) -> None:
        """Keep the parameters inside the problem's domain, in place, after each step; does nothing by default."""

    def curvature(self, theta: FloatArray) -> FloatArray:
        """The largest absolute eigenvalue of the Hessian of the loss: (P, R) to (R,)."""
        raise NotImplementedError

    def once(self, name: str, make: Callable[[], FloatArray]) -> FloatArray:
        """The result of `make`, cached under this name; for values that every step needs."""
        kept: dict[str, FloatArray] | None = getattr(self, "_kept", None)
        if kept is None:
            kept = {}
            object.__setattr__(self, "_kept", kept)
        if name not in kept:
            kept[name] = make()
        return kept[name]

    def noise_key(self) -> Self:
        """This problem with all per-row hyperparameters reset to defaults. Noise may depend on nothing else."""
        return type(self)(**{p.name: getattr(self, p.name) for p in self.params if not isinstance(p, Number) or p.shared})

    def examples(self) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        """The training examples of a "decision" drawing: inputs (N, 2) and labels (N,)."""
        raise NotImplementedError

    def chance_of(self, theta: npt.NDArray[Any], inputs: FloatArray) -> FloatArray:
        """The probabilities of True for a "decision" drawing: parameters (P, R) and inputs (N, 2) to (R, N)."""
        raise NotImplementedError

    def extent(self) -> tuple[tuple[float, float], ...]:
        """The ranges of the drawing's axes: (low, high) for x, and for y if the drawing is a contour."""
        raise NotImplementedError


class NetworkProblem(Problem):
    """A network that PyTorch trains, one seed at a time, as a job; the network is in the file of its slug in `training/nets`.

    `sharpness_every`: steps between two measurements of the sharpness; 0 if it is measured on request only.
    """

    __slots__ = ()
    as_job: ClassVar[bool] = True
    reaches_goal: ClassVar[bool] = False
    sharpness_every: ClassVar[int] = 0

    @property
    def size(self) -> int:
        """Number of parameters, P."""
        return 1


class PredictedProblem(Problem):
    """A model that is not trained: a law predicts its loss from the rates; see `schedules.training.predicted`."""

    __slots__ = ()
    trains: ClassVar[bool] = False
    reaches_goal: ClassVar[bool] = False
    default_seeds: ClassVar[int] = 1

    @property
    def max_seeds(self) -> int:
        return 1

    @property
    def law(self) -> LossLaw:
        """The law, with its measured errors."""
        raise NotImplementedError


FAMILIES = (AnalyticProblem, NetworkProblem, PredictedProblem)


def analytic(problem: Problem) -> AnalyticProblem:
    """Return the problem if the engine trains it; otherwise raise ValueError."""
    if not isinstance(problem, AnalyticProblem):
        kind = "a network" if isinstance(problem, NetworkProblem) else "only predicted"
        raise ValueError(f"Run.problem: {problem.title} is {kind}, which simulate() does not train")
    return problem


def predicted(problem: Problem) -> PredictedProblem:
    """Return the problem if a law predicts its loss; otherwise raise ValueError."""
    if not isinstance(problem, PredictedProblem):
        raise ValueError(f"Run.problem: {problem.title} is trained; predict() is for problems with a loss law")
    return problem


def network(problem: Problem) -> NetworkProblem:
    """Return the problem if PyTorch trains it; otherwise raise ValueError."""
    if not isinstance(problem, NetworkProblem):
        raise ValueError(f"Run.problem: {problem.title} is not a network; train() trains only networks")
    return problem


PROBLEMS: Registry[Problem] = Registry("problem")
P = TypeVar("P", bound=Problem)


def problem(cls: type[P]) -> type[P]:
    """Declare a problem: its file's name becomes its slug. It derives from a family, never from another problem."""
    if not issubclass(cls, FAMILIES):
        raise TypeError(f"{cls.__name__} belongs to no family of problems: write e.g. class {cls.__name__}(AnalyticProblem)")
    for base in cls.__mro__[1:]:
        if base in PROBLEMS.values():
            raise TypeError(f"{cls.__name__} derives from {base.__name__}, a problem: move shared code to a common base class")
    return PROBLEMS.add(cls)
