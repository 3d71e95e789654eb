"""Predicted runs: the loss of a language model by a law, from the rates of its schedule; nothing is trained.

Index t of the law is the step after which a trace has measurement t + 1. Where the law was not fitted, at the start of a run, a
trace has no measurements: it begins at the end of the warm-up, or after a twentieth of the run if that is later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray
from schedules.core.quantities import Steps
from schedules.feedback.none import Planned
from schedules.policies.cosine import Cosine
from schedules.schedule import Schedule
from schedules.theory.loss_laws import CALIBRATED_FLOOR, CALIBRATED_LOWEST, CALIBRATED_STEPS, CALIBRATED_WARMUP, Indices
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.own_numbers import at_problem_peak, trained_step, with_problem_peak
from schedules.training.problems import Problem, predicted
from schedules.training.runs import Prediction, Run, Trace

LEAST = 0.05
"""The first measurement comes after this share of the run, or after the warm-up if that is longer."""
RISE = 1e-6
"""Smallest rise of the rate, as a share of the peak, that counts as one."""
MOST_LOW = 0.5
"""A run that spends more than this share at rates below those of the fit is outside of it; a cool-down to zero is not."""


def calibrated(run: Run) -> Run:
    """The run at the locked peak of its problem, with default optimizer, rule and seeds; unchanged on problems that train."""
    problem = run.problem
    if problem.trains:
        return run
    optimizer = OPTIMIZERS[problem.default_optimizer]()
    changed = run.replace(optimizer=optimizer, feedback=Planned(), seeds=1, first_seed=0)
    return changed if _at_locked_peak(run) else at_problem_peak(changed, problem.locked_peak)


def with_usual_warmup(run: Run) -> Run:
    """The run with the warm-up that its problem begins with, in steps, so that a longer run has the same one.

    Unchanged if the problem has none, or for a person's own numbers.
    """
    steps = run.problem.default_warmup
    if steps is None or run.own:
        return run
    return run.replace(schedule=run.schedule.replace(warmup=Steps(steps), warmup_progress="from_one_to_last"))


def calibrated_pin(pin: Schedule | Run, run: Run) -> Schedule | Run:
    """A schedule to compare with, at the peak at which the problem of a run is locked."""
    locked = run.problem.locked_peak
    if not locked:
        return pin
    if isinstance(pin, Run):
        return pin if _at_locked_peak(pin.replace(problem=run.problem)) else with_problem_peak(pin, locked)
    return pin.replace(peak_lr=run.schedule.peak_lr)


def _at_locked_peak(run: Run) -> bool:
    return bool(np.isclose(run.trained_peak, run.problem.locked_peak, rtol=1e-9))


def predict(runs: Sequence[Run], *, probed: Collection[Run] = ()) -> list[Trace]:
    """Return the predicted traces of runs, in their order; each has one seed.

    The curve has the law's fast form, within 1e-3 of its full sum; its last value is the full sum.

    Args:
        runs: runs of predicted problems; their rates are those at the problem's locked peak.
        probed: not used: the law has no noise to probe.
    """
    return [_predict(run) for run in runs]


@lru_cache(maxsize=16)
def _predict(run: Run) -> Trace:
    """The trace of a run, cached: what a run is compared with often stays while a slider moves."""
    problem = predicted(run.problem)
    rates, warmup = rates_of(run), warmup_steps(run)
    steps = measured_steps(problem, len(rates), warmup)
    at, law = np.maximum(steps - 1, 0), problem.law
    parts, end = law.law.fast(rates, at), law.law.exact(rates, at[-1:])
    for part, exact in zip(parts, end, strict=True):
        part[-1] = exact[0]
    second, cosine = law.second.loss(rates, warmup)[at], cosine_ends(run)
    climb = max(warmup, _first_climb(rates))
    outside = tuple(_outside(rates, climb))
    said = warmup if climb == warmup + 1 else climb  # a ramp that begins at 0 reaches the peak a step later
    found = Prediction(parts, second, cosine.law, cosine.second, law, outside, said)
    return Trace(
        run=run,
        rates=rates,
        steps=steps,
        loss=parts.loss[:, None],
        overflow_at=np.full(1, -1),
        next_rate=float(run.rates_at(len(rates))),
        prediction=found,
    )


def rates_of(run: Run) -> FloatArray:
    """The rates at which the law predicts, shape (trained_steps,): those of the run at the locked peak of its problem."""
    rates = run.trained_rates()
    return rates if _at_locked_peak(run) else rates * (run.problem.locked_peak / run.trained_peak)


def warmup_steps(run: Run) -> int:
    """Steps of the problem in the warm-up of the schedule."""
    end = next((phase.end for phase in run.schedule.phases() if phase.name == "warmup"), 0)
    return round(float(trained_step(run, end)))


def measured_steps(problem: Problem, steps: int, warmup: int) -> Indices:
    """The steps at which a run of so many steps has a predicted loss; at least two."""
    first = min(max(warmup, int(np.ceil(LEAST * steps)), 1), steps - 1)
    measured = problem.measured_at(steps)
    return np.concatenate([[first], measured[measured > first]])


def exact_end(run: Run) -> float:
    """The loss at the end of a run by the full sum of the law."""
    rates = rates_of(run)
    return float(predicted(run.problem).law.law.exact(rates, np.array([len(rates) - 1])).loss[0])


class Ends(NamedTuple):
    """The loss at the end of a run by the full sum of the law, and by the second law."""

    law: float
    second: float


def cosine_ends(run: Run) -> Ends:
    """The losses of cosine to 10 % at the end of a run of the same length and warm-up."""
    return _ends(
        Run(schedule=cosine_beside(run.schedule), problem=run.problem, rate_scale=run.rate_scale, step_scale=run.step_scale)
    )


def cosine_beside(schedule: Schedule) -> Schedule:
    """Cosine to 10 % with the length, peak and warm-up of a schedule: what a predicted loss is compared with."""
    return with_shape(schedule, Schedule(policy=Cosine(floor=CALIBRATED_FLOOR)))


def with_shape(schedule: Schedule, shape: Schedule) -> Schedule:
    """The policy and phases of `shape` with the length, peak and warm-up of a schedule."""
    kept = {name: getattr(schedule, name) for name in ("total_steps", "peak_lr", *WARMUP_FIELDS)}
    return shape.replace(**kept)


WARMUP_FIELDS = tuple(name for name in (param.name for param in Schedule.params) if name.startswith("warmup"))


@lru_cache(maxsize=256)
def _ends(run: Run) -> Ends:
    second = predicted(run.problem).law.second.loss(rates_of(run), warmup_steps(run))
    return Ends(exact_end(run), float(second[-1]))


def _rising(rates: FloatArray) -> npt.NDArray[np.bool_]:
    """Steps after which the rate rises, shape (T - 1,)."""
    return np.asarray(np.diff(rates) > RISE * rates.max())


def _first_climb(rates: FloatArray) -> int:
    """Steps until the rate first stops rising."""
    rising = _rising(rates)
    held = np.flatnonzero(~rising)
    return int(held[0]) if len(held) else len(rising)


def _outside(rates: FloatArray, climb: int) -> Iterator[str]:
    """Yield why a run is outside of what the law was fitted to, the heaviest reason first; `climb` is that of `Prediction`."""
    if len(rates) < CALIBRATED_STEPS[0]:
        yield "short"
    if _rising(rates)[climb:].any():
        yield "rises"
    if not CALIBRATED_WARMUP / 2 <= climb <= 2 * CALIBRATED_WARMUP:
        yield "warmup"
    after = rates[climb:]
    if np.count_nonzero(after < (1 - RISE) * CALIBRATED_LOWEST) > MOST_LOW * len(after):
        yield "low"
