"""Every feedback rule compared with its library on random losses: the same rate at every check, for a batch of runs."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from schedules.core.spec import columns
from schedules.feedback import Feedback, Seen
from schedules.feedback.greedy import Greedy
from schedules.feedback.plateau import Plateau
from schedules.feedback.polyak import Polyak
from tests.witnesses.pair import load

CHECKS, ROWS = 400, 12


def losses(seed: int = 0) -> np.ndarray:
    """Losses that fall, stay, jump and fall again, shape (CHECKS, ROWS)."""
    rng = np.random.default_rng(seed)
    trend = np.exp(-np.linspace(0, rng.uniform(1, 6, ROWS), CHECKS))
    return trend * rng.lognormal(0, rng.uniform(0.01, 0.5, ROWS), (CHECKS, ROWS)) + rng.uniform(0, 0.2, ROWS)


def ours(rule: Feedback, metric: np.ndarray, planned: float = 0.3) -> np.ndarray:
    """The rate after each check, for a rule that checks the loss at every step."""
    rows = columns([rule] * metric.shape[1])
    state, rates = rows.begin(metric.shape[1]), np.empty_like(metric)
    for k, loss in enumerate(metric):
        rates[k], state = rows.rate(np.full(len(loss), planned), state, Seen(k + 1, loss, np.ones_like(loss)))
    return rates


def optimizer(lr: float = 0.3) -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)


def stepped(make, metric: np.ndarray) -> np.ndarray:
    """The rates of a scheduler that receives one loss after the other; a new scheduler for each row."""
    rates = np.empty_like(metric)
    for row in range(metric.shape[1]):
        opt = optimizer()
        scheduler = make(opt)
        for k, loss in enumerate(metric[:, row]):
            scheduler.step(float(loss))
            rates[k, row] = opt.param_groups[0]["lr"]
    return rates


def agree(found: np.ndarray, theirs: np.ndarray) -> None:
    assert len(np.unique(theirs)) > 3, "the reference rate is constant, so the comparison shows nothing"
    np.testing.assert_allclose(found, theirs, rtol=1e-12, atol=1e-40)  # keras compares in float32, which can decide a reduction


@pytest.mark.parametrize("patience", [0, 1, 5])
@pytest.mark.parametrize("cooldown", [0, 3])
@pytest.mark.parametrize("improvement", [("share", "rel", 0.1), ("difference", "abs", 0.01), ("share", "rel", 0)])
@pytest.mark.parametrize("floor", [0, 0.04])
@pytest.mark.parametrize("mode", ["min", "max"])
def test_plateau_matches_torch(patience, cooldown, improvement, floor, mode):
    measure, threshold_mode, threshold = improvement
    shared = {"factor": 0.7, "patience": patience, "threshold": threshold, "cooldown": cooldown, "mode": mode}
    rule = Plateau(every=1, measure=measure, floor=floor, **shared)

    def make(opt):
        return torch.optim.lr_scheduler.ReduceLROnPlateau(
            opt, min_lr=0.3 * floor, eps=0, threshold_mode=threshold_mode, **shared
        )

    metric = losses() if mode == "min" else 1.5 - losses()
    agree(ours(rule, metric), stepped(make, metric))


@pytest.mark.parametrize(("eps", "reductions"), [(0.02, 5), (0.05, 2)])
def test_torch_s_eps_is_a_floor(eps, reductions):
    """PyTorch skips a reduction by at most eps, and all later ones, which are smaller: the rate keeps a lowest value."""
    rule = Plateau(factor=0.7, patience=1, every=1, threshold=1e-4, floor=0.7**reductions)

    def make(opt):
        return torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.7, patience=1, eps=eps)

    found, theirs = ours(rule, losses()), stepped(make, losses())
    assert len(np.unique(theirs.round(12))) == reductions + 1
    np.testing.assert_allclose(found, theirs, rtol=1e-12)


def test_the_mode_max_on_a_loss_lowers_the_rate_while_the_loss_falls():
    falling = np.linspace(1, 0.1, 30)[:, None]
    assert ours(Plateau(every=1, patience=3, mode="min"), falling)[-1] == 0.3
    assert ours(Plateau(every=1, patience=3, mode="max"), falling)[-1] < 0.01


@pytest.mark.parametrize("patience", [1, 5])
@pytest.mark.parametrize(("cooldown", "floor"), [(0, 0.04), (3, 0)])
@pytest.mark.parametrize("improvement", [("share", 0.1), ("difference", 0.01)])
def test_plateau_matches_optax_with_one_less_patience(patience, cooldown, floor, improvement):
    load("optax")
    optax = importlib.import_module("optax.contrib")
    import jax

    measure, threshold = improvement
    rule = Plateau(
        factor=0.7, patience=patience - 1, every=1, threshold=threshold, measure=measure, cooldown=cooldown, floor=floor
    )  # fmt: skip
    tolerance = {"rtol": threshold, "atol": 0} if measure == "share" else {"rtol": 0, "atol": threshold}
    change = optax.reduce_on_plateau(factor=0.7, patience=patience, cooldown=cooldown, min_scale=floor, **tolerance)
    metric, rates, update = losses(), np.empty((CHECKS, ROWS)), jax.jit(change.update)
    for row in range(ROWS):
        state = change.init(np.zeros(1))
        for k, loss in enumerate(metric[:, row]):
            _, state = update(np.ones(1), state, value=loss)
            rates[k, row] = 0.3 * float(state.scale)
    agree(ours(rule, metric), rates)


@pytest.mark.parametrize("warmup", [0, 7])
def test_plateau_ignores_losses_during_warmup_like_timm(warmup):
    """timm's warm-up ramp is part of the schedule; the rule starts to check the loss after it."""
    rule = Plateau(factor=0.7, patience=2, every=1, threshold=1e-4, wait=warmup, floor=0.04)

    settings = {
        "decay_rate": 0.7,
        "patience_t": 2,
        "warmup_t": warmup,
        "warmup_lr_init": 0.3,
        "lr_min": 0.3 * 0.04,
        "mode": "min",
    }
    metric, rates = losses(), np.empty((CHECKS, ROWS))
    for row in range(ROWS):
        opt = optimizer()
        with pytest.warns(FutureWarning, match="deprecated"):
            scheduler = load("timm").PlateauLRScheduler(opt, **settings)
        for k, loss in enumerate(metric[:, row]):
            scheduler.step(k + 1, float(loss))
            rates[k, row] = opt.param_groups[0]["lr"]
    agree(ours(rule, metric), rates)


