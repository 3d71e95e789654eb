"""Lines of code with random settings: the schedule that is read has the rates of the library that runs the same line."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from schedules import read_code
from tests.witnesses.pair import load
from tests.witnesses.test_random_settings import Draw

PAST = 1.2
"""Steps that are compared, relative to the plan."""


@cache
def names(library: str) -> dict[str, Any]:
    """The names of a library that a line may use."""
    module = load(library)
    found: dict[str, Any] = {"math": math, "np": np}
    if library == "torch":
        from torch.optim import lr_scheduler, swa_utils

        found |= {"lr_scheduler": lr_scheduler, **vars(lr_scheduler), "SWALR": swa_utils.SWALR}
    if library == "timm":
        found["create_scheduler_v2"] = module.create_scheduler_v2
    if library == "optax":
        import optax

        found["optax"] = optax
    return {**vars(module), **found}


def theirs(library: str, line: str, rate: float, steps: int) -> np.ndarray:
    """The rates of the library at each step, from executing the line."""
    if library in {"torch", "transformers", "timm"}:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate, momentum=0.9)
        scheduler = eval(line, {**names(library), "optimizer": optimizer})
        scheduler = scheduler[0] if isinstance(scheduler, tuple) else scheduler
        rates = np.empty(steps)
        for k in range(steps):
            if library == "timm":
                scheduler.step(k)
                scheduler.step_update(k)
            rates[k] = optimizer.param_groups[0]["lr"]
            if library != "timm":
                optimizer.step()
                scheduler.step()
        return rates
    schedule = eval(line, dict(names(library)))
    if library == "optax":
        import jax

        return np.asarray(jax.vmap(schedule)(np.arange(-(-steps // 256) * 256)))[:steps]
    return np.array([float(schedule(k)) for k in range(steps)])


# Each function returns a line of code, the optimizer's rate, the steps of the run, and whether the library allows more of them.

Line = tuple[str, float, int | None, int | None]


def number(value: float) -> str:
    return repr(float(f"{value:.6g}"))


def step_lr(d: Draw) -> str:
    return f"StepLR(optimizer, step_size={d.steps(1, 60)}, gamma={number(d.between(0.05, 0.99))})"


def multi_step_lr(d: Draw) -> str:
    return f"lr_scheduler.MultiStepLR(optimizer, {d.sorted(150, d.steps(1, 40))}, gamma={number(d.between(0.3, 0.9))})"


def constant_lr(d: Draw) -> str:
    return f"ConstantLR(optimizer, factor={number(d.between(0.01, 1))}, total_iters={d.steps(0, 200)})"


def linear_lr(d: Draw) -> str:
    end = d.one_of(1.0, d.ratio())
    return f"LinearLR(optimizer, {number(d.between(0.01, 1))}, {number(end)}, {d.steps(0, 200)})"


def exponential_lr(d: Draw) -> str:
    return f"ExponentialLR(optimizer, gamma={d.one_of(1.0, d.between(0.5, 0.9999), 0.99999999)!r})"


def polynomial_lr(d: Draw) -> str:
    return f"PolynomialLR(optimizer, total_iters={d.steps(0, 200)}, power={number(d.between(0.3, 5))})"


def cosine_lr(d: Draw) -> str:
    return f"CosineAnnealingLR(optimizer, T_max={d.steps(2, 200)}, eta_min={number(d.ratio() * d.peak)})"


def warm_restarts(d: Draw) -> str:
    cycle = f"T_0={d.steps(2, 40)}, T_mult={d.steps(1, 4)}"
    return f"CosineAnnealingWarmRestarts(optimizer, {cycle}, eta_min={number(d.ratio() * d.peak)})"


def cyclic_lr(d: Draw) -> str:
    mode = d.one_of("triangular", "triangular2", "exp_range")
    sizes = f"step_size_up={d.steps(2, 40)}, step_size_down={d.one_of(None, d.steps(2, 40))}"
    shape = f"mode={mode!r}, gamma={number(d.between(0.95, 1))}"
    return f"CyclicLR(optimizer, {number(d.ratio() * d.peak)}, {number(d.peak)}, {sizes}, {shape})"


def scaled_cyclic_lr(d: Draw) -> str:
    scale = d.one_of("lambda x: 1.0", "lambda x: 1 / (2. ** (x - 1))", f"lambda x: {number(d.between(0.5, 0.9))} ** (x - 1)")
    rates = f"{number(d.ratio() * d.peak)}, {number(d.peak)}"
    return f"CyclicLR(optimizer, {rates}, {d.steps(2, 40)}, {d.steps(2, 40)}, scale_fn={scale})"


def one_cycle_lr(d: Draw) -> str:
    length = d.one_of(f"total_steps={d.steps(20, 200)}", f"epochs={d.steps(2, 10)}, steps_per_epoch={d.steps(10, 20)}")
    shape, three = d.one_of("cos", "linear"), bool(d.rng.integers(2))
    more = f"pct_start={number(d.rng.uniform(0.1, 0.45))}, anneal_strategy={shape!r}, three_phase={three}"
    factors = d.one_of("", f", div_factor={number(d.between(2, 100))}, final_div_factor={number(d.between(10, 1e5))}")
    return f"OneCycleLR(optimizer, {number(d.peak)}, {length}, {more}{factors})"


def swa_lr(d: Draw) -> str:
    shape = d.one_of("cos", "linear")
    end = number((d.ratio(2) or 0.5) * d.peak)
    return f"SWALR(optimizer, swa_lr={end}, anneal_epochs={d.steps(1, 100)}, anneal_strategy={shape!r})"


MAINS = (step_lr, multi_step_lr, exponential_lr, cosine_lr, warm_restarts, polynomial_lr, linear_lr)


def warmed(d: Draw) -> str:
    W = d.steps(1, 30)
    ramp = d.one_of(f"LinearLR(optimizer, {number(d.between(0.01, 1))}, total_iters={W})", f"ConstantLR(optimizer, 0.1, {W})")
    return f"SequentialLR(optimizer, [{ramp}, {d.one_of(*MAINS)(d)}], milestones=[{W}])"


def sequence(d: Draw) -> str:
    parts = [d.one_of(*MAINS, constant_lr, cyclic_lr)(d) for _ in range(d.steps(2, 4))]
    parts[0] = d.one_of(*MAINS)(d)
    return f"SequentialLR(optimizer, schedulers=[{', '.join(parts)}], milestones={d.sorted(120, len(parts) - 1)})"


def trapezoid(d: Draw) -> str:
    W, stable, D = d.steps(1, 30), d.steps(5, 60), d.steps(5, 60)
    parts = (
        f"LinearLR(optimizer, 0.1, 1.0, {W}), ConstantLR(optimizer, 1.0), LinearLR(optimizer, 1.0, {number(d.ratio())}, {D})"
    )
    return f"SequentialLR(optimizer, [{parts}], milestones=[{W}, {W + stable}])"


def chained(d: Draw) -> str:
    ramp = f"LinearLR(optimizer, {number(d.between(0.01, 1))}, total_iters={d.steps(1, 50)})"
    return f"ChainedScheduler([{ramp}, {d.one_of(*MAINS)(d)}])"


LAMBDAS = (
    "lambda step: min(1.0, step / {W})",
    "lambda step: min((step + 1) ** -0.5, (step + 1) * {W} ** -1.5)",
    "lambda epoch: 0.95 ** epoch",
    "lambda epoch: 1 / math.sqrt(epoch + 1)",
    "lambda s: (s + 1) / {W} if s < {W} else 1.0",
    "lambda s: s / {W} if s < {W} else max(0.0, ({T} - s) / ({T} - {W}))",
    "lambda s: s / {W} if s < {W} else 0.5 * (1 + math.cos(math.pi * (s - {W}) / ({T} - {W}))) if s < {T} else 0.0",
    "lambda s: 0.5 * (1 + math.cos(math.pi * s / {T}))",
    "lambda s: max(0.1, 1 - s / {T})",
    "lambda e: 1.0 if e < {W} else 0.1 if e < 2 * {W} else 0.01",
    "lambda e: 0.5 ** (e // {W})",
    "lambda e: [1.0, 0.5, 0.2][min(2, e // {W})]",
    "lambda e: (1 - e / {T}) ** 0.9 if e <= {T} else 0.0",
    "lambda k: (1 + k / {W}) ** -0.5",
    "lambda k: 1.0 if k < {W} and k >= 0 else math.exp(-0.01 * (k - {W}))",
)


def lambda_lr(d: Draw) -> str:
    W = d.steps(2, 30)
    return f"LambdaLR(optimizer, lr_lambda={d.one_of(*LAMBDAS).format(W=W, T=W + d.steps(20, 100))})"


def multiplicative_lr(d: Draw) -> str:
    return f"MultiplicativeLR(optimizer, lr_lambda=lambda epoch: {number(d.between(0.5, 0.99))})"


def timm_ramp(d: Draw) -> str:
    prefix = d.one_of("", ", warmup_prefix=True")
    return d.one_of("", f", warmup_t={d.steps(1, 9)}, warmup_lr_init={number(d.ratio(0.2) * d.peak)}{prefix}")


def timm_cycles(d: Draw) -> str:
    growth = d.one_of("", ", cycle_mul=2.0")
    return d.one_of("", f", cycle_limit={d.steps(2, 4)}, cycle_decay={number(d.between(0.3, 1))}{growth}")


def timm_cosine(d: Draw) -> str:
    end = number(d.ratio(0.2) * d.peak)
    return f"CosineLRScheduler(optimizer, t_initial={d.steps(20, 80)}, lr_min={end}{timm_ramp(d)}{timm_cycles(d)})"


def timm_tanh(d: Draw) -> str:
    return f"TanhLRScheduler(optimizer, t_initial={d.steps(20, 80)}, lb={number(-d.between(0.5, 9))}, ub=3.0{timm_ramp(d)})"


def timm_poly(d: Draw) -> str:
    shape = f"power={number(d.between(0.3, 3))}, k_decay={number(d.between(0.5, 2))}"
    return f"PolyLRScheduler(optimizer, {d.steps(20, 80)}, {shape}{timm_ramp(d)})"


def timm_step(d: Draw) -> str:
    return f"StepLRScheduler(optimizer, decay_t={d.steps(1, 40)}, decay_rate={number(d.between(0.1, 1))}{timm_ramp(d)})"


def timm_multi_step(d: Draw) -> str:
    return f"MultiStepLRScheduler(optimizer, {d.sorted(150, 3)}, decay_rate=0.3{timm_ramp(d)})"


def timm_wsd(d: Draw) -> str:
    shape = d.one_of("linear", "cosine", "1-sqrt", "exp", "power")
    stable = d.one_of(
        "", ", stable_fn='rsqrt', stable_timescale=30", ", stable_fn='power', stable_timescale=20, stable_power=0.8"
    )
    ramp = f"warmup_t={d.steps(0, 20)}, warmup_lr_init={number(d.ratio(0.2) * d.peak)}"
    return f"WSDLRScheduler(optimizer, t_initial=90, decay_t={d.steps(2, 40)}, {ramp}, decay_fn={shape!r}{stable})"


def timm_factory(d: Draw) -> str:
    kind = d.one_of("cosine", "tanh", "step", "multistep", "poly", "wsd", "rsqrt", "constant")
    more = d.one_of("", ", warmup_prefix=True", f", min_lr={number(0.01 * d.peak)}")
    warm = f"warmup_epochs={d.steps(1, 9)}, warmup_lr={number(0.1 * d.peak)}"
    return f"create_scheduler_v2(optimizer, sched={kind!r}, num_epochs={d.steps(30, 120)}, {warm}, cooldown_epochs=10{more})"


def hf(d: Draw) -> str:
    T = d.steps(40, 160)
    W = d.steps(0, T // 3)
    name, more = d.one_of(
        ("constant", ""),
        ("constant_with_warmup", ""),
        ("linear", ""),
        ("cosine", d.one_of("", f"{{'num_cycles': {number(d.between(0.2, 3))}}}")),
        ("cosine_with_restarts", f"{{'num_cycles': {d.steps(1, 5)}}}"),
        ("polynomial", f"dict(power={number(d.between(0.3, 4))}, lr_end={number(d.peak * 0.01)})"),
        ("inverse_sqrt", d.one_of("", f"dict(timescale={d.steps(5, 100)})")),
        ("cosine_with_min_lr", d.one_of("{'min_lr_rate': 0.1}", f"{{'min_lr': {number(d.peak * 0.05)}}}")),
        ("cosine_warmup_with_min_lr", d.one_of("{'min_lr_rate': 0.1}", "{'min_lr_rate': 0.1, 'warmup_lr_rate': 0.05}")),
        ("warmup_stable_decay", f"dict(num_decay_steps={d.steps(2, T - W - 1)}, decay_type='1-sqrt', min_lr_ratio=0.1)"),
    )
    more = f", scheduler_specific_kwargs={more}" if more else ""
    if d.rng.random() < 0.5:
        return f"get_scheduler({name!r}, optimizer, {W}, {T}{more})"
    return f"get_scheduler(name={name!r}, optimizer=optimizer, num_warmup_steps={W}, num_training_steps={T}{more})"


def hf_functions(d: Draw) -> str:
    T = d.steps(40, 160)
    W = d.steps(0, T // 3)
    return d.one_of(
        f"get_linear_schedule_with_warmup(optimizer, num_warmup_steps={W}, num_training_steps={T})",
        f"get_cosine_schedule_with_warmup(optimizer, {W}, {T}, num_cycles={number(d.between(0.2, 3))})",
        f"get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, {W}, {T}, num_cycles={d.steps(1, 4)})",
        f"get_polynomial_decay_schedule_with_warmup(optimizer, {W}, {T}, lr_end={number(d.peak / 50)}, power=2.0)",
        f"get_constant_schedule_with_warmup(optimizer, num_warmup_steps={W})",
        f"get_inverse_sqrt_schedule(optimizer, {W})",
        f"get_wsd_schedule(optimizer, {W}, {d.steps(1, 30)}, num_stable_steps={d.steps(1, 40)}, warmup_type='cosine')",
        f"get_cosine_with_min_lr_schedule_with_warmup(optimizer, {W}, {T}, min_lr={number(d.peak * d.between(0.01, 0.5))})",
    )


def optax_line(d: Draw) -> str:
    p, low, T, W = number(d.peak), number(d.ratio() * d.peak), d.steps(20, 120), d.steps(1, 19)
    at = d.sorted(150, d.steps(1, 6))
    scales = {each: float(number(d.between(0.2, 0.99))) for each in at}
    return d.one_of(
        f"optax.constant_schedule({p})",
        f"optax.linear_schedule({p}, {low}, {T}, transition_begin={W})",
        f"optax.linear_schedule(init_value=0.0, end_value={p}, transition_steps={T})",
        f"optax.polynomial_schedule({p}, {low}, {number(d.between(0.3, 4))}, {T}, {W})",
        f"optax.piecewise_constant_schedule({p}, {scales})",
        f"optax.piecewise_interpolate_schedule('cosine', {p}, {scales})",
        f"optax.exponential_decay({p}, {T}, {number(d.between(0.1, 0.95))}, {W}, {bool(d.rng.integers(2))})",
        f"optax.exponential_decay({p}, {T}, 0.5, end_value={number(0.3 * d.peak)})",
        f"optax.cosine_decay_schedule({p}, decay_steps={T}, alpha={number(d.ratio())}, exponent={number(d.between(0.5, 3))})",
        f"optax.cosine_onecycle_schedule({T}, {p}, pct_start={number(d.rng.uniform(0.1, 0.6))})",
        f"optax.linear_onecycle_schedule({T}, {p}, 0.3, 0.85, {number(d.between(2, 50))}, {number(d.between(5, 1e4))})",
        f"optax.warmup_constant_schedule(0.0, {p}, {W})",
        f"optax.warmup_cosine_decay_schedule({low}, {p}, {W}, {T}, {number(0.01 * d.peak)})",
        f"optax.warmup_exponential_decay_schedule(0.0, {p}, {W}, {T}, 0.7)",
    )


def optax_join(d: Draw) -> str:
    p, T, W = number(d.peak), d.steps(30, 120), d.steps(1, 19)
    main = d.one_of(
        f"optax.cosine_decay_schedule({p}, {T}, alpha=0.1)",
        f"optax.exponential_decay({p}, {W}, 0.8)",
        f"optax.linear_schedule({p}, 0.0, {T})",
        f"optax.constant_schedule({p})",
        f"optax.polynomial_schedule({p}, 0.0, 2.0, {T})",
    )
    return f"optax.join_schedules([optax.linear_schedule(0.0, {p}, {W}), {main}], boundaries=[{W}])"


def optax_sgdr(d: Draw) -> str:
    p, W, T = d.peak, d.one_of(0, 5), d.steps(20, 40)
    cycles = [
        {"init_value": 0.0, "peak_value": p * 0.5**i, "warmup_steps": W, "decay_steps": T * 2**i + W}
        for i in range(d.steps(1, 3))
    ]
    return f"optax.sgdr_schedule({cycles})"


def keras_line(d: Draw) -> str:
    p, low, T, stairs = number(d.peak), number(d.ratio() * d.peak), d.steps(5, 50), bool(d.rng.integers(2))
    at = d.sorted(90, d.steps(1, 6))
    values = [float(number(d.rng.uniform(0.01, 1))) for _ in range(len(at) + 1)]
    return d.one_of(
        f"ExponentialDecay({p}, decay_steps={T}, decay_rate={number(d.between(0.1, 0.95))}, staircase={stairs})",
        f"PiecewiseConstantDecay({at}, {values})",
        f"PolynomialDecay(initial_learning_rate={p}, decay_steps={T}, end_learning_rate={low}, power=1.5, cycle={stairs})",
        f"InverseTimeDecay({p}, {T}, decay_rate={number(d.between(0.05, 3))}, staircase={stairs})",
        f"CosineDecay({p}, {T}, alpha={number(d.ratio())})",
        f"CosineDecay(0.0, {T}, warmup_target={p}, warmup_steps={d.steps(1, 30)})",
        f"CosineDecayRestarts({p}, {d.steps(4, 40)}, t_mul={d.one_of(1.0, 2.0)}, m_mul={number(d.between(0.3, 1))})",
    )


LINES: dict[Callable[[Draw], str], str] = {
    **dict.fromkeys(
        (*MAINS, constant_lr, cyclic_lr, scaled_cyclic_lr, one_cycle_lr, swa_lr, warmed, sequence, trapezoid, chained), "torch"
    ),
    **dict.fromkeys((lambda_lr, multiplicative_lr), "torch"),
    **dict.fromkeys((timm_cosine, timm_tanh, timm_poly, timm_step, timm_multi_step, timm_wsd, timm_factory), "timm"),
    **dict.fromkeys((hf, hf_functions), "transformers"),
    **dict.fromkeys((optax_line, optax_join, optax_sgdr), "optax"),
    keras_line: "keras",
}
DRAWS = {"torch": 12, "timm": 12, "transformers": 40, "optax": 8, "keras": 30}
CLOSEST = {"optax_line": 30}
APPROXIMATE = {"sequence", "chained", "lambda_lr", "warmed"}
"""Lines whose curve may have no exact schedule: then a notice has to say so."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", LINES, ids=lambda make: make.__name__)
def test_a_line_is_read_to_the_library_s_rates(make: Callable[[Draw], str]):
    library, exact = LINES[make], 0
    draws = CLOSEST.get(make.__name__, DRAWS[library])
    for seed in range(draws):
        d = Draw(seed)
        line, rate = make(d), float(f"{d.peak:.6g}")
        text = f"optimizer = SGD(model.parameters(), lr={rate!r}, momentum=0.9)\n{line}"
        values = {"total_steps": 170} if "OneCycle" not in line else {}
        reading = read_code(text, values)
        assert reading.schedule is not None, f"{line}: {[str(each.sentence) for each in reading.notices]}"
        assert not reading.missing, f"{line}: {[each.name for each in reading.missing]}"
        steps = reading.schedule.total_steps
        ours, rates = reading.schedule.lrs(), theirs(library, line, rate, steps)
        worst = float(np.max(np.abs(ours - rates)) / np.max(np.abs(rates)))
        said = any(each.sentence.key == "reading.knots" for each in reading.notices)
        assert worst <= 1e-9 or said, f"seed {seed}: {line} is {worst:.3g} away: {reading.schedule}"
        exact += worst <= 1e-9
    assert exact == draws or make.__name__ in APPROXIMATE, f"{exact} of {draws} are exact"


