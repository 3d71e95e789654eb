"""Feedback: a rule that measures the loss and changes the scheduled rate."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, NamedTuple, TypeVar

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.registry import Registry
from schedules.core.spec import CitedSource, Spec


class Seen(NamedTuple):
    """A rule's input before a step: `step`, the number of updates so far; `loss`, the noise-free loss above the best one;
    `squared`, the squared norm of the gradient of this step. Arrays have shape (R,), one entry per row of the batch of runs.
    """

    step: int
    loss: FloatArray
    squared: FloatArray


class Feedback(Spec):
    """A rule with a state for each row. It is not a function of time, hence no policy; warm-up and decay still apply.

    In the engine its hyperparameters are arrays of shape (R,), and rows do not interact. Class facts besides those of Spec:
    `source`, `formula`, `rank` (position in menus), `acts` (False for the rule that changes nothing) and `slots`, which maps
    the names of the state variables to their initial values.
    """

    __slots__ = ()
    source: ClassVar[CitedSource]
    formula: ClassVar[Annotated[str, r'r"\eta \leftarrow \gamma\,\eta"']]
    acts: ClassVar[bool] = True
    names: ClassVar[tuple[str, ...]] = ()
    slots: ClassVar[dict[str, float]] = {}

    def begin(self, rows: int) -> FloatArray:
        """The initial state, shape (slots, rows)."""
        return np.repeat(np.array([*self.slots.values()], dtype=np.float64)[:, None], rows, axis=1)

    @abstractmethod
    def rate(self, planned: FloatArray, state: FloatArray, seen: Seen) -> tuple[FloatArray, FloatArray]:
        """Compute the rate of the next step.

        Args:
            planned: the scheduled rate, shape (R,).
            state: shape (slots, R), not modified.
            seen: measurements before this step.

        Returns:
            the rates, shape (R,), and the new state.
        """


FEEDBACK: Registry[Feedback] = Registry("feedback")
F = TypeVar("F", bound=Feedback)


def feedback(cls: type[F]) -> type[F]:
    """Class decorator that registers a feedback rule; its slug is the name of its file."""
    return FEEDBACK.add(cls)