@pytest.mark.parametrize("patience", [0, 1, 5])
@pytest.mark.parametrize("cooldown", [0, 3])
@pytest.mark.parametrize("floor", [0, 0.04])
@pytest.mark.parametrize("mode", ["min", "max"])
def test_plateau_matches_keras(patience, cooldown, floor, mode):
    rule = Plateau(
        factor=0.7, patience=patience, every=1, threshold=0.01, measure="difference", counting="keras", cooldown=cooldown,
        floor=floor, mode=mode,
    )  # fmt: skip
    load("keras")
    callbacks = importlib.import_module("keras.callbacks")
    metric, rates = losses() if mode == "min" else 1.5 - losses(), np.empty((CHECKS, ROWS))
    for row in range(ROWS):
        settings = {"factor": 0.7, "patience": patience, "min_delta": 0.01, "cooldown": cooldown, "min_lr": 0.3 * floor}
        callback = callbacks.ReduceLROnPlateau(monitor="loss", mode=mode, **settings)
        callback.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.3)))
        callback.on_train_begin()
        for k, loss in enumerate(metric[:, row]):
            callback.on_epoch_end(k, {"loss": float(loss)})
            rates[k, row] = float(callback.model.optimizer.learning_rate)
    agree(ours(rule, metric), rates)


@pytest.mark.parametrize("patience", [0, 2])
@pytest.mark.parametrize(("cooldown", "warmup"), [(0, 0), (2, 0), (0, 3), (2, 3)])
@pytest.mark.parametrize("fresh_start", [3, 500])
def test_greedy_matches_transformers(patience, cooldown, warmup, fresh_start):
    rule = Greedy(
        factor=0.8, patience=patience, every=1, threshold=1e-3, cooldown=cooldown, warmup=warmup, floor=0.1, ceiling=3,
        fresh_start=fresh_start,
    )  # fmt: skip

    def make(opt):
        return load("transformers").GreedyLR(
            opt, factor=0.8, patience=patience, threshold=1e-3, cooldown=cooldown, warmup=warmup, min_lr=0.3 * 0.1,
            max_lr=0.3 * 3, eps=0, reset_start=fresh_start,
        )  # fmt: skip

    agree(ours(rule, losses()), stepped(make, losses()))


def test_polyak_follows_its_formula_capped_by_the_planned_rate():
    loss, squared = np.array([2.0, 2.0, 0.0, 1.0]), np.array([4.0, 400.0, 1.0, 0.0])
    planned = np.full(4, 0.3)
    rate, _ = columns([Polyak(c=2)] * 4).rate(planned, np.zeros((0, 4)), Seen(7, loss, squared))
    np.testing.assert_allclose(rate, [0.25, 0.0025, 0, 0.3])


def test_a_rule_reads_the_loss_only_every_so_many_steps():
    rule = columns([Plateau(every=5, patience=0), Plateau(every=10, patience=0)])
    state = rule.begin(2)
    scales = []
    for step in range(31):
        _, state = rule.rate(np.ones(2), state, Seen(step, np.ones(2), np.ones(2)))
        scales.append(state[0].copy())
    changes = np.argwhere(np.diff(scales, axis=0) != 0) + np.array([1, 0])
    assert changes.tolist() == [[10, 0], [15, 0], [20, 0], [20, 1], [25, 0], [30, 0], [30, 1]]
