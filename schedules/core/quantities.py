"""Values in a unit of their own, where a schedule otherwise has a ratio: a length in steps, a floor as a rate.

Such a value keeps its unit: `Steps(2_000)` stays 2,000 steps when the run gets longer, `Rate(1e-6)` stays 1e-6 when the peak
changes. A policy has no units, so it holds quantities only inside a schedule, whose `resolved` converts them to ratios. Fields
that are read from the resolved schedule are therefore annotated as `float`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from schedules.core.link_numbers import write_number


@dataclass(frozen=True, slots=True, repr=False)
class Quantity:
    """A number in the unit of its class; false if it is 0.

    Class facts: `suffix` (the letter after the number in a link), `high` (the largest number; the lowest is 0) and `integer`.
    """

    number: float
    suffix: ClassVar[str]
    high: ClassVar[float]
    integer: ClassVar[bool] = False

    def __bool__(self) -> bool:
        return self.number > 0

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.number!r})"

    def __str__(self) -> str:
        """The text in links: 2000s, 1e-06r."""
        return write_number(self.number) + self.suffix


class Steps(Quantity):
    """A length in optimizer steps, in place of a share.

    >>> from schedules import Schedule, Steps
    >>> short = Schedule(total_steps=10_000, warmup=Steps(2_000))
    >>> short.plan.warmup, short.replace(total_steps=350_000).plan.warmup
    (2000, 2000)
    """

    __slots__ = ()
    suffix = "s"
    high = 10_000_000
    integer = True


class Rate(Quantity):
    """A learning rate, in place of a ratio to the peak.

    >>> from schedules import Cosine, Rate, Schedule
    >>> Schedule(policy=Cosine(floor=Rate(1e-6)), peak_lr=3e-4, total_steps=100)(100)
    np.float64(1e-06)
    """

    __slots__ = ()
    suffix = "r"
    high = 100.0


def holds(value: object, kind: type[Quantity]) -> bool:
    """True if a value is a quantity of this class, or a list with one."""
    return any(isinstance(v, kind) for v in value) if isinstance(value, tuple) else isinstance(value, kind)


def mapped(value: Any, change: Callable[[Quantity], Any]) -> Any:
    """A value, or each value of a list, with quantities replaced by the result of a function."""
    if isinstance(value, tuple):
        return tuple(mapped(v, change) for v in value)
    return change(value) if isinstance(value, Quantity) else value
