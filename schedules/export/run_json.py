"""A run as JSON: schedule, optimizer, units, mix-up, resume and group as declared fields, and the rates that a CSV has."""

from __future__ import annotations

import json
from typing import Any

from schedules.core.params import Nested
from schedules.core.quantities import Quantity
from schedules.core.spec import Spec
from schedules.long_runs import listed_steps
from schedules.real_run import RealRun
from schedules.training.runs import Run, to_token
from schedules.units import Units


def run_json(run: Run, real: RealRun | None = None, units: Units | None = None) -> str:
    """A run as JSON text, indented by two spaces, with its lists on one line each.

    Lengths in steps are written like `"3516s"`, absolute rates like `"1e-6r"`, as in links. "rates" has the planned rates of
    "steps", which are all of the run, or those of `listed_steps` in a long run; "link" is the token of the run. A predicted run
    has no optimizer.

    Args:
        run: the run, whose schedule is in the person's units.
        real: what happens to a person's run, if anything.
        units: batch, devices and epochs, if they are known.
    """
    steps = listed_steps(run.schedule).steps
    content = {
        "schedule": _fields(run.schedule),
        "optimizer": {"name": run.optimizer.slug} | _fields(run.optimizer) if run.problem.trains else None,
        "feedback": {"name": run.feedback.slug} | _fields(run.feedback),
        "real_run": _fields(real) if real else None,
        "units": _fields(units) if units else None,
        "link": to_token(run),
    }
    lists = {"steps": steps.astype(int).tolist(), "rates": run.schedule(steps).tolist()}
    head = json.dumps(content, indent=2).removesuffix("\n}")
    return ",\n".join([head, *(f'  "{name}": {json.dumps(values)}' for name, values in lists.items())]) + "\n}\n"


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
