"""Keras: its own schedules where they give exactly this curve, else a LearningRateSchedule with a table of the rates.

"Exactly" means within 2e-6 of the peak in single precision, in which Keras computes. Facts are those of keras 3.15.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schedules.export._exported import ExportedSchedule
from schedules.export._groups import Parts, second_of
from schedules.export._plain import (
    half_life_factor,
    is_constant,
    is_linear_ramp,
    is_plain,
    milestones,
    ramp_start,
    rate_of,
    updates,
)
from schedules.export._script import TAKEN, Script, assembled, call
from schedules.export._source import written
from schedules.export._table import remark, table_of
from schedules.export.torch_code import remarks
from schedules.policies.cosine import Cosine
from schedules.policies.factor import Factor
from schedules.policies.inverse_time import InverseTime
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.polynomial import Polynomial
from schedules.policies.range_test import RangeTest
from schedules.policies.step import Step
from schedules.real_run import RealRun
from schedules.schedule import Schedule
from schedules.training.optimizers import Optimizer
from schedules.training.runs import Run
from schedules.units import Units
from schedules.words import say

LIBRARY = "Keras"

RESERVED = TAKEN | {"keras", "model", "schedule", "optimizer", "rates", "RateTable", "first", "second", "decay"}
"""Names that scripts use besides their constants."""

MOST_DROPS = 50
"""Most drops of a built-in schedule, which compares a step with each of them."""

SMALLEST_FACTOR = 1e-5
"""Smallest factor of an update that is exact in single precision."""

OPTIMIZERS: dict[str, tuple[str, Mapping[str, str]]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": "momentum"}),
    "nesterov": ("SGD", {"momentum": "momentum"}),
    "adagrad": ("Adagrad", {"epsilon": "eps"}),
    "rmsprop": ("RMSprop", {"rho": "alpha", "epsilon": "eps"}),
    "adam": ("Adam", {"beta_1": "beta1", "beta_2": "beta2", "epsilon": "eps"}),
    "adamw": ("AdamW", {"beta_1": "beta1", "beta_2": "beta2", "epsilon": "eps", "weight_decay": "weight_decay"}),
    "lion": ("Lion", {"beta_1": "beta1", "beta_2": "beta2", "weight_decay": "weight_decay"}),
}
"""By optimizer, the class of Keras and the fields that its arguments take."""

FURTHER = {"nesterov": {"nesterov": "True"}, "adagrad": {"initial_accumulator_value": "0.0"}}
"""By optimizer, further arguments: where the defaults of Keras are another rule."""

TABLE_CLASS = """\
@keras.saving.register_keras_serializable()
class RateTable(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, rates):
        self.rates = [float(rate) for rate in rates]
        self.table = keras.ops.convert_to_tensor(self.rates, dtype=keras.config.floatx())

    def __call__(self, step):
        step = keras.ops.cast(step, "int32")
        return keras.ops.take(self.table, keras.ops.minimum(step, len(self.rates) - 1))

    def get_config(self):
        return {"rates": self.rates}"""


def script(run: Run, real: RealRun | None = None, units: Units | None = None) -> Script:
    """A schedule, an optimizer that uses it, and a placeholder model that is compiled with it."""
    constants, definitions, statements = _rates(run.schedule)
    group = real.group_schedule(run.schedule) if real else None
    # The decay of an optimizer of Keras is separate from the gradient, as in AdamW; that of a regularizer is a part of it.
    decay = real.weight_decay if real and not hasattr(run.optimizer, "weight_decay") else 0.0
    decays = [f"decay = keras.regularizers.L2({written(decay / 2)})"] if decay else []
    decayed = ", kernel_regularizer=decay, bias_regularizer=decay" if decay else ""
    omitted = [f"# {say('code.dampening')}"] if getattr(run.optimizer, "dampening", 0) else []
    if group is None:
        made, layers = [f"optimizer = {_optimizer(run.optimizer, 'schedule')}"], [f"keras.layers.Dense(1{decayed})"]
    else:
        second = second_of(Parts(constants, definitions, statements), _rates(group))
        constants, definitions = constants | second.parts.constants, (*definitions, *second.parts.definitions)
        statements = (*statements, *second.parts.statements)
        made = [
            f"first = {_optimizer(run.optimizer, 'schedule')}",
            f"second = {_optimizer(run.optimizer, second.name('schedule'))}",
            f"# {say('code.groups')}",
            'optimizers = keras.optimizers.OptimizerMap(first, {".*head/.*": second})',
            "optimizer = keras.optimizers.MultiOptimizer(optimizers)",
        ]
        layers = [f"keras.layers.Dense(2{decayed})", f'keras.layers.Dense(1, name="head"{decayed})']
    lines = [
        *remarks(run.schedule),
        *statements,
        *omitted,
        *made,
        *decays,
        f"model = keras.Sequential([{', '.join(layers)}])  # {say('code.model')}",
        f'model.compile(optimizer=optimizer, loss="mse")  # {say("code.loss")}',
    ]
    body = "".join(f"{line}\n" for line in lines)
    return Script(assembled(constants, definitions, body, needed="total_steps"), run.feedback.acts)


def _rates(schedule: Schedule) -> Parts:
    """Source that creates `schedule`."""
    exported = ExportedSchedule(schedule)
    found = built_in(exported)
    if found is not None:
        return Parts(exported.constants(), (), (f"schedule = {found}",))
    factor, table = table_of(exported, RESERVED)
    table = f"{remark()}\nrates = {table}"
    return Parts(factor.constants, (*factor.functions, TABLE_CLASS), (table, "schedule = RateTable(rates)"))


def _optimizer(optimizer: Optimizer, schedule: str) -> str:
    """Source of the optimizer with its hyperparameters."""
    name, fields = OPTIMIZERS[optimizer.slug]
    arguments = {"learning_rate": schedule} | {to: written(getattr(optimizer, field)) for to, field in fields.items()}
    arguments |= FURTHER.get(optimizer.slug, {})
    return call(f"keras.optimizers.{name}", arguments)


def built_in(exported: ExportedSchedule) -> str | None:
    """Source of the schedule of Keras that gives exactly this curve, or of a constant rate; None if there is none.

    Only CosineDecay has a warm-up, and schedules cannot follow one another.
    """
    if is_constant(exported):
        return "peak_lr"
    policy = exported.schedule.policy
    choose = BUILT_IN.get(policy.slug) if is_plain(exported) else None
    if choose is None or (exported.warms and choose is not _cosine):
        return None
    found = choose(policy, exported)
    return found and call(f"keras.optimizers.schedules.{found[0]}", found[1])


Found = tuple[str, dict[str, str]]


def _cosine(policy: Cosine, exported: ExportedSchedule) -> Found | None:
    if (policy.cycles, policy.k, policy.exponent) != (0.5, 1, 1) or exported.after not in {"", "hold"}:
        return None
    arguments = {"initial_learning_rate": "peak_lr", "decay_steps": exported.length}
    if policy.floor:
        rate = "floor" in exported.rates
        arguments["alpha"] = f"{written(exported.rates['floor'])} / peak_lr" if rate else written(policy.floor)
    if not exported.warms:
        return "CosineDecay", arguments
    if not is_linear_ramp(exported):
        return None
    start = rate_of(exported, ramp_start(exported), "warmup_start")
    warmup = {"initial_learning_rate": start, "warmup_target": "peak_lr", "warmup_steps": exported.warmup}
    return "CosineDecay", arguments | warmup


def _factor(policy: Factor, exported: ExportedSchedule) -> Found | None:
    """ExponentialDecay, which has no floor; a factor close to 1 is raised to a power first, because it would be rounded."""
    gamma, _ = half_life_factor(policy)
    if policy.floor or gamma == 1 or gamma < SMALLEST_FACTOR:
        return None
    if policy.by == "half_life":
        steps, rate = written(policy.half_life), "0.5"
    else:
        power = 1
        while gamma**power > 0.95:
            power *= 10
        steps, rate = written(power), written(gamma) if power == 1 else f"{written(gamma)} ** {written(power)}"
    return "ExponentialDecay", {"initial_learning_rate": "peak_lr", "decay_steps": steps, "decay_rate": rate}


def _inverse_time(policy: InverseTime, exported: ExportedSchedule) -> Found | None:
    if policy.power != 1 or policy.floor or not policy.timescale:
        return None
    steps = written(policy.timescale)
    return "InverseTimeDecay", {"initial_learning_rate": "peak_lr", "decay_steps": steps, "decay_rate": "1.0"}


def _polynomial(policy: Polynomial, exported: ExportedSchedule) -> Found | None:
    """PolynomialDecay, whose roots (powers below 1) are not exact near zero in single precision."""
    if policy.k != 1 or policy.power < 1 or exported.after == "restart" or (policy.cycle and exported.after == "continue"):
        return None
    return _down("peak_lr", rate_of(exported, policy.floor, "floor"), policy.power, exported)


def _linear(policy: Linear, exported: ExportedSchedule) -> Found | None:
    ends = rate_of(exported, policy.start, "start"), rate_of(exported, policy.end, "end")
    return _down(*ends, 1.0, exported) if exported.after != "restart" else None


def _range_test(policy: RangeTest, exported: ExportedSchedule) -> Found | None:
    if policy.shape != "linear" or exported.after == "restart":
        return None
    return _down(rate_of(exported, policy.start, "start"), "peak_lr", 1.0, exported)


def _down(start: str, end: str, power: float, exported: ExportedSchedule) -> Found:
    arguments = {"initial_learning_rate": start, "decay_steps": exported.length, "end_learning_rate": end}
    return "PolynomialDecay", arguments | ({"power": written(power)} if power != 1 else {})


def _step(policy: Step, exported: ExportedSchedule) -> Found | None:
    """PiecewiseConstantDecay, whose drops come one step after its boundaries."""
    every, source = updates(exported, "every")
    drops = exported.last // every
    if exported.after in {"hold", "restart"} or policy.floor or not 1 <= drops <= MOST_DROPS:
        return None
    boundaries = f"[{source} * drop - 1 for drop in range(1, {drops + 1})]"
    return _drops(boundaries, f"[peak_lr * {written(policy.gamma)}**drop for drop in range({drops + 1})]")


def _multi_factor(policy: MultiFactor, exported: ExportedSchedule) -> Found | None:
    """PiecewiseConstantDecay, whose drops come one step after its boundaries."""
    at, source = milestones(policy, exported)
    if exported.after == "restart" or len({*at}) < len(at) or not at:
        return None
    earlier = [written(int(each) - 1) if each.isdecimal() else f"{each} - 1" for each in source]
    boundaries = f"[{', '.join(earlier)}]"
    boundaries = f"sorted({boundaries})" if exported.lengths else boundaries
    return _drops(boundaries, f"[peak_lr * {written(policy.gamma)}**drop for drop in range({len(at) + 1})]")


def _drops(boundaries: str, values: str) -> Found:
    return "PiecewiseConstantDecay", {"boundaries": boundaries, "values": values}


BUILT_IN: dict[str, Callable[[Any, ExportedSchedule], Found | None]] = {
    "cosine": _cosine,
    "factor": _factor,
    "inverse_time": _inverse_time,
    "polynomial": _polynomial,
    "linear": _linear,
    "range_test": _range_test,
    "step": _step,
    "multi_factor": _multi_factor,
}
"""By policy, the function that finds its schedule."""
