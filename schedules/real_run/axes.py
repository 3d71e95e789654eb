"""Units of the step axis of a real run: steps, percent of the run, epochs, samples, tokens, hours and price."""

from __future__ import annotations

from schedules.real_run.cost import Cost
from schedules.units import Units

AXES = ("steps", "percent", "epochs", "samples", "tokens", "hours", "price")
"""Names of the units, in the order of a menu."""


def per_step(name: str, total_steps: int, units: Units | None, cost: Cost) -> float | None:
    """Units of an axis for each optimizer step; None if they are not known.

    Args:
        name: one of `AXES`.
        total_steps: length of the run.
        units: batch, devices, samples and epochs, if the person has given any of them.
        cost: time of a step, price of an hour, tokens of a sample.
    """
    if name in ("steps", "percent"):
        return 1.0 if name == "steps" else 100 / total_steps
    if name in ("hours", "price"):
        return cost.hours(1) if name == "hours" else cost.price(1)
    if units is None:
        return None
    counts = {
        "epochs": 1 / units.steps_per_epoch if counts_epochs(units, total_steps) else None,
        "samples": cost.samples(1, units) if units.batch > 1 else None,
        "tokens": cost.tokens(1, units),
    }
    return counts[name]


def one_pass(units: Units, total_steps: int) -> Units:
    """The units with as many samples as the run takes in one epoch, for runs whose samples are not known."""
    samples = Units.param("samples").repair(total_steps * units.batch * units.accumulation * units.devices)
    return units.replace(samples=samples, epochs=1.0)


def counts_epochs(units: Units, total_steps: int) -> bool:
    """True if the samples are those of a data set, not made by `one_pass`."""
    return units.epochs != 1 or units.steps_per_epoch != total_steps
