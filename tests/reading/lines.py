"""Random lines of code and configurations, with the rates that their libraries have, as their sources compute them.

Each function of `LINES` draws a line of one callable. The rates are those of the transcriptions in
`tests/policies/test_witnesses_transcribed.py`, or are computed here from the files that the functions name.
"""

# ruff: noqa: PLR0917, PLR0911, E501 (transcriptions take the arguments of their library in order)

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.policies.test_witnesses_transcribed import (
    composer_restarts,
    deepspeed,
    deepspeed_cosine,
    katsura,
    megatron,
    nemo_cosine,
    nemo_noam_hold,
    nemo_polynomial_hold,
    nemo_square,
    ultralytics,
)


@dataclass(frozen=True)
class Line:
    """A text, the rate of a step, the steps to compare, and values for names that are not in the text."""

    text: str
    rate: Callable[[int], float]
    steps: int
    values: Mapping[str, float | str] = field(default_factory=dict)


LINES: dict[str, list[Callable[[Random], Line]]] = {}


def line(library: str) -> Callable[[Callable[[Random], Line]], Callable[[Random], Line]]:
    def declared(draw: Callable[[Random], Line]) -> Callable[[Random], Line]:
        LINES.setdefault(library, []).append(draw)
        return draw

    return declared


def half_cosine(x: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * x))


def peak_of(draw: Random) -> float:
    return draw.choice((0.1, 3e-4, 1e-3, round(10 ** draw.uniform(-5, 0), 6)))


def low_of(draw: Random, peak: float) -> float:
    return draw.choice((0.0, peak / 10, peak * draw.uniform(0, 0.9)))


def python(name: str, arguments: Mapping[str, Any], lead: str = "optimizer") -> str:
    """A call in Python, behind an optimizer."""
    lr = arguments.get("lr")
    head = f"optimizer = torch.optim.AdamW(model.parameters(), lr={lr!r})\n" if lr is not None else ""
    inside = ", ".join([*([lead] if lead else []), *(f"{key}={value!r}" for key, value in arguments.items() if key != "lr")])
    return f"{head}scheduler = {name}({inside})\n"


def flags(arguments: Mapping[str, Any], command: str, style: Callable[[str], str] = lambda key: key.replace("_", "-")) -> str:
    """A command line with a flag per line."""
    return f"{command} \\\n" + " \\\n".join(f"  --{style(key)} {value}" for key, value in arguments.items()) + "\n"


def nested(tree: Mapping[str, Any], level: int = 0) -> str:
    """YAML; numbers as Python writes them."""
    text = ""
    for key, value in tree.items():
        text += "  " * level + f"{key}:"
        text += "\n" + nested(value, level + 1) if isinstance(value, dict) else f" {json.dumps(value)}\n"
    return text


def some(draw: Random, arguments: dict[str, Any], *kept: str) -> dict[str, Any]:
    """Arguments in a random order."""
    keys = list(arguments)
    draw.shuffle(keys)
    return {key: arguments[key] for key in keys}


# DeepSpeed


def of_deepspeed(draw: Random, name: str, params: dict[str, Any], lr: float = 1e-3) -> str:
    if draw.random() < 0.3:
        return "from deepspeed.runtime.lr_schedules import " + name + "\n" + python(name, {"lr": lr, **params})
    tree = {
        "train_batch_size": 32,
        "optimizer": {"type": "AdamW", "params": {"lr": lr, "betas": [0.9, 0.95]}},
        "scheduler": {"type": name, "params": some(draw, params)},
    }
    return json.dumps(tree, indent=draw.choice((2, 4, None))) if draw.random() < 0.7 else nested(tree)


@line("deepspeed")
def deepspeed_warmup(draw: Random) -> Line:
    ramp, peak = draw.randint(2, 60), peak_of(draw)
    low, kind = low_of(draw, peak), draw.choice(("log", "linear"))
    given = {"warmup_min_lr": low, "warmup_max_lr": peak, "warmup_num_steps": ramp, "warmup_type": kind}
    if kind == "log" and draw.random() < 0.5:
        del given["warmup_type"]
    text = of_deepspeed(draw, "WarmupLR", given)
    return Line(text, lambda step: peak * deepspeed(step, kind, ramp, 0, low / peak), 90, {"total_steps": 90})


@line("deepspeed")
def deepspeed_warmup_decay(draw: Random) -> Line:
    ramp, total, peak, kind = draw.randint(0, 60), draw.randint(70, 200), peak_of(draw), draw.choice(("log", "linear"))
    low = low_of(draw, peak)
    given = {
        "total_num_steps": total,
        "warmup_min_lr": low,
        "warmup_max_lr": peak,
        "warmup_num_steps": ramp,
        "warmup_type": kind,
    }
    text = of_deepspeed(draw, "WarmupDecayLR", given)
    return Line(
        text, lambda step: peak * deepspeed(step, kind, ramp, total, low / peak), total + 20, {"total_steps": total + 20}
    )


@line("deepspeed")
def deepspeed_warmup_cosine(draw: Random) -> Line:
    ramp, total, lr, kind = draw.randint(2, 60), draw.randint(70, 200), peak_of(draw), draw.choice(("log", "linear"))
    low = draw.choice((1e-4, 0.1))
    given: dict[str, Any] = {"total_num_steps": total, "warmup_num_steps": ramp, "warmup_type": kind}
    if low != 1e-4:
        given["cos_min_ratio"] = low
    text = of_deepspeed(draw, "WarmupCosineLR", given, lr)
    return Line(text, lambda step: lr * deepspeed_cosine(step, kind, ramp, total, low), total)


@line("deepspeed")
def deepspeed_one_cycle(draw: Random) -> Line:
    up, peak = draw.randint(10, 90), peak_of(draw)
    down, low = draw.choice((up, draw.randint(10, 90))), peak * draw.uniform(0.01, 0.5)
    given = {"cycle_min_lr": low, "cycle_max_lr": peak, "cycle_first_step_size": up}
    if down != up:
        given["cycle_second_step_size"] = down
    decays = draw.random() < 0.2
    if decays:
        given |= {"decay_lr_rate": 0.1, "decay_step_size": 10}

    def rate(step: int) -> float:
        if step > up + down and decays:
            return low / (1 + 0.1 * (step - up - down) / 10)
        return low + (peak - low) * (step / up if step <= up else max(0.0, (up + down - step) / down))

    return Line(of_deepspeed(draw, "OneCycle", given), rate, up + down + 20, {"total_steps": up + down + 20})


