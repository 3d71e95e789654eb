"""Compare the rates of an exported script with a schedule's."""

from __future__ import annotations

import numpy as np

OF_PEAK = 1e-12
"""Largest allowed difference of rates, relative to the peak."""


def close(rates, schedule, of_peak=OF_PEAK):
    np.testing.assert_allclose(rates, schedule.lrs(), rtol=0, atol=of_peak * schedule.peak_lr, err_msg=str(schedule))
