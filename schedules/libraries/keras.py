"""Keras: keras.optimizers.schedules and keras.callbacks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.quantities import Steps
from schedules.feedback.plateau import Plateau
from schedules.libraries._base import Library
from schedules.libraries._call import Call, CallError, Function, Read, Reader, endless, planned, rate, steps
from schedules.libraries._curves import factor_read, fitted, levels_read, milestones_read
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.inverse_time import InverseTime
from schedules.policies.polynomial import Polynomial
from schedules.policies.step import Step
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import Schedule
from schedules.words import say


def exponential(call: Call) -> Read:
    start, length = call.rate("initial_learning_rate"), call.number("decay_steps", kind="count")
    gamma, stairs = call.number("decay_rate"), call.switch("staircase")
    if length <= 0:
        raise CallError(say("reading.divides_by_zero", name="decay_steps"))
    if stairs and 0 <= gamma <= 1 and length == int(length):
        return endless(Step(every=steps(length), gamma=gamma), start)
    if stairs:
        return fitted(call, lambda k: start * gamma ** np.floor(k / length), None)
    return factor_read(call, start, gamma, length)


def piecewise_constant(call: Call) -> Read:
    """A boundary belongs to the rate before it: the next rate starts one step later."""
    boundaries, values = call.numbers("boundaries", "count"), call.numbers("values", "rate")
    if len(values) != len(boundaries) + 1:
        raise CallError(say("reading.values", values=len(values), boundaries=len(boundaries)))
    if boundaries != sorted(boundaries):
        raise CallError(say("reading.ascending", name="boundaries"))
    if not boundaries:
        return endless(Constant(), values[0])
    at = [np.floor(each) + 1.0 for each in boundaries]
    ratios = [b / a if a else 0.0 for a, b in pairwise(values)]
    if max(ratios) - min(ratios) < 1e-12 and 0 < ratios[0] < 1:
        return milestones_read(at, ratios[0], values[0])
    return levels_read(at, values)


def polynomial(call: Call) -> Read:
    """With `cycle` the length grows to the next multiple of `decay_steps`."""
    start, length, low = (
        call.rate("initial_learning_rate"),
        call.count("decay_steps", least=1),
        call.rate("end_learning_rate", 1e-4),
    )
    power, cycle = call.number("power", 1.0), call.switch("cycle")
    if 0 <= low <= start:
        policy = Polynomial(power=power, floor=rate(low), cycle=cycle)
        return planned(policy, start, length, after="continue" if cycle else "hold")

    def rates(k: FloatArray) -> FloatArray:
        size = length * np.maximum(1, np.ceil(k / length)) if cycle else length
        x = k / size if cycle else np.minimum(k, length) / length
        return np.asarray((start - low) * (1 - x) ** power + low)

    return fitted(call, rates, length + 1)._replace(planned=length)


def inverse_time(call: Call) -> Read:
    """A staircase changes every `decay_steps` steps."""
    start, length, factor = (
        call.rate("initial_learning_rate"),
        call.number("decay_steps", kind="count"),
        call.number("decay_rate"),
    )
    if length <= 0 or factor < 0:
        raise CallError(say("reading.divides_by_zero" if length <= 0 else "reading.negative_number", name="decay_steps"))
    if factor == 0:
        return endless(Constant(), start)
    if call.switch("staircase"):
        if length != int(length):
            raise CallError(say("reading.count", name="decay_steps", least=1, value=length))
        return endless(InverseTime(timescale=1 / factor), start, update_every=int(length))
    return endless(InverseTime(timescale=length / factor), start)


def cosine(call: Call) -> Read:
    """`decay_steps` comes after the warm-up; `alpha` is a share of the rate where the decay starts."""
    start, length, low = call.rate("initial_learning_rate"), call.count("decay_steps", least=1), call.number("alpha", 0.0)
    warmup = call.count("warmup_steps", 0)
    if not call.has("warmup_target"):
        if warmup:
            call.note("no_warmup_target")
        return planned(Cosine(floor=low), start, length)
    peak = call.rate("warmup_target")
    if peak <= 0:
        raise CallError(say("reading.zero", name=call.name))
    return planned(Cosine(floor=low), peak, length + warmup, warmup=Steps(warmup), warmup_start=start / peak)


def restarts(call: Call) -> Read:
    """The floor stays while the cycles shrink."""
    start, first = call.rate("initial_learning_rate"), call.number("first_decay_steps", kind="count")
    if first <= 0:
        raise CallError(say("reading.divides_by_zero", name="first_decay_steps"))
    growth, decay, low = call.number("t_mul", 2.0), call.number("m_mul", 1.0), call.number("alpha", 0.0)
    if first != int(first):
        raise CallError(say("reading.count", name="first_decay_steps", least=1, value=first))
    policy = WarmRestarts(first_cycle=steps(first), cycle_mult=growth, peak_decay=decay, floor=low)
    return endless(policy, start)


def callback(call: Call) -> Read:
    """A function of the epoch, or of the epoch and the present rate; it is called at the start of every epoch."""
    value = call.arguments.get("schedule")
    function = call.function("schedule")
    count = min(2_000, call.findings.run_length(call.line) or 200)
    call.findings.stepped = call.findings.stepped or "epoch"
    if not isinstance(value, Function) or value.arity < 2:
        return fitted(call, function, None, (), count)
    values, present = [], call.peak()
    for epoch in range(count):
        present = float(function(np.array([float(epoch)]), np.array([present]))[0])
        values.append(present)
    table = np.array(values)
    return fitted(call, lambda k: table[np.minimum(k.astype(int), count - 1)], None, (), count)


def schedule_of_text(call: Call) -> Read:
    """A subclass of the text, as the function of the step that its `__call__` is."""
    return fitted(call, call.function("schedule"), None)


def plateau(call: Call) -> Read:
    """Keras reduces when as many epochs as the patience were bad; `min_delta` is a difference."""
    base, low = call.peak(), call.rate("min_lr", 0.0)
    mode, monitor = call.text("mode", "auto", ("auto", "min", "max")), call.text("monitor", "val_loss")
    if mode == "auto":
        mode = "max" if "acc" in monitor or monitor.startswith("fmeasure") else "min"
    rule = Plateau(
        factor=call.number("factor", 0.1),
        patience=call.count("patience", 10),
        every=1,
        threshold=call.number("min_delta", 1e-4),
        mode=mode,
        measure="difference",
        counting="keras",
        cooldown=call.count("cooldown", 0),
        floor=min(1.0, low / base),
    )
    call.findings.stepped = call.findings.stepped or "epoch"
    return Read(Schedule(policy=Constant(), peak_lr=base), None, rule)


READERS: dict[str, Reader] = {
    "ExponentialDecay": exponential,
    "PiecewiseConstantDecay": piecewise_constant,
    "PolynomialDecay": polynomial,
    "InverseTimeDecay": inverse_time,
    "CosineDecay": cosine,
    "CosineDecayRestarts": restarts,
    "LearningRateSchedule": schedule_of_text,
    "LearningRateScheduler": callback,
    "ReduceLROnPlateau": plateau,
}


LIBRARY = Library(
    rank=5,
    version="3.15.1",
    signatures={
        "ExponentialDecay": ("initial_learning_rate", "decay_steps", "decay_rate", "staircase"),
        "PiecewiseConstantDecay": ("boundaries", "values"),
        "PolynomialDecay": ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle"),
        "InverseTimeDecay": ("initial_learning_rate", "decay_steps", "decay_rate", "staircase"),
        "CosineDecay": ("initial_learning_rate", "decay_steps", "alpha", "warmup_target", "warmup_steps"),
        "CosineDecayRestarts": ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha"),
        "LearningRateScheduler": ("schedule",),
        "ReduceLROnPlateau": ("monitor", "factor", "patience", "mode", "min_delta", "cooldown", "min_lr"),
    },
    others={"LearningRateSchedule": ("schedule",)},
    cards={"LearningRateScheduler": ("knots",)},
    orders={
        "CosineDecay": ("initial_learning_rate", "decay_steps", "alpha", "name", "warmup_target", "warmup_steps"),
        "ReduceLROnPlateau": ("monitor", "factor", "patience", "verbose", "mode", "min_delta", "cooldown", "min_lr"),
    },
    imports=("keras", "tensorflow", "tf"),
    readers=READERS,
)
