"""Optimizers compared step by step with torch.optim and papers; and the contract of the engine for each of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch

from schedules.core.spec import columns
from schedules.export.torch_code import pytorch_code
from schedules.export.torch_plateau import plateau_code
from schedules.feedback.plateau import Plateau
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.square_root import SquareRoot
from schedules.schedule import Schedule
from schedules.training.engine import simulate
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.optimizers.adagrad import Adagrad
from schedules.training.optimizers.adam import Adam
from schedules.training.optimizers.adamw import AdamW
from schedules.training.optimizers.lion import Lion
from schedules.training.optimizers.momentum import Momentum
from schedules.training.optimizers.nesterov import Nesterov
from schedules.training.optimizers.rmsprop import RMSprop
from schedules.training.optimizers.sgd import SGD
from schedules.training.problems import PROBLEMS
from schedules.training.problems.bowl import Bowl
from schedules.training.runs import Run
from tests.boxes import corners, sample

STEPS = 300
START = (-1.2, 1.0)
RELATIVE = 1e-12
ALL = list(OPTIMIZERS.values())
ADAPTIVE = [cls for cls in ALL if cls.typical is not None]
of_all = pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.slug)


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def slope(theta):
    x, y = theta
    return np.stack([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])


def planned(peak):
    return Schedule(policy=Cosine(floor=0.01), peak_lr=peak, total_steps=STEPS, warmup=0.1)


def columned(optimizer, rows):
    return columns([optimizer] * rows, 2)


def descend(optimizer, peak, rows=1):
    """Our path over Rosenbrock's valley, shape (STEPS + 1, 2), from the first of `rows` equal rows."""
    theta, side_by_side = np.repeat(np.array(START)[:, None], rows, axis=1), columned(optimizer, rows)
    memory = [np.zeros_like(theta) for _ in range(optimizer.slots)]
    path = [theta.copy()]
    for t, rate in enumerate(planned(peak).lrs()):
        side_by_side.step(theta, slope(theta), np.full_like(theta, rate), memory, t)
        path.append(theta.copy())
    return np.array(path)[:, :, 0]


def descend_in_torch(make, peak):
    """The path of a torch optimizer under LambdaLR, shape (STEPS + 1, 2); `make` takes parameters and the peak."""
    rates = planned(peak).lrs().tolist()
    x = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimizer = make([x], peak)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: rates[min(k, STEPS - 1)] / peak)
    path = [x.detach().clone()]
    for _ in range(STEPS):
        optimizer.zero_grad()
        rosenbrock(*x).backward()
        optimizer.step()
        scheduler.step()
        path.append(x.detach().clone())
    return torch.stack(path).numpy()


def close(ours, theirs):
    assert np.isfinite(theirs).all()
    assert np.abs(theirs[-1] - theirs[0]).max() > 0.01, "the reference did not move"
    np.testing.assert_allclose(ours, theirs, rtol=RELATIVE, atol=RELATIVE * np.abs(theirs).max())
    np.testing.assert_allclose(rosenbrock(*ours.T), rosenbrock(*theirs.T), rtol=RELATIVE, atol=RELATIVE)


