"""A real run as JSON: schedule, optimizer, units, mix-up, resume and group as declared fields, and rates at chosen steps."""

from __future__ import annotations

import json
from typing import Any

from schedules.core.params import Nested
from schedules.core.quantities import Quantity
from schedules.core.spec import Spec
from schedules.long_runs import checked_steps
from schedules.real_run import RealRun
from schedules.training.runs import Run, to_token
from schedules.units import Units


def run_json(run: Run, real: RealRun, units: Units | None = None) -> str:
    """A person's run as JSON text, indented by two spaces.

    Lengths in steps are written like `"3516s"`, absolute rates like `"1e-6r"`, as in links. "rates" has the intended rates at
    the steps of `checked_steps`, "link" the token of the run.

    Args:
        run: the run, whose schedule is in the person's units.
        real: what happens to it.
        units: batch, devices and epochs, if they are known.
    """
    steps = checked_steps(run.schedule)
    rates = run.schedule(list(steps)).tolist()
    content = {
        "schedule": _fields(run.schedule),
        "optimizer": {"name": run.optimizer.slug} | _fields(run.optimizer),
        "feedback": {"name": run.feedback.slug} | _fields(run.feedback),
        "real_run": _fields(real),
        "units": _fields(units) if units else None,
        "rates": [{"step": step, "rate": rate} for step, rate in zip(steps, rates, strict=True)],
        "link": to_token(run),
    }
    return json.dumps(content, indent=2) + "\n"


def _fields(spec: Spec) -> dict[str, Any]:
    """The fields of an object by name; nested ones as dictionaries."""
    found: dict[str, Any] = {}
    for param in spec.params:
        value = getattr(spec, param.name)
        if isinstance(param, Nested):
            found[param.name] = ({"name": value.slug} if value.slug else {}) | _fields(value)
        else:
            found[param.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Quantity) else value
