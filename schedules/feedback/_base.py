"""Feedback: a rule that looks at the loss and acts on the rate that the schedule has planned."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, NamedTuple, TypeVar, dataclass_transform

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import choice, count, number, ratio, span, spans, switch
from schedules.core.registry import Registry
from schedules.core.spec import CitedSource, Spec


class Seen(NamedTuple):
    """What a rule sees before a step: `step`, how many updates are behind; `loss`, above the best one and without noise; and
    `squared`, the squared length of the gradient that the step will use. Arrays of shape (R,)."""

    step: int
    loss: FloatArray
    squared: FloatArray


class Feedback(Spec):
    """A rule with one state a row. It is no function of time, so it is no policy; warm-up and decay still apply under it.

    Inside the engine its hyperparameters are columns of shape (R,), and nothing mixes rows. Class facts beside those of Spec:
    `source`, `formula`, `rank` (place in menus), `acts` (False for the rule that does nothing) and `slots`, the numbers a row
    remembers, each with its value before the first step.
    """

    __slots__ = ()
    source: ClassVar[CitedSource]
    formula: ClassVar[Annotated[str, r'r"\eta \leftarrow \gamma\,\eta"']]
    acts: ClassVar[bool] = True
    names: ClassVar[tuple[str, ...]] = ()
    slots: ClassVar[dict[str, float]] = {}

    def begin(self, rows: int) -> FloatArray:
        """The state before the first step, shape (slots, rows)."""
        return np.repeat(np.array([*self.slots.values()], dtype=np.float64)[:, None], rows, axis=1)

    @abstractmethod
    def rate(self, planned: FloatArray, state: FloatArray, seen: Seen) -> tuple[FloatArray, FloatArray]:
        """The rate that the next step uses.

        Args:
            planned: what the schedule says, shape (R,).
            state: shape (slots, R), not changed.
            seen: what happened until now.

        Returns:
            the rates, shape (R,), and the new state.
        """


FEEDBACK: Registry[Feedback] = Registry("feedback")
F = TypeVar("F", bound=Feedback)


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(ratio, span, count, number, choice, spans, switch)
)
def feedback(cls: type[F]) -> type[F]:
    """Declare a feedback rule: its file's name becomes its slug."""
    return FEEDBACK.add(cls)