WITNESSES = [
    (SGD(), 1e-3, {}),
    (Momentum(), 1e-4, {"momentum": 0.9}),
    (Momentum(momentum=0.5), 1e-3, {"momentum": 0.5}),
    (Momentum(momentum=0.99), 2e-5, {"momentum": 0.99}),
    (Momentum(dampening=0.9), 1e-3, {"momentum": 0.9, "dampening": 0.9}),
    (Momentum(momentum=0.5, dampening=0.99), 1e-3, {"momentum": 0.5, "dampening": 0.99}),
    (Nesterov(), 1e-4, {"momentum": 0.9, "nesterov": True}),
    (Nesterov(momentum=0.5), 5e-4, {"momentum": 0.5, "nesterov": True}),
    (Adam(), 0.03, {}),
    (Adam(beta1=0.5, beta2=0.9, eps=1e-3), 0.01, {"betas": (0.5, 0.9), "eps": 1e-3}),
    (Adam(beta1=0.0, beta2=0.99), 0.01, {"betas": (0.0, 0.99)}),
    (AdamW(), 0.03, {}),
    (AdamW(weight_decay=0.5, beta2=0.95), 0.1, {"weight_decay": 0.5, "betas": (0.9, 0.95)}),
    (RMSprop(), 0.01, {}),
    (RMSprop(alpha=0.5, eps=1e-4), 0.01, {"alpha": 0.5, "eps": 1e-4}),
    (Adagrad(), 0.3, {}),
    (Adagrad(eps=0.1), 0.1, {"eps": 0.1}),
]
THEIRS = {
    **dict.fromkeys((SGD, Momentum, Nesterov), torch.optim.SGD),
    **{Adam: torch.optim.Adam, AdamW: torch.optim.AdamW, RMSprop: torch.optim.RMSprop, Adagrad: torch.optim.Adagrad},
}


@pytest.mark.parametrize(("optimizer", "peak", "arguments"), WITNESSES, ids=lambda v: v.slug if hasattr(v, "slug") else "")
def test_optimizer_matches_torch_at_every_step(optimizer, peak, arguments):
    """At rates at which the path is not chaotic; otherwise it depends on the last bit of the start."""
    theirs = descend_in_torch(lambda parameters, lr: THEIRS[type(optimizer)](parameters, lr=lr, **arguments), peak)
    close(descend(optimizer, peak), theirs)


@pytest.mark.parametrize("optimizer", [Lion(), Lion(beta1=0.95, beta2=0.98, weight_decay=0.7), Lion(beta1=0.5, beta2=0.5)])
def test_lion_matches_algorithm_2_of_its_paper(optimizer):
    """Chen et al. 2023, arXiv:2302.06675, Algorithm 2, line by line."""
    beta1, beta2, lam = optimizer.beta1, optimizer.beta2, optimizer.weight_decay
    theta, m = np.array(START), np.zeros(2)
    path = [theta]
    for eta in planned(0.01).lrs():
        g = slope(theta)
        c = beta1 * m + (1 - beta1) * g
        theta = theta - eta * (np.sign(c) + lam * theta)
        m = beta2 * m + (1 - beta2) * g
        path.append(theta)
    close(descend(optimizer, 0.01), np.array(path))


def test_momentum_near_zero_is_plain_descent():
    """Dampening applies from the second gradient on: the first step is a full one."""
    little, rate = Momentum(momentum=0.01, dampening=0.99), np.array([0.5])
    theta, memory = np.array([[1.0]]), [np.zeros((1, 1))]
    little.step(theta, np.array([[1.0]]), rate, memory, 0)
    assert theta[0, 0] == pytest.approx(0.5, rel=1e-14)
    little.step(theta, np.array([[1.0]]), rate, memory, 1)
    assert theta[0, 0] == pytest.approx(0.5 - 0.5 * (0.01 + 0.01), rel=1e-14)


# Exported code


def made(optimizer):
    """The optimizer that the exported code creates, at a peak of 0.25."""
    names = {"torch": torch, "model": torch.nn.Linear(2, 1), "peak_lr": 0.25}
    exec(optimizer.torch_class, names)
    return eval(optimizer.torch_code("peak_lr"), names)


@of_all
def test_exported_code_makes_the_right_optimizer_with_these_arguments(cls):
    for optimizer in corners(cls):
        theirs = made(optimizer)
        assert type(theirs) is THEIRS.get(cls, type(theirs))
        assert type(theirs).__name__ == (THEIRS[cls].__name__ if cls in THEIRS else cls.__name__)
        group = theirs.param_groups[0]
        assert group["lr"] == 0.25
        assert group.get("nesterov", False) == (cls is Nesterov)
        for name in ("momentum", "dampening", "eps", "alpha", "weight_decay"):
            if name in {param.name for param in cls.params}:
                assert group[name] == getattr(optimizer, name), name
            elif name in group and cls is not Adam:
                assert group[name] == 0 or name == "eps", name
        if "beta1" in {param.name for param in cls.params}:
            assert group["betas"] == (optimizer.beta1, optimizer.beta2)


