"""Resumes executed by torch, transformers, optax and keras: every rate equals that of `Resume`."""

from __future__ import annotations

import copy
import importlib
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import (
    Constant,
    Cosine,
    Factor,
    Linear,
    MultiFactor,
    OneCycle,
    Polynomial,
    Schedule,
    Step,
    Steps,
    WarmRestarts,
)
from schedules.real_run.resume import Resume, recursive
from schedules.real_run.sentences import jumps
from tests.boxes import PATIENT
from tests.witnesses.pair import load

torch = pytest.importorskip("torch")
lr = torch.optim.lr_scheduler

PEAK, STEPS, STOP = 0.3, 30, 12


def cosine(steps):
    return Schedule(policy=Cosine(floor=0.1), peak_lr=PEAK, total_steps=steps, after="continue")


def in_torch(name):
    """The schedule of 30 steps, and a function that makes torch's scheduler for it with another number of steps."""
    schedules = {
        "cosine": (cosine(STEPS), lambda opt, n, **more: lr.CosineAnnealingLR(opt, n, eta_min=0.03, **more)),
        "linear": (
            Schedule(policy=Linear(start=0.4, end=0.9), peak_lr=PEAK, total_steps=STEPS),
            lambda opt, n, **more: lr.LinearLR(opt, 0.4, 0.9, n, **more),
        ),
        "polynomial": (
            Schedule(policy=Polynomial(power=2), peak_lr=PEAK, total_steps=STEPS),
            lambda opt, n, **more: lr.PolynomialLR(opt, n, 2, **more),
        ),
        "milestones": (
            Schedule(
                policy=MultiFactor(milestones=(Steps(5), Steps(STOP), Steps(20)), gamma=0.5), peak_lr=PEAK, total_steps=STEPS
            ),
            lambda opt, _, **more: lr.MultiStepLR(opt, [5, STOP, 20], 0.5, **more),
        ),
        "step": (
            Schedule(policy=Step(every=Steps(4), gamma=0.5), peak_lr=PEAK, total_steps=STEPS, after="continue"),
            lambda opt, _, **more: lr.StepLR(opt, 4, 0.5, **more),
        ),
        "exponential": (
            Schedule(policy=Factor(gamma=0.9), peak_lr=PEAK, total_steps=STEPS),
            lambda opt, _, **more: lr.ExponentialLR(opt, 0.9, **more),
        ),
    }
    return schedules[name]


RECURSIVE = ("cosine", "linear", "polynomial", "milestones", "step", "exponential")


def new_optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)


def rates(optimizer, scheduler, steps):
    """The rates of so many steps of a training loop, and the states after them."""
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found, copy.deepcopy((optimizer.state_dict(), scheduler.state_dict()))


def resumed(kind, make, end, *, keeps_rate, steps=STEPS, stop=STOP):
    """The rates of a run in torch that was stopped and resumed with another number of steps."""
    before = new_optimizer()
    found, (weights, state) = rates(before, make(before, steps), stop)
    optimizer = new_optimizer()
    if keeps_rate or kind in ("built_late", "last_epoch"):
        optimizer.load_state_dict(weights)
    if kind == "last_epoch":
        if not keeps_rate:  # the usual way to make a scheduler accept `last_epoch` without the optimizer's state
            optimizer.param_groups[0]["lr"] = PEAK
        scheduler = make(optimizer, end, last_epoch=stop - 1)
    else:
        scheduler = make(optimizer, end)
    if kind in ("right", "twice"):
        optimizer.load_state_dict(weights)
    if kind in ("right", "twice", "built_late"):
        scheduler.load_state_dict(state)
    for _ in range({"twice": 1, "fast_forwarded": stop}.get(kind, 0)):
        scheduler.step()
    return np.array(found + rates(optimizer, scheduler, end - stop)[0])


