"""Logs as training loops write them, from a schedule and something that went wrong: the truth for the tests of reading logs.

The count of the scheduler is simulated call by call, independently of the library's hypotheses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from schedules import Constant, Cosine, Linear, Polynomial, Schedule, Steps
from schedules.units import Units

FORMATS = ("csv", "lines", "state", "lightning", "printed")
FAULTS = (
    *("follows", "earlier", "later", "never", "per_device", "per_micro_batch", "twice", "factor", "used_before"),
    *("for_all_devices", "in_micro_batches", "log_in_micro_batches", "steps_as_epochs", "short_warmup"),
    *("late_per_device", "late_per_micro_batch", "late_twice", "afresh", "stuck", "moved", "warmup", "horizon"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A log and the truth about it.

    Attributes:
        text: the file.
        name: its name.
        fault: what went wrong, one of `FAULTS`; `cause` is the key of `CAUSES` that names it.
        schedule: the plan.
        units: of the run.
        steps: logged steps, and `rates` the true rates there before they were rounded.
        change: step at which the fault begins.
    """

    text: bytes
    name: str
    fault: str
    schedule: Schedule
    units: Units
    steps: np.ndarray
    rates: np.ndarray
    logged: np.ndarray
    change: int

    @property
    def cause(self) -> str:
        return self.fault.removeprefix("late_")