@of_all
def test_defaults_are_those_of_torch(cls):
    """torch has no default momentum, and no Lion, whose defaults are its paper's."""
    if cls in (SGD, Adam, AdamW, RMSprop, Adagrad):
        assert made(cls()).defaults | {"lr": 0} == THEIRS[cls]([torch.zeros(1)]).defaults | {"lr": 0}
    elif cls is Lion:
        assert (Lion().beta1, Lion().beta2, Lion().weight_decay) == (0.9, 0.99, 0)
    else:
        assert cls().momentum == 0.9


@of_all
def test_exported_code_takes_the_steps_that_ours_takes(cls):
    optimizer = sample(cls, np.random.default_rng(3), **({"eps": 1e-6} if "eps" in {p.name for p in cls.params} else {}))
    names = {"torch": torch}
    exec(optimizer.torch_class, names)

    def make(parameters, lr):
        class model:  # noqa: N801
            @staticmethod
            def parameters():
                return parameters

        return eval(optimizer.torch_code("lr"), names | {"model": model, "lr": lr})

    peak = optimizer.typical / 3 if optimizer.typical else 5e-5
    close(descend(optimizer, peak), descend_in_torch(make, peak))


@of_all
def test_the_complete_script_runs_with_a_schedule_and_with_a_rule(cls):
    source = cls().torch_code("peak_lr"), cls.torch_class
    short = Schedule(policy=Constant(), peak_lr=0.01, total_steps=5)
    plain, wavy = pytorch_code(short, *source), pytorch_code(short.replace(policy=SquareRoot(), warmup=0.4), *source)
    for script in (plain, wavy, plateau_code(short, Plateau(), *source)):
        names = {}
        exec(script, names)
        assert type(names["optimizer"]).__name__ == type(made(cls())).__name__
        assert names["optimizer"].state or cls is SGD


# A row of a batch equals that run alone


@cache
def batched(cls):
    """2,500 runs of one optimizer, each with its own setting, and their traces as one batch."""
    rng = np.random.default_rng(11)
    runs = [
        Run(
            schedule=Schedule(policy=Constant(), peak_lr=10 ** rng.uniform(-4, 0), total_steps=int(rng.integers(20, 31))),
            problem=sample(Bowl, rng),
            optimizer=sample(cls, rng),
            seeds=1,
        )
        for _ in range(2_500)
    ]
    return runs, simulate(runs)


@of_all
@pytest.mark.parametrize("size", [1, 5])
def test_a_row_among_2500_equals_that_row_alone(cls, size):
    runs, together = batched(cls)
    for first in (0, 777, 2_500 - size):
        for trace, given in zip(together[first : first + size], simulate(runs[first : first + size]), strict=True):
            assert trace.path.tobytes() == given.path.tobytes()
            assert trace.loss.tobytes() == given.loss.tobytes()


@of_all
def test_at_the_corners_of_the_box_a_small_step_is_finite_and_lowers_the_loss(cls):
    """On a bowl without noise, from a start at which no gradient is zero."""
    schedule = Schedule(policy=Constant(), peak_lr=1e-5, total_steps=20)
    runs = [Run(schedule=schedule, problem=Bowl(noise=0), optimizer=o, seeds=1) for o in corners(cls)]
    for trace in simulate(runs):
        assert np.isfinite(trace.path).all(), trace.run.optimizer
        assert trace.loss[-1, 0] < trace.loss[0, 0], trace.run.optimizer


@of_all
def test_a_zero_gradient_gives_a_finite_zero_step(cls):
    for optimizer in corners(cls):
        theta = np.zeros((2, 3))
        memory = [np.zeros_like(theta) for _ in range(cls.slots)]
        for t in range(3):
            columned(optimizer, 3).step(theta, np.zeros((2, 3)), np.full((2, 3), 0.1), memory, t)
        assert np.array_equal(theta, np.zeros((2, 3)))


