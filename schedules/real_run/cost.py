"""Duration and price of a run."""

from __future__ import annotations

from schedules.core.params import number
from schedules.core.spec import Spec, declared
from schedules.units import Units

HOUR = 3_600
"""Seconds in an hour."""


@declared
class Cost(Spec):
    """Seconds per step, price per hour and tokens per sample; 0 stands for a number that is not given.

    >>> cost = Cost(seconds_per_step=0.5, price_per_hour=20)
    >>> cost.hours(7_200), cost.price(7_200)
    (1.0, 20.0)
    """

    title = "Cost of the run"

    seconds_per_step: float = number(
        default=0.0,
        low=0,
        high=100_000,
        unit="seconds",
        label="Time per step",
        doc="Seconds that an optimizer step takes; 0 if it is not known.",
    )
    price_per_hour: float = number(
        default=0.0,
        low=0,
        high=10_000_000,
        label="Price per hour",
        doc="Price of all devices for an hour, in any currency; 0 if it is not known.",
    )
    tokens_per_sample: int = number(
        default=0,
        low=0,
        high=100_000_000,
        integer=True,
        unit="tokens",
        label="Tokens per sample",
        doc="Length of a sample in tokens; 0 if samples are not text.",
        names=("seq_length", "max_seq_length", "block_size"),
    )

    def hours(self, steps: float) -> float | None:
        """Hours that a number of steps takes; None if the time per step is not given."""
        return steps * self.seconds_per_step / HOUR or None

    def price(self, steps: float) -> float | None:
        """Price of a number of steps; None if the time per step or the price per hour is not given."""
        hours = self.hours(steps)
        return None if hours is None else hours * self.price_per_hour or None

    def samples(self, steps: float, units: Units) -> float:
        """Samples that a number of steps consumes."""
        return steps * units.batch * units.accumulation * units.devices

    def tokens(self, steps: float, units: Units) -> float | None:
        """Tokens that a number of steps consumes; None if the tokens per sample are not given."""
        return self.samples(steps, units) * self.tokens_per_sample or None