def random_schedule(rng: np.random.Generator) -> Schedule:
    """A schedule as people train with: cosine, line, power or constant, with or without warm-up and cool-down."""
    steps = int(rng.integers(400, 20_000))
    policy = [Cosine(), Cosine(floor=0.1), Linear(), Polynomial(power=2.0), Constant()][rng.integers(5)]
    warmup = [0.0, 0.03, 0.1, Steps(int(rng.integers(20, max(21, steps // 5))))][rng.integers(4)]
    cooldown = 0.2 if isinstance(policy, Constant) else 0.0
    peak = float(f"{10 ** rng.uniform(-5, -1):.2g}")
    return Schedule(policy=policy, peak_lr=peak, total_steps=steps, warmup=warmup, cooldown=cooldown)


def random_units(rng: np.random.Generator, steps: int) -> Units:
    """Units of a run of so many steps, with more than one device and micro-batch, which differ."""
    devices, batches = (int(n) for n in rng.choice([2, 3, 4, 6, 8], 2, replace=False))
    epochs = int(rng.integers(3, 30))
    epoch = max(2, steps // epochs)
    return Units(samples=epoch * 4 * devices * batches, batch=4, devices=devices, accumulation=batches, epochs=epochs)


def simulate(
    schedule: Schedule, units: Units, fault: str, change: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Steps of the log, the rates that were used there, and the step of the change (0 from the start)."""
    run, batches = schedule.total_steps, units.accumulation
    calls, count = _calls(units, fault, change, run), {"used_before": run, "earlier": 1}.get(fault, 0)
    counts = np.empty(run)
    for k in range(run):  # call by call
        if k == change:
            moved = int(rng.integers(run // 20, run // 5))
            count = {"afresh": 0, "moved": count + moved}.get(fault, count)
        counts[k] = count
        count += calls[k]
    if fault == "later":
        counts = np.maximum(counts - 1, 0)
    rates = _planned(schedule, units, fault, rng)(counts)
    if fault == "factor":
        rates = rates * float(rng.choice([0.1, 0.5, 2.0, units.devices, 3.3]))
    late = fault.startswith("late_") or fault in ("afresh", "stuck", "moved")
    if fault == "log_in_micro_batches":
        return np.arange(run * batches), np.repeat(rates, batches), 0
    return np.arange(run), rates, change if late else 0


def _calls(units: Units, fault: str, change: int, run: int) -> np.ndarray:
    """The calls of the scheduler after each step."""
    times = {"per_device": units.devices, "per_micro_batch": units.accumulation, "twice": 2, "never": 0, "stuck": 0}
    calls = np.ones(run, dtype=int)
    if fault == "steps_as_epochs":
        return np.array([(k + 1) % units.steps_per_epoch == 0 for k in range(run)], dtype=int)
    begin = change if fault.startswith("late_") or fault == "stuck" else 0
    calls[begin:] = times.get(fault.removeprefix("late_"), 1)
    return calls


def _planned(schedule: Schedule, units: Units, fault: str, rng: np.random.Generator) -> Schedule:
    """The schedule that the scheduler of the run has."""
    lengths = {"for_all_devices": units.devices, "in_micro_batches": units.accumulation}
    if fault in lengths:
        return schedule.scaled(steps=lengths[fault]).replace(horizon=float(lengths[fault]))
    if fault == "short_warmup":
        warmup, devices = schedule.warmup, units.devices
        return schedule.replace(warmup=Steps(round(warmup.number / devices)) if isinstance(warmup, Steps) else warmup / devices)
    if fault == "warmup":
        return schedule.replace(warmup=Steps(max(2, int(schedule.plan.warmup * rng.choice([0.3, 0.6, 1.7])))))
    if fault == "horizon":
        return schedule.replace(horizon=Steps(int(schedule.total_steps * rng.choice([0.55, 0.8, 1.3]))))
    return schedule


def rounded(rates: np.ndarray, digits: int | None) -> np.ndarray:
    """Rates as a log with so many digits has them."""
    return rates if digits is None else np.array([float(f"{rate:.{digits - 1}e}") for rate in rates])


def random_log(rng: np.random.Generator, fault: str | None = None) -> Written:
    """A random log with a random fault, whose truth shows in it."""
    fault = fault or str(rng.choice(FAULTS))
    schedule = random_schedule(rng)
    if fault in ("short_warmup", "warmup") and schedule.plan.warmup < 20:
        schedule = schedule.replace(warmup=Steps(schedule.total_steps // 10))
    units = random_units(rng, schedule.total_steps)
    change = int(schedule.total_steps * rng.uniform(0.2, 0.7))
    steps, rates, change = simulate(schedule, units, fault, change, rng)
    every = int(rng.choice([1, 1, 5, 10, 20, 50]))
    while len(steps) // every < 60 and every > 1:
        every //= 2
    at = np.arange(0, len(steps), every) if rng.random() < 0.5 else np.arange(every - 1, len(steps), every)
    digits = [None, None, 3, 5][rng.integers(4)]
    steps, rates = steps[at], rates[at]
    logged = rounded(rates, digits)
    form = str(rng.choice(FORMATS))
    text, name = write(form, steps, logged, rng)
    return Written(
        text=text,
        name=name,
        fault=fault,
        schedule=schedule,
        units=units,
        steps=steps,
        rates=rates,
        logged=logged,
        change=change,
    )


def write(form: str, steps: np.ndarray, rates: np.ndarray, rng: np.random.Generator) -> tuple[bytes, str]:
    """A file with these rates and a falling loss, and its name."""
    losses = 2 + 3 / np.sqrt(1 + np.arange(len(steps))) + 0.05 * rng.standard_normal(len(steps))
    rows = list(zip(steps.tolist(), rates.tolist(), losses.round(4).tolist(), strict=True))
    match form:
        case "csv":
            separator = str(rng.choice([",", "\t", ";"]))
            lines = [separator.join(map(str, ("step", "lr", "loss"))), *(separator.join(map(repr, row)) for row in rows)]
            return ("\n".join(lines) + "\n").encode(), "log.csv"
        case "lines":
            keys = ("global_step", "train/learning_rate", "train/loss")
            return "".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in rows).encode(), "log.jsonl"
        case "state":
            history = [
                {"epoch": round(k / 100, 2), "grad_norm": 1.0, "learning_rate": rate, "loss": loss, "step": k}
                for k, rate, loss in rows
            ]
            return json.dumps({"global_step": rows[-1][0], "log_history": history}, indent=2).encode(), "trainer_state.json"
        case "lightning":
            lines = ["epoch,lr-AdamW,step,train_loss"]
            for k, rate, loss in rows:
                lines += [f",{rate!r},{k},", f"{k // 100},,{k},{loss}"]
            return ("\n".join(lines) + "\n").encode(), "metrics.csv"
        case _:
            lines = [str({"loss": loss, "learning_rate": rate, "step": k}) for k, rate, loss in rows]
            return ("\n".join(["Starting training", *lines]) + "\n").encode(), "train.log"


def shows(written: Written, accuracy: float = 1e-5) -> bool:
    """True if the logged rates differ from the plan by more than rounding: otherwise there is nothing to find."""
    planned = written.schedule(written.steps.astype(float))
    digits = np.abs(written.logged - written.rates).max()
    return bool(np.abs(planned - written.rates).max() > accuracy * written.schedule.peak_lr + 4 * digits)
