"""MMEngine: mmengine.optim.scheduler.

Counting, read in mmengine/optim/scheduler/param_scheduler.py at c7a3324:

* A scheduler changes the rate at steps begin <= k < end, and its last value stays.
* LinearLR and PolyLR reach their end on step end - 1, ConstantLR returns to 1 on step end - 1.
* CosineAnnealingLR without T_max has end - begin, so it stops one step before eta_min.
* Schedulers over the same steps multiply.
* QuadraticWarmupLR of mmdetection and mmpose: ((k + 1) / n)^2.
* OneCycleLR counts as PyTorch's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from schedules.core.quantities import Rate
from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, steps
from schedules.libraries._phases import end_rate, fading, sampled
from schedules.libraries.torch import reduce_on_plateau
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.knots import Knots
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.step import Step
from schedules.schedule import Schedule
from schedules.words import say

WHEN = ("begin", "end", "by_epoch", "convert_to_iter_based")
"""Arguments of every scheduler; the last one is the configuration's."""
ENDLESS = 10**9
"""`end` where it is not given."""
LONGEST = 100_000
"""Most steps that are computed one after the other."""
RAMPS = ("LinearLR", "ConstantLR", "QuadraticWarmupLR")


class Part(NamedTuple):
    """A scheduler of a list with its times in steps of the curve; `held` is the length of an epoch that it waits for, or 1."""

    call: Call
    begin: int
    end: int
    scale: int
    held: int

    @property
    def kind(self) -> str:
        return self.call.name

    @property
    def length(self) -> int:
        """Steps from `begin` to `end`."""
        return self.end - self.begin


def reader(call: Call) -> Read:
    """Read a scheduler that stands alone."""
    return read_list(call, [call])


def param_scheduler(call: Call) -> Read:
    return read_list(call, call.calls("schedulers"))


def read_list(call: Call, calls: Sequence[Call]) -> Read:
    """Read schedulers that run at the same time: a warm-up and one other at most, or the planned_steps list through knots."""
    if len(calls) == 1 and calls[0].name == "ReduceOnPlateauLR":
        return on_plateau(calls[0])
    parts = _parts(call, calls)
    peak = call.peak()
    ramp = parts[0] if parts[0].kind in RAMPS and _is_ramp(parts[0]) else None
    rest = parts[1:] if ramp else parts
    if any(part.kind in ("OneCycleLR", "CosineRestartLR") for part in parts) and len(parts) > 1:
        raise CallError(say("reading.not_read", name="OneCycleLR, CosineRestartLR"))
    if parts[0].kind == "OneCycleLR":
        return _one_cycle(parts[0])
    if parts[0].kind == "CosineRestartLR":
        return _restarts(parts[0], peak)
    found = None
    if len(rest) <= 1 and not (rest and rest[0].kind == "QuadraticWarmupLR"):
        found = _exact(ramp, rest[0] if rest else None, peak)
    return found or _by_steps(call, parts, peak)


def _parts(call: Call, calls: Sequence[Call]) -> list[Part]:
    """The schedulers with their times in one unit: epochs if all of them step once per epoch, else iterations."""
    by_epoch = [each.switch("by_epoch", True) for each in calls]
    converted = [each.switch("convert_to_iter_based") for each in calls]
    epochs = all(by_epoch) and not any(converted)
    each_epoch = 1
    if epochs:
        call.findings.note(call.line, say("reading.epoch_steps", call=calls[0].name), "info")
    elif any(by_epoch):
        each_epoch = max(1, round(call.findings.ask("iterations_per_epoch", "count", call.line)))
    parts = []
    for one, epoch, iterations in zip(calls, by_epoch, converted, strict=True):
        scale = each_epoch if epoch else 1
        begin, end = one.count("begin", 0) * scale, _end(call, one, epoch)
        end = end if end >= ENDLESS else end * scale
        if end <= begin:
            raise CallError(say("reading.end_before_begin", begin=begin, end=end))
        parts.append(Part(one, begin, end, scale, scale if epoch and not iterations else 1))
    if "max_iters" in call.arguments or "max_epochs" in call.arguments:
        if call.has("max_iters"):
            call.findings.run_steps = call.count("max_iters", least=1)
        elif call.has("max_epochs"):
            call.findings.run_steps = call.count("max_epochs", least=1) * each_epoch
        if not epochs and not any(by_epoch) and not call.has("max_iters"):
            call.findings.run_steps = None
    return parts


