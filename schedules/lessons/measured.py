"""Values for the templates in lessons, measured by running the cases.

A field of a template is `{case.fact}`, or the `{name}` of a ratio, with the formats of `schedules.words`. Facts of the schedule
to compare with have the prefix `ghost_`. Templates shown before the prediction may only use facts that are known before the
run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from schedules.core.numbers import finite_mean
from schedules.core.params import Number
from schedules.core.quantities import Quantity
from schedules.lessons import Step
from schedules.lessons.exhibits import EXHIBITS
from schedules.measures import highest_ratio
from schedules.training.limits import limit, limit_at_start
from schedules.training.runs import Run, Trace
from schedules.training.study import Study, study
from schedules.training.verdict.gaps import gaps, has_test
from schedules.training.verdict.judge import Verdict
from schedules.training.verdict.leads import paired_lead
from schedules.training.verdict.rules import GOAL
from schedules.training.verdict.stops import marked_cycle_ends
from schedules.words import Text, fields, fill

Numbers = Mapping[str, float | None]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Measurements of the cases of a step: verdicts by case, and all values that templates may use."""

    verdicts: Mapping[str, Verdict]
    numbers: Numbers

    def says(self, template: Text) -> str:
        """Fill in a template."""
        return _says(template, self.numbers)


def asks(step: Step, template: Text) -> str:
    """Fill in a template that is shown before the prediction; no run is trained."""
    plans: dict[str, float | None] = {}
    if step.exhibit:
        plans |= {f"{step.exhibit}.{key}": value for key, value in EXHIBITS[step.exhibit].known().items()}
    for name, case in step.cases.items():
        plans |= {f"{name}.{key}": value for key, value in planned(case.run).items()}
        if case.pinned:
            beside = planned(case.run.replace(schedule=case.pinned))
            plans |= {f"{name}.ghost_{key}": value for key, value in beside.items()}
    return _says(template, plans)


@lru_cache(maxsize=64)
def measured(step: Step) -> Measured:
    """Train the cases of a step and measure them; the numbers of its exhibit if it has one."""
    return measure(step, {name: study(case.run, case.pinned, advice=False) for name, case in step.cases.items()})


def measure(step: Step, studies: Mapping[str, Study]) -> Measured:
    """Measure the cases of a step from their studies by name."""
    verdicts: dict[str, Verdict] = {}
    numbers: dict[str, float | None] = {}
    if step.exhibit:
        numbers |= {f"{step.exhibit}.{key}": value for key, value in EXHIBITS[step.exhibit].found().items()}
    for name, found in studies.items():
        verdicts[name] = found.verdict
        numbers |= {f"{name}.{key}": value for key, value in _numbers_of(found).items()}
    for name, ratio in step.ratios.items():
        of, over = (_number(key, numbers) for key in (ratio.of, ratio.over))
        numbers[name] = of / over
    return Measured(verdicts, numbers)


def planned(run: Run) -> dict[str, float | None]:
    """Values that are known before a run: hyperparameters by name, derived lengths, and the stability limit at the start."""
    schedule, problem = run.schedule, run.problem
    found: dict[str, float | None] = {
        param.name: value
        for spec in (run, problem, schedule, schedule.policy)
        for param in spec.params
        if isinstance(param, Number) and not isinstance(value := getattr(spec, param.name), Quantity)
    }
    top = limit_at_start(run)
    return found | {
        "warmup_steps": schedule.plan.warmup,
        "limit": top,
        "of_limit": None if top is None else run.trained_peak / top,
        "cycles": len(run.cycle_ends()),
    }


def _numbers_of(result: Study) -> dict[str, float | None]:
    """Values of a run, and of the schedule to compare with."""
    numbers = _happened(result.trace, result.verdict)
    if result.ghost and result.ghost_verdict:
        ghost = result.ghost_verdict
        numbers |= {f"ghost_{key}": value for key, value in _happened(result.ghost, ghost).items()}
        lead = paired_lead(result.verdict.seed_ends, ghost.seed_ends)
        known = lead.seeds > 1
        tested = has_test(result.trace) and has_test(result.ghost)
        apart = paired_lead(gaps(result.trace), gaps(result.ghost)) if tested else None
        numbers |= {
            "ghost_difference": abs(lead.mean) if known else None,
            "ghost_difference_error": lead.error if known else None,
            "gap_difference": abs(apart.mean) if apart else None,
            "gap_difference_error": apart.error if apart else None,
        }
    result.verdict.reasons.read()  # a verdict with unread reasons keeps its trace
    return numbers


def _happened(trace: Trace, verdict: Verdict) -> dict[str, float | None]:
    """Values of a run, including those of `planned`; None where a value does not exist."""
    mean = finite_mean(trace.loss)
    there = np.flatnonzero(mean <= GOAL * mean[0])
    limits, diverged = limit(trace.run, trace), sum(end is None for end in verdict.ends)
    cycles = np.searchsorted(trace.steps, marked_cycle_ends(trace))
    network = trace.network
    return planned(trace.run) | {
        "accuracy": None if network is None or network.accuracy is None else float(finite_mean(network.accuracy)[-1]),
        "gap": float(np.nanmean(gaps(trace))) if has_test(trace) else None,
        "start": verdict.start,
        "end": verdict.mean_end,
        "left": None if verdict.mean_end is None else verdict.mean_end / verdict.start,
        "arrived": float(trace.steps[there[0]]) if len(there) else None,
        "blown_at": verdict.blown_at,
        "crossed_at": verdict.crossed_at,
        "died": diverged,
        "lived": verdict.seeds - diverged,
        "last": float(trace.rates[-1]),
        "last_limit": None if limits is None else float(limits[-1]),
        "highest": None if limits is None else highest_ratio(trace.rates, limits),
        "snapshot": float(trace.loss[cycles].min(axis=0).mean()) if len(cycles) else None,
    }


def _number(name: str, numbers: Numbers) -> float:
    value = numbers.get(name)
    if value is None:
        why = "was not measured in this run" if name in numbers else f"is not known; known are {', '.join(sorted(numbers))}"
        raise ValueError(f"{name} {why}")
    return value


def _says(template: Text, numbers: Numbers) -> str:
    text = str(template)
    values: dict[str, Any] = {name: _number(name, numbers) for name in fields(text)}
    return fill(text, values)