@pytest.mark.parametrize("warmup", [99, 100, 101, 120])
@pytest.mark.parametrize("name", ["linear", "cosine", "cosine_with_hard_restarts", "polynomial_decay"])
def test_transformers_after_a_warm_up_as_long_as_the_plan(name, warmup):
    line, steps = f"get_{name}_schedule_with_warmup(optimizer, {warmup}, 100)", 140
    reading = read_code(f"optimizer = SGD(parameters, lr=0.5)\nscheduler = {line}", {"total_steps": steps})
    if name == "polynomial_decay" and warmup == 100:
        with pytest.raises(ZeroDivisionError):
            theirs("transformers", line, 0.5, steps)
        assert reading.schedule is None
    else:
        assert np.abs(reading.schedule(np.arange(steps)) - theirs("transformers", line, 0.5, steps)).max() <= 1e-9


def test_positional_arguments_of_keras_have_its_order():
    import inspect

    load("keras")
    import keras

    from schedules.libraries import LIBRARIES

    library = LIBRARIES["keras"]
    for name, signature in library.signatures.items():
        theirs = getattr(keras.optimizers.schedules, name, None) or getattr(keras.callbacks, name)
        known = library.orders.get(name, signature)
        assert tuple(inspect.signature(theirs).parameters)[: len(known)] == known, name
    reading = read_code("keras.optimizers.schedules.CosineDecay(1e-4, 90, 0.1, 'CosineDecay', 1e-3, 10)")
    assert reading.complete and (reading.schedule.peak_lr, reading.schedule.total_steps) == (1e-3, 100)
