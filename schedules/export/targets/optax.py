"""optax: its own schedules and their sequences where they give exactly this curve, else a table of the rates.

"Exactly" means within 2e-6 of the peak in single precision, in which jax computes. Facts are those of optax 0.2.8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import indent
from typing import Any, NamedTuple

from schedules.export._exported import ExportedSchedule
from schedules.export._groups import Parts, second_of
from schedules.export._plain import (
    half_life_factor,
    is_constant,
    is_linear_ramp,
    is_plain,
    is_stable_decay,
    milestones,
    ramp_start,
    rate_of,
    updates,
)
from schedules.export._script import TAKEN, Script, assembled, call
from schedules.export._source import written
from schedules.export._table import remark, table_of
from schedules.export.torch_code import remarks
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.delayed_exponential import DelayedExponential
from schedules.policies.factor import Factor
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.range_test import RangeTest
from schedules.policies.step import Step
from schedules.policies.warm_restarts import WarmRestarts
from schedules.real_run import RealRun
from schedules.schedule import Schedule
from schedules.training.optimizers import Optimizer
from schedules.training.runs import Run
from schedules.units import Units
from schedules.words import say

LIBRARY = "Optax"

RESERVED = TAKEN | {"jnp", "optax", "schedule", "optimizer", "rates", "count", "first", "second", "labels"}
"""Names that scripts use besides their constants."""

MOST_PARTS = 50
"""Most drops or cycles of a built-in schedule: jax compiles an operation for each."""

SMALLEST = 1e-5
"""Smallest ratio between the ends of an exponential curve that single precision follows."""

OPTIMIZERS: dict[str, tuple[str, Mapping[str, str]]] = {
    "sgd": ("sgd", {}),
    "momentum": ("sgd", {"momentum": "momentum"}),
    "nesterov": ("sgd", {"momentum": "momentum"}),
    "adagrad": ("adagrad", {"eps": "eps"}),
    "rmsprop": ("rmsprop", {"decay": "alpha", "eps": "eps"}),
    "adam": ("adam", {"b1": "beta1", "b2": "beta2", "eps": "eps"}),
    "adamw": ("adamw", {"b1": "beta1", "b2": "beta2", "eps": "eps", "weight_decay": "weight_decay"}),
    "lion": ("lion", {"b1": "beta1", "b2": "beta2", "weight_decay": "weight_decay"}),
}
"""By optimizer, the function of optax and the fields that its arguments take."""

FURTHER = {
    "nesterov": {"nesterov": "True"},
    "adagrad": {"initial_accumulator_value": "0.0"},
    "rmsprop": {"eps_in_sqrt": "False"},
}
"""By optimizer, further arguments: where the defaults of optax are another rule."""

LOOKUP = """\
def schedule(count):
    return rates[jnp.minimum(count, total_steps - 1)]"""


class Part(NamedTuple):
    """A call of a schedule of optax: its name, and the source of its arguments."""

    name: str
    arguments: Mapping[str, str]
    positional: tuple[str, ...] = ()


def script(run: Run, real: RealRun | None = None, units: Units | None = None) -> Script:
    """A schedule and an optimizer that uses it."""
    constants, definitions, statements = _rates(run.schedule)
    group, decay = real.group_schedule(run.schedule) if real else None, real.weight_decay if real else 0.0
    omitted = [f"# {say('code.dampening')}"] if getattr(run.optimizer, "dampening", 0) else []
    if group is None:
        made = [f"optimizer = {_optimizer(run.optimizer, 'schedule', decay)}"]
    else:
        second = second_of(Parts(constants, definitions, statements), _rates(group))
        constants, definitions = constants | second.parts.constants, (*definitions, *second.parts.definitions)
        statements = (*statements, *second.parts.statements)
        made = [
            f"first = {_optimizer(run.optimizer, 'schedule', decay)}",
            f"second = {_optimizer(run.optimizer, second.name('schedule'), decay)}",
            f"# {say('code.groups')}",
            'labels = {"body": "first", "head": "second"}',
            'optimizer = optax.multi_transform({"first": first, "second": second}, labels)',
        ]
    body = "".join(f"{line}\n" for line in [*remarks(run.schedule), *statements, *omitted, *made])
    return Script(assembled(constants, definitions, body, needed="total_steps"), run.feedback.acts)


def _rates(schedule: Schedule) -> Parts:
    """Source that creates `schedule`."""
    exported = ExportedSchedule(schedule)
    found = built_in(exported)
    if found is not None:
        return Parts(exported.constants(), (), (f"schedule = {found}",))
    factor, table = table_of(exported, RESERVED)
    return Parts(factor.constants, (*factor.functions, f"{remark()}\nrates = jnp.asarray({table})", LOOKUP))


def _optimizer(optimizer: Optimizer, schedule: str, weight_decay: float) -> str:
    """Source of the optimizer with its hyperparameters; `weight_decay` is for those without a decay of their own."""
    name, fields = OPTIMIZERS[optimizer.slug]
    arguments = {"learning_rate": schedule} | {to: written(getattr(optimizer, field)) for to, field in fields.items()}
    arguments |= FURTHER.get(optimizer.slug, {})
    source = call(f"optax.{name}", arguments)
    if not weight_decay or hasattr(optimizer, "weight_decay"):
        return source
    return f"optax.chain(optax.add_decayed_weights({written(weight_decay)}), {source})"


def built_in(exported: ExportedSchedule) -> str | None:
    """Source of the schedule of optax that gives exactly this curve; None if there is none."""
    s = exported.schedule
    if is_constant(exported):
        return _joined([_constant_at("peak_lr")], [])
    if is_stable_decay(exported):
        main, end = _stable_decay(exported), [f"{exported.planned} - {exported.cooldown}"]
    else:
        choose = BUILT_IN.get(s.policy.slug) if is_plain(exported) else None
        found = choose(s.policy, exported) if choose else None
        main, end = None if found is None else [found], []
    if main is None:
        return None
    if not exported.warms:
        return _joined(main, end)
    warmup = _warmup(exported)
    if warmup is None:
        return None
    if isinstance(s.policy, Cosine) and s.warmup_shape == "linear" and not exported.after:
        return _warmup_cosine(s.policy, exported)
    return _joined([warmup, *main], [exported.warmup, *end])


def _joined(schedules: list[Part], boundaries: list[str]) -> str:
    """Source of schedules in sequence."""
    sources = [call(part.name, part.arguments, *part.positional) for part in schedules]
    if not boundaries:
        return sources[0]
    parts = "".join(indent(f"{source},\n", "        ") for source in sources)
    return f"optax.join_schedules(\n    [\n{parts}    ],\n    boundaries=[{', '.join(boundaries)}],\n)"


def _constant_at(rate: str) -> Part:
    return Part("optax.constant_schedule", {}, (rate,))


def _line(start: str, end: str, steps: str) -> Part:
    return Part("optax.linear_schedule", {"init_value": start, "end_value": end, "transition_steps": steps})


def _warmup(exported: ExportedSchedule) -> Part | None:
    s, start = exported.schedule, rate_of(exported, ramp_start(exported), "warmup_start" if exported.start == 1 else "")
    if exported.start is None:
        return None
    if s.warmup_shape == "constant":
        return _constant_at(start)
    return _line(start, rate_of(exported, exported.start), exported.warmup) if is_linear_ramp(exported) else None


def _warmup_cosine(policy: Cosine, exported: ExportedSchedule) -> str:
    arguments = {
        "init_value": rate_of(exported, ramp_start(exported), "warmup_start"),
        "peak_value": "peak_lr",
        "warmup_steps": exported.warmup,
        "decay_steps": exported.planned,
    }
    arguments |= {"end_value": rate_of(exported, policy.floor, "floor")} if policy.floor else {}
    arguments |= {"exponent": written(policy.exponent)} if policy.exponent != 1 else {}
    return call("optax.warmup_cosine_decay_schedule", arguments)


def _constant(policy: Constant, exported: ExportedSchedule) -> Part | None:
    return _constant_at("peak_lr") if exported.after != "restart" else None


def _stable_decay(exported: ExportedSchedule) -> list[Part] | None:
    """The constant rate and its cool-down."""
    s, end = exported.schedule, rate_of(exported, exported.schedule.cooldown_floor, "cooldown_floor")
    if s.cooldown_shape == "linear":
        return [_constant_at("peak_lr"), _line("peak_lr", end, exported.cooldown)]
    if s.cooldown_shape == "cosine" and s.cooldown_cycles == 0.5:
        return [_constant_at("peak_lr"), _half_cosine(exported, exported.cooldown, s.cooldown_floor, "cooldown_floor", 1)]
    return None


def _half_cosine(exported: ExportedSchedule, steps: str, floor: float, name: str, exponent: float) -> Part:
    arguments = {"init_value": "peak_lr", "decay_steps": steps}
    if floor:
        arguments["alpha"] = f"{written(exported.rates[name])} / peak_lr" if name in exported.rates else written(floor)
    arguments |= {"exponent": written(exponent)} if exponent != 1 else {}
    return Part("optax.cosine_decay_schedule", arguments)


def _cosine(policy: Cosine, exported: ExportedSchedule) -> Part | None:
    """cosine_decay_schedule, whose roots (exponents below 1) are not exact near zero in single precision."""
    if policy.cycles != 0.5 or policy.k != 1 or policy.exponent < 1:
        return None
    if exported.after == "restart":
        lengths = [exported.length] * (exported.last // exported.plan.policy + 1)
        return _cycles(policy.floor, lengths, exported) if policy.exponent == 1 else None
    if exported.after == "continue":
        return None
    return _half_cosine(exported, exported.length, policy.floor, "floor", policy.exponent)


def _cycles(floor: float, lengths: list[str], exported: ExportedSchedule) -> Part | None:
    """sgdr_schedule for cycles of these lengths, without a warm-up in them."""
    if len(lengths) > MOST_PARTS:
        return None
    cycle = {"init_value": "peak_lr", "peak_value": "peak_lr", "warmup_steps": "0", "decay_steps": "steps"}
    cycle |= {"end_value": rate_of(exported, floor, "floor")} if floor else {}
    each = ", ".join(f"{name}={source}" for name, source in cycle.items())
    listed = f"[{lengths[0]}] * {len(lengths)}" if len({*lengths}) == 1 else f"[{', '.join(lengths)}]"
    return Part("optax.sgdr_schedule", {}, (f"[dict({each}) for steps in {listed}]",))


def _warm_restarts(policy: WarmRestarts, exported: ExportedSchedule) -> Part | None:
    """sgdr_schedule, whose cycles have whole numbers of steps."""
    growth = policy.cycle_mult
    if policy.climb or policy.peak_decay != 1 or policy.equal_cycles or policy.truncated or growth != int(growth):
        return None
    if exported.after in {"hold", "restart"}:
        return None
    first, source = updates(exported, "first_cycle")
    lengths, end = [source], first
    while end <= exported.last and len(lengths) <= MOST_PARTS:
        times = int(growth) ** len(lengths)
        lengths.append(source if times == 1 else f"{times} * {source}")
        end += times * first
    return _cycles(policy.floor, lengths, exported)


def _linear(policy: Linear, exported: ExportedSchedule) -> Part | None:
    ends = rate_of(exported, policy.start, "start"), rate_of(exported, policy.end, "end")
    return _line(*ends, exported.length) if exported.after != "restart" else None


def _range_test(policy: RangeTest, exported: ExportedSchedule) -> Part | None:
    if exported.after == "restart":
        return None
    start = rate_of(exported, policy.start, "start")
    if policy.shape == "linear":
        return _line(start, "peak_lr", exported.length)
    growth = {"transition_steps": exported.length, "decay_rate": f"peak_lr / ({start})", "end_value": "peak_lr"}
    return Part("optax.exponential_decay", {"init_value": start} | growth) if SMALLEST <= policy.start < 1 else None


def _polynomial(policy: Polynomial, exported: ExportedSchedule) -> Part | None:
    """polynomial_schedule, whose roots (powers below 1) are not exact near zero in single precision."""
    if policy.k != 1 or policy.power < 1 or exported.after == "restart" or (policy.cycle and exported.after == "continue"):
        return None
    end = rate_of(exported, policy.floor, "floor")
    if policy.power == 1:
        return _line("peak_lr", end, exported.length)
    shape = {"power": written(policy.power), "transition_steps": exported.length}
    return Part("optax.polynomial_schedule", {"init_value": "peak_lr", "end_value": end} | shape)


def _factor(policy: Factor, exported: ExportedSchedule) -> Part | None:
    """exponential_decay; a factor close to 1 is raised to a power first, because single precision rounds it."""
    gamma, _ = half_life_factor(policy)
    if gamma == 1:
        return _constant_at("peak_lr")
    if policy.by == "half_life":
        steps, rate = written(policy.half_life), "0.5"
    else:
        if gamma < SMALLEST:
            return None
        power = 1
        while gamma**power > 0.95:
            power *= 10
        steps, rate = written(power), written(gamma) if power == 1 else f"{written(gamma)} ** {written(power)}"
    arguments = {"init_value": "peak_lr", "transition_steps": steps, "decay_rate": rate}
    arguments |= {"end_value": rate_of(exported, policy.floor, "floor")} if policy.floor else {}
    return Part("optax.exponential_decay", arguments)


def _delayed_exponential(policy: DelayedExponential, exported: ExportedSchedule) -> Part | None:
    """exponential_decay from its begin, without a lift."""
    T = exported.plan.policy
    begin, source = updates(exported, "hold")
    if policy.delay_start != 1 or policy.end < SMALLEST or policy.end == 1 or exported.after == "restart" or begin >= T:
        return None
    if not policy.hold:
        begin, source = 0, "0"
    end = rate_of(exported, policy.end, "end")
    arguments = {
        "init_value": "peak_lr",
        "transition_steps": f"{exported.length} - {source}" if begin else exported.length,
        "decay_rate": f"{end} / peak_lr" if "end" in exported.rates else written(policy.end),
        "transition_begin": source,
        "end_value": end,
    }
    return Part("optax.exponential_decay", arguments)


def _step(policy: Step, exported: ExportedSchedule) -> Part | None:
    """piecewise_constant_schedule, which has no floor and does not stop at the plan's end."""
    every, source = updates(exported, "every")
    if exported.after in {"hold", "restart"} or policy.floor or exported.last // every > MOST_PARTS:
        return None
    return _drops(f"{{drop: {written(policy.gamma)} for drop in range({source}, total_steps, {source})}}")


