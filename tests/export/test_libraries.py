"""The code for timm, transformers, optax and Keras is executed, and the rate of every step is compared with the schedule's."""

from __future__ import annotations

import importlib
import re
import warnings

import numpy as np
import pytest

from schedules import POLICIES, Rate, Run, Schedule, Steps, read_code, write_code
from schedules.export import TARGETS
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.delayed_exponential import DelayedExponential
from schedules.policies.factor import Factor
from schedules.policies.inverse_time import InverseTime
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.range_test import RangeTest
from schedules.policies.rex import REX
from schedules.policies.square_root import SquareRoot
from schedules.policies.step import Step
from schedules.policies.tanh import Tanh
from schedules.policies.warm_restarts import WarmRestarts
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.optimizers.adamw import AdamW
from schedules.training.optimizers.momentum import Momentum
from tests.boxes import corners, sample
from tests.export.scripts import OF_PEAK, close
from tests.export.test_pytorch import draw
from tests.witnesses.pair import load

pytestmark = pytest.mark.witness
LIBRARIES = ("timm", "transformers", "optax", "keras")
MOST = 200
"""Corners of a policy whose code is executed: all of them, or a random sample of so many."""


def check(library, run):
    """Assert that the code for a library gives exactly the schedule's rates; return the code."""
    run = run if isinstance(run, Run) else Run(schedule=run)
    runner = importlib.import_module(f"tests.export.runners.{library}")
    code = TARGETS[library].script(run).code
    close(runner.quick(code), run.schedule, getattr(runner, "OF_PEAK", OF_PEAK))
    return code


def used(code):
    """The schedules of a library that a script calls, or the value of `lr_scheduler_type`; empty for a constant rate."""
    calls = set(re.findall(r"\b(\w+LRScheduler|FactorScheduler)\(", code))
    calls |= set(re.findall(r"optax\.(\w+_(?:schedule|schedules|decay))\(", code))
    calls |= set(re.findall(r"keras\.optimizers\.schedules\.(\w+)\(\n? ", code)) | set(
        re.findall(r"\.schedules\.(\w+)\(\w", code)
    )
    kinds = set(re.findall(r'lr_scheduler_type="(\w+)"', code)) | set(re.findall(r"= (LambdaLR)\(", code))
    return calls | kinds | {name for name in ("RateTable", "rates[jnp") if name in code}


