"""Schedules of libraries that are not installed, transcribed, at settings drawn at random, to 1e-9 of the largest rate.

Each function draws the settings of one callable, and returns the schedule that the library's card leads to, and the rate of a
step as the library computes it. Its docstring names the file and the commit that were read. What a schedule cannot express is
not drawn; the table in schedules/README.md lists it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from random import Random

import numpy as np
import pytest

from schedules import (
    Constant,
    Cosine,
    DelayedExponential,
    Factor,
    InverseTime,
    Linear,
    Polynomial,
    Schedule,
    Steps,
    WarmRestarts,
)
from schedules.policies import Policy
from schedules.policies.knots import Knots
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.noam import Noam
from schedules.policies.one_cycle import OneCycle
from schedules.policies.range_test import RangeTest
from schedules.policies.rex import REX
from schedules.policies.step import Step

Case = tuple[Schedule, Callable[[int], float]]
DRAWS = 6
RELATIVE = 1e-9
CASES: list[Callable[[Random], Case]] = []
NEMO = {"warmup_progress": "from_one_to_next"}


def drawn(case: Callable[[Random], Case]) -> Callable[[Random], Case]:
    CASES.append(case)
    return case


def cosine(x: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * x))


def milestones(draw: Random, steps: int, most: int = 5) -> list[int]:
    return sorted(draw.sample(range(1, steps), draw.randint(1, most)))


def low(draw: Random) -> float:
    return draw.choice((0.0, 0.01, draw.uniform(0, 0.3)))


def schedule(policy: Policy, steps: int, **fields: object) -> Schedule:
    return Schedule(policy=policy, total_steps=steps, **{"peak_lr": 1.0, **fields})


def through(points: list[tuple[int, float]], steps: int, interpolation: str) -> Schedule:
    """A schedule through points (step, rate), of which the last may lie behind the run."""
    end, peak = max(steps, points[-1][0]), max(rate for _, rate in points)
    policy = Knots(points=tuple((step / end, rate / peak) for step, rate in points), interpolation=interpolation)
    return schedule(policy, steps, peak_lr=peak, horizon=Steps(end))


@drawn
def deepspeed_one_cycle(draw: Random) -> Case:
    """DeepSpeed, runtime/lr_schedules.py, OneCycle without stairs and decay, read at 22779f2."""
    up, down, least = draw.randint(10, 90), draw.randint(10, 90), draw.uniform(0.01, 0.5)
    policy = OneCycle(climb=Steps(up), start=least, end=least, shape="linear", finish="one_step_after")

    def rate(step: int) -> float:
        share = step / up if step <= up else max(0.0, (up + down - step) / down)
        return least + (1 - least) * share

    return schedule(policy, 200, horizon=Steps(up + down)), rate


@drawn
def deepspeed_range_test(draw: Random) -> Case:
    """DeepSpeed, runtime/lr_schedules.py, LRRangeTest with and without stairs, read at 22779f2."""
    size, growth, stairs = draw.randint(10, 60), draw.uniform(0.1, 5), draw.random() < 0.5
    periods = -(-200 // size) if stairs else 200 / size
    top = 1 + growth * periods
    ours = schedule(RangeTest(start=1 / top, shape="linear"), 200, peak_lr=top, update_every=size if stairs else 1)
    return ours, lambda step: 1 + growth * (step // size if stairs else step / size)


@drawn
def fairseq_cosine(draw: Random) -> Case:
    """fairseq, optim/lr_scheduler/cosine_lr_scheduler.py, read at 1ab54f9; cycles need not be whole."""
    period, mult, shrink, least = draw.randint(20, 90), draw.uniform(1.05, 2.5), draw.uniform(0.3, 1), low(draw)

    def rate(step: int) -> float:
        if step < 15:
            return least + step * (1 - least) / 15
        now = step - 15
        i = math.floor(math.log(1 - now / period * (1 - mult), mult))
        passed = now - (1 - mult**i) / (1 - mult) * period
        return shrink**i * (least + (1 - least) * cosine(passed / (mult**i * period)))

    policy = WarmRestarts(first_cycle=Steps(period), cycle_mult=mult, floor=least, peak_decay=shrink, shrinks="both")
    return schedule(policy, 300, warmup=Steps(15), warmup_start=least), rate


@drawn
def fairseq_fixed(draw: Random) -> Case:
    """fairseq, optim/lr_scheduler/fixed_schedule.py with force_anneal, whose epochs count from 1, read at 028d797."""
    epoch, first, shrink = draw.randint(3, 20), draw.randint(2, 8), draw.uniform(0.1, 0.9)
    ours = schedule(Factor(gamma=shrink), 15 * epoch, update_every=epoch, hold=Steps((first - 2) * epoch))
    return ours, lambda step: shrink ** max(0, step // epoch + 2 - first)


@drawn
def fairseq_inverse_square_root(draw: Random) -> Case:
    """fairseq, optim/lr_scheduler/inverse_square_root_schedule.py, read at 07665ac."""
    ramp, start = draw.randint(1, 150), draw.uniform(0, 0.3)
    ours = schedule(InverseTime(timescale=ramp, power=0.5), 300, warmup=Steps(ramp), warmup_start=start)
    return ours, lambda step: start + step * (1 - start) / ramp if step < ramp else (ramp / step) ** 0.5


@drawn
def fairseq_polynomial(draw: Random) -> Case:
    """fairseq, optim/lr_scheduler/polynomial_decay_schedule.py, read at 003179f."""
    total, ramp, end, power = draw.randint(60, 250), draw.randint(1, 50), low(draw), draw.uniform(0.3, 3)

    def rate(step: int) -> float:
        if step <= ramp:
            return step / ramp
        return end if step >= total else (1 - end) * (1 - (step - ramp) / (total - ramp)) ** power + end

    return schedule(Polynomial(power=power, floor=end), 200, horizon=Steps(total), warmup=Steps(ramp)), rate


@drawn
def fairseq_step(draw: Random) -> Case:
    """fairseq, optim/lr_scheduler/step_lr_scheduler.py, read at 5d7b70d: a floor by max, periods counted from the warm-up."""
    ramp, period, factor, least = draw.randint(1, 40), draw.randint(5, 80), draw.uniform(0.1, 1), low(draw)
    ours = schedule(Step(every=Steps(period), gamma=factor, floor=least), 300, warmup=Steps(ramp), warmup_start=least)

    def rate(step: int) -> float:
        if step < ramp:
            return least + step * (1 - least) / ramp
        return max(factor ** ((step - ramp) // period), least)

    return ours, rate


@drawn
def nemo_square_root(draw: Random) -> Case:
    """NeMo, core/optim/lr_scheduler.py, SquareRootAnnealing, read at 0165f08: its clock runs during the warm-up."""
    ramp, total, least = draw.randint(1, 40), draw.randint(80, 250), low(draw)

    def rate(step: int) -> float:
        if step <= ramp:
            return (step + 1) / (ramp + 1)
        return least if step > total else max(((total - step) / total) ** 0.5, least)

    counts = {"warmup": Steps(ramp + 1), "warmup_over": True, "warmup_progress": "from_one_to_last"}
    return schedule(Polynomial(power=0.5), 200, horizon=Steps(total), lowest=least, **counts), rate


@drawn
def nemo_constant_steps(draw: Random) -> Case:
    """NeMo, core/optim/lr_scheduler.py, CosineAnnealing with constant_steps at the end, read at 0165f08: another ramp."""
    ramp, held, least = draw.randint(1, 40), draw.randint(1, 60), low(draw)
    decay = 200 - held - ramp

    def rate(step: int) -> float:
        if step <= ramp:
            return step / ramp
        return least if step > ramp + decay else least + (1 - least) * cosine((step - ramp) / decay)

    return schedule(Cosine(floor=least), 200, horizon=Steps(200 - held), warmup=Steps(ramp)), rate


@drawn
def nemo_noam(draw: Random) -> Case:
    """NeMo, core/optim/lr_scheduler.py, NoamAnnealing with min_lr 0, read at 0165f08: step 0 has the rate of step 1."""
    ramp, width, rate_factor = draw.randint(1, 150), draw.choice((256, 512)), draw.uniform(0.5, 5)
    ours = schedule(Noam(climb=ramp, first=1), 300, peak_lr=rate_factor * (width * ramp) ** -0.5)
    return ours, lambda step: rate_factor * width**-0.5 * min(max(1, step) ** -0.5, max(1, step) * ramp**-1.5)


@drawn
def nemo_inverse_square_root(draw: Random) -> Case:
    """NeMo, core/optim/lr_scheduler.py, InverseSquareRootAnnealing, read at 0165f08: min_lr only after the last step."""
    ramp, total, least = draw.randint(1, 60), draw.randint(80, 250), low(draw)
    ours = schedule(
        InverseTime(timescale=ramp + 1, power=0.5),
        200,
        horizon=Steps(total + 1),
        warmup=Steps(ramp),
        after="drop",
        cooldown_floor=least,
        **NEMO,
    )

    def rate(step: int) -> float:
        done = (step + 1) / (ramp + 1)
        return done if step <= ramp else least if step > total else done**-0.5

    return ours, rate


@drawn
def nemo_t5(draw: Random) -> Case:
    """NeMo, core/optim/lr_scheduler.py, T5InverseSquareRootAnnealing, read at 0165f08: it ignores the optimizer's rate."""
    held = draw.randint(1, 100)
    ours = schedule(InverseTime(timescale=held, power=0.5), 300, peak_lr=held**-0.5, hold=Steps(held))
    return ours, lambda step: max(held, step) ** -0.5