@of_all
def test_network_weights_keep_their_dtype_and_get_the_same_step(cls):
    """One float32 column, hyperparameters and rate of shape (1,): arrays are updated in place, and stay float32."""
    rng = np.random.default_rng(2)
    for optimizer in corners(cls, most=8):
        one, many = columns([optimizer]), columns([optimizer], 40)
        theta = rng.standard_normal((40, 1)).astype(np.float32)
        exact, start = theta.astype(np.float64), theta.copy()
        memory, wide = ([np.zeros_like(a) for _ in range(cls.slots)] for a in (theta, exact))
        before = [theta, *memory]
        for t in range(5):
            grad = rng.standard_normal((40, 1)).astype(np.float32)
            twin = grad.astype(np.float64)
            one.step(theta, grad, np.array([0.01]), memory, t)
            many.step(exact, twin, np.full((40, 1), 0.01), wide, t)
        assert all(a is b and a.dtype == np.float32 for a, b in zip([theta, *memory], before, strict=True))
        moved = np.abs(exact - start).max()
        assert np.abs(theta - exact).max() <= 2e-5 * moved + 2e-6, optimizer


# Meaning of the rate


@of_all
def test_only_sgd_and_momentum_methods_have_a_limit(cls):
    """And that the limit is right: a little below it the loss on a bowl falls to a thousandth, a little above it diverges."""
    found = cls().limit(np.array([10.0, 4.0]))
    assert (found is None) == (cls in ADAPTIVE) == (cls not in (SGD, Momentum, Nesterov))
    if found is not None:
        assert found[1] == pytest.approx(2.5 * found[0], rel=1e-12)
        rng = np.random.default_rng(4)
        for optimizer in [cls(), *(sample(cls, rng) for _ in range(4))]:
            limit = float(optimizer.limit(np.array(10.0)))
            runs = [
                Run(
                    schedule=Schedule(policy=Constant(), peak_lr=share * limit, total_steps=3_000),
                    problem=Bowl(condition=1, noise=0),
                    optimizer=optimizer,
                    seeds=1,
                )
                for share in (0.98, 1.02)
            ]
            below, above = simulate(runs)
            assert below.loss[-1, 0] < 1e-3 * below.loss[0, 0], optimizer
            assert above.overflow_at[0] > 0 or above.loss[-1, 0] > 1e3 * above.loss[0, 0], optimizer


@pytest.mark.parametrize("cls", ADAPTIVE, ids=lambda cls: cls.slug)
def test_adaptive_methods_are_invariant_to_the_gradient_scale(cls):
    """A thousand times the loss gives the same path, which for SGD is a rate a thousand times larger; `about` states it."""
    small = {"eps": 1e-12} if "eps" in {p.name for p in cls.params} else {}
    paths = []
    for size in (1.0, 1_000.0):
        theta, optimizer = np.array([[3.0], [1.0]]), columned(cls(**small), 1)
        memory = [np.zeros_like(theta) for _ in range(cls.slots)]
        for t in range(50):
            optimizer.step(theta, size * np.array([[0.5], [10.0]]) * theta, np.full((2, 1), 0.01), memory, t)
        paths.append(theta)
    np.testing.assert_allclose(*paths, rtol=1e-9)
    assert "a good rate for SGD is not one for" in " ".join(cls.about().replace("A good", "a good").split())


@pytest.mark.parametrize("cls", ADAPTIVE, ids=lambda cls: cls.slug)
@pytest.mark.parametrize("problem", ["bowl", "valley"])
def test_the_typical_peak_converges_on_the_first_screen(cls, problem):
    """With the first screen's schedule, 500 steps and 8 seeds."""
    schedule = Run().schedule.replace(peak_lr=cls.typical, total_steps=500)
    run = Run(schedule=schedule, problem=PROBLEMS[problem](), optimizer=cls())
    trace = simulate([run])[0]
    assert np.median(trace.loss[-1]) < 1e-3 * trace.loss[0].mean()


def test_the_menu_begins_with_plain_descent():
    assert list(OPTIMIZERS) == ["sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad", "lion"]