@pytest.mark.parametrize("cls", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_code_matches_corners_of_every_policy(library, cls):
    for policy in corners(cls, most=MOST):
        check(library, Schedule(policy=policy, total_steps=40, peak_lr=0.3))


@pytest.mark.parametrize("cls", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_code_matches_lengths_in_steps_and_rates_under_a_warm_up(library, cls):
    for i, policy in enumerate(corners(cls, most=12, quantities=True)):
        warmup = {"warmup": (0.1, Steps(4))[i % 2], "warmup_start": (0, 0.1, Rate(0.02))[i % 3]}
        check(library, Schedule(policy=policy, peak_lr=(0.01, 3.0)[i % 2], total_steps=40, **warmup))


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_code_matches_random_settings_and_phases(library):
    for seed in range(60):
        check(library, draw(seed))
        check(library, sample(Schedule, np.random.default_rng(seed), total_steps=1 + 7 * seed % 100))
        plain = {"update_every": 1, "first_step": 0, "warmup_over": False, "hold": 0.0, "lowest": 0.0, "horizon": 1.0}
        check(library, draw(seed).replace(**plain, warmup_progress="to_next", cooldown=(0.0, 0.3)[seed % 2]))


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_code_matches_a_persons_own_numbers(library):
    """The code has the schedule's own peak and length, not those at which the problem trains."""
    for policy in (Cosine(floor=0.1), REX(), Step(every=Steps(1_000))):
        schedule = Schedule(policy=policy, peak_lr=3e-4, total_steps=3_000, warmup=Steps(100))
        check(library, Run(schedule=schedule, rate_scale=600.0, step_scale=10.0))


RAMP, RAISED = {"warmup": 0.1}, {"warmup": 0.1, "warmup_start": 0.2}
TRAPEZE = {"warmup": 0.2, "cooldown": 0.3}
LAMBDA, OWN, TABLE, KERAS = {"FactorScheduler"}, {"LambdaLR"}, {"rates[jnp"}, {"RateTable"}
COSINE, WARM, RESTARTS = {"CosineLRScheduler"}, {"warmup_cosine_decay_schedule"}, {"sgdr_schedule"}
DROPS = {"piecewise_constant_schedule"}, {"PiecewiseConstantDecay"}
JOINED, LINE, STABLE = {"join_schedules"}, {"linear_schedule"}, {"constant_schedule"}


@pytest.mark.parametrize(
    ("policy", "fields", *LIBRARIES),
    [
        (Constant(), {}, set(), {"constant"}, STABLE, set()),
        (Constant(), {"update_every": 3, "first_step": 1}, set(), {"constant"}, STABLE, set()),
        (Constant(), RAMP, LAMBDA, {"constant_with_warmup"}, JOINED | LINE | STABLE, KERAS),
        (Constant(), TRAPEZE, {"WSDLRScheduler"}, {"warmup_stable_decay"}, JOINED | LINE | STABLE, KERAS),
        (Constant(), TRAPEZE | {"horizon": 1.5}, LAMBDA, OWN, JOINED | LINE | STABLE, KERAS),
        (Constant(), TRAPEZE | {"cooldown_floor": 0.1}, {"WSDLRScheduler"}, OWN, JOINED | LINE | STABLE, KERAS),
        *(
            (Constant(), {"cooldown": 0.3, "cooldown_floor": 0.1, "cooldown_shape": shape}, wsd, stable, table, KERAS)
            for shape, wsd, stable, table in (
                ("cosine", {"WSDLRScheduler"}, {"warmup_stable_decay"}, JOINED | STABLE | {"cosine_decay_schedule"}),
                ("one_minus_sqrt", {"WSDLRScheduler"}, {"warmup_stable_decay"}, TABLE),
                ("square", {"WSDLRScheduler"}, OWN, TABLE),
                ("exponential", {"WSDLRScheduler"}, OWN, TABLE),
                ("mirror_cosine", LAMBDA, OWN, TABLE),
                ("power", LAMBDA, OWN, TABLE),
            )
        ),
        (Linear(), {}, {"PolyLRScheduler"}, {"linear"}, LINE, {"PolynomialDecay"}),
        (Linear(end=0.2), RAMP, {"PolyLRScheduler"}, {"polynomial"}, LINE | JOINED, KERAS),
        (Linear(start=0.1, end=1), {}, LAMBDA, OWN, LINE, {"PolynomialDecay"}),
        (Cosine(), {}, COSINE, {"cosine"}, {"cosine_decay_schedule"}, {"CosineDecay"}),
        (Cosine(), RAMP, COSINE, {"cosine"}, WARM, {"CosineDecay"}),
        (Cosine(floor=0.1), RAISED, COSINE, OWN, WARM, {"CosineDecay"}),
        (Cosine(floor=Rate(0.01)), RAMP, COSINE, {"cosine_with_min_lr"}, WARM, {"CosineDecay"}),
        (Cosine(floor=0.1), {"horizon": 0.5}, COSINE, OWN, {"cosine_decay_schedule"}, {"CosineDecay"}),
        (Cosine(floor=0.1), RAMP | {"horizon": 0.5}, COSINE, OWN, {"cosine_decay_schedule", *JOINED, *LINE}, {"CosineDecay"}),
        (Cosine(floor=0.1), {"horizon": 0.25, "after": "restart"}, COSINE, OWN, RESTARTS, KERAS),
        (Cosine(), {"horizon": 0.5, "after": "continue"}, LAMBDA, OWN, TABLE, KERAS),
        (Cosine(cycles=2), {}, LAMBDA, {"cosine"}, TABLE, KERAS),
        (Cosine(k=2), RAMP, COSINE, OWN, TABLE, KERAS),
        (Cosine(exponent=2), {}, LAMBDA, OWN, {"cosine_decay_schedule"}, KERAS),
        (Cosine(exponent=0.5), {}, LAMBDA, OWN, TABLE, KERAS),
        (Cosine(), {"first_step": 1}, LAMBDA, OWN, TABLE, KERAS),
        (Cosine(), {"update_every": 2}, LAMBDA, OWN, TABLE, KERAS),
        (Cosine(), {"hold": 0.2}, LAMBDA, OWN, TABLE, KERAS),
        (Polynomial(power=2, floor=0.1), {}, {"PolyLRScheduler"}, {"polynomial"}, {"polynomial_schedule"}, {"PolynomialDecay"}),
        (Polynomial(power=0.5), {}, {"PolyLRScheduler"}, {"polynomial"}, TABLE, KERAS),
        (Polynomial(k=2), {}, {"PolyLRScheduler"}, OWN, TABLE, KERAS),
        (Tanh(), {}, {"TanhLRScheduler"}, OWN, TABLE, KERAS),
        (Factor(gamma=0.9), {}, {"StepLRScheduler"}, OWN, {"exponential_decay"}, {"ExponentialDecay"}),
        (Factor(gamma=0.999), RAMP, {"StepLRScheduler"}, OWN, {"exponential_decay", *JOINED, *LINE}, KERAS),
        (Factor(gamma=0.9, floor=0.1), {}, LAMBDA, OWN, {"exponential_decay"}, KERAS),
        (Factor(by="half_life", half_life=7.5), {}, {"StepLRScheduler"}, OWN, {"exponential_decay"}, {"ExponentialDecay"}),
        (Step(), {}, {"StepLRScheduler"}, OWN, *DROPS),
        (Step(floor=0.1), {}, LAMBDA, OWN, TABLE, KERAS),
        (MultiFactor(), {}, {"MultiStepLRScheduler"}, OWN, *DROPS),
        (MultiFactor(milestones=(0, 0.5)), {}, {"MultiStepLRScheduler"}, OWN, *DROPS),
        (MultiFactor(milestones=(0.9, Steps(8))), {}, {"MultiStepLRScheduler"}, OWN, *DROPS),
        (WarmRestarts(), {}, COSINE, OWN, RESTARTS, KERAS),
        (WarmRestarts(first_cycle=0.1, cycle_mult=3), RAMP, COSINE, OWN, RESTARTS | JOINED | LINE, KERAS),
        (WarmRestarts(peak_decay=0.5, shrinks="peak"), {}, COSINE, OWN, TABLE, KERAS),
        (WarmRestarts(cycle_mult=1.5), {}, LAMBDA, OWN, TABLE, KERAS),
        (WarmRestarts(equal_cycles=4), {}, COSINE, {"cosine_with_restarts"}, TABLE, KERAS),
        (SquareRoot(timescale=25), RAMP, LAMBDA, {"inverse_sqrt"}, TABLE, KERAS),
        (InverseTime(power=1), {}, LAMBDA, OWN, TABLE, {"InverseTimeDecay"}),
        (RangeTest(), {}, LAMBDA, OWN, {"exponential_decay"}, KERAS),
        (RangeTest(shape="linear"), {}, LAMBDA, OWN, LINE, {"PolynomialDecay"}),
        (DelayedExponential(), {}, LAMBDA, OWN, {"exponential_decay"}, KERAS),
        (OneCycle(finish="one_step_after"), {}, LAMBDA, OWN, {"cosine_onecycle_schedule"}, KERAS),
        (OneCycle(), {}, LAMBDA, OWN, TABLE, KERAS),
        (REX(), RAMP, LAMBDA, OWN, TABLE, KERAS),
    ],
    ids=lambda value: "" if isinstance(value, set) else str(value),
)  # fmt: skip
def test_a_librarys_own_schedule_is_used_only_for_exactly_its_curve(policy, fields, *, timm, transformers, optax, keras):
    expected = {"timm": timm, "transformers": transformers, "optax": optax, "keras": keras}
    run = Run(schedule=Schedule(policy=policy, total_steps=40, **fields), optimizer=AdamW())
    assert {library: used(check(library, run)) for library in LIBRARIES} == expected


LONG = 1_000_000


@pytest.mark.parametrize(
    "policy",
    [
        Cosine(floor=0.1),
        Cosine(exponent=2),
        Polynomial(power=2, floor=0.01),
        Linear(end=0.1),
        Factor(gamma=0.99999),
        Factor(gamma=0.999, floor=0.01),
        Factor(by="half_life", half_life=54_321.5),
        InverseTime(timescale=12_345, power=1),
        DelayedExponential(hold=0.3, end=1e-5),
        RangeTest(start=1e-4),
        MultiFactor(),
        Step(every=0.03),
        WarmRestarts(first_cycle=0.1),
        OneCycle(finish="one_step_after"),
    ],
    ids=str,
)
@pytest.mark.parametrize("library", ["optax", "keras"])
def test_own_schedules_are_exact_in_single_precision_in_long_runs(library, policy):
    schedule = Schedule(policy=policy, total_steps=LONG, warmup=0.01 if library == "optax" else 0)
    code = write_code(schedule, library)
    if used(code) <= TABLE | KERAS:
        assert library == "keras" or isinstance(policy, InverseTime)
        return
    steps = np.unique([*np.random.default_rng(0).integers(0, LONG, 300).tolist(), *range(5), LONG - 2, LONG - 1])
    ends = [end + i for end in (*schedule.cycle_ends(), 10_000, 110_000, 307_000) for i in (-1, 0)]
    steps = np.append(steps, [end for end in ends if end < LONG])
    found = importlib.import_module(f"tests.export.runners.{library}").at(code, steps)
    np.testing.assert_allclose(found, schedule(steps), rtol=0, atol=2e-6 * schedule.peak_lr)


def test_a_table_of_optax_is_compiled_inside_a_training_step():
    load("optax")
    import jax

    schedule = Schedule(policy=REX(), peak_lr=0.25, total_steps=30, warmup=0.1, update_every=2)
    with jax.enable_x64(False):
        left = importlib.import_module("tests.export.runners.optax").execute(write_code(schedule, "optax"))
        optimizer, weights, rates = left["optimizer"], jax.numpy.zeros(1), []

        @jax.jit
        def update(weights, state):
            moved, state = optimizer.update(jax.numpy.ones(1), state)
            return weights + moved, state

        state = optimizer.init(weights)
        for _ in range(schedule.total_steps):
            before, (weights, state) = weights, update(weights, state)
            rates.append(float((before - weights)[0]))
        assert float(left["schedule"](10**6)) == pytest.approx(schedule.lrs()[-1], rel=1e-6)
    close(rates, schedule, 2e-5)  # differences of weights


def test_a_model_of_keras_is_trained_at_the_rates():
    runner = importlib.import_module("tests.export.runners.keras")
    schedule = Schedule(policy=REX(), peak_lr=0.1, total_steps=6, warmup=0.4)
    left, rates = runner.execute(write_code(schedule, "keras")), []
    import keras

    class Note(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            rates.append(float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)))

    model = left["model"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(np.ones((6, 1)), np.ones((6, 1)), batch_size=1, epochs=1, verbose=0, callbacks=[Note()])
    close(rates, schedule, 2e-6)


def test_a_schedule_of_keras_is_made_again_from_its_configuration():
    runner = importlib.import_module("tests.export.runners.keras")
    left = runner.execute(write_code(Schedule(policy=REX(), total_steps=20), "keras"))
    import keras

    saved = keras.optimizers.schedules.serialize(left["schedule"])
    with runner.single():
        again = keras.optimizers.schedules.deserialize(saved, custom_objects={"RateTable": left["RateTable"]})
        assert [float(again(step)) for step in (0, 7, 19, 25)] == [float(left["schedule"](step)) for step in (0, 7, 19, 25)]
    config = left["optimizer"].get_config()
    assert config["learning_rate"]["config"]["rates"] == left["schedule"].rates


SHORT = [
    Schedule(policy=policy, peak_lr=0.3, total_steps=100)
    for policy in (
        Cosine(floor=0.1),
        Linear(end=0.2),
        Polynomial(power=2, floor=0.1),
        Factor(gamma=0.9),
        MultiFactor(),
        SquareRoot(timescale=25),
    )
]
BUILT_IN = {
    f"{library}-{schedule.policy.slug}": (code, schedule)
    for library in TARGETS
    for schedule in SHORT
    if "def factor" not in (code := write_code(schedule, library))
}
"""Code that calls a schedule of its library, and the schedule that it is written from."""


@pytest.mark.parametrize(("code", "schedule"), BUILT_IN.values(), ids=BUILT_IN)
def test_a_librarys_own_schedule_is_read_back_as_the_same_curve(code, schedule):
    """The reader of a library's calls knows it independently of what writes them."""
    found = read_code(code).schedule
    assert found is not None
    np.testing.assert_allclose(found.replace(total_steps=100).lrs(), schedule.lrs(), rtol=1e-12)


def test_most_short_schedules_are_written_as_a_librarys_own():
    assert len(BUILT_IN) >= 22


@pytest.mark.parametrize("cls", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_the_optimizer_keeps_its_hyperparameters(cls):
    values = {param.name: param.repair(0.37) for param in cls.params if param.name != "dampening"}
    run = Run(schedule=Schedule(total_steps=3), optimizer=cls(**values))
    for library in LIBRARIES:
        code = check(library, run)
        assert code.count("0.37") == len(values), (library, code)
        assert "dampening" not in code


def test_a_dampening_that_a_library_lacks_is_named():
    run = Run(schedule=Schedule(total_steps=3), optimizer=Momentum(dampening=0.5))
    texts = {library: TARGETS[library].script(run).code for library in TARGETS}
    assert {library for library, text in texts.items() if "# without the dampening" in text} == {"optax", "keras"}
    assert {library for library, text in texts.items() if "dampening=0.5" in text} == {"torch", "timm", "transformers"}


def test_the_trainer_makes_adamw_itself():
    code = write_code(Schedule(warmup=0.1), "transformers")
    assert 'optim="adamw_torch"' in code and "weight_decay=0.01" in code and "optimizers=" not in code
    assert "optimizers=(optimizer, None)" in TARGETS["transformers"].script(Run()).code
    assert "optimizers=(optimizer, scheduler)" in write_code(Schedule(policy=REX()), "transformers")


@pytest.mark.parametrize("name", ["torch", "PyTorch", "transformers", "timm", "optax", "KERAS"])
def test_write_code_takes_every_library(name):
    schedule = Schedule(policy=Cosine(floor=0.1), total_steps=70)
    [target] = [target for key, target in TARGETS.items() if name.lower() in (key, target.library.lower())]
    assert write_code(schedule, name) == target.script(Run(schedule=schedule, optimizer=target.optimizer)).code
    run = Run(schedule=schedule, optimizer=Momentum())
    assert write_code(run, name) == target.script(run).code


def test_write_code_writes_torch_by_default_and_names_the_libraries_that_it_knows():
    assert write_code(Schedule()) == write_code(Schedule(), "torch")
    with pytest.raises(ValueError, match="library must be one of 'torch', 'timm', 'transformers', 'optax', 'keras', got 'jax'"):
        write_code(Schedule(), "jax")