@drawn
def nemo_polynomial_without_hold(draw: Random) -> Case:
    """NeMo, core/optim/lr_scheduler.py, PolynomialHoldDecayAnnealing without hold_steps, read at 0165f08.

    The decay is then counted from step 0 and its length without the warm-up.
    """
    ramp, power, least = draw.randint(1, 40), draw.uniform(0.3, 3), low(draw)

    def rate(step: int) -> float:
        if step <= ramp:
            return (step + 1) / (ramp + 1)
        return (1 - least) * (1 - min(step, 200 - ramp) / (200 - ramp)) ** power + least

    counts = {"warmup": Steps(ramp + 1), "warmup_over": True, "warmup_progress": "from_one_to_last"}
    return schedule(Polynomial(power=power, floor=least), 200, horizon=Steps(200 - ramp), **counts), rate


@drawn
def megatron_decay(draw: Random) -> Case:
    """Megatron-LM, core/optimizer_param_scheduler.py, linear and cosine, read at 00caa53."""
    ramp, total, least, first = draw.randint(1, 40), draw.randint(80, 250), low(draw), draw.uniform(0, 0.3)
    shape: Callable[[float], float]
    policy, shape = draw.choice(((Linear(end=least), lambda x: 1 - x), (Cosine(floor=least), cosine)))

    def rate(step: int) -> float:
        if step <= ramp:
            return first + (1 - first) * step / ramp
        return least if step > total else least + (1 - least) * shape((step - ramp) / (total - ramp))

    return schedule(policy, 200, horizon=Steps(total), warmup=Steps(ramp), warmup_start=first), rate


