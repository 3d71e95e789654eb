"""PaddlePaddle: paddle.optimizer.lr.

Counting, read in python/paddle/optimizer/lr.py at 00816fc:

* As in PyTorch, with end_learning_rate as a rate in OneCycleLR. NoamDecay starts from 0.
* The schedule in LinearWarmup starts after the ramp k / W to end_lr, whether or not it starts there.
"""

from __future__ import annotations

import math

from schedules.libraries._base import Library
from schedules.libraries._call import Call, CallError, Read, endless, planned, rate, steps
from schedules.libraries._curves import fitted
from schedules.libraries._phases import end_rate, fading, run_length, sampled
from schedules.libraries.torch import multiplicative_lr, reduce_on_plateau
from schedules.policies.cosine import Cosine
from schedules.policies.cyclic import Cyclic
from schedules.policies.inverse_time import InverseTime
from schedules.policies.knots import Knots
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.noam import Noam
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.step import Step
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import Schedule
from schedules.words import say


def base_rate(call: Call, default: float | None = None) -> float:
    """The rate of the schedule, which paddle's optimizers take over."""
    return call.rate("learning_rate", default)


def noam(call: Call) -> Read:
    climb = call.count("warmup_steps", least=1)
    return endless(Noam(climb=climb), base_rate(call, 1.0) * (call.number("d_model") * climb) ** -0.5)


def piecewise(call: Call) -> Read:
    bounds, values = call.numbers("boundaries", "count"), call.numbers("values", "rate")
    if len(values) != len(bounds) + 1 or not bounds or sorted(bounds) != bounds or max(values) <= 0:
        raise CallError(say("reading.pieces", call=call.name))
    end, peak = bounds[-1], max(values)
    points = tuple((at / end, value / peak) for at, value in zip((0.0, *bounds), values, strict=True))
    return Read(Schedule(policy=Knots(points=points, interpolation="steps"), peak_lr=peak, horizon=steps(end)))


def natural_exp(call: Call) -> Read:
    return endless(fading(math.exp(-call.number("gamma"))), base_rate(call))


def inverse_time(call: Call) -> Read:
    return endless(InverseTime(timescale=1 / call.number("gamma")), base_rate(call))


def polynomial(call: Call) -> Read:
    peak, cycle = base_rate(call), call.switch("cycle")
    policy = Polynomial(power=call.number("power", 1.0), floor=end_rate(call, "end_lr", peak, 1e-4), cycle=cycle)
    return planned(policy, peak, call.count("decay_steps", least=1), after="continue" if cycle else "hold")


def linear_warmup(call: Call) -> Read:
    """The schedule starts after the ramp; a ramp to another rate than its first is drawn through knots."""
    ramp, start, end = call.count("warmup_steps", least=1), call.rate("start_lr"), call.rate("end_lr")
    inner = call.arguments.get("learning_rate")
    inner_read = call.read(inner) if isinstance(inner, Call) else endless(Linear(start=1, end=1), base_rate(call))
    schedule = inner_read.schedule
    first = float(schedule(0))
    if abs(first - end) <= 1e-12 * max(first, end) and not schedule.warmup and start <= end:
        fields = {"warmup": steps(ramp), "warmup_start": rate(start)}
        if inner_read.planned is None:
            return Read(schedule.replace(horizon=steps(ramp + 1), after="continue", **fields))
        return Read(schedule.replace(horizon=steps(inner_read.planned + ramp), **fields), inner_read.planned + ramp)
    length = run_length(call) if inner_read.planned is None else inner_read.planned + ramp
    schedule = schedule.replace(total_steps=max(1, length - ramp))
    return sampled(
        call, lambda step: start + (end - start) * step / ramp if step < ramp else float(schedule(step - ramp)), length
    )


def exponential(call: Call) -> Read:
    return endless(fading(call.number("gamma")), base_rate(call))


def multi_step(call: Call) -> Read:
    at = tuple(steps(each) for each in call.numbers("milestones", "count"))
    return endless(MultiFactor(milestones=at, gamma=call.number("gamma", 0.1)), base_rate(call))


def step(call: Call) -> Read:
    return endless(Step(every=steps(call.count("step_size", least=1)), gamma=call.number("gamma", 0.1)), base_rate(call))


def by_function(call: Call) -> Read:
    """The function's values through knots."""
    peak, length, function = base_rate(call), run_length(call), call.function("lr_lambda")
    return fitted(call, lambda k: peak * function(k), None, (), length)


def by_factors(call: Call) -> Read:
    call.findings.peak = base_rate(call)
    return multiplicative_lr(call)


def on_plateau(call: Call) -> Read:
    """As torch's, but in a rest the metric is not looked at."""
    call.findings.peak = base_rate(call)
    if call.number("cooldown", 0.0):
        call.note("plateau_rest")
    return reduce_on_plateau(call)


def cosine_annealing(call: Call) -> Read:
    peak = base_rate(call)
    return planned(Cosine(floor=end_rate(call, "eta_min", peak)), peak, call.count("T_max", least=1), after="continue")