def _end(call: Call, one: Call, by_epoch: bool) -> int:
    """`end` of a scheduler, by default the end of the run, which is asked for where the curve depends on it."""
    name = "max_epochs" if by_epoch else "max_iters"
    if one.has("end"):
        return one.count("end", least=1)
    if call.has(name):
        return call.count(name, least=1)
    needed = one.name in ("LinearLR", "PolyLR", *RAMPS) or (one.name == "CosineAnnealingLR" and not one.has("T_max"))
    return max(1, round(call.findings.ask(name, "count", one.line))) if needed else ENDLESS


def _is_ramp(part: Part) -> bool:
    if part.begin or part.end >= ENDLESS or part.length < 2:
        return False
    if part.kind == "LinearLR":
        return part.call.number("start_factor", 1 / 3) < part.call.number("end_factor", 1.0) == 1
    return True


def _ramp_fields(part: Part) -> dict[str, Any]:
    """The fields of a warm-up; a constant one is a step shorter than `end`."""
    if part.kind == "LinearLR":
        return {
            "warmup": steps(part.end),
            "warmup_start": part.call.number("start_factor", 1 / 3),
            "warmup_progress": "to_last",
        }
    if part.kind == "ConstantLR":
        factor = part.call.number("factor", 1 / 3)
        if not factor:
            raise CallError(say("reading.factor", value="0"))
        return {"warmup": steps(part.end - 1), "warmup_start": factor, "warmup_shape": "constant"}
    return {"warmup": steps(part.end), "warmup_shape": "quadratic", "warmup_progress": "from_one_to_last"}


def _exact(ramp: Part | None, main: Part | None, peak: float) -> Read | None:  # noqa: PLR0911, PLR0912 (a case per kind)
    """The reading of a warm-up and another scheduler, where a schedule has these rates."""
    fields = _ramp_fields(ramp) if ramp else {}
    length = int(fields["warmup"].number) if ramp else 0
    if ramp and ramp.held > 1:
        return None
    if main is None:
        return Read(Schedule(policy=Constant(), peak_lr=peak, horizon=steps(length + 1), **fields))
    jumps = main.kind in ("StepLR", "MultiStepLR")
    if jumps:
        factor = main.call.number("gamma", 0.1)
        times = _jumps(main)
        if times is None:
            policy: Policy = Step(every=steps(main.call.count("step_size", least=1) * main.scale), gamma=factor)
        elif len(times) > 32 or not 0 <= factor <= 1:
            return None
        else:
            policy = MultiFactor(milestones=tuple(steps(time) for time in times), gamma=factor)
        over: dict[str, Any] = {"warmup_over": True, "warmup_multiplies": True} if ramp else {}
        return Read(Schedule(policy=policy, peak_lr=peak, horizon=steps(length + 1), after="continue", **fields, **over))
    if main.kind == "ConstantLR":
        return None
    made = _smooth(main, peak)
    if made is None:
        return None
    policy, plan, more = made
    if main.held > 1:
        if length % main.held:
            return None
        fields |= {"update_every": main.held, "warmup_unit": "steps"}
    if main.begin >= length:
        fields |= {"hold": steps(main.begin - length)} if main.begin > length else {}
    elif main.begin == 0 and not more.pop("floored"):
        fields |= {"warmup_over": True, "warmup_multiplies": True}
        if "lowest" in more:
            return None
    else:
        return None
    more.pop("floored", None)
    if more.get("start", 1.0) != 1 and (main.begin or ramp):
        return None
    more.pop("start", None)
    planned_steps = main.begin + plan if plan else length + 1 + main.begin
    horizon: dict[str, Any] = {"horizon": steps(planned_steps)} | ({} if plan else {"after": "continue"})
    last = main.end if main.end < ENDLESS else planned_steps if plan else None
    return Read(Schedule(policy=policy, peak_lr=peak, **(horizon | fields | more)), last)


def _jumps(part: Part) -> list[int] | None:
    """The steps at which a scheduler multiplies the rate; None if they go on without an end, from step 0."""
    if part.kind == "MultiStepLR":
        times = [round(each) * part.scale + part.begin for each in part.call.numbers("milestones", "count")]
        return sorted(time for time in times if part.begin < time < part.end)
    size = part.call.count("step_size", least=1) * part.scale
    if not part.begin and part.end >= ENDLESS:
        return None
    last = part.end if part.end < ENDLESS else part.begin + 33 * size
    return list(range(part.begin + size, last, size))


