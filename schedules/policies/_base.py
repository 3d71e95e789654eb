"""Policy: a shape without units, and the registry of all of them."""

from __future__ import annotations

from abc import abstractmethod
from enum import Enum
from typing import Annotated, ClassVar, TypeVar, dataclass_transform

from schedules.core.numbers import FloatArray
from schedules.core.params import choice, count, knots, number, ratio, span, spans, switch
from schedules.core.registry import Registry
from schedules.core.spec import CitedSource, Spec


class Family(Enum):
    """What a policy does with the rate over the run."""

    CONSTANT = "constant"
    DECAY = "decay"
    STEPS = "steps"
    CYCLES = "cycles"
    RISE = "rise"


class Policy(Spec):
    """A dimensionless shape: time to a multiplier of the peak rate.

    Class facts beside those of Spec: `family`, `source`, `formula` (LaTeX, with the symbols of the hyperparameters), `variants`
    (more of it, where one formula for every choice would be hard to read), `anytime` (the shape ignores the length of the run),
    `rank` (place in menus; the nine policies of the chapter come first) and `names` (what libraries call it).
    """

    __slots__ = ()
    family: ClassVar[Annotated[Family, "Family.DECAY"]]
    source: ClassVar[CitedSource]
    formula: ClassVar[Annotated[str, r'r"1 - t / T"']]
    variants: ClassVar[str] = ""
    anytime: ClassVar[bool] = False
    names: ClassVar[Annotated[tuple[str, ...], '("CosineAnnealingLR", "cosine")']]

    @abstractmethod
    def factor(self, t: FloatArray, T: int) -> FloatArray:
        """The multiplier of the peak rate, within [0, 1] and finite for every t >= 0.

        Args:
            t: updates since the end of warm-up, any shape, real numbers.
            T: updates that belong to the policy, at least 1.

        Returns:
            an array of the shape of `t`.
        """

    def cycle_ends(self, T: int) -> tuple[int, ...]:
        """The updates since the end of warm-up, among 1 ... T, after which a cycle is complete: none where there are no cycles.

        The weights of these moments are worth keeping: the rate is low, and starts to rise with the next update.
        """
        return ()


POLICIES: Registry[Policy] = Registry("policy")
P = TypeVar("P", bound=Policy)


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(ratio, span, count, number, choice, spans, knots, switch)
)
def policy(cls: type[P]) -> type[P]:
    """Declare a policy: its file's name becomes its slug."""
    return POLICIES.add(cls)