@drawn
def mmengine_stopped_cosine(draw: Random) -> Case:
    """mmengine, optim/scheduler/param_scheduler.py, CosineAnnealingLR with `end`, read at c7a3324: the last value stays."""
    begin, end, least = draw.randint(0, 50), draw.randint(120, 180), low(draw)
    length = draw.randint(end - begin, 300)
    stays = least + (1 - least) * cosine((end - 1 - begin) / length)
    ours = schedule(Cosine(floor=least), 200, hold=Steps(begin), horizon=Steps(begin + length), lowest=stays)
    return ours, lambda step: least + (1 - least) * cosine((min(max(step, begin), end - 1) - begin) / length)


@drawn
def mmengine_polynomial(draw: Random) -> Case:
    """mmengine, optim/scheduler/param_scheduler.py, PolyLR, read at c7a3324: it ends on step `end` - 1."""
    begin, end, least, power = draw.randint(0, 50), draw.randint(100, 200), low(draw), draw.uniform(0.3, 3)
    total = end - begin - 1
    ours = schedule(Polynomial(power=power, floor=least), 200, hold=Steps(begin), horizon=Steps(begin + total))

    def rate(step: int) -> float:
        return least + (1 - least) * (1 - min(max(0, step - begin), total) / total) ** power

    return ours, rate


