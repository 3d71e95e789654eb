"""Execute an exported script, and compare its rates with a schedule's."""

from __future__ import annotations

import warnings

import numpy as np
from torch.optim.optimizer import register_optimizer_step_pre_hook

OF_PEAK = 1e-12
"""Largest allowed difference of rates, relative to the peak."""


def execute(code):
    """Execute a script; return the rates of its optimizer steps and its global variables. Warnings are errors."""
    used, left = [], {}

    def note(optimizer, *_):
        used.append(optimizer.param_groups[0]["lr"])

    handle = register_optimizer_step_pre_hook(note)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(compile(code, "<script>", "exec"), left)
    finally:
        handle.remove()
    return used, left


def close(rates, schedule):
    np.testing.assert_allclose(rates, schedule.lrs(), rtol=0, atol=OF_PEAK * schedule.peak_lr, err_msg=str(schedule))
