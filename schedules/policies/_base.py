"""Policy: a shape without units, and the registry of policies."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from schedules.core.numbers import FloatArray, format_number
from schedules.core.params import Number, number
from schedules.core.registry import Registry
from schedules.core.spec import CitedSource, Spec


class Family(Enum):
    """Course of the rate over the run, by which the page Schedules groups policies."""

    CONSTANT = "constant"
    DECAY = "decay"
    STEPS = "steps"
    CYCLES = "cycles"
    RISE = "rise"


class WorkedPart(NamedTuple):
    """Arithmetic with {t}, the updates since the end of the warm-up, that gives the rate from `first` to before `end`."""

    text: str
    first: float
    end: float


class Policy(Spec):
    """A dimensionless shape: a function from time to a multiplier of the peak rate.

    Class facts besides those of Spec: `family`, `source`, `formula` (LaTeX, with the symbols of the hyperparameters),
    `variants` (further formulas, where one for every option would be hard to read), `anytime` (the shape does not depend on the
    length of the run), `cycles_momentum` (libraries move the momentum with the rate; here it stays), `rank` (position in menus;
    the nine policies of the chapter come first) and `names` (its names in libraries).
    """

    __slots__ = ()
    family: ClassVar[Annotated[Family, "Family.DECAY"]]
    source: ClassVar[CitedSource]
    formula: ClassVar[Annotated[str, r'r"1 - t / T"']]
    variants: ClassVar[str] = ""
    anytime: ClassVar[bool] = False
    cycles_momentum: ClassVar[bool] = False
    names: ClassVar[Annotated[tuple[str, ...], '("CosineAnnealingLR", "cosine")']]

    @abstractmethod
    def factor(self, t: FloatArray, T: int) -> FloatArray:
        """The multiplier of the peak rate, in [0, 1] and finite for every t >= 0.

        Args:
            t: updates since the end of the warm-up; real numbers, any shape.
            T: updates that belong to the policy, at least 1.

        Returns:
            an array of the shape of `t`.
        """

    @property
    def shown_formula(self) -> str:
        """The formula at the present values of the fields, without those that change nothing there."""
        return self.formula

    def worked(self, peak: float, T: int) -> str:
        """The rate after {t} updates, written with the numbers of these fields; empty where that would be too long to read.

        Args:
            peak: the peak rate.
            T: updates that belong to the policy.

        Returns:
            arithmetic with ×, /, ^, π and functions, in which {t} stands for the updates since the end of the warm-up.
        """
        return ""

    def worked_parts(self, peak: float, T: int) -> tuple[WorkedPart, ...]:
        """The formula of `worked` by cases, for policies with one formula in each cycle or phase; empty if there is none."""
        text = self.worked(peak, T)
        return (WorkedPart(text, 0, T),) if text else ()

    @property
    def factors_per_update(self) -> tuple[str, ...]:
        """Names of the fields that multiply the rate at every update."""
        return ()

    def cycle_ends(self, T: int) -> tuple[int, ...]:
        """Updates since the end of the warm-up, in 1 ... T, at which a cycle is complete; empty for a policy without cycles.

        The weights at these times are good to keep: the rate is low, and rises with the next update.
        """
        return ()


def over_floor(floor: float, curve: str) -> str:
    """The formula of a curve that is bent to end at the floor; the curve itself if there is none."""
    return rf"\phi + (1 - \phi)\,{curve}" if floor else curve


def worked_over_floor(peak: float, floor: float, curve: str, height: float = 1.0) -> str:
    """The rate on such a curve, with numbers; `height` is what the curve is multiplied by."""
    return worked_between(peak * floor, peak, curve, height)


def worked_between(low: float, high: float, curve: str, height: float = 1.0) -> str:
    """The rate on a curve that leads from one rate to another one, with numbers."""
    size = f"{shown(abs(high - low) * height)} × {curve}"
    if high < low:
        return f"{shown(low)} - {size}"
    return f"{shown(low)} + {size}" if low else size


def since(start: float) -> str:
    """The updates since the start of a cycle or phase, with {t}."""
    return f"({{t}} - {shown(start, 6)})" if start else "{t}"


def until(end: float) -> str:
    """The updates until the end of a cycle or phase, with {t}."""
    return f"({shown(end, 6)} - {{t}})"


def worked_cases(parts: Iterable[tuple[str, float, float]], T: int) -> tuple[WorkedPart, ...]:
    """The parts of a formula by cases that are not empty in 0 ... T; none if more than `MOST_PARTS` would be needed."""
    cut = islice((WorkedPart(text, max(0.0, first), min(end, T)) for text, first, end in parts), MOST_PARTS + 1)
    found = tuple(part for part in cut if part.end > part.first)
    return found if found and found[-1].end == T and len(found) <= MOST_PARTS else ()


MOST_PARTS = 128
"""Most parts of a formula by cases; the page gets all of them with each move of a slider."""


def shown(value: float, digits: int = 4) -> str:
    """A number in arithmetic on screen."""
    return format_number(value, digits)


def power_of_time() -> Any:
    """Declare the power of time in decays of (t / T)^k, timm's `k_decay`."""
    return number(
        default=1.0,
        low=0.1,
        high=10,
        scale="log",
        symbol="k",
        label="Power of time",
        doc="Above 1 the rate stays high for longer, below 1 it falls sooner.",
        names=("k_decay",),
        more=True,
    )


@lru_cache(maxsize=64)
def formulas_in_reach(policy: Policy) -> tuple[str, ...]:
    """The formulas to which a change of one field can lead, each once; that of the present values is the first."""
    found = [policy.shown_formula]
    for param in policy.params:
        values = param.corners()
        if isinstance(param, Number):
            values += tuple(map(param.repair, (0.0, 1.0, (param.low + param.high) / 2)))
        found += (policy.replace(**{param.name: value}).shown_formula for value in values)
    return tuple(dict.fromkeys(found))


POLICIES: Registry[Policy] = Registry("policy")
P = TypeVar("P", bound=Policy)


def policy(cls: type[P]) -> type[P]:
    """Class decorator that registers a policy; its slug is the name of its file."""
    return POLICIES.add(cls)
