"""Units of the step axis."""

import pytest

from schedules.real_run.axes import AXES, counts_epochs, one_pass, per_step
from schedules.real_run.cost import Cost
from schedules.units import Units

UNITS = Units(samples=1_000, batch=5, devices=2, accumulation=10, epochs=20)
COST = Cost(seconds_per_step=36, price_per_hour=4, tokens_per_sample=512)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("steps", 1), ("percent", 0.5), ("epochs", 0.1), ("samples", 100)),
        *(("tokens", 51_200), ("hours", 0.01), ("price", 0.04)),
    ],
)
def test_units_of_a_step(name, value):
    assert per_step(name, 200, UNITS, COST) == pytest.approx(value)


def test_without_numbers_there_are_steps_and_percent():
    assert [name for name in AXES if per_step(name, 200, None, Cost())] == ["steps", "percent"]


@pytest.mark.parametrize("steps", [1, 7, 200, 117_188])
def test_one_pass_is_as_long_as_the_run_and_counts_no_epochs(steps):
    found = one_pass(UNITS, steps)
    assert found.total_steps == found.steps_per_epoch == steps
    assert not counts_epochs(found, steps)
    assert per_step("epochs", steps, found, COST) is None
    assert counts_epochs(UNITS, 200)
