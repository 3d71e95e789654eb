"""PyTorch: its own schedulers where they give exactly this curve, else LambdaLR."""

from __future__ import annotations

from schedules.export._script import Script
from schedules.export.torch_code import pytorch_code
from schedules.export.torch_plateau import plateau_code
from schedules.training.runs import Run

LIBRARY = "PyTorch"


def script(run: Run) -> Script:
    """A PyTorch script, including the feedback rule where PyTorch has the same rule."""
    optimizer = run.optimizer.torch_code("peak_lr"), run.optimizer.torch_class
    code = plateau_code(run.schedule, run.feedback, *optimizer)
    return Script(code or pytorch_code(run.schedule, *optimizer), run.feedback.acts and code is None)
