"""PyTorch-Ignite: ignite.handlers.

Counting, read in ignite/handlers/param_scheduler.py at 00af057:

* Lengths of cycles are rounded down as they grow.
* LinearCyclicalScheduler starts and ends a cycle at start_value, which may be the higher one. create_lr_scheduler_with_warmup
  reaches warmup_end_value on the last step of the ramp; if that is the first rate of the schedule, the schedule goes on from
  its second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.quantities import Steps
from schedules.libraries._base import Library
from schedules.libraries._call import Call, CallError, Read, Reader, planned, rate, steps
from schedules.libraries._curves import check_parts, composed, fitted, joined, rates_of
from schedules.policies.cosine import Cosine
from schedules.policies.cyclic import Cyclic
from schedules.policies.knots import Knots
from schedules.policies.linear import Linear
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import Schedule
from schedules.words import say


def cosine_annealing(call: Call) -> Read:
    """Half a cosine from `start_value` to `end_value` in every cycle."""
    return _cycles(call, lambda x, first, last: first + (last - first) / 2 * (1 - np.cos(np.pi * x)))


def linear_cyclical(call: Call) -> Read:
    """From `start_value` to `end_value` in the middle of a cycle, and back; or only there with `monotonic`."""
    if call.switch("monotonic"):
        return _cycles(call, lambda x, first, last: first + (last - first) * x)
    return _cycles(call, lambda x, first, last: last + (first - last) * np.abs(x - 0.5) * 2)


def _cycles(call: Call, shape: Callable[..., FloatArray]) -> Read:
    start, end, size = call.rate("start_value"), call.rate("end_value"), call.count("cycle_size", least=2)
    growth, top, bottom = (
        call.number("cycle_mult", 1.0),
        call.number("start_value_mult", 1.0),
        call.number("end_value_mult", 1.0),
    )
    if call.number("warmup_duration", 0) or growth <= 0:
        raise CallError(say("reading.no_part", name="warmup_duration", call=call.name))

    def rates(k: FloatArray) -> FloatArray:
        ends, sizes = [0], list[int]()
        while ends[-1] <= k.max(initial=0) and len(sizes) < MOST_CYCLES:
            sizes.append(max(1, int(sizes[-1] * growth)) if sizes else size)
            ends.append(ends[-1] + sizes[-1])
        at = np.clip(np.searchsorted(ends, k, side="right") - 1, 0, len(sizes) - 1)
        x = (k - np.take(ends, at)) / np.take(sizes, at)
        return np.asarray(shape(x, start * top**at, end * bottom**at))

    def candidates() -> Iterator[Schedule]:
        if call.name == "CosineAnnealingScheduler" and 0 <= end <= start:
            with suppress(ValueError):
                yield Schedule(policy=Cosine(floor=rate(end)), peak_lr=start, horizon=Steps(size), after="restart")
            for shrinks in ("peak", "height", "both"):
                with suppress(ValueError):
                    policy = WarmRestarts(
                        first_cycle=steps(size),
                        cycle_mult=growth,
                        floor=rate(end),
                        peak_decay=top,
                        shrinks=shrinks,
                        truncated=True,
                    )
                    yield Schedule(policy=policy, peak_lr=start)
        elif 0 <= start <= end:
            with suppress(ValueError):
                half = steps(size / 2)
                policy_ = Cyclic(up=half, down=half, floor=rate(start), peak_decay=bottom, floor_decay=top, cycle_mult=growth)
                yield Schedule(policy=policy_, peak_lr=end)
        with suppress(ValueError):
            highest = max(start, end)
            line = Linear(start=start / highest, end=end / highest)
            yield Schedule(policy=line, peak_lr=highest, horizon=Steps(size), after="restart")

    return fitted(call, rates, size, candidates())


def piecewise_linear(call: Call) -> Read:
    """The first value holds before the first milestone, the last one after the last."""
    given = call.arguments.get("milestones_values")
    if not isinstance(given, list) or not given or not all(isinstance(each, list) and len(each) == 2 for each in given):
        raise CallError(say("reading.not_a_list", name="milestones_values"))
    number = call.findings.number
    at = [number(each[0], "count", call.line, "milestones_values") for each in given]
    values = [number(each[1], "rate", call.line, "milestones_values") for each in given]
    if at != sorted(at) or at[0] < 0:
        raise CallError(say("reading.ascending", name="milestones_values"))
    top, end = max(values), int(at[-1]) or 1
    if top <= 0 or min(values) < 0:
        raise CallError(say("reading.zero", name=call.name))
    points = [(each / end, value / top) for each, value in zip(at, values, strict=True)]
    return planned(Knots(points=tuple(points + points[-1:] * (len(points) < 2))), top, end)


def concatenated(call: Call) -> Read:
    """Schedulers that follow each other, each for its duration."""
    schedulers, durations = call.calls("schedulers"), [int(each) for each in call.numbers("durations", "count")]
    check_parts(call, len(schedulers))
    if len(durations) != len(schedulers) - 1:
        raise CallError(say("reading.milestones", schedulers=len(schedulers), milestones=len(durations)))
    parts = [call.read(each) for each in schedulers]
    boundaries = np.cumsum(durations).tolist()
    last = parts[-1].planned
    length = None if last is None else boundaries[-1] + last
    base = max(float(part.schedule.peak_lr) for part in parts)
    return fitted(call, joined(parts, boundaries), length, composed(parts, boundaries, base), boundaries[-1] + 1_000)


def with_warmup(call: Call) -> Read:
    """The ramp ends on its last step; if that is the first rate of the schedule, the schedule goes on from its second."""
    scheduler = call.arguments.get("lr_scheduler")
    if not isinstance(scheduler, Call):
        raise CallError(say("reading.not_calls", name="lr_scheduler"))
    main = call.read(scheduler)
    after, length = rates_of(main), call.count("warmup_duration", least=2)
    first = float(after(np.zeros(1))[0])
    start, end = call.rate("warmup_start_value"), call.rate("warmup_end_value", first)
    lead = length - 1 if abs(end - first) <= 1e-12 * max(end, first) else length

    def rates(k: FloatArray) -> FloatArray:
        return np.asarray(np.where(k < length, start + (end - start) * k / (length - 1), after(np.maximum(k - lead, 0))))

    total = None if main.planned is None else main.planned + lead

    def candidates() -> Iterator[Schedule]:
        plan = {} if total is None else {"horizon": Steps(total)}
        with suppress(ValueError):
            yield main.schedule.replace(warmup=Steps(length - 1), warmup_start=start / first if first else 0.0, **plan)

    return fitted(call, rates, total, candidates(), length + 1_000)


MOST_CYCLES = 10_000
READERS: dict[str, Reader] = {
    "CosineAnnealingScheduler": cosine_annealing,
    "LinearCyclicalScheduler": linear_cyclical,
    "PiecewiseLinear": piecewise_linear,
    "ConcatScheduler": concatenated,
    "create_lr_scheduler_with_warmup": with_warmup,
}


LIBRARY = Library(
    rank=13,
    version="0.5.5",
    source="github.com/pytorch/ignite, ignite/handlers/",
    signatures={
        "LinearCyclicalScheduler": (
            "start_value",
            "end_value",
            "cycle_size",
            "cycle_mult",
            "start_value_mult",
            "end_value_mult",
            "warmup_duration",
            "monotonic",
        ),
        "CosineAnnealingScheduler": (
            "start_value",
            "end_value",
            "cycle_size",
            "cycle_mult",
            "start_value_mult",
            "end_value_mult",
            "warmup_duration",
        ),
        "ConcatScheduler": ("schedulers", "durations"),
        "create_lr_scheduler_with_warmup": ("warmup_start_value", "warmup_duration", "warmup_end_value"),
        "PiecewiseLinear": ("milestones_values",),
        "ParamGroupScheduler": ("schedulers",),
        "ReduceLROnPlateauScheduler": ("metric_name",),
        "BatchSizeScheduler": ("scheduler_fn",),
        "LambdaStateScheduler": ("lambda_obj",),
        "PiecewiseLinearStateScheduler": ("milestones_values",),
        "ExpStateScheduler": ("initial_value", "gamma"),
        "StepStateScheduler": ("initial_value", "gamma", "step_size"),
        "MultiStepStateScheduler": ("initial_value", "gamma", "milestones"),
        "FastaiLRFinder": (),
    },
    cards={
        "LinearCyclicalScheduler": ("cyclic",),
        "CosineAnnealingScheduler": ("warm_restarts",),
        "ConcatScheduler": ("knots",),
        "create_lr_scheduler_with_warmup": ("warmup",),
        "PiecewiseLinear": ("knots",),
        "ParamGroupScheduler": ("parameter_groups",),
        "ReduceLROnPlateauScheduler": ("plateau",),
        "BatchSizeScheduler": ("batch_ramp",),
        "LambdaStateScheduler": ("knots",),
        "PiecewiseLinearStateScheduler": ("knots",),
        "ExpStateScheduler": ("factor",),
        "StepStateScheduler": ("step",),
        "MultiStepStateScheduler": ("multi_factor",),
        "FastaiLRFinder": ("range_test",),
    },
    keys={
        "cycle_size": "warm_restarts",
        "cycle_mult": "warm_restarts",
        "start_value_mult": "warm_restarts",
        "end_value_mult": "warm_restarts",
        "warmup_duration": "warmup",
        "durations": "knots",
    },
    takes_optimizer=True,
    leading=("param_name",),
    orders={"create_lr_scheduler_with_warmup": ("lr_scheduler", "warmup_start_value", "warmup_duration", "warmup_end_value")},
    ignored=("optimizer", "param_name", "save_history", "param_group_index", "output_simulated_values"),
    readers=READERS,
)
