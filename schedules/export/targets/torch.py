"""PyTorch: its own schedulers where they give exactly this curve, else LambdaLR."""

from __future__ import annotations

from schedules.export._script import Script, torch_source
from schedules.export.torch_code import pytorch_code
from schedules.export.torch_plateau import plateau_code
from schedules.real_run import RealRun
from schedules.training.runs import Run
from schedules.units import Units

LIBRARY = "PyTorch"


def script(run: Run, real: RealRun | None = None, units: Units | None = None) -> Script:
    """A PyTorch script, including the feedback rule where PyTorch has the same rule."""
    source = torch_source(run.optimizer, real.weight_decay if real else 0.0)
    torch_class, group = run.optimizer.torch_class, real.group_schedule(run.schedule) if real else None
    code = plateau_code(run.schedule, run.feedback, source, torch_class, group=group, units=units)
    planned = run.feedback.acts and code is None
    return Script(code or pytorch_code(run.schedule, source, torch_class, group=group, units=units), planned)