def _multi_factor(policy: MultiFactor, exported: ExportedSchedule) -> Part | None:
    at, source = milestones(policy, exported)
    if exported.after == "restart" or len({*at}) < len(at) or len(at) > MOST_PARTS:
        return None
    return _drops(f"{{{', '.join(f'{each}: {written(policy.gamma)}' for each in source)}}}")


def _drops(scales: str) -> Part:
    return Part("optax.piecewise_constant_schedule", {"init_value": "peak_lr", "boundaries_and_scales": scales})


def _one_cycle(policy: OneCycle, exported: ExportedSchedule) -> Part | None:
    """cosine_onecycle_schedule, whose climb is a whole number of steps, and which ends one step after the last."""
    T = exported.plan.policy
    integer = float(int(policy.climb * T)) == policy.climb * T and 0 < policy.climb < 1
    if (policy.finish, policy.phases, policy.shape) != ("one_step_after", "two", "cosine") or not integer:
        return None
    if exported.after == "restart" or policy.start < SMALLEST:
        return None
    arguments = {
        "transition_steps": exported.length,
        "peak_value": "peak_lr",
        "pct_start": exported.ratio("climb", policy.climb),
        "div_factor": written(1 / policy.start),
        "final_div_factor": written(policy.start / policy.end),
    }
    return Part("optax.cosine_onecycle_schedule", arguments)


BUILT_IN: dict[str, Callable[[Any, ExportedSchedule], Part | None]] = {
    "constant": _constant,
    "cosine": _cosine,
    "warm_restarts": _warm_restarts,
    "linear": _linear,
    "range_test": _range_test,
    "polynomial": _polynomial,
    "factor": _factor,
    "delayed_exponential": _delayed_exponential,
    "step": _step,
    "multi_factor": _multi_factor,
    "one_cycle": _one_cycle,
}
"""By policy, the function that finds its schedule."""