@drawn
def mmengine_restarts(draw: Random) -> Case:
    """mmengine, optim/scheduler/param_scheduler.py, CosineRestartLR with any periods and weights, read at c7a3324."""
    periods = [draw.randint(10, 60) for _ in range(draw.randint(1, 6))]
    weights, least = [draw.uniform(0.2, 1) for _ in periods], low(draw) / 10
    starts = [sum(periods[:i]) for i in range(len(periods))]
    points = [
        point
        for start, period, weight in zip(starts, periods, weights, strict=True)
        for point in ((start, weight), (start + period, least))
    ]

    def rate(step: int) -> float:
        i = bisect_right(starts, step) - 1
        return least + (weights[i] - least) * cosine((step - starts[i]) / periods[i])

    return through(points, sum(periods), "cosine"), rate


@drawn
def mmdet_quadratic(draw: Random) -> Case:
    """mmdetection, engine/schedulers/quadratic_warmup.py, QuadraticWarmupLR, then CosineAnnealingLR."""
    ramp, least = draw.randint(1, 30), low(draw)
    counts = {"warmup": Steps(ramp), "warmup_shape": "quadratic", "warmup_progress": "from_one_to_last"}

    def rate(step: int) -> float:
        if step < ramp:
            return ((step + 1) / ramp) ** 2
        return least + (1 - least) * cosine((step - ramp) / (200 - ramp))

    return schedule(Cosine(floor=least), 200, **counts), rate


@drawn
def mmengine_ramp_times_steps(draw: Random) -> Case:
    """mmengine, optim/scheduler/param_scheduler.py, LinearLR beside MultiStepLR, read at c7a3324: they multiply."""
    ramp, start, at, factor = draw.randint(2, 60), draw.uniform(0.001, 0.5), milestones(draw, 200), draw.uniform(0.1, 0.9)
    ours = schedule(
        MultiFactor(milestones=tuple(map(Steps, at)), gamma=factor),
        200,
        warmup=Steps(ramp),
        warmup_start=start,
        warmup_over=True,
        warmup_multiplies=True,
        warmup_progress="to_last",
    )
    return ours, lambda step: (start + (1 - start) * min(1, step / (ramp - 1))) * factor ** bisect_right(at, step)


@drawn
def ignite_with_warmup(draw: Random) -> Case:
    """pytorch-ignite, handlers/param_scheduler.py, create_lr_scheduler_with_warmup, read at 00af057.

    The peak is reached on the last step of the ramp, and the schedule goes on from its second value.
    """
    ramp, start, factor = draw.randint(2, 40), draw.uniform(0, 0.5), draw.uniform(0.9, 0.999)
    ours = schedule(Factor(gamma=factor), 150, warmup=Steps(ramp - 1), warmup_start=start)
    return ours, lambda step: start + (1 - start) * step / (ramp - 1) if step < ramp else factor ** (step - ramp + 1)


@drawn
def composer_milestones(draw: Random) -> Case:
    """Composer, optim/scheduler.py, MultiStepWithWarmupScheduler, read at 01f3028: milestones count from step 0."""
    ramp, at, factor = draw.randint(1, 60), milestones(draw, 200), draw.uniform(0.1, 0.9)
    policy = MultiFactor(milestones=tuple(map(Steps, at)), gamma=factor)
    ours = schedule(policy, 200, warmup=Steps(ramp), warmup_over=True)
    return ours, lambda step: step / ramp if step < ramp else factor ** bisect_right(at, step)


