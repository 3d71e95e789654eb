"""Execute a PyTorch script."""

from __future__ import annotations

import warnings

from torch.optim.optimizer import register_optimizer_step_pre_hook


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


def rates(code):
    """The rates of the optimizer steps of a script."""
    return execute(code)[0]
