"""Execute a PyTorch script."""

from __future__ import annotations

import warnings

from torch.optim.optimizer import register_optimizer_step_pre_hook


def execute(code):
    """Execute a script; return the rates of its optimizer steps and its global variables. Warnings are errors."""
    used, left = executed(code)
    return [rates[0] for rates in used], left


def executed(code):
    """Execute a script; return the rates of all parameter groups in its optimizer steps, and its global variables."""
    used, left = [], {}

    def note(optimizer, *_):
        used.append([group["lr"] for group in optimizer.param_groups])

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


def by_group(code):
    """The rates of the parameter groups in the optimizer steps of a script."""
    return executed(code)[0]