def one_cycle(call: Call) -> Read:
    peak, climb = call.rate("max_learning_rate"), call.number("phase_pct", 0.3)
    policy = OneCycle(
        climb=climb,
        settle=min(2.0, 2 * climb),
        start=1 / call.number("divide_factor", 25.0),
        end=end_rate(call, "end_learning_rate", peak, 1e-4),
        shape={"cos": "cosine", "linear": "linear"}[call.text("anneal_strategy", "cos", ("cos", "linear"))],
        phases="three" if call.switch("three_phase") else "two",
    )
    return planned(policy, peak, call.count("total_steps", least=1))


def cyclic(call: Call) -> Read:
    peak, up = call.rate("max_learning_rate"), call.count("step_size_up", least=1)
    if call.has("scale_fn"):
        raise CallError(say("reading.not_read", name="scale_fn"))
    mode, gamma = call.text("mode", "triangular", ("triangular", "triangular2", "exp_range")), call.number("exp_gamma", 1.0)
    policy = Cyclic(
        up=steps(up),
        down=steps(call.count("step_size_down", up, least=1)),
        mode="triangular" if gamma == 1 and mode == "exp_range" else mode,
        gamma=0.99 if gamma == 1 else gamma,
        floor=end_rate(call, "base_learning_rate", peak),
    )
    return endless(policy, peak)


def linear(call: Call) -> Read:
    policy = Linear(start=call.number("start_factor", 1 / 3), end=call.number("end_factor", 1.0))
    return planned(policy, base_rate(call), call.count("total_steps", least=1))


def warm_restarts(call: Call) -> Read:
    peak, first, growth = base_rate(call), call.count("T_0", least=1), call.count("T_mult", 1, least=1)
    floor = end_rate(call, "eta_min", peak)
    return endless(WarmRestarts(first_cycle=steps(first), cycle_mult=growth, floor=floor), peak)


LIBRARY = Library(
    rank=16,
    version="3.3.1",
    source="github.com/PaddlePaddle/Paddle, python/paddle/optimizer/lr.py",
    signatures={
        "NoamDecay": ("d_model", "warmup_steps", "learning_rate"),
        "PiecewiseDecay": ("boundaries", "values"),
        "NaturalExpDecay": ("learning_rate", "gamma"),
        "InverseTimeDecay": ("learning_rate", "gamma"),
        "PolynomialDecay": ("learning_rate", "decay_steps", "end_lr", "power", "cycle"),
        "LinearWarmup": ("learning_rate", "warmup_steps", "start_lr", "end_lr"),
        "ExponentialDecay": ("learning_rate", "gamma"),
        "MultiStepDecay": ("learning_rate", "milestones", "gamma"),
        "StepDecay": ("learning_rate", "step_size", "gamma"),
        "LambdaDecay": ("learning_rate", "lr_lambda"),
        "ReduceOnPlateau": (
            "learning_rate",
            "mode",
            "factor",
            "patience",
            "threshold",
            "threshold_mode",
            "cooldown",
            "min_lr",
            "epsilon",
        ),
        "CosineAnnealingDecay": ("learning_rate", "T_max", "eta_min"),
        "MultiplicativeDecay": ("learning_rate", "lr_lambda"),
        "OneCycleLR": (
            "max_learning_rate",
            "total_steps",
            "divide_factor",
            "end_learning_rate",
            "phase_pct",
            "anneal_strategy",
            "three_phase",
        ),
        "CyclicLR": (
            "base_learning_rate",
            "max_learning_rate",
            "step_size_up",
            "step_size_down",
            "mode",
            "exp_gamma",
            "scale_fn",
            "scale_mode",
        ),
        "LinearLR": ("learning_rate", "total_steps", "start_factor", "end_factor"),
        "CosineAnnealingWarmRestarts": ("learning_rate", "T_0", "T_mult", "eta_min"),
    },
    cards={
        "MultiStepDecay": ("multi_factor",),
        "LambdaDecay": ("knots",),
        "ReduceOnPlateau": ("plateau",),
        "MultiplicativeDecay": ("factor", "knots"),
        "ExponentialDecay": ("factor",),
    },
    keys={
        "divide_factor": "one_cycle",
        "phase_pct": "one_cycle",
        "exp_gamma": "cyclic",
        "start_lr": "warmup",
    },
    readers={
        "NoamDecay": noam,
        "PiecewiseDecay": piecewise,
        "NaturalExpDecay": natural_exp,
        "InverseTimeDecay": inverse_time,
        "PolynomialDecay": polynomial,
        "LinearWarmup": linear_warmup,
        "ExponentialDecay": exponential,
        "MultiStepDecay": multi_step,
        "StepDecay": step,
        "LambdaDecay": by_function,
        "MultiplicativeDecay": by_factors,
        "ReduceOnPlateau": on_plateau,
        "CosineAnnealingDecay": cosine_annealing,
        "OneCycleLR": one_cycle,
        "CyclicLR": cyclic,
        "LinearLR": linear,
        "CosineAnnealingWarmRestarts": warm_restarts,
    },
)