@pytest.fixture(autouse=True)
def quiet():
    """Schedulers that are stepped before the optimizer warn, which some of these resumes do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * PEAK)


KINDS = ("right", "afresh", "twice", "fast_forwarded", "last_epoch", "built_late")


@pytest.mark.parametrize("new_steps", [0, 60, 25, 14], ids=["as planned", "longer", "shorter", "much shorter"])
@pytest.mark.parametrize("keeps_rate", [False, True], ids=["fresh rate", "rate kept"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", RECURSIVE)
def test_built_in_schedulers_of_torch(name, kind, keeps_rate, new_steps):
    schedule, make = in_torch(name)
    assert recursive(schedule)
    resume = Resume(kind=kind, stop=Steps(STOP), new_steps=new_steps, keeps_rate=keeps_rate, library="torch")
    end = new_steps or STEPS
    same(resume.apply(schedule).lrs(), resumed(kind, make, end, keeps_rate=keeps_rate))


@PATIENT
@given(st.sampled_from(KINDS), st.booleans(), st.integers(2, 60), st.data())
def test_any_cosine_of_torch(kind, keeps_rate, steps, data):
    stop, end = data.draw(st.integers(1, steps), label="stop"), data.draw(st.integers(1, 90), label="end")
    floor = data.draw(st.sampled_from([0.0, 0.1, 0.9]), label="floor")
    end = max(end, stop)

    def make(optimizer, length, **more):
        return lr.CosineAnnealingLR(optimizer, length, eta_min=floor * PEAK, **more)

    schedule = cosine(steps).replace(policy=Cosine(floor=floor))
    used = Resume(kind=kind, stop=Steps(stop), new_steps=end, keeps_rate=keeps_rate).apply(schedule)
    found = resumed(kind, make, end, keeps_rate=keeps_rate, steps=steps, stop=stop)
    np.testing.assert_allclose(used.lrs(), found, rtol=1e-5, atol=1e-7)  # torch's recursion loses digits near the lowest rate


@pytest.mark.parametrize("new_epochs", [0, 60, 25])
@pytest.mark.parametrize("keeps_rate", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["cosine", "linear", "polynomial", "exponential"])
def test_built_in_schedulers_of_torch_that_are_stepped_once_per_epoch(name, kind, keeps_rate, new_epochs):
    schedule, make = in_torch(name)
    by_epoch = schedule.replace(total_steps=5 * STEPS, update_every=5)
    resume = Resume(kind=kind, stop=Steps(5 * STOP), new_steps=5 * new_epochs, keeps_rate=keeps_rate)
    expected = np.repeat(resumed(kind, make, new_epochs or STEPS, keeps_rate=keeps_rate), 5)
    same(resume.apply(by_epoch).lrs(), expected)


@pytest.mark.parametrize("stop", range(1, 70, 3))
@pytest.mark.parametrize("length", [10, 12, 13, 40])
@pytest.mark.parametrize("keeps_rate", [False, True])
def test_a_cosine_of_torch_that_is_rebuilt_anywhere_on_its_waves(stop, length, keeps_rate):
    """Also at its lowest rate, where torch's formula adds instead of multiplying, and after it."""
    schedule = cosine(STEPS).replace(total_steps=80, horizon=30 / 80)
    resume = Resume(kind="last_epoch", stop=Steps(stop), keeps_rate=keeps_rate)
    wave = schedule.replace(horizon=length / 80)
    curve = resume.apply(wave)
    optimizer = new_optimizer()
    make = in_torch("cosine")[1]
    before, (weights, _) = rates(optimizer, make(optimizer, length), stop)
    optimizer = new_optimizer()
    optimizer.load_state_dict(weights)
    if not keeps_rate:
        optimizer.param_groups[0]["lr"] = PEAK
    found = before + rates(optimizer, make(optimizer, length, last_epoch=stop - 1), 80 - stop)[0]
    np.testing.assert_allclose(curve.lrs(), found, rtol=1e-6, atol=1e-9)


