"""transformers: arguments of its Trainer where one of its schedules gives exactly this curve, else a LambdaLR for the Trainer.

The Trainer steps the schedule once per update, and plans it for `max_steps`. Facts are those of transformers 5.23.0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from schedules.export._exported import ExportedSchedule
from schedules.export._plain import is_constant, is_linear_ramp, is_plain, is_stable_decay, rate_of
from schedules.export._script import TAKEN, Script, assembled, call, torch_optimizer, torch_source
from schedules.export._source import written
from schedules.export.torch_code import lambda_rates, remarks
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.policies.polynomial import Polynomial
from schedules.policies.square_root import SquareRoot
from schedules.policies.warm_restarts import WarmRestarts
from schedules.real_run import RealRun
from schedules.training.optimizers import Optimizer
from schedules.training.optimizers.adamw import AdamW
from schedules.training.runs import Run
from schedules.units import Units
from schedules.words import say

LIBRARY = "Transformers"

OPTIMIZER = AdamW()

RESERVED = TAKEN | {"model", "optimizer", "scheduler", "dataset", "args", "trainer", "torch", "LambdaLR", "Trainer"}
"""Names that scripts use besides their constants."""


class Kind(NamedTuple):
    """A value of `lr_scheduler_type`, and its `lr_scheduler_kwargs` as source."""

    name: str
    settings: dict[str, str] = {}  # noqa: RUF012


def script(run: Run, real: RealRun | None = None, units: Units | None = None) -> Script:
    """A Trainer with its arguments."""
    exported, optimizer = ExportedSchedule(run.schedule), run.optimizer
    group, group_peak = real.group_schedule(run.schedule) if real else None, ""
    kind = built_in(exported) if group is None else None
    functions: tuple[str, ...] = ()
    constants, imports = exported.constants(), ["from transformers import Trainer, TrainingArguments"]
    arguments = {"output_dir": '"output"', "max_steps": "total_steps", "learning_rate": "peak_lr"}
    used: dict[str, str] | None = None if kind is None else _arguments_of(optimizer)
    arguments |= used or {}
    statements: tuple[str, ...] = ()
    if kind is None:
        rates = lambda_rates(exported, group, RESERVED, by_steps=True)
        constants, functions, statements, group_peak = rates.constants, rates.functions, rates.statements, rates.group_peak
        imports = ["from torch.optim.lr_scheduler import LambdaLR", *imports]
        pair = "(optimizer, scheduler)"
    else:
        arguments |= {"lr_scheduler_type": written(kind.name)}
        settings = ", ".join(f"{written(name)}: {source}" for name, source in kind.settings.items())
        arguments |= {"lr_scheduler_kwargs": f"{{{settings}}}"} if settings else {}
        arguments |= {"warmup_steps": exported.warmup} if exported.warms else {}
        pair = "(optimizer, None)"
    if units:
        arguments |= {"per_device_train_batch_size": written(units.batch)}
        arguments |= {"gradient_accumulation_steps": written(units.accumulation)} if units.accumulation > 1 else {}
    source = torch_source(optimizer, real.weight_decay if real else 0.0)
    made = [] if used is not None else [*torch_optimizer(source, group_peak), *statements]
    given = {"model": "model", "args": "args", "train_dataset": "dataset"} | ({"optimizers": pair} if made else {})
    lines = [
        f"model = torch.nn.Linear(2, 1)  # {say('code.model')}",
        f"dataset = []  # {say('code.dataset')}",
        *remarks(run.schedule),
        *made,
        f"args = {call('TrainingArguments', arguments)}",
        f"trainer = {call('Trainer', given)}",
        "trainer.train()",
    ]
    body = "".join(f"{line}\n" for line in lines)
    return Script(assembled(constants, (*functions, optimizer.torch_class if made else ""), body, imports), run.feedback.acts)


def _arguments_of(optimizer: Optimizer) -> dict[str, str] | None:
    """The arguments that make the Trainer use this optimizer; None where it has to be constructed."""
    if not isinstance(optimizer, AdamW):
        return None
    names = {"weight_decay": "weight_decay", "adam_beta1": "beta1", "adam_beta2": "beta2", "adam_epsilon": "eps"}
    return {"optim": written("adamw_torch")} | {name: written(getattr(optimizer, field)) for name, field in names.items()}


def built_in(exported: ExportedSchedule) -> Kind | None:
    """The schedule of transformers that gives exactly this curve; None if there is none.

    All of them are planned for the whole run. Their warm-up is a straight line from zero to the peak, but that of
    `warmup_stable_decay`.
    """
    if is_constant(exported):
        return Kind("constant")
    planned = exported.given.horizon == 1
    if is_stable_decay(exported):
        return _stable_decay(exported) if planned else None
    ramps = not exported.warms or (is_linear_ramp(exported) and exported.start == 1 and not exported.schedule.warmup_start)
    choose = BUILT_IN.get(exported.schedule.policy.slug)
    return choose(exported.schedule.policy, exported) if choose and planned and ramps and is_plain(exported) else None


def _constant(policy: Constant, exported: ExportedSchedule) -> Kind | None:
    return Kind("constant_with_warmup")


def _cosine(policy: Cosine, exported: ExportedSchedule) -> Kind | None:
    if (policy.k, policy.exponent) != (1, 1):
        return None
    waves = {"num_cycles": written(policy.cycles)} if policy.cycles != 0.5 else {}
    if not policy.floor:
        return Kind("cosine", waves)
    if "floor" in exported.rates:
        return Kind("cosine_with_min_lr", {"min_lr": written(exported.rates["floor"])} | waves)
    return Kind("cosine_with_min_lr", {"min_lr_rate": written(policy.floor)} | waves)


def _linear(policy: Linear, exported: ExportedSchedule) -> Kind | None:
    if policy.start != 1 or policy.end == 1:
        return None
    return _down("end", policy.end, 1.0, exported)


def _polynomial(policy: Polynomial, exported: ExportedSchedule) -> Kind | None:
    """Both change the rate within one run of the plan only, so that `cycle` has no effect."""
    if policy.k != 1 or policy.floor == 1:
        return None
    return _down("floor", policy.floor, policy.power, exported)


def _down(name: str, floor: float, power: float, exported: ExportedSchedule) -> Kind:
    if not floor and power == 1:
        return Kind("linear")
    return Kind("polynomial", {"lr_end": rate_of(exported, floor, name), "power": written(power)})


def _square_root(policy: SquareRoot, exported: ExportedSchedule) -> Kind | None:
    return Kind("inverse_sqrt", {"timescale": written(policy.timescale)}) if not policy.floor and policy.timescale else None


def _warm_restarts(policy: WarmRestarts, exported: ExportedSchedule) -> Kind | None:
    """Equal cycles, where the rounding of `num_cycles * progress % 1` puts every restart where it is."""
    n, T = policy.equal_cycles, exported.plan.policy
    if not n or policy.floor or policy.peak_decay != 1 or n > T:
        return None
    near = {int(i * T / n) + j for i in range(1, int(n) + 1) for j in (-1, 0, 1, 2)}
    for t in sorted(t for t in near if 0 <= t < T):
        passed = n * (t / T)
        if int(passed) != min(int(n * t / T), -(-n // 1) - 1) or abs(passed % 1 - (n * t - int(passed) * T) / T) > 1e-12:
            return None
    return Kind("cosine_with_restarts", {"num_cycles": written(n)})


def _stable_decay(exported: ExportedSchedule) -> Kind | None:
    """Warm-up and cool-down share `min_lr_ratio`."""
    s = exported.schedule
    shapes = {"linear": "linear", "cosine": "cosine", "one_minus_sqrt": "1-sqrt"}
    ramps = not exported.warms or (
        s.warmup_shape in shapes and s.warmup_progress == "to_next" and s.warmup_start == s.cooldown_floor
    )
    if s.cooldown_shape not in shapes or not ramps or s.cooldown_floor > 1:
        return None
    settings = {"num_decay_steps": exported.cooldown, "decay_type": written(shapes[s.cooldown_shape])}
    if exported.warms and s.warmup_shape != "linear":
        settings["warmup_type"] = written(shapes[s.warmup_shape])
    if s.cooldown_floor:
        floor = "cooldown_floor" in exported.rates
        settings["min_lr_ratio"] = (
            f"{written(exported.rates['cooldown_floor'])} / peak_lr" if floor else written(s.cooldown_floor)
        )
    if s.cooldown_shape == "cosine" and s.cooldown_cycles != 0.5:
        settings["num_cycles"] = written(s.cooldown_cycles)
    return Kind("warmup_stable_decay", settings)


BUILT_IN: dict[str, Callable[[Any, ExportedSchedule], Kind | None]] = {
    "constant": _constant,
    "cosine": _cosine,
    "linear": _linear,
    "polynomial": _polynomial,
    "square_root": _square_root,
    "warm_restarts": _warm_restarts,
}
"""By policy, the function that finds its schedule."""