@drawn
def composer_line(draw: Random) -> Case:
    """Composer, optim/scheduler.py, LinearWithWarmupScheduler, read at 01f3028: the ramp leads to alpha_i."""
    ramp, total, first, last = draw.randint(1, 60), draw.randint(80, 250), draw.uniform(0.1, 1), draw.uniform(0, 1)

    def rate(step: int) -> float:
        if step < ramp:
            return first * step / ramp
        return first + min(1, (step - ramp) / (total - ramp)) * (last - first)

    return schedule(Linear(start=first, end=last), 200, horizon=Steps(total), warmup=Steps(ramp)), rate


@drawn
def fvcore_milestones(draw: Random) -> Case:
    """fvcore, common/param_scheduler.py, MultiStepParamScheduler with another num_updates than the run, read at 0c9e9e1."""
    updates, values = draw.randint(50, 900), [draw.uniform(0.01, 1) for _ in range(4)]
    at = sorted(draw.sample(range(1, updates), 3))

    def rate(step: int) -> float:
        return values[bisect_right(at, int((step / 200 + 1e-6) * updates))]

    first = (next((step for step in range(200) if int((step / 200 + 1e-6) * updates) >= m), 200) for m in at)
    return through([(0, values[0]), *zip(first, values[1:], strict=True)], 200, "steps"), rate


@drawn
def fvcore_fixed_gamma(draw: Random) -> Case:
    """fvcore, common/param_scheduler.py, StepWithFixedGammaParamScheduler, read at 0c9e9e1: a tolerance of 1e-6 of the run."""
    steps, decays, factor = draw.randint(60, 300), draw.randint(1, 6), draw.uniform(0.1, 0.9)

    def count(step: int) -> int:
        return int((step / steps + 1e-6) * (decays + 1))

    at = tuple(Steps(next(step for step in range(steps) if count(step) >= i)) for i in range(1, decays + 1))
    return schedule(MultiFactor(milestones=at, gamma=factor), steps), lambda step: factor ** count(step)


@drawn
def detectron2_cosine(draw: Random) -> Case:
    """detectron2, solver/build.py, WarmupCosineLR by WarmupParamScheduler, read at 1846f91: the ramp leads to the curve."""
    ramp, start, least, shape = draw.randint(1, 60), draw.uniform(0, 0.5), low(draw), draw.choice(("linear", "constant"))
    met = least + (1 - least) * cosine(ramp / 200)

    def rate(step: int) -> float:
        if step < ramp:
            return start + (met - start) * step / ramp * (shape == "linear")
        return least + (1 - least) * cosine(step / 200)

    over = {"warmup_over": True, "warmup_target": "end", "warmup_start": start / met, "warmup_shape": shape}
    return schedule(Cosine(floor=least), 200, warmup=Steps(ramp), **over), rate


@drawn
def paddle_noam(draw: Random) -> Case:
    """paddle, optimizer/lr.py, NoamDecay, read at 00816fc: the first rate is 0."""
    ramp, width = draw.randint(1, 150), draw.choice((64, 512))
    ours = schedule(Noam(climb=ramp), 300, peak_lr=(width * ramp) ** -0.5)
    return ours, lambda step: width**-0.5 * min(step**-0.5 if step else 1, ramp**-1.5 * step)


@drawn
def paddle_polynomial(draw: Random) -> Case:
    """paddle, optimizer/lr.py, PolynomialDecay with cycle, read at 00816fc."""
    length, end, power = draw.randint(20, 90), low(draw), draw.uniform(0.3, 3)
    ours = schedule(Polynomial(power=power, floor=end, cycle=True), 200, horizon=Steps(length), after="continue")
    return ours, lambda step: (1 - end) * (1 - step / (length * max(1, math.ceil(step / length)))) ** power + end


