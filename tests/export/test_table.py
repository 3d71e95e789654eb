import csv
import io

import numpy as np
import pytest

from schedules import Schedule
from schedules.export.table import csv_text, table_lines
from schedules.policies.cosine import Cosine

RATES = Schedule(policy=Cosine(floor=0.01 / 0.3), peak_lr=0.3, total_steps=117, warmup=0.1).lrs()


def read(text):
    header, *lines = csv.reader(io.StringIO(text))
    return header, np.array(lines, dtype=np.float64).T


def near(found, wanted):
    """Equal within the 13 digits that are written."""
    return np.allclose(found, wanted, rtol=1e-12, atol=0)


def test_csv_reads_back():
    header, (step, rate, fraction) = read(csv_text(RATES))
    assert header == ["step", "rate", "fraction_of_peak"]
    assert np.array_equal(step, np.arange(117))
    assert near(rate, RATES)
    assert near(fraction, RATES / RATES.max())


@pytest.mark.parametrize("rates", [[5e-324, 1e-8, 0.1 + 0.2, 1 / 3, 100.0], [np.nextafter(1, 2), np.pi], [0.0]])
def test_csv_keeps_thirteen_digits(rates):
    _, (_, rate, _) = read(csv_text(rates))
    assert near(rate, rates)


def test_csv_has_no_rounding_artifacts():
    lines = csv_text([0.18 * 0.06, 0.3 / 3, 0.1 + 0.2, 0.0, 3e-5], peak=0.3, planned=[1 - 0.9] * 5).splitlines()[1:]
    assert [line.split(",")[1] for line in lines] == ["0.0108", "0.1", "0.3", "0", "3e-05"]
    assert {line.split(",")[3] for line in lines} == {"0.1"}


def test_csv_counts_epochs_from_zero():
    header, (step, _, _, epoch) = read(csv_text(RATES, steps_per_epoch=10))
    assert header[-1] == "epoch"
    assert np.array_equal(epoch, step // 10)


def test_csv_ends_with_the_planned_rates_if_they_differ():
    header, columns = read(csv_text(RATES / 2, steps_per_epoch=10, planned=RATES))
    assert header == ["step", "rate", "fraction_of_peak", "epoch", "planned_rate"]
    assert near(columns[1], RATES / 2)
    assert near(columns[4], RATES)


def test_rows_have_an_epoch_if_its_length_is_given():
    assert [row.epoch for row in table_lines(RATES, steps_per_epoch=3)] == [0, 0, 0, 1, 1, 37, 37, 38, 38, 38]
    assert {row.epoch for row in table_lines(RATES)} == {None}


def test_fractions_are_relative_to_the_given_peak():
    _, (_, _, fraction) = read(csv_text([0.1, 0.05], peak=0.2))
    assert fraction.tolist() == [0.5, 0.25]
    assert [row.fraction for row in table_lines([0.0, 0.0])] == [0, 0]


def test_the_table_has_the_first_and_the_last_steps():
    assert [row.step for row in table_lines(RATES)] == [0, 1, 2, 3, 4, 112, 113, 114, 115, 116]
    assert [row.step for row in table_lines(RATES, first=1, last=2)] == [0, 115, 116]
    assert all(row.rate == RATES[row.step] for row in table_lines(RATES))


@pytest.mark.parametrize("n", range(13))
def test_the_table_lists_each_step_once(n):
    steps = [row.step for row in table_lines([0.1] * n)]
    assert steps == ([*range(n)] if n <= 10 else [*range(5), *range(n - 5, n)])