def by_lambda(schedule):
    """A LambdaLR of the schedule with another length of the run; functions are not in its state."""
    return lambda optimizer, n, **more: lr.LambdaLR(
        optimizer, lambda k: float(schedule.replace(total_steps=n)(k)) / PEAK, **more
    )


@pytest.mark.parametrize("new_steps", [0, 60, 25])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("warmup", [0.0, 0.2])
def test_lambda_lr_of_torch(kind, new_steps, warmup):
    schedule = cosine(STEPS).replace(warmup=warmup)
    resume = Resume(kind=kind, stop=Steps(STOP), new_steps=new_steps, library="lambda_lr")
    same(resume.apply(schedule).lrs(), resumed(kind, by_lambda(schedule), new_steps or STEPS, keeps_rate=False))


@pytest.mark.parametrize("new_steps", [0, 60])
@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        (
            Schedule(
                policy=WarmRestarts(first_cycle=Steps(8), cycle_mult=1), peak_lr=PEAK, total_steps=STEPS, after="continue"
            ),
            lambda opt, _, **more: lr.CosineAnnealingWarmRestarts(opt, 8, **more),
        ),
        (
            Schedule(policy=Constant(), peak_lr=PEAK, total_steps=STEPS, warmup=Steps(6), warmup_start=0.25),
            lambda opt, _, **more: lr.SequentialLR(opt, [lr.LinearLR(opt, 0.25, 1, 6), lr.ConstantLR(opt, 1, 1)], [6], **more),
        ),
    ],
    ids=["restarts", "sequence"],
)
@pytest.mark.parametrize("kind", ["right", "afresh", "twice", "built_late"])
def test_other_schedulers_of_torch_compute_rates_from_their_count(schedule, make, kind, new_steps):
    assert not recursive(schedule)
    resume = Resume(kind=kind, stop=Steps(STOP), new_steps=new_steps, keeps_rate=True)
    if not resume.covers(schedule):
        assert kind == "built_late" and schedule.warmup
        return
    same(resume.apply(schedule).lrs(), resumed(kind, make, new_steps or STEPS, keeps_rate=True))


def test_one_cycle_of_torch_refuses_a_longer_run():
    schedule = Schedule(policy=OneCycle(), peak_lr=PEAK, total_steps=STEPS)
    resume = Resume(kind="right", stop=Steps(STOP), new_steps=60)
    assert resume.raises(schedule) and not resume.raises(cosine(STEPS))
    assert not resume.replace(new_steps=STEPS).raises(schedule) and not resume.replace(kind="afresh").raises(schedule)

    def make(optimizer, steps):
        return lr.OneCycleLR(optimizer, PEAK, total_steps=steps, cycle_momentum=False)

    resumed("right", make, STEPS, keeps_rate=False)
    with pytest.raises(ValueError, match=f"Tried to step {STEPS + 1} times"):
        resumed("right", make, 60, keeps_rate=False)
    assert "raises an error after 30 steps" in str(jumps(schedule, resume.apply(schedule), resume)[0])


# transformers


WARMUP = 4


def trainers_resume(kind, name, end, folder):
    """The rates of a run with transformers' schedule, resumed from a checkpoint as its Trainer does."""
    load("transformers")
    transformers = importlib.import_module("transformers")

    def made(optimizer, steps):
        return transformers.get_scheduler(name, optimizer, num_warmup_steps=WARMUP, num_training_steps=steps)

    optimizer = new_optimizer()
    found, (weights, state) = rates(optimizer, made(optimizer, STEPS), STOP)
    torch.save(weights, folder / "optimizer.pt")
    torch.save(state, folder / "scheduler.pt")
    trainer = transformers.Trainer.__new__(transformers.Trainer)  # its __init__ needs a model and a data set
    trainer.optimizer = new_optimizer()
    trainer.lr_scheduler = made(trainer.optimizer, end)
    trainer.args = SimpleNamespace(device=torch.device("cpu"), world_size=1, process_index=0)
    trainer.is_deepspeed_enabled = trainer.is_fsdp_enabled = trainer.is_fsdp_xla_v1_enabled = False
    if kind == "right":
        trainer._load_optimizer_and_scheduler(str(folder))
    return np.array(found + rates(trainer.optimizer, trainer.lr_scheduler, end - STOP)[0])


