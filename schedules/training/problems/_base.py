"""Problem: something small to train on, where one lesson is visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal, TypeVar, dataclass_transform

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.params import choice, count, number, ratio, span, spans, switch
from schedules.core.registry import Registry
from schedules.core.spec import Source, Spec

Seeds = npt.NDArray[np.int64]


class Problem(Spec):
    """A toy problem, batched: P parameters, R rows (runs times seeds) side by side.

    A problem is written once, for single numbers; the engine hands it its own hyperparameters as columns of shape (R,), so the
    same arithmetic serves one run and thousands, each row its own setting. Only elementwise arithmetic and sums written out
    term by term are allowed in it: then a row in a crowd is the same, bit for bit, as that row alone.

    Class facts beside those of Spec: `source` of the lesson; `size` P; `draws`, the normal numbers each step needs;
    `default_steps`, `max_steps`, `default_peak` and `default_seeds` for a page; `convex`; `drawing`, how the path is drawn:
    "contour" over the first two parameters, "landscape" (a curve over the first), or "none"; `axes`, names of what the drawing
    shows; `rank`, its place in menus; `net`, whether it is a network trained by PyTorch, and for one of these `chance`, the
    loss of guessing: of the same answer to everything.
    """

    __slots__ = ("_kept",)
    _kept: dict[str, FloatArray]
    source: ClassVar[Source]
    formula: ClassVar[str] = ""
    size: ClassVar[int] = 1
    draws: ClassVar[int] = 0
    default_steps: ClassVar[int] = 500
    max_steps: ClassVar[int] = 5_000
    default_peak: ClassVar[float] = 0.1
    default_seeds: ClassVar[int] = 8
    convex: ClassVar[bool] = False
    drawing: ClassVar[Literal["contour", "landscape", "none"]] = "none"
    axes: ClassVar[tuple[str, ...]] = ()
    rank: ClassVar[int] = 100
    net: ClassVar[bool] = False
    chance: ClassVar[float] = 0.0

    def start(self, seeds: Seeds) -> FloatArray:
        """Where each row starts: seeds of shape (R,) to parameters of shape (P, R)."""
        raise NotImplementedError

    def loss(self, theta: FloatArray) -> FloatArray:
        """The loss without noise, above the best attainable one: (P, R) to (R,). Zero is the best."""
        raise NotImplementedError

    def gradient(self, theta: FloatArray, noise: FloatArray) -> FloatArray:
        """The gradient that a step uses: parameters (P, R) and this step's normal numbers (draws, R) to (P, R)."""
        raise NotImplementedError

    def confine(self, theta: FloatArray) -> None:
        """Keep the parameters inside the problem's domain, in place, after each step. Most problems have no walls."""

    def curvature(self, theta: FloatArray) -> FloatArray:
        """The largest eigenvalue of the Hessian of the loss, in absolute value: (P, R) to (R,)."""
        raise NotImplementedError

    def once(self, name: str, make: Callable[[], FloatArray]) -> FloatArray:
        """What `make` gives, made when it is first asked for under this name: for what every step needs and none changes."""
        if not hasattr(self, "_kept"):
            object.__setattr__(self, "_kept", {})
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    @property
    def steps_per_epoch(self) -> int | None:
        """Steps that see every example once; None where there are no examples."""
        return None

    def view(self) -> tuple[tuple[float, float], ...]:
        """What the drawing shows of each of its axes: (low, high) for x, and for y where the drawing is a contour."""
        raise NotImplementedError


PROBLEMS: Registry[Problem] = Registry("problem")
P = TypeVar("P", bound=Problem)


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(ratio, span, count, number, choice, spans, switch)
)
def problem(cls: type[P]) -> type[P]:
    """Declare a problem: its file's name becomes its slug."""
    return PROBLEMS.add(cls)