@line("deepspeed")
def deepspeed_range_test(draw: Random) -> Line:
    size, growth, stairs, low = draw.randint(10, 60), draw.uniform(0.1, 5), draw.random() < 0.5, peak_of(draw) / 10
    given = {
        "lr_range_test_min_lr": low,
        "lr_range_test_step_size": size,
        "lr_range_test_step_rate": growth,
        "lr_range_test_staircase": stairs,
    }
    text = of_deepspeed(draw, "LRRangeTest", given)
    return Line(text, lambda step: low * (1 + growth * (step // size if stairs else step / size)), 150, {"total_steps": 150})


# Megatron-LM


@line("megatron")
def megatron_flags(draw: Random) -> Line:
    total, peak = draw.randint(80, 250), peak_of(draw)
    ramp, low, style = draw.randint(1, 40), low_of(draw, peak), draw.choice(("linear", "cosine", "inverse-square-root"))
    first = draw.choice((0.0, peak * draw.uniform(0, 0.3)))
    given: dict[str, Any] = {"lr": peak, "min_lr": low, "lr_decay_style": style, "train_iters": total}
    run = total
    if draw.random() < 0.5:
        run = draw.randint(60, 300)
        given |= {"train_iters": run, "lr_decay_iters": total}
    given |= {"lr_warmup_iters": ramp} if draw.random() < 0.6 else {"lr_warmup_fraction": ramp / total}
    given |= {"lr_warmup_init": first} if first else {}
    command = draw.choice(("torchrun --nproc_per_node 8 pretrain_gpt.py", "python pretrain_bert.py"))
    return Line(flags(given, command), lambda step: peak * megatron(step, style, ramp, total, 0, low / peak, first / peak), run)


@line("megatron")
def megatron_wsd(draw: Random) -> Line:
    total, peak, ramp = draw.randint(100, 250), peak_of(draw), draw.randint(0, 30)
    fall, low = draw.randint(10, 60), low_of(draw, peak)
    kind = draw.choice(("linear", "cosine", "exponential", "minus_sqrt"))
    given = {"lr": peak, "min_lr": low, "lr_decay_style": "WSD", "train_iters": total, "lr_wsd_decay_iters": fall}
    given |= {"lr_warmup_iters": ramp, "lr_wsd_decay_style": kind}
    return Line(
        flags(given, "python pretrain_gpt.py"), lambda step: peak * megatron(step, kind, ramp, total, fall, low / peak), total
    )


@line("megatron")
def megatron_samples(draw: Random) -> Line:
    batch, iterations, peak = draw.choice((8, 32, 256)), draw.randint(80, 200), peak_of(draw)
    ramp, low = draw.randint(1, 30), low_of(draw, peak)
    odd = draw.choice((0, 0, draw.randint(1, batch - 1)))
    total, warm = iterations * batch, ramp * batch + odd
    given = {"lr": peak, "min_lr": low, "lr_decay_style": "cosine", "train_samples": total, "lr_decay_samples": total}
    given |= {"lr_warmup_samples": warm, "global_batch_size": batch}

    def rate(step: int) -> float:
        seen = step * batch
        if seen <= warm:
            return peak * seen / warm
        return low if seen > total else low + (peak - low) * half_cosine((seen - warm) / (total - warm))

    return Line(flags(given, "python pretrain_gpt.py"), rate, iterations)


@line("megatron")
def megatron_class(draw: Random) -> Line:
    total, peak, ramp = draw.randint(80, 250), peak_of(draw), draw.randint(0, 40)
    low = low_of(draw, peak)
    given = {"init_lr": 0.0, "max_lr": peak, "min_lr": low, "lr_warmup_steps": ramp, "lr_decay_steps": total}
    given |= {"lr_decay_style": "linear", "start_wd": 0.1, "end_wd": 0.1}
    text = python("OptimizerParamScheduler", given)
    return Line(text, lambda step: peak * megatron(step, "linear", ramp, total, 0, low / peak), total)


# NeMo


def of_nemo(draw: Random, lr: float, total: int, sched: dict[str, Any]) -> str:
    tree: dict[str, Any] = {"optim": {"name": "adamw", "lr": lr, "betas": [0.9, 0.98], "sched": sched}}
    if draw.random() < 0.5:
        return nested({"trainer": {"max_steps": total, "devices": 8}, "model": tree})
    return nested({"model": {"optim": tree["optim"] | {"sched": sched | {"max_steps": total}}}})


def ramp_of_nemo(draw: Random, total: int) -> tuple[int, dict[str, Any]]:
    if draw.random() < 0.5:
        share = draw.uniform(0.01, 0.3)
        return int(share * total), {"warmup_ratio": share}
    ramp = draw.randint(1, 40)
    return ramp, {"warmup_steps": ramp}


def nemo_line(
    draw: Random, name: str, rate: Callable[[int, int, int, float], float], default: float = 0.0, **more: Any
) -> Line:
    total, lr = draw.randint(80, 250), peak_of(draw)
    ramp, given = ramp_of_nemo(draw, total)
    low = low_of(draw, lr) if draw.random() < 0.7 else default
    sched = {"name": name, **given, **more} | ({"min_lr": low} if low != default else {})
    return Line(of_nemo(draw, lr, total, sched), lambda step: lr * rate(step, ramp, total, low / lr), total)


def behind_ramp(value: Callable[[int], float]) -> Callable[[int, int], float]:
    return lambda step, ramp: (step + 1) / (ramp + 1) if ramp and step <= ramp else value(step)


@line("nemo")
def nemo_cosine_line(draw: Random) -> Line:
    return nemo_line(
        draw,
        "CosineAnnealing",
        lambda step, W, T, low: nemo_cosine(step, W, T, low) if W else low + (1 - low) * half_cosine(step / T),
    )


@line("nemo")
def nemo_cosine_constant(draw: Random) -> Line:
    total, lr, ramp, held = draw.randint(120, 250), peak_of(draw), draw.randint(1, 40), draw.randint(1, 60)
    low = low_of(draw, lr)
    sched = {"name": "CosineAnnealing", "warmup_steps": ramp, "constant_steps": held, "min_lr": low}
    fall = total - held - ramp

    def rate(step: int) -> float:
        if step <= ramp:
            return lr * step / ramp
        return low if step > ramp + fall else low + (lr - low) * half_cosine((step - ramp) / fall)

    return Line(of_nemo(draw, lr, total, sched), rate, total)


@line("nemo")
def nemo_square_line(draw: Random) -> Line:
    return nemo_line(
        draw, "SquareAnnealing", lambda k, W, T, low: nemo_square(k, W, T, low) if W else max((1 - k / T) ** 2, low), 1e-5
    )


@line("nemo")
def nemo_square_root_line(draw: Random) -> Line:
    return nemo_line(
        draw, "SquareRootAnnealing", lambda k, W, T, low: behind_ramp(lambda k: max((1 - k / T) ** 0.5, low))(k, W)
    )


@line("nemo")
def nemo_noam_line(draw: Random) -> Line:
    width, ramp, lr = draw.choice((256, 512)), draw.randint(1, 100), draw.choice((1.0, 2.0, 5.0))
    low = draw.choice((0.0, 1e-6, 1e-4))
    sched = {"name": "NoamAnnealing", "d_model": width, "warmup_steps": ramp, "min_lr": low}

    def rate(step: int) -> float:
        s = max(1, step)
        value = lr * width**-0.5 * min(s**-0.5, s * ramp**-1.5)
        return max(value, low) if s > ramp else value

    return Line(of_nemo(draw, lr, 200, sched), rate, 200, {"total_steps": 200})


@line("nemo")
def nemo_noam_hold_line(draw: Random) -> Line:
    total, ramp, hold, lr = draw.randint(120, 250), draw.randint(2, 30), draw.randint(1, 60), peak_of(draw)
    power, low = draw.choice((0.5, 1.0)), low_of(draw, lr)
    sched = {"name": "NoamHoldAnnealing", "warmup_steps": ramp, "hold_steps": hold, "decay_rate": power, "min_lr": low}
    return Line(of_nemo(draw, lr, total, sched), lambda k: lr * nemo_noam_hold(k, ramp, hold, power, low / lr), total)


@line("nemo")
def nemo_warmup_annealing(draw: Random) -> Line:
    return nemo_line(
        draw, "WarmupAnnealing", lambda k, W, T, low: behind_ramp(lambda k: low + (1 - low) * (1 - (k - W) / (T - W)))(k, W)
    )


@line("nemo")
def nemo_inverse_square_root(draw: Random) -> Line:
    return nemo_line(
        draw, "InverseSquareRootAnnealing", lambda k, W, T, low: behind_ramp(lambda k: ((k + 1) / (W + 1)) ** -0.5)(k, W)
    )


@line("nemo")
def nemo_t5(draw: Random) -> Line:
    held, total = draw.randint(1, 100), draw.randint(100, 250)
    sched = {"name": "T5InverseSquareRootAnnealing", "constant_steps": held}
    return Line(of_nemo(draw, 1e-3, total, sched), lambda k: max(held, k) ** -0.5, total)


@line("nemo")
def nemo_polynomial(draw: Random) -> Line:
    power = draw.choice((1.0, 2.0, 0.5))

    def rate(k: int, W: int, T: int, low: float) -> float:
        return behind_ramp(lambda k: low + (1 - low) * (1 - (k - W) / (T - W)) ** power)(k, W)

    return nemo_line(draw, "PolynomialDecayAnnealing", rate, power=power)


@line("nemo")
def nemo_polynomial_hold_line(draw: Random) -> Line:
    total, ramp, hold, lr, power = (
        draw.randint(120, 250),
        draw.randint(1, 30),
        draw.randint(1, 60),
        peak_of(draw),
        draw.choice((1.0, 2.0)),
    )
    low = low_of(draw, lr)
    sched = {"name": "PolynomialHoldDecayAnnealing", "warmup_steps": ramp, "hold_steps": hold, "power": power, "min_lr": low}
    return Line(
        of_nemo(draw, lr, total, sched), lambda k: lr * nemo_polynomial_hold(k, ramp, hold, total, power, low / lr), total
    )


@line("nemo")
def nemo_warmup_policy(draw: Random) -> Line:
    return nemo_line(draw, "WarmupPolicy", lambda k, W, T, low: behind_ramp(lambda k: 1.0)(k, W))


# Ultralytics


@line("ultralytics")
def ultralytics_line(draw: Random) -> Line:
    epochs, batches, lr, end = draw.randint(5, 20), draw.randint(30, 60), draw.choice((0.01, 0.002)), draw.choice((0.01, 0.1))
    wave, ramp = draw.random() < 0.5, draw.choice((3.0, 1.0, 0.0))
    given: dict[str, Any] = {"epochs": epochs, "lr0": lr, "lrf": end, "cos_lr": wave, "warmup_epochs": ramp, "optimizer": "SGD"}
    form = draw.choice(("yaml", "python", "cli"))
    if form == "yaml":
        text = nested({"task": "detect", "data": "coco.yaml", **given})
    elif form == "python":
        inside = ", ".join(f"{key}={value!r}" for key, value in given.items())
        text = f"from ultralytics import YOLO\nmodel = YOLO('yolo11n.pt')\nresults = model.train(data='coco8.yaml', {inside})\n"
    else:
        text = "yolo detect train data=coco.yaml " + " ".join(f"{key}={value}" for key, value in given.items()) + "\n"
    warm = max(round(ramp * batches), 100) if ramp else -1

    def rate(step: int) -> float:
        if not wave:
            return lr * ultralytics(step, batches, epochs, end, warm, 0.0)
        value = (1 - half_cosine(step // batches / epochs)) * (end - 1) + 1
        return lr * (value * step / warm if step <= warm else value)

    return Line(text, rate, epochs * batches, {"batches_per_epoch": batches})


# Composer


def of_composer(draw: Random, name: str, short: str, lr: float, run: str, given: dict[str, Any]) -> str:
    if short and draw.random() < 0.6:
        scheduler = {"name": short, **given}
        if draw.random() < 0.3:
            return nested({"schedulers": {short: given}, "optimizers": {"decoupled_adamw": {"lr": lr}}, "max_duration": run})
        return nested({"max_duration": run, "optimizer": {"name": "decoupled_adamw", "lr": lr}, "scheduler": scheduler})
    head = f"optimizer = torch.optim.Adam(model.parameters(), lr={lr!r})\n"
    inside = ", ".join(f"{key}={value!r}" for key, value in given.items())
    return (
        f"from composer.optim.scheduler import {name}\n{head}scheduler = {name}({inside})\n"
        f"trainer = Trainer(model=model, optimizers=optimizer, schedulers=scheduler, max_duration={run!r})\n"
    )


def times(draw: Random, total: int) -> tuple[str, str, int]:
    """A t_max, the run and its batches."""
    return draw.choice((("1dur", f"{total}ba", total), (f"{total}ba", f"{total}ba", total)))


@line("composer")
def composer_cosine_warmup(draw: Random) -> Line:
    ramp, total, low, lr = draw.randint(1, 60), draw.randint(80, 250), draw.choice((0.0, 0.1)), peak_of(draw)
    last, run, steps = times(draw, total)
    given: dict[str, Any] = {"t_warmup": f"{ramp}ba", "alpha_f": low} | ({} if last == "1dur" else {"t_max": last})

    def rate(step: int) -> float:
        return lr * (step / ramp if step < ramp else low + (1 - low) * half_cosine((step - ramp) / (total - ramp)))

    return Line(of_composer(draw, "CosineAnnealingWithWarmupScheduler", "cosine_with_warmup", lr, run, given), rate, steps)


@line("composer")
def composer_linear_warmup(draw: Random) -> Line:
    ramp, total, lr = draw.randint(1, 60), draw.randint(80, 250), peak_of(draw)
    first, end = draw.choice(((1.0, 0.0), (draw.uniform(0.1, 1), draw.uniform(0, 1))))
    last, run, steps = times(draw, total)
    given: dict[str, Any] = {"t_warmup": f"{ramp}ba", "alpha_i": first, "alpha_f": end, "t_max": last}

    def rate(step: int) -> float:
        return lr * (first * step / ramp if step < ramp else first + (step - ramp) / (total - ramp) * (end - first))

    return Line(of_composer(draw, "LinearWithWarmupScheduler", "linear_decay_with_warmup", lr, run, given), rate, steps)


@line("composer")
def composer_steps(draw: Random) -> Line:
    at, gamma, lr = sorted(draw.sample(range(5, 200), 3)), draw.uniform(0.1, 0.9), peak_of(draw)
    ramp = draw.choice((0, draw.randint(1, 60)))
    given: dict[str, Any] = {"milestones": [f"{each}ba" for each in at], "gamma": gamma} | (
        {"t_warmup": f"{ramp}ba"} if ramp else {}
    )
    name = "MultiStepWithWarmupScheduler" if ramp else "MultiStepScheduler"
    text = of_composer(draw, name, "multistep_with_warmup" if ramp else "multistep", lr, "200ba", given)
    return Line(text, lambda k: lr * (k / ramp if k < ramp else gamma ** bisect_right(at, k)), 200)


@line("composer")
def composer_plain(draw: Random) -> Line:
    total, low, lr = draw.randint(80, 250), draw.choice((0.0, 0.1)), peak_of(draw)
    power = draw.choice((0.5, 1.0, 2.0))
    name = draw.choice(("CosineAnnealingScheduler", "PolynomialScheduler"))
    given = {"t_max": f"{total}ba", "alpha_f": low} | ({"power": power} if name == "PolynomialScheduler" else {})

    def rate(step: int) -> float:
        fall = half_cosine(step / total) if name == "CosineAnnealingScheduler" else (1 - step / total) ** power
        return lr * (low + (1 - low) * fall)

    return Line(of_composer(draw, name, "", lr, f"{total}ba", given), rate, total)


@line("composer")
def composer_cycles(draw: Random) -> Line:
    first, growth, low, lr = draw.randint(5, 60), draw.choice((1.0, 1.5, 2.5)), draw.choice((0.0, 0.1)), peak_of(draw)
    given = {"t_0": f"{first}ba", "t_mult": growth, "alpha_f": low}
    text = of_composer(draw, "CosineAnnealingWarmRestartsScheduler", "", lr, "300ba", given)
    return Line(text, lambda step: lr * composer_restarts(step, first, growth, low), 300, {"total_steps": 300})


@line("composer")
def composer_decays(draw: Random) -> Line:
    lr, gamma, size = peak_of(draw), draw.uniform(0.1, 0.99), draw.randint(2, 60)
    if draw.random() < 0.5:
        text = of_composer(draw, "StepScheduler", "", lr, "200ba", {"step_size": f"{size}ba", "gamma": gamma})
        return Line(text, lambda step: lr * gamma ** (step // size), 200, {"total_steps": 200})
    text = of_composer(draw, "ExponentialScheduler", "", lr, "200ba", {"gamma": gamma, "decay_period": f"{size}ba"})
    return Line(text, lambda step: lr * gamma ** (step / size), 200, {"total_steps": 200})


@line("composer")
def composer_constant(draw: Random) -> Line:
    lr, factor, ramp = peak_of(draw), draw.uniform(0.1, 1), draw.randint(1, 40)
    text = of_composer(
        draw, "ConstantWithWarmupScheduler", "constant_with_warmup", lr, "200ba", {"t_warmup": f"{ramp}ba", "alpha": factor}
    )
    return Line(text, lambda step: lr * factor * min(1, step / ramp), 200)


# Paddle


def of_paddle(name: str, given: dict[str, Any]) -> str:
    inside = ", ".join(f"{key}={value}" for key, value in given.items())
    return f"import paddle\nscheduler = paddle.optimizer.lr.{name}({inside})\nsgd = paddle.optimizer.SGD(learning_rate=scheduler)\n"


@line("paddle")
def paddle_noam(draw: Random) -> Line:
    ramp, width = draw.randint(1, 150), draw.choice((64, 512))
    text = of_paddle("NoamDecay", {"d_model": width, "warmup_steps": ramp})
    return Line(text, lambda k: width**-0.5 * min(k**-0.5 if k else 1, ramp**-1.5 * k), 300, {"total_steps": 300})


@line("paddle")
def paddle_pieces(draw: Random) -> Line:
    at, values = sorted(draw.sample(range(1, 200), 3)), [draw.uniform(0.001, 1) for _ in range(4)]
    text = of_paddle("PiecewiseDecay", {"boundaries": at, "values": values})
    return Line(text, lambda step: values[bisect_right(at, step)], 250, {"total_steps": 250})


@line("paddle")
def paddle_decays(draw: Random) -> Line:
    lr, gamma = peak_of(draw), draw.uniform(0.01, 0.5)
    name, rate = draw.choice(
        (
            ("NaturalExpDecay", lambda step: lr * math.exp(-gamma * step)),
            ("InverseTimeDecay", lambda step: lr / (1 + gamma * step)),
            ("ExponentialDecay", lambda step: lr * gamma**step),
        )
    )
    return Line(of_paddle(name, {"learning_rate": lr, "gamma": gamma}), rate, 150, {"total_steps": 150})


@line("paddle")
def paddle_polynomial(draw: Random) -> Line:
    lr, length, power, cycle = peak_of(draw), draw.randint(20, 90), draw.choice((0.5, 1.0, 2.0)), draw.random() < 0.5
    end = low_of(draw, lr)
    given = {"learning_rate": lr, "decay_steps": length, "end_lr": end, "power": power, "cycle": cycle}

    def rate(step: int) -> float:
        period = length * max(1, math.ceil(step / length)) if cycle else length
        return (lr - end) * (1 - min(step, period) / period) ** power + end

    return Line(of_paddle("PolynomialDecay", given), rate, 200, {"total_steps": 200})


@line("paddle")
def paddle_steps(draw: Random) -> Line:
    lr, gamma, at, size = peak_of(draw), draw.uniform(0.1, 0.9), sorted(draw.sample(range(1, 200), 3)), draw.randint(2, 60)
    if draw.random() < 0.5:
        text = of_paddle("MultiStepDecay", {"learning_rate": lr, "milestones": at, "gamma": gamma})
        return Line(text, lambda step: lr * gamma ** bisect_right(at, step), 200, {"total_steps": 200})
    text = of_paddle("StepDecay", {"learning_rate": lr, "step_size": size, "gamma": gamma})
    return Line(text, lambda step: lr * gamma ** (step // size), 200, {"total_steps": 200})


@line("paddle")
def paddle_cosine(draw: Random) -> Line:
    lr, length = peak_of(draw), draw.randint(20, 90)
    low = low_of(draw, lr)
    text = of_paddle("CosineAnnealingDecay", {"learning_rate": lr, "T_max": length, "eta_min": low})
    return Line(text, lambda step: low + (lr - low) * half_cosine(step / length), 120, {"total_steps": 120})


@line("paddle")
def paddle_warmup(draw: Random) -> Line:
    lr, ramp, length = peak_of(draw), draw.randint(2, 40), draw.randint(20, 90)
    start, end = draw.choice((0.0, lr / 10)), draw.choice((lr, lr, lr, lr / 2))
    kind = draw.choice(("cosine", "exponential", "constant"))
    inner = {
        "cosine": f"paddle.optimizer.lr.CosineAnnealingDecay({lr}, T_max={length})",
        "exponential": f"paddle.optimizer.lr.ExponentialDecay(learning_rate={lr}, gamma=0.97)",
        "constant": repr(lr),
    }[kind]
    after = {"cosine": lambda k: half_cosine(k / length), "exponential": lambda k: 0.97**k, "constant": lambda k: 1.0}[kind]
    given = {"learning_rate": inner, "warmup_steps": ramp, "start_lr": start, "end_lr": end}

    def rate(step: int) -> float:
        return start + (end - start) * step / ramp if step < ramp else lr * after(step - ramp)

    return Line(of_paddle("LinearWarmup", given), rate, ramp + length, {"total_steps": ramp + length})


@line("paddle")
def paddle_restarts(draw: Random) -> Line:
    lr, first, growth = peak_of(draw), draw.randint(5, 40), draw.choice((1, 2, 3))
    low = low_of(draw, lr)

    def rate(step: int) -> float:
        length = first
        while step >= length:
            step, length = step - length, length * growth
        return low + (lr - low) * half_cosine(step / length)

    text = of_paddle("CosineAnnealingWarmRestarts", {"learning_rate": lr, "T_0": first, "T_mult": growth, "eta_min": low})
    return Line(text, rate, 250, {"total_steps": 250})


@line("paddle")
def paddle_lambda(draw: Random) -> Line:
    lr = peak_of(draw)
    text = of_paddle("LambdaDecay", {"learning_rate": lr, "lr_lambda": "lambda step: 0.95 ** step"})
    return Line(text, lambda step: lr * 0.95**step, 100, {"total_steps": 100})


@line("paddle")
def paddle_linear(draw: Random) -> Line:
    lr, total, first, end = peak_of(draw), draw.randint(5, 100), draw.uniform(0.1, 1), draw.uniform(0, 1)
    given = {"learning_rate": lr, "total_steps": total, "start_factor": first, "end_factor": end}
    return Line(
        of_paddle("LinearLR", given), lambda k: lr * (first + (end - first) * min(k, total) / total), 120, {"total_steps": 120}
    )


@line("paddle")
def paddle_one_cycle(draw: Random) -> Line:
    peak, total, climb = peak_of(draw), draw.randint(40, 150), draw.choice((0.3, 0.25, 0.5))
    end, linear = peak / 1e4, draw.random() < 0.5
    given = {"max_learning_rate": peak, "total_steps": total, "end_learning_rate": end, "phase_pct": climb}
    given |= {"anneal_strategy": "'linear'"} if linear else {}
    top = climb * total - 1

    def rate(step: int) -> float:
        low, high, x = (peak / 25, peak, step / top) if step <= top else (peak, end, (step - top) / (total - 1 - top))
        return low + (high - low) * (x if linear else 1 - half_cosine(x))

    return Line(of_paddle("OneCycleLR", given), rate, total)


@line("paddle")
def paddle_cyclic(draw: Random) -> Line:
    peak, up, down = peak_of(draw), draw.randint(5, 30), draw.randint(5, 30)
    low, mode = peak / 10, draw.choice(("triangular", "triangular2", "exp_range"))
    given = {
        "base_learning_rate": low,
        "max_learning_rate": peak,
        "step_size_up": up,
        "step_size_down": down,
        "mode": repr(mode),
    }
    given |= {"exp_gamma": 0.99} if mode == "exp_range" else {}

    def rate(step: int) -> float:
        cycle, x = divmod(step, up + down)
        height = x / up if x < up else (up + down - x) / down
        return low + (peak - low) * height * {"triangular": 1, "triangular2": 2.0**-cycle, "exp_range": 0.99**step}[mode]

    return Line(of_paddle("CyclicLR", given), rate, 200, {"total_steps": 200})


# pytorch_optimizer and pytorch_warmup


@line("pytorch_optimizer")
def pytorch_optimizer_wsd(draw: Random) -> Line:
    lr, ramp, flat, fall = peak_of(draw), draw.randint(1, 30), draw.randint(1, 90), draw.randint(5, 80)
    kind, low = draw.choice(("cosine", "1-sqrt", "1-square", "linear")), draw.choice((0.0, 0.1))
    shape = {"cosine": half_cosine, "1-sqrt": lambda y: 1 - y**0.5, "1-square": lambda y: 1 - y * y, "linear": lambda y: 1 - y}[
        kind
    ]
    given = {"lr": lr, "num_warmup_steps": ramp, "num_stable_steps": flat, "num_decay_steps": fall, "cooldown_type": kind}
    given |= {"min_lr_ratio": low} if low else {}
    end = low if kind == "cosine" else 0.0

    def rate(step: int) -> float:
        if step < ramp:
            return lr * step / ramp
        return lr * (1.0 if step < ramp + flat else end + (1 - end) * shape((step - ramp - flat) / fall))

    text = "from pytorch_optimizer.lr_scheduler import get_wsd_schedule\n" + python("get_wsd_schedule", given)
    return Line(text, rate, ramp + flat + fall)


@line("pytorch_optimizer")
def pytorch_optimizer_restarts(draw: Random) -> Line:
    first, growth, ramp, gamma = (
        draw.randint(40, 100),
        draw.choice((1.0, 1.5, 2.0)),
        draw.randint(1, 25),
        draw.choice((1.0, 0.8)),
    )
    peak = peak_of(draw)
    given = {
        "first_cycle_steps": first,
        "cycle_mult": growth,
        "max_lr": peak,
        "min_lr": peak / 20,
        "warmup_steps": ramp,
        "gamma": gamma,
    }
    text = "from pytorch_optimizer import CosineAnnealingWarmupRestarts\n" + python("CosineAnnealingWarmupRestarts", given)
    return Line(text, lambda step: peak * katsura(step, first, growth, ramp, 0.05, gamma), 300, {"total_steps": 300})


@line("pytorch_optimizer")
def pytorch_optimizer_lines(draw: Random) -> Line:
    total, ramp, peak, name = (
        draw.randint(50, 150),
        draw.randint(1, 40),
        peak_of(draw),
        draw.choice(("LinearScheduler", "CosineScheduler")),
    )
    low = draw.choice((0.0, 0.0, peak / 10))
    given = {"t_max": total, "max_lr": peak, "min_lr": low, "init_lr": low, "warmup_steps": ramp}

    def rate(step: int) -> float:
        k = max(0, step - 1)
        if k < ramp:
            return low + (peak - low) * k / ramp
        x = (k - ramp) / (total - ramp)
        return low + (peak - low) * (1 - x if name == "LinearScheduler" else half_cosine(x))

    return Line(f"from pytorch_optimizer import {name}\n" + python(name, given), rate, total)


@line("pytorch_warmup")
def pytorch_warmup_line(draw: Random) -> Line:
    lr, total, beta, ramp = peak_of(draw), draw.randint(250, 400), draw.choice((0.9, 0.99)), draw.randint(5, 100)
    name = draw.choice(("LinearWarmup", "ExponentialWarmup", "UntunedLinearWarmup", "UntunedExponentialWarmup"))
    untuned = name.startswith("Untuned")
    tau = (int(2 / (1 - beta)) if "Linear" in name else 1 / (1 - beta)) if untuned else ramp
    text = (
        "import pytorch_warmup as warmup\n"
        f"optimizer = torch.optim.AdamW(params, lr={lr}, betas=(0.9, {beta}))\n"
        f"lr_scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max={total})\n"
        f"warmup_scheduler = warmup.{name}(optimizer{'' if untuned else f', warmup_period={ramp}'})\n"
    )

    def rate(step: int) -> float:
        ramped = min(1.0, (step + 1) / tau) if "Linear" in name else 1 - math.exp(-(step + 1) / tau)
        return lr * ramped * half_cosine(step / total)

    return Line(text, rate, total)


# diffusers


@line("diffusers")
def diffusers_flags(draw: Random) -> Line:
    lr, total, ramp = peak_of(draw), draw.randint(80, 250), draw.choice((0, draw.randint(1, 40)))
    kind = draw.choice(("constant", "constant_with_warmup", "linear", "cosine", "cosine_with_restarts", "polynomial"))
    cycles, power = draw.choice((1, 3)), draw.choice((1.0, 2.0))
    given = {"learning_rate": lr, "lr_scheduler": kind, "lr_warmup_steps": ramp, "max_train_steps": total}
    given |= {"lr_num_cycles": cycles} if kind == "cosine_with_restarts" else {}
    given |= {"lr_power": power} if kind == "polynomial" else {}
    text = flags(given, "accelerate launch train_dreambooth_lora.py", lambda key: key)
    if draw.random() < 0.4:
        text = "accelerate launch train_text_to_image.py \\\n" + " \\\n".join(
            f'  --{key}="{value}"' for key, value in given.items()
        )

    def rate(step: int) -> float:
        if kind == "constant":
            return lr
        if step < ramp:
            return lr * step / max(1, ramp)
        x = (step - ramp) / max(1, total - ramp)
        return (
            lr
            * {
                "constant_with_warmup": 1.0,
                "linear": 1 - x,
                "cosine": half_cosine(x),
                "cosine_with_restarts": half_cosine((cycles * x) % 1) if x < 1 else 0.0,
                "polynomial": (1 - 1e-7 / lr) * (1 - x) ** power + 1e-7 / lr,
            }[kind]
        )

    return Line(text, rate, total)


@line("diffusers")
def diffusers_functions(draw: Random) -> Line:
    lr, total, ramp, cycles = peak_of(draw), draw.randint(80, 250), draw.randint(1, 40), draw.choice((0.5, 1.5))
    given = {"lr": lr, "num_warmup_steps": ramp, "num_training_steps": total, "num_cycles": cycles}
    text = "from diffusers.optimization import get_cosine_schedule_with_warmup\n" + python(
        "get_cosine_schedule_with_warmup", given
    )
    return Line(
        text,
        lambda k: lr * (k / ramp if k < ramp else half_cosine(2 * cycles * (k - ramp) / (total - ramp))),
        total + 20,
        {"total_steps": total + 20},
    )


@line("diffusers")
def diffusers_rules(draw: Random) -> Line:
    lr, at, values = peak_of(draw), sorted(draw.sample(range(1, 100), 2)), [1, draw.uniform(0.01, 1), draw.uniform(0.001, 1)]
    rules = f"1:{at[0]},{values[1]}:{at[1]},{values[2]}"
    text = "from diffusers.optimization import *\n" + python("get_piecewise_constant_schedule", {"lr": lr, "step_rules": rules})
    return Line(text, lambda step: lr * values[bisect_right(at, step)], 120, {"total_steps": 120})


# nanoGPT and torchtitan


@line("nanogpt")
def nanogpt_settings(draw: Random) -> Line:
    lr, ramp, total, run = peak_of(draw), draw.randint(0, 40), draw.randint(80, 200), draw.randint(80, 200)
    low = lr / 10
    given = {"learning_rate": lr, "max_iters": run, "lr_decay_iters": total, "warmup_iters": ramp, "min_lr": low}
    text = "\n".join(f"{key} = {value!r} # setting" for key, value in given.items()) + "\nwandb_log = True\n"

    def rate(step: int) -> float:
        if step < ramp:
            return lr * (step + 1) / (ramp + 1)
        return low if step > total else low + (lr - low) * half_cosine((step - ramp) / (total - ramp))

    return Line(text, rate, run)


@line("torchtitan")
def torchtitan_settings(draw: Random) -> Line:
    lr, ramp, low, share = (
        draw.choice((8e-4, 3e-4)),
        draw.randint(1, 40),
        draw.choice((0.0, 0.1)),
        draw.choice((0.0, 0.1, 0.25, 0.8)),
    )
    kind = draw.choice(("linear", "sqrt", "cosine"))
    text = (
        f'[optimizer]\nname = "AdamW"\nlr = {lr}\n\n[lr_scheduler]\nwarmup_steps = {ramp} # 20 %\n'
        + (f"decay_ratio = {share}\n" if share else "")
        + f'decay_type = "{kind}"\nmin_lr_factor = {low}\n\n[training]\nlocal_batch_size = 1\nsteps = 200\n'
    )
    fall = min(round(200 * share), 200 - ramp) if share else 200 - ramp
    shape = {"linear": lambda y: 1 - y, "sqrt": lambda y: 1 - math.sqrt(y), "cosine": half_cosine}[kind]
    stable = 200 + 1 - ramp - fall

    def rate(step: int) -> float:
        if step < ramp:
            return lr * (step + 1) / ramp
        return lr * (1.0 if step < ramp + stable else low + (1 - low) * shape((step + 1 - ramp - stable) / fall))

    return Line(text, rate, 200)


# mmengine


def mm_rates(parts: list[dict[str, Any]], lr: float, steps: int, epoch: int) -> list[float]:
    """mmengine, optim/scheduler/param_scheduler.py, read at 01857d8: every scheduler changes the rate that it finds."""
    rates, value = [], lr
    for step in range(steps):
        for part in parts:
            by_epoch, iterations = part.get("by_epoch", True), part.get("convert_to_iter_based", False)
            scale = epoch if by_epoch and iterations else 1
            if by_epoch and not iterations and step % epoch:
                continue
            at = step // epoch if by_epoch and not iterations else step
            begin, end = part.get("begin", 0) * scale, part.get("end", 10**9) * scale
            if begin <= at < end:
                value = mm_value(part, value, lr, at - begin, end - begin - 1, scale)
        rates.append(value)
    return rates


def mm_value(part: dict[str, Any], value: float, lr: float, last: int, total: int, scale: int) -> float:
    kind = part["type"]
    if kind == "StepLR":
        return value if last == 0 or last % (part["step_size"] * scale) else value * part["gamma"]
    if kind == "MultiStepLR":
        return value * part["gamma"] ** [each * scale for each in part["milestones"]].count(last)
    if kind == "ExponentialLR":
        return value if last == 0 else value * part["gamma"]
    if kind == "ConstantLR":
        return value * part["factor"] if last == 0 else value / part["factor"] if last == total else value
    if kind == "LinearLR":
        start, end = part["start_factor"], part.get("end_factor", 1.0)
        if last == 0:
            return value * start
        return value * (1 + (end - start) / (total * start + (last - 1) * (end - start)))
    low = part.get("eta_min", 0.0)
    if kind == "PolyLR":
        return value if last == 0 else (value - low) * (1 - 1 / (total - last + 1)) ** part["power"] + low
    period = part.get("T_max", 0) * scale or total + 1
    if last == 0:
        return value
    if (last - 1 - period) % (2 * period) == 0:
        return value + (lr - low) * (1 - math.cos(math.pi / period)) / 2
    up, down = 1 + math.cos(math.pi * last / period), 1 + math.cos(math.pi * (last - 1) / period)
    return up / down * (value - low) + low


def mm_line(draw: Random, parts: list[dict[str, Any]], lr: float, run: dict[str, int], steps: int, epoch: int) -> Line:
    inside = ",\n".join("    dict(" + ", ".join(f"{key}={value!r}" for key, value in part.items()) + ")" for part in parts)
    text = (
        f"optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr={lr}, momentum=0.9))\n"
        f"param_scheduler = [\n{inside}\n]\n"
        f"train_cfg = dict(by_epoch=True, {', '.join(f'{key}={value}' for key, value in run.items())})\n"
    )
    if draw.random() < 0.3:
        text = f"optim_wrapper:\n  optimizer: {{type: SGD, lr: {lr!r}}}\nparam_scheduler:\n"
        for part in parts:
            text += "  - " + "\n    ".join(f"{key}: {json.dumps(value)}" for key, value in part.items()) + "\n"
        text += nested({"train_cfg": run})
    rates = mm_rates(parts, lr, steps, epoch)
    return Line(text, lambda step: rates[step], steps, {"iterations_per_epoch": epoch})


@line("mmengine")
def mmengine_steps(draw: Random) -> Line:
    """As in mmdetection: a ramp by iterations, and milestones by epochs."""
    lr, epoch, ramp = draw.choice((0.02, 0.01)), draw.randint(10, 30), draw.randint(20, 100)
    parts: list[dict[str, Any]] = [
        {"type": "LinearLR", "start_factor": draw.choice((0.001, 0.1)), "by_epoch": False, "begin": 0, "end": ramp},
        {"type": "MultiStepLR", "begin": 0, "end": 12, "by_epoch": True, "milestones": [8, 11], "gamma": 0.1},
    ]
    return mm_line(draw, parts, lr, {"max_epochs": 12}, 12 * epoch, epoch)


@line("mmengine")
def mmengine_cosine(draw: Random) -> Line:
    """As in mmpretrain: a ramp of some epochs by iterations, then a cosine by epochs or by iterations."""
    lr, epoch, ramp, total = 1e-3, draw.randint(3, 12), draw.randint(2, 6), draw.randint(20, 30)
    cosine: dict[str, Any] = {"type": "CosineAnnealingLR", "by_epoch": True, "begin": ramp, "end": total}
    if draw.random() < 0.5:
        cosine["T_max"] = total - ramp
    if draw.random() < 0.5:
        cosine["eta_min"] = 1e-5
    if draw.random() < 0.5:
        cosine["convert_to_iter_based"] = True
    first = {"type": "LinearLR", "start_factor": 1e-4, "by_epoch": True, "begin": 0, "end": ramp, "convert_to_iter_based": True}
    return mm_line(draw, [first, cosine], lr, {"max_epochs": total}, total * epoch, epoch)


@line("mmengine")
def mmengine_poly(draw: Random) -> Line:
    """As in mmsegmentation, by iterations."""
    lr, ramp, total, power = 6e-5, draw.choice((0, draw.randint(2, 40))), draw.randint(100, 200), draw.choice((0.9, 1.0))
    poly: dict[str, Any] = {
        "type": "PolyLR",
        "eta_min": draw.choice((0.0, 1e-6)),
        "power": power,
        "begin": ramp,
        "end": total,
        "by_epoch": False,
    }
    first = {"type": "LinearLR", "start_factor": 1e-6, "by_epoch": False, "begin": 0, "end": ramp}
    return mm_line(draw, [first, poly] if ramp else [poly], lr, {"max_iters": total}, total, 1)


@line("mmengine")
def mmengine_alone(draw: Random) -> Line:
    """One scheduler per epoch."""
    total = draw.randint(20, 60)
    part = draw.choice(
        (
            {"type": "StepLR", "step_size": draw.randint(2, 20), "gamma": 0.5, "by_epoch": True},
            {"type": "ExponentialLR", "gamma": 0.9, "by_epoch": True},
            {"type": "MultiStepLR", "milestones": [5, 12], "gamma": 0.2, "begin": draw.randint(0, 3)},
            {"type": "CosineAnnealingLR", "T_max": total, "eta_min": 1e-4, "by_epoch": True},
            {"type": "CosineAnnealingLR", "T_max": total, "begin": 0, "end": total - 5},
            {"type": "LinearLR", "start_factor": 1.0, "end_factor": 0.1, "begin": 0, "end": total},
            {"type": "ConstantLR", "factor": 0.1, "begin": 0, "end": 5},
        )
    )
    return mm_line(draw, [part], 0.1, {"max_epochs": total}, total, 1)


@line("mmengine")
def mmengine_overlap(draw: Random) -> Line:
    """A ramp over a decay from step 0."""
    lr, ramp, total = 0.1, draw.randint(3, 30), draw.randint(100, 200)
    main = draw.choice(
        (
            {"type": "CosineAnnealingLR", "T_max": total, "begin": 0, "end": total, "by_epoch": False},
            {"type": "CosineAnnealingLR", "T_max": total, "begin": 0, "end": total, "by_epoch": False, "eta_min": 0.001},
            {"type": "StepLR", "step_size": draw.randint(20, 60), "gamma": 0.3, "by_epoch": False},
            {"type": "ExponentialLR", "gamma": 0.99, "by_epoch": False},
        )
    )
    first = {"type": draw.choice(("LinearLR", "ConstantLR")), "by_epoch": False, "begin": 0, "end": ramp}
    first |= {"start_factor": 0.1} if first["type"] == "LinearLR" else {"factor": 0.1}
    return mm_line(draw, [first, main], lr, {"max_iters": total}, total, 1)


# The Trainer of transformers, axolotl and timm's train.py


@line("transformers")
def trainer_settings(draw: Random) -> Line:
    lr, total, kind = (
        peak_of(draw),
        draw.randint(80, 250),
        draw.choice(("linear", "cosine", "constant_with_warmup", "inverse_sqrt")),
    )
    ramp, share = draw.randint(1, 40), draw.choice((0.03, 0.1, 0.07))
    given: dict[str, Any] = {"learning_rate": lr, "lr_scheduler_type": kind, "max_steps": total}
    by_share = draw.random() < 0.5
    given |= {"warmup_ratio": share} if by_share else {"warmup_steps": ramp}
    warm = math.ceil(share * total) if by_share else ramp
    form = draw.choice(("yaml", "json", "flags", "card"))
    if form == "card":
        names = {
            "warmup_ratio": "lr_scheduler_warmup_ratio",
            "warmup_steps": "lr_scheduler_warmup_steps",
            "max_steps": "training_steps",
        }
        text = "The following hyperparameters were used during training:\n"
        text += "".join(f"- {names.get(key, key)}: {value}\n" for key, value in given.items())
    elif form == "flags":
        text = flags({"model_name_or_path": "gpt2", **given}, "torchrun --nproc_per_node 8 run_clm.py", lambda key: key)
    else:
        tree = {"output_dir": "out", "per_device_train_batch_size": 4, **given, "bf16": True}
        text = json.dumps(tree, indent=2) if form == "json" else nested(tree)

    def rate(step: int) -> float:
        if step < warm:
            return lr * step / warm
        x = (step - warm) / (total - warm)
        root = (1 + (step - warm) / warm) ** -0.5
        return lr * {"linear": 1 - x, "cosine": half_cosine(x), "constant_with_warmup": 1.0, "inverse_sqrt": root}[kind]

    return Line(text, rate, total)


@line("axolotl")
def axolotl_settings(draw: Random) -> Line:
    lr, total, ramp, low = 2e-4, draw.randint(80, 250), draw.randint(1, 30), draw.choice((0.1, 0.25))
    share = draw.choice((1.0, 0.8))
    given: dict[str, Any] = {"micro_batch_size": 2, "num_epochs": 4, "lr_scheduler": "cosine", "learning_rate": lr}
    given |= {"warmup_steps": ramp, "max_steps": total, "cosine_min_lr_ratio": low}
    given |= {"cosine_constant_lr_ratio": share} if share < 1 else {}
    end = int(total * share)

    def rate(step: int) -> float:
        if step < ramp:
            return lr * step / ramp
        return lr * (low + (1 - low) * half_cosine((min(step, end) - ramp) / (end - ramp)))

    return Line(nested(given), rate, total)


@line("timm")
def timm_flags(draw: Random) -> Line:
    lr, epochs, ramp, start = peak_of(draw), draw.randint(20, 60), draw.choice((0, 5)), 1e-6
    updates, each = draw.random() < 0.5, draw.randint(3, 20)
    kind = draw.choice(("cosine", "step", "multistep", "poly"))
    low = 0.0 if kind in ("step", "multistep") else draw.choice((0.0, lr / 100))
    given: dict[str, Any] = {
        "sched": kind,
        "epochs": epochs,
        "lr": lr,
        "warmup-epochs": ramp,
        "warmup-lr": start,
        "min-lr": low,
    }
    given |= {"decay-epochs": 7, "decay-rate": 0.5}
    at = sorted(draw.sample(range(8, 20), 2))
    given |= {"decay-milestones": " ".join(map(str, at))} if kind == "multistep" else {}
    text = "./distributed_train.sh 8 /data/imagenet --model resnet50 -b 128 " + " ".join(
        f"--{key} {value}" for key, value in given.items()
    )
    text += " --sched-on-updates --amp\n" if updates else " --amp\n"
    if draw.random() < 0.3 and kind != "multistep":
        text = nested(
            {key.replace("-", "_"): value for key, value in given.items()} | {"sched_on_updates": updates, "model": "resnet50"}
        )
    unit = each if updates else 1

    def rate(step: int) -> float:
        t, warm = (step if updates else step // each), ramp * unit
        if t < warm:
            return start + t * (lr - start) / warm
        x = t / (epochs * unit)
        return {
            "cosine": low + (lr - low) * half_cosine(x),
            "step": lr * 0.5 ** (t // (7 * unit)),
            "multistep": lr * 0.5 ** bisect_right([m * unit for m in at], t + 1),
            "poly": low + (lr - low) * (1 - x) ** 0.5,
        }[kind]

    return Line(text, rate, epochs * each, {"updates_per_epoch": each})


# fairseq and detectron2


@line("fairseq")
def fairseq_flags(draw: Random) -> Line:
    """fairseq, optim/lr_scheduler/: inverse_sqrt at 07665ac, polynomial_decay at 003179f, tri_stage at 00bc279, step at 5d7b70d."""
    lr, ramp, run = draw.choice((5e-4, 7e-4)), draw.randint(5, 60), draw.randint(150, 250)
    kind = draw.choice(("inverse_sqrt", "polynomial_decay", "tri_stage", "step", "fixed", "cosine"))
    start, power, period = draw.choice((0.0, 1e-7)), draw.choice((1.0, 2.0)), draw.randint(20, 60)
    given: dict[str, Any] = {"lr": lr, "lr_scheduler": kind, "max_update": run}
    given |= {"warmup_updates": ramp} if kind != "tri_stage" else {"phase_ratio": "'[0.1,0.4,0.5]'"}
    given |= {"warmup_init_lr": f"'{start}'"} if kind == "inverse_sqrt" and start else {}
    given |= {"total_num_update": run, "power": power} if kind == "polynomial_decay" else {}
    given |= {"lr_deacy_period": period, "lr_decay": 0.5} if kind == "step" else {}
    given |= {"min_lr": 1e-6} if kind in ("cosine", "step") else {}
    w, h, d = int(0.1 * run), int(0.4 * run), int(0.5 * run)

    def rate(k: int) -> float:
        if kind == "tri_stage":
            if k < w:
                return lr * (0.01 + 0.99 * k / w)
            return lr * (1.0 if k < w + h else max(0.01, 0.01 ** ((k - w - h) / d)))
        if k < ramp:
            first = {"inverse_sqrt": start, "cosine": 1e-6, "step": 1e-6}.get(kind, 0.0)
            return lr * (k + 1) / ramp if kind == "fixed" else first + (lr - first) * k / ramp
        x = (k - ramp) / (run - ramp)
        return {
            "inverse_sqrt": lr * (ramp / k) ** 0.5,
            "polynomial_decay": lr * (1 - x) ** power,
            "step": max(1e-6, lr * 0.5 ** ((k - ramp) // period)),
            "fixed": lr,
            "cosine": 1e-6 + (lr - 1e-6) * half_cosine(x),
        }[kind]

    text = flags(
        {"arch": "transformer", "optimizer": "adam", **given}, "CUDA_VISIBLE_DEVICES=0 fairseq-train data-bin/iwslt14.de-en"
    )
    if draw.random() < 0.3:
        names = {"lr_scheduler": "_name"}
        inner = {
            names.get(key, key): value
            for key, value in given.items()
            if key not in ("lr", "max_update", "phase_ratio", "warmup_init_lr")
        }
        inner |= {"phase_ratio": [0.1, 0.4, 0.5]} if kind == "tri_stage" else {}
        inner |= {"warmup_init_lr": start} if kind == "inverse_sqrt" and start else {}
        text = nested({"optimization": {"max_update": run, "lr": [lr]}, "optimizer": {"_name": "adam"}, "lr_scheduler": inner})
    return Line(text, rate, run)


@line("detectron2")
def detectron2_solver(draw: Random) -> Line:
    """detectron2, solver/build.py, read at 1846f91: the ramp leads to the curve at its end."""
    lr, run, ramp = 0.02, draw.randint(150, 250), draw.choice((0, draw.randint(5, 40)))
    at, factor = sorted(draw.sample(range(60, 150), 2)), draw.choice((0.001, 0.1))
    wave = draw.random() < 0.4
    text = (
        '_BASE_: "../Base-RCNN-FPN.yaml"\nMODEL:\n  MASK_ON: True\nSOLVER:\n'
        f"  BASE_LR: {lr}\n  STEPS: ({at[0]}, {at[1]})\n  MAX_ITER: {run}\n  WARMUP_ITERS: {ramp}\n  WARMUP_FACTOR: {factor}\n"
        + ("  LR_SCHEDULER_NAME: WarmupCosineLR\n" if wave else "")
    )

    def curve(step: int) -> float:
        return half_cosine(step / run) if wave else 0.1 ** bisect_right(at, step)

    return Line(text, lambda k: lr * (curve(k) if k >= ramp else factor + (curve(ramp) - factor) * k / ramp), run)


@line("mmengine")
def mmcv_settings(draw: Random) -> Line:
    """mmcv 1.x, runner/hooks/lr_updater.py: the warm-up multiplies the rate of the epoch, or of the iteration."""
    lr, epochs, epoch, by_epoch = 0.02, draw.randint(8, 14), draw.randint(8, 20), draw.random() < 0.6
    run, unit = epochs * epoch, epoch if by_epoch else 1
    kind, warm = draw.choice(("step", "poly", "CosineAnnealing")), draw.choice((None, "linear", "constant"))
    ramp, ratio, low = draw.randint(3, 30), draw.choice((0.001, 0.1)), draw.choice((0.0, 2e-4))
    at = sorted(draw.sample(range(2, epochs), 2)) if by_epoch else sorted(draw.sample(range(40, run), 2))
    given: dict[str, Any] = {"policy": kind, "by_epoch": by_epoch}
    given |= {"step": at} if kind == "step" else {"min_lr": low} | ({"power": 0.9} if kind == "poly" else {})
    given |= {"warmup": warm, "warmup_iters": ramp, "warmup_ratio": ratio} if warm else {}
    inside = ", ".join(f"{key}={value!r}" for key, value in given.items())
    length = f"max_epochs={epochs}" if by_epoch else f"max_iters={run}"
    text = f"optimizer = dict(type='SGD', lr={lr}, momentum=0.9)\nlr_config = dict({inside})\nrunner = dict(type='Runner', {length})\n"

    def rate(step: int) -> float:
        t, total = step // unit, run // unit
        value = {
            "step": lr * 0.1 ** bisect_right(at, t),
            "poly": (lr - low) * (1 - t / total) ** 0.9 + low,
            "CosineAnnealing": low + (lr - low) * half_cosine(t / total),
        }[kind]
        if not warm or step >= ramp:
            return value
        return value * (ratio if warm == "constant" else 1 - (1 - step / ramp) * (1 - ratio))

    return Line(text, rate, run, {"iterations_per_epoch": epoch})


@line("pytorch_warmup")
def pytorch_warmup_radam(draw: Random) -> Line:
    """pytorch_warmup, radam.py, read at 2cf7a79."""
    lr, total, beta = peak_of(draw), draw.randint(100, 300), draw.choice((0.99, 0.999))
    most = 2 / (1 - beta) - 1

    def rho(t: int) -> float:
        return most - 2 * t * beta**t / (1 - beta**t)

    offset = next(i for i in range(1, 50) if rho(i) > 4)
    text = (
        f"optimizer = torch.optim.AdamW(params, lr={lr}, betas=(0.9, {beta}))\n"
        f"lr_scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max={total})\n"
        "warmup_scheduler = pytorch_warmup.RAdamWarmup(optimizer)\n"
    )

    def rate(step: int) -> float:
        r = rho(step + offset)
        return lr * half_cosine(step / total) * math.sqrt((r - 4) * (r - 2) * most / ((most - 4) * (most - 2) * r))

    return Line(text, rate, total)