def _smooth(part: Part, peak: float) -> tuple[Policy, int, dict[str, Any]] | None:  # noqa: PLR0911 (a case per kind)
    """A policy, its length (0 if it has none), and fields; "floored" and "start" say where it is no product or not at 1."""
    call, ends = part.call, part.end < ENDLESS
    if part.kind == "ExponentialLR":
        policy = fading(call.number("gamma"), part.held)
        if part.held > 1:
            policy = fading(call.number("gamma"))
        last = call.number("gamma") ** ((part.end - 1 - part.begin) // part.held) if ends else 0.0
        return policy, 0, {"floored": False, **({"lowest": last} if ends else {})}
    if part.kind == "LinearLR":
        first, last, total = call.number("start_factor", 1 / 3), call.number("end_factor", 1.0), part.length - part.held
        if not ends or total < 1 or not first:
            return None
        return Linear(start=first, end=last), total, {"floored": False, "start": first}
    if part.kind == "PolyLR":
        low, total = end_rate(call, "eta_min", peak), part.length - part.held
        if not ends or total < 1:
            return None
        return Polynomial(power=call.number("power", 1.0), floor=low), total, {"floored": bool(low.number)}
    if part.kind != "CosineAnnealingLR":
        return None
    if not call.has("T_max") and not ends:
        raise CallError(say("reading.needs", call=call.name, name="T_max"))
    total = call.count("T_max", least=1) * part.scale if call.has("T_max") else part.length
    ratio = call.number("eta_min_ratio", 0.0)
    bottom: Any = Rate(ratio * peak) if call.has("eta_min_ratio") else end_rate(call, "eta_min", peak)
    fields: dict[str, Any] = {"floored": bool(bottom.number)}
    if not ends or part.length > total:
        fields["after"] = "continue"
    elif part.end - part.held < part.begin + total:
        x = ((part.length - 1) // part.held) * part.held / total
        fields["lowest"] = bottom.number / peak + (1 - bottom.number / peak) * 0.5 * (1 + math.cos(math.pi * x))
    return Cosine(floor=bottom), total, fields


def _one_cycle(part: Part) -> Read:
    """As PyTorch's; its peak is eta_max."""
    call = part.call
    peak, climb = call.rate("eta_max"), call.number("pct_start", 0.3)
    total = call.count("total_steps", least=1) * part.scale
    if part.held > 1 or part.begin:
        raise CallError(say("reading.not_read", name="begin"))
    start = 1 / call.number("div_factor", 25.0)
    policy = OneCycle(
        climb=climb,
        settle=min(2.0, 2 * climb),
        start=start,
        end=start / call.number("final_div_factor", 1e4),
        shape={"cos": "cosine", "linear": "linear"}[call.text("anneal_strategy", "cos", ("cos", "linear"))],
        phases="three" if call.switch("three_phase") else "two",
    )
    return Read(Schedule(policy=policy, peak_lr=peak, total_steps=total, horizon=steps(total)), total)


def _restarts(part: Part, peak: float) -> Read:
    """Half cosines from a weight times the peak to the lowest rate."""
    call = part.call
    periods = [round(each) * part.scale for each in call.numbers("periods", "count")]
    weights = call.numbers("restart_weights", "number", [1.0])
    low = call.number("eta_min_ratio") if call.has("eta_min_ratio") else end_rate(call, "eta_min", peak).number / peak
    if len(weights) != len(periods) or min(periods, default=0) < 1 or min(weights) < 0 or max(weights) <= 0 or part.held > 1:
        raise CallError(say("reading.option", name="restart_weights", options="one number per period"))
    top, end, at, points = max(weights), sum(periods), part.begin, []
    for period, weight in zip(periods, weights, strict=True):
        points += [(at / (end + part.begin), weight / top), ((at + period) / (end + part.begin), low / top)]
        at += period
    policy = Knots(points=tuple(points), interpolation="cosine")
    return Read(Schedule(policy=policy, peak_lr=peak * top, horizon=steps(end + part.begin)), end + part.begin)


def _by_steps(call: Call, parts: Sequence[Part], peak: float) -> Read:
    """The planned_steps list through knots: every scheduler changes the rate that it finds."""
    ends = [part.end for part in parts if part.end < ENDLESS]
    ends += [part.begin + part.call.count("T_max") * part.scale for part in parts if part.call.has("T_max")]
    ends += [max(_jumps(part) or [0]) + 1 for part in parts if part.kind == "MultiStepLR"]
    length = max(ends, default=0) or 1_000
    if length > LONGEST:
        raise CallError(say("reading.not_read", name=", ".join(part.kind for part in parts)))
    rates = rates_of(parts, peak, length)
    return sampled(call, lambda step: rates[step], length - 1)


def rates_of(parts: Sequence[Part], peak: float, length: int) -> list[float]:
    """The rates of the steps of a list of schedulers, computed one after the other as the library does."""
    made = [(part, *_change(part, peak)) for part in parts]
    value, rates = peak, []
    for step in range(length):
        for part, first, change in made:
            if step % part.held or not part.begin <= step < part.end:
                continue
            number = (step - part.begin) // part.held
            value = first(value) if number == 0 else change(value, number)
        rates.append(value)
    return rates


def _change(part: Part, peak: float) -> tuple[Callable[[float], float], Callable[[float, int], float]]:  # noqa: PLR0911
    """A scheduler's changes of a rate on its first step and on step `number` after it."""
    call, unit = part.call, part.scale // part.held
    total = max(1, part.length // part.held - 1)

    def same(value: float, number: int = 0) -> float:
        return value

    if part.kind == "StepLR":
        size, factor = call.count("step_size", least=1) * unit, call.number("gamma", 0.1)
        return same, lambda value, number: value * factor if number % size == 0 else value
    if part.kind == "MultiStepLR":
        times, factor = [round(each) * unit for each in call.numbers("milestones", "count")], call.number("gamma", 0.1)
        return same, lambda value, number: float(value * factor ** times.count(number))
    if part.kind == "ExponentialLR":
        factor = call.number("gamma")
        return same, lambda value, number: value * factor
    if part.kind == "ConstantLR":
        factor = call.number("factor", 1 / 3)
        return (lambda value: value * factor), lambda value, number: value / factor if number == total else value
    if part.kind == "LinearLR":
        start, end = call.number("start_factor", 1 / 3), call.number("end_factor", 1.0)

        def line(number: int) -> float:
            return start + (end - start) * min(number, total) / total

        return (lambda value: value * start), lambda value, number: value * line(number) / line(number - 1)
    if part.kind == "PolyLR":
        low, power = call.rate("eta_min", 0.0), call.number("power", 1.0)
        return same, lambda value, number: float(low + (value - low) * (1 - 1 / (total - number + 1)) ** power)
    if part.kind == "CosineAnnealingLR":
        period = call.count("T_max", least=1) * unit if call.has("T_max") else total + 1
        low = call.number("eta_min_ratio") * peak if call.has("eta_min_ratio") else call.rate("eta_min", 0.0)

        def wave(value: float, number: int) -> float:
            if (number - 1 - period) % (2 * period) == 0:
                return value + (peak - low) * (1 - math.cos(math.pi / period)) / 2
            up, down = 1 + math.cos(math.pi * number / period), 1 + math.cos(math.pi * (number - 1) / period)
            return up / down * (value - low) + low

        return same, wave
    raise CallError(say("reading.not_read", name=part.kind))


def on_plateau(call: Call) -> Read:
    """As torch's, with other names; it is called once per epoch by default."""
    names = {"rule": "mode", "threshold_rule": "threshold_mode", "min_value": "min_lr"}
    rules = {"less": "min", "greater": "max"}
    given = {names.get(name, name): value for name, value in call.arguments.items()}
    if isinstance(rule := given.get("mode"), str):
        given["mode"] = rules.get(rule, rule)
    return reduce_on_plateau(call.other("ReduceOnPlateauLR", given))


RAMP_SHAPES = {"linear": "linear", "constant": "constant", "exp": "exponential"}


def lr_config(call: Call) -> Read:
    """The settings of mmcv, before mmengine: a warm-up by iterations that multiplies a policy by epochs, or by iterations.

    Read in mmcv/runner/hooks/lr_updater.py of 1.x.
    """
    by_epoch, policy_name = call.switch("by_epoch", True), call.text("policy").removesuffix("LrUpdaterHook").casefold()
    warm = call.text("warmup", "none", ("none", *RAMP_SHAPES))
    in_epochs = call.switch("warmup_by_epoch")
    run_in_epochs = by_epoch or (call.has("max_epochs") and not call.has("max_iters"))
    asks = in_epochs or run_in_epochs
    each = max(1, round(call.findings.ask("iterations_per_epoch", "count", call.line))) if asks else 1
    unit, peak = each if by_epoch else 1, call.peak()
    run = call.count("max_epochs" if run_in_epochs else "max_iters", least=1) * (each if run_in_epochs else 1)
    low: Any = Rate(call.number("min_lr_ratio") * peak) if call.has("min_lr_ratio") else end_rate(call, "min_lr", peak)
    policy: Policy
    if policy_name == "step":
        gamma, at = call.number("gamma", 0.1), call.arguments.get("step")
        if isinstance(at, list):
            policy = MultiFactor(
                milestones=tuple(steps(round(each) * unit) for each in call.numbers("step", "count")), gamma=gamma
            )
        else:
            policy = Step(every=steps(call.count("step", least=1) * unit), gamma=gamma)
    elif policy_name == "poly":
        policy = Polynomial(power=call.number("power", 1.0), floor=low)
    elif policy_name == "cosineannealing":
        policy = Cosine(floor=low)
    elif policy_name == "exp":
        policy = fading(call.number("gamma"))
    elif policy_name == "fixed":
        policy = Constant()
    else:
        raise CallError(say("reading.not_read", name=f"policy={policy_name}"))
    fields: dict[str, Any] = {"update_every": unit, "lowest": low} if policy_name == "step" else {"update_every": unit}
    if warm != "none":
        length = call.count("warmup_iters", least=1) * (each if in_epochs else 1)
        fields |= {"warmup": steps(length), "warmup_unit": "steps", "warmup_over": True, "warmup_multiplies": True}
        fields |= {"warmup_start": call.number("warmup_ratio", 0.1), "warmup_shape": RAMP_SHAPES[warm]}
    return Read(Schedule(policy=policy, peak_lr=peak, total_steps=run, horizon=steps(run), **fields), run)


LIBRARY = Library(
    rank=12,
    version="0.10.7",
    source="github.com/open-mmlab/mmengine, mmengine/optim/scheduler/",
    signatures={
        "ConstantLR": ("factor", *WHEN),
        "CosineAnnealingLR": ("T_max", "eta_min", *WHEN, "eta_min_ratio"),
        "ExponentialLR": ("gamma", *WHEN),
        "LinearLR": ("start_factor", "end_factor", *WHEN),
        "MultiStepLR": ("milestones", "gamma", *WHEN),
        "StepLR": ("step_size", "gamma", *WHEN),
        "PolyLR": ("eta_min", "power", *WHEN),
        "OneCycleLR": (
            "eta_max",
            "total_steps",
            "pct_start",
            "anneal_strategy",
            "div_factor",
            "final_div_factor",
            "three_phase",
            *WHEN,
        ),
        "QuadraticWarmupLR": WHEN,
        "CosineRestartLR": ("periods", "restart_weights", "eta_min", "eta_min_ratio", *WHEN),
        "ReduceOnPlateauLR": (
            "monitor",
            "rule",
            "factor",
            "patience",
            "threshold",
            "threshold_rule",
            "cooldown",
            "min_value",
            "eps",
            *WHEN,
        ),
    },
    cards={
        "PolyLR": ("polynomial",),
        "CosineRestartLR": ("warm_restarts",),
        "QuadraticWarmupLR": ("warmup",),
        "ReduceOnPlateauLR": ("plateau",),
    },
    keys={
        "eta_min_ratio": "cosine",
        "eta_max": "one_cycle",
        "by_epoch": "plan",
        "convert_to_iter_based": "plan",
        "threshold_rule": "plateau",
        "periods": "warm_restarts",
        "auto_scale_lr": "imagenet_hour",
        "base_batch_size": "imagenet_hour",
    },
    settings={
        "policy": {  # lr_config of mmcv, before mmengine
            "step": "MultiStepLR",
            "poly": "PolyLR",
            "CosineAnnealing": "CosineAnnealingLR",
            "CosineRestart": "CosineRestartLR",
            "exp": "ExponentialLR",
            "OneCycle": "OneCycleLR",
        }
    },
    readers={
        **dict.fromkeys(
            (
                *(
                    "ConstantLR",
                    "CosineAnnealingLR",
                    "ExponentialLR",
                    "LinearLR",
                    "MultiStepLR",
                    "StepLR",
                    "PolyLR",
                    "OneCycleLR",
                ),
                *("QuadraticWarmupLR", "CosineRestartLR"),
            ),
            reader,
        ),
        "param_scheduler": param_scheduler,
        "lr_config": lr_config,
        "ReduceOnPlateauLR": on_plateau,
    },
    takes_optimizer=True,
    imports=("mmengine", "mmdet", "mmcv", "mmseg", "mmpose", "mmpretrain"),
    ignored=("optimizer", "last_step", "verbose", "param_name", "_scope_", "type"),
    configurations=(
        Configuration(
            "lr_config",
            ("lr_config.policy",),
            {
                "runner.max_epochs": "max_epochs",
                "runner.max_iters": "max_iters",
                "total_epochs": "max_epochs",
                "total_iters": "max_iters",
            },
        ),
        Configuration(
            "",
            (),
            {
                "train_cfg.max_epochs": "max_epochs",
                "train_cfg.max_iters": "max_iters",
                "max_epochs": "max_epochs",
                "max_iters": "max_iters",
            },
        ),
    ),
)