@drawn
def fastai_one_cycle(draw: Random) -> Case:
    """fastai, callback/schedule.py, fit_one_cycle and, with a start of 1, fit_flat_cos, read at 0a049e8."""
    share, start, end = draw.uniform(0.1, 0.9), draw.choice((1.0, draw.uniform(0.01, 1))), draw.uniform(1e-6, 0.1)
    policy = OneCycle(climb=share, start=start, end=end, finish="one_step_after")

    def rate(step: int) -> float:
        x = step / 200
        if x < share:
            return start + (1 - start) * (1 - cosine(x / share))
        return end + (1 - end) * cosine((x - share) / (1 - share))

    return schedule(policy, 200), rate


@drawn
def fastai_range_test(draw: Random) -> Case:
    """fastai, callback/schedule.py, lr_find and a rising SchedExp, read at 0a049e8."""
    first, last = 10 ** draw.uniform(-7, -3), draw.uniform(0.1, 10)
    ours = schedule(RangeTest(start=first / last), 100, peak_lr=last)
    return ours, lambda step: first * (last / first) ** (step / 100)


@drawn
def fastai_exponential(draw: Random) -> Case:
    """fastai, callback/schedule.py, SchedExp, read at 0a049e8; fvcore's ExponentialParamScheduler is the same."""
    end = draw.uniform(0.001, 0.9)
    return schedule(DelayedExponential(hold=0, end=end), 150), lambda step: end ** (step / 150)


@drawn
def pytorch_optimizer_wsd(draw: Random) -> Case:
    """pytorch_optimizer, lr_scheduler/wsd.py, get_wsd_schedule, read at 1fe5dca: only the cosine ends at min_lr_ratio."""
    ramp, flat, fall, least = draw.randint(1, 30), draw.randint(1, 90), draw.randint(5, 80), low(draw)
    shapes = {
        "cosine": cosine,
        "one_minus_sqrt": lambda y: 1 - y**0.5,
        "linear": lambda y: 1 - y,
        "square": lambda y: 1 - y * y,
    }
    name, shape = draw.choice(list(shapes.items()))
    end = least if name == "cosine" else 0.0
    lengths = {"warmup": Steps(ramp), "cooldown": Steps(fall), "cooldown_shape": name, "cooldown_floor": end}

    def rate(step: int) -> float:
        if step < ramp:
            return step / ramp
        return 1.0 if step < ramp + flat else end + (1 - end) * shape((step - ramp - flat) / fall)

    return schedule(Constant(), ramp + flat + fall, **lengths), rate


@drawn
def pytorch_optimizer_exponential(draw: Random) -> Case:
    """pytorch_optimizer, lr_scheduler/linear_warmup.py, ExponentialScheduler, read at 337bbb1: a floor by max."""
    ramp, start, factor, least = draw.randint(1, 40), draw.uniform(0, 0.3), draw.uniform(0.9, 0.999), low(draw)
    ours = schedule(Factor(gamma=factor, floor=least), 200, warmup=Steps(ramp), warmup_start=start)
    return ours, lambda step: start + (1 - start) * step / ramp if step < ramp else max(factor ** (step - ramp), least)


@drawn
def pytorch_optimizer_rex(draw: Random) -> Case:
    """pytorch_optimizer, lr_scheduler/rex.py, REXScheduler, read at 1fe5dca."""
    least = low(draw)
    return schedule(REX(floor=least), 150), lambda step: least + (1 - least) * (1 - step / 150) / (1 - step / 300)


@drawn
def torchtitan_now(draw: Random) -> Case:
    """torchtitan, components/lr_scheduler.py since June 2025: the peak is on the last step of the ramp, 0 one after the run."""
    ramp, least = draw.randint(1, 40), low(draw)
    fall = draw.choice((200 - ramp, draw.randint(1, 200 - ramp)))
    stable = 200 + 1 - ramp - fall

    def rate(step: int) -> float:
        if step < ramp:
            return (step + 1) / ramp
        return 1.0 if step < ramp + stable else least + (1 - least) * (1 - (step + 1 - ramp - stable) / fall)

    counts = {"warmup_progress": "from_one_to_last", "cooldown_floor": least}
    return schedule(Constant(), 200, warmup=Steps(ramp), cooldown=Steps(fall), **counts), rate


