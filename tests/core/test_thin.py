"""Thinning: fewer points, the same picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from schedules.core.thin import lowest, thin, union

CURVES = arrays(np.float64, st.integers(1, 1500), elements=st.floats(allow_nan=True, allow_infinity=True))


@given(y=CURVES, most=st.integers(20, 300))
def test_thinning_returns_sorted_indices_with_both_ends(y, most):
    kept = thin(y, most)
    assert len(kept) <= most
    assert kept[0] == 0 and kept[-1] == len(y) - 1
    assert np.all(np.diff(kept) > 0)


@given(y=CURVES, most=st.integers(20, 300))
def test_thinning_keeps_the_extremes(y, most):
    y = np.nan_to_num(y)
    kept = y[thin(y, most)]
    assert kept.min() == y.min() and kept.max() == y.max()


@given(n=st.integers(171, 3000), data=st.data())
def test_thinning_keeps_both_sides_of_a_jump(n, data):
    """With milestones anywhere; four may be at consecutive steps."""
    starts = sorted(data.draw(st.sets(st.integers(1, n - 1), min_size=1, max_size=4)))
    y = np.searchsorted(starts, np.arange(n), side="right").astype(float)
    kept = set(thin(y).tolist())
    assert all({start - 1, start} <= kept for start in starts)


def test_a_short_curve_is_not_thinned():
    assert thin(np.arange(170.0)).tolist() == list(range(170))


@pytest.mark.parametrize("n", [500, 1000, 5000])
def test_a_thinned_smooth_curve_is_off_by_less_than_a_tenth_of_a_pixel(n):
    k = np.arange(n)
    y = 0.5 * (1 + np.cos(np.pi * k / n))
    kept = thin(y)
    assert np.abs(np.interp(k, kept, y[kept]) - y).max() < 0.1 / 200  # a chart is about 200 pixels high


@given(y=CURVES, most=st.integers(1, 300))
def test_each_interval_keeps_its_minimum(y, most):
    kept = lowest(y, most)
    assert len(kept) <= most + 2
    assert kept[0] == 0 and kept[-1] == len(y) - 1
    assert np.all(np.diff(kept) > 0)
    known = y[~np.isnan(y)]
    assert not len(known) or np.nanmin(y[kept]) == known.min()


@given(parts=st.lists(arrays(np.intp, st.integers(0, 20), elements=st.integers(0, 50)), min_size=1, max_size=3))
def test_the_union_of_indices_is_sorted_and_without_repetition(parts):
    assert union(*parts).tolist() == sorted({index for part in parts for index in part.tolist()})