@pytest.mark.parametrize("new_steps", [0, 60, 25, 14])
@pytest.mark.parametrize("kind", ["right", "afresh"])
@pytest.mark.parametrize(("name", "policy"), [("cosine", Cosine()), ("linear", Linear())])
def test_the_trainer_of_transformers(name, policy, kind, new_steps, tmp_path):
    schedule = Schedule(policy=policy, peak_lr=PEAK, total_steps=STEPS, warmup=Steps(WARMUP))
    resume = Resume(kind=kind, stop=Steps(STOP), new_steps=new_steps, library="transformers")
    same(resume.apply(schedule).lrs(), trainers_resume(kind, name, new_steps or STEPS, tmp_path))


# optax and keras: a pure function of the count


def optax_resume(kind, make, end):
    """The rates of a run in optax: the updates of a gradient of 1, whose state is a count."""
    load("optax")  # in float64
    optax, jnp = importlib.import_module("optax"), importlib.import_module("jax.numpy")

    def steps(transformation, state, number):
        found = []
        for _ in range(number):
            update, state = transformation.update(jnp.ones(()), state)
            found.append(float(update))
        return found, state

    before = optax.scale_by_schedule(make(STEPS))
    found, state = steps(before, before.init(jnp.ones(())), STOP)
    after = optax.scale_by_schedule(make(end))
    fresh = after.init(jnp.ones(()))
    if kind == "twice":
        _, state = after.update(jnp.ones(()), state)
    if kind == "fast_forwarded":
        _, state = steps(after, fresh, STOP)
    return np.array(found + steps(after, fresh if kind == "afresh" else state, end - STOP)[0])


@pytest.mark.parametrize("new_steps", [0, 60, 25, 14])
@pytest.mark.parametrize("kind", ["right", "afresh", "twice", "fast_forwarded"])
def test_optax(kind, new_steps):
    schedule = Schedule(policy=Cosine(floor=0.1), peak_lr=PEAK, total_steps=STEPS, warmup=Steps(WARMUP))
    resume = Resume(kind=kind, stop=Steps(STOP), new_steps=new_steps, library="optax")

    def make(steps):
        return load("optax").warmup_cosine_decay_schedule(0.0, PEAK, WARMUP, steps, end_value=0.03)

    found = optax_resume(kind, make, new_steps or STEPS)
    np.testing.assert_allclose(resume.apply(schedule).lrs(), found, rtol=2e-6, atol=1e-9)  # float32


@pytest.mark.parametrize("new_steps", [0, 60, 25, 14])
@pytest.mark.parametrize(("kind", "iterations"), [("right", STOP), ("afresh", 0), ("twice", STOP + 1)])
def test_keras(kind, iterations, new_steps):
    load("keras")
    keras, end = importlib.import_module("keras"), new_steps or STEPS
    schedule = Schedule(policy=Cosine(floor=0.1), peak_lr=PEAK, total_steps=STEPS)
    resume = Resume(kind=kind, stop=Steps(STOP), new_steps=new_steps, library="keras")

    def steps(planned, first, number):
        optimizer = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(PEAK, planned, alpha=0.1))
        found = []
        for k in range(first, first + number):
            optimizer.iterations.assign(k)
            found.append(float(optimizer.learning_rate))
        return found

    found = steps(STEPS, 0, STOP) + steps(end, iterations, end - STOP)
    np.testing.assert_allclose(resume.apply(schedule).lrs(), found, rtol=1e-9, atol=1e-12)