@drawn
def nanogpt(draw: Random) -> Case:
    """nanoGPT, train.py, get_lr."""
    ramp, total, least = draw.randint(0, 40), draw.randint(80, 200), draw.uniform(0, 0.3)

    def rate(step: int) -> float:
        if step < ramp:
            return (step + 1) / (ramp + 1)
        return least if step > total else least + (1 - least) * cosine((step - ramp) / (total - ramp))

    return schedule(Cosine(floor=least), 200, horizon=Steps(total), warmup=Steps(ramp), **NEMO), rate


@drawn
def modded_nanogpt(draw: Random) -> Case:
    """modded-nanogpt, train_gpt.py, get_lr: the length of the cool-down need not be whole."""
    share, end = draw.uniform(0.1, 0.9), draw.uniform(0.01, 0.2)
    policy = OneCycle(climb=1 - share, start=1, end=end, shape="linear", finish="one_step_after")
    return schedule(policy, 200), lambda step: end + (1 - end) * min(1, (1 - step / 200) / share)


@drawn
def stable_baselines3(draw: Random) -> Case:
    """Stable-Baselines3, common/utils.py, get_linear_fn in PPO, read at 004307a: a rollout counts before its updates."""
    rollouts, updates, end, fraction = draw.randint(10, 40), draw.randint(1, 8), draw.uniform(0.01, 0.9), draw.uniform(0.1, 0.9)
    policy = OneCycle(climb=0, start=end, end=end, phases="three", settle=fraction, shape="linear", finish="one_step_after")

    def rate(step: int) -> float:
        return 1 + min(1, (step // updates + 1) / rollouts / fraction) * (end - 1)

    return schedule(policy, rollouts * updates, update_every=updates, first_step=1), rate


@drawn
def axolotl(draw: Random) -> Case:
    """axolotl, utils/schedulers.py, cosine_constant_lr_ratio and cosine_min_lr_ratio."""
    ramp, least, constant = draw.randint(0, 30), draw.uniform(0, 0.5), int(200 * draw.uniform(0.4, 0.95))

    def rate(step: int) -> float:
        if step < ramp:
            return step / ramp
        return least + (1 - least) * cosine((min(step, constant) - ramp) / (constant - ramp))

    return schedule(Cosine(floor=least), 200, horizon=Steps(constant), warmup=Steps(ramp)), rate


@drawn
def lightning_bolts(draw: Random) -> Case:
    """lightning-bolts 0.7.0, LinearWarmupCosineAnnealingLR: the peak is on the last step of the ramp, and on the next."""
    ramp, start, least = draw.randint(2, 40), draw.uniform(0, 0.5), low(draw)
    ours = schedule(Cosine(floor=least), 200, warmup=Steps(ramp), warmup_start=start, warmup_progress="to_last")

    def rate(step: int) -> float:
        if step < ramp:
            return start + (1 - start) * step / (ramp - 1)
        return least + (1 - least) * cosine((step - ramp) / (200 - ramp))

    return ours, rate


@drawn
def ultralytics_cosine(draw: Random) -> Case:
    """Ultralytics, engine/trainer.py with cos_lr: half a cosine per epoch behind a warm-up per batch."""
    batches, epochs, end, first = draw.randint(3, 20), draw.randint(5, 20), draw.uniform(0.01, 0.5), draw.choice((0.0, 10.0))
    ramp = draw.randint(1, 3 * batches)

    def rate(step: int) -> float:
        value = (1 - cosine(step // batches / epochs)) * (end - 1) + 1
        return first + (value - first) * step / ramp if step <= ramp else value

    over = {"warmup_over": True, "warmup_unit": "steps", "warmup_target": "curve", "warmup_start": first}
    return schedule(Cosine(floor=end), batches * epochs, update_every=batches, warmup=Steps(ramp), **over), rate


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_rates_agree_at_any_setting(case):
    for seed in range(DRAWS):
        ours, rate = case(Random(seed))
        theirs = np.array([rate(step) for step in range(ours.total_steps)])
        assert np.max(np.abs(ours.lrs() - theirs)) <= RELATIVE * np.max(theirs), seed
