"""Rates that a script sets itself, executed and read: functions of optax, and `param_group["lr"] = ...` of PyTorch."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

from schedules import read_code

EPOCHS, BATCHES = 12, 5
SET = """
    for param_group in optimizer.param_groups:
        param_group['lr'] = lr
"""
LOOP = """
for epoch in range(args.epochs):
    adjust_learning_rate(optimizer, epoch)
    for x in train_loader:
        optimizer.step()
"""
SCRIPTS = {
    "by the epoch": "def adjust_learning_rate(optimizer, epoch):\n    lr = args.lr * (0.1 ** (epoch // 4))" + SET + LOOP,
    "of a module's arguments": """
def adjust_learning_rate(optimizer, epoch, args):
    lr = args.lr
    if args.cos:
        lr *= 0.5 * (1. + math.cos(math.pi * epoch / args.epochs))
    else:
        for milestone in args.schedule:
            lr *= 0.1 if epoch >= milestone else 1.
"""
    + SET
    + LOOP.replace("epoch)\n", "epoch, args)\n"),
    "in the place of its call": """
def adjust_learning_rate(optimizer, epoch, base, every=3):
    lr = base * 0.5 ** (epoch // every)
"""
    + SET
    + LOOP.replace("epoch)\n", "epoch, 0.3, every=5)\n"),
    "of shares of epochs": """
def adjust_learning_rate(optimizer, epoch, args):
    if epoch < 2:
        lr = args.lr * epoch / 2
    else:
        lr = 1e-3 + (args.lr - 1e-3) * 0.5 * (1. + math.cos(math.pi * (epoch - 2) / (args.epochs - 2)))
    for param_group in optimizer.param_groups:
        if "lr_scale" in param_group:
            param_group["lr"] = lr * param_group["lr_scale"]
        else:
            param_group["lr"] = lr
    return lr
for epoch in range(args.epochs):
    for data_iter_step, x in enumerate(train_loader):
        adjust_learning_rate(optimizer, data_iter_step / len(train_loader) + epoch, args)
        optimizer.step()
""",
    "in a loop": """
def get_lr(it):
    return args.lr * (1 - it / 60) if it > 10 else args.lr * (it + 1) / 12
for it in range(60):
    lr = get_lr(it) if args.decay else args.lr
    for param_group in optimizer.param_groups:
        param_group['lr'] = lr
    optimizer.step()
""",
    "of epochs and batches": """
for epoch in range(12):
    for i, x in enumerate(train_loader):
        it = epoch * len(train_loader) + i
        lr = args.lr * min(1.0, (it + 1) / 20)
        for group in optimizer.param_groups:
            group['lr'] = lr
        optimizer.step()
""",
    "of the epoch, at every batch": """
for epoch in range(12):
    for x in train_loader:
        for group in optimizer.param_groups:
            group['lr'] = 0.2 * 0.5 ** (epoch // 4)
        optimizer.step()
""",
    "of the batch, which begins again": """
for epoch in range(12):
    for i in range(5):
        for group in optimizer.param_groups:
            group['lr'] = 0.2 / (i + 1)
        optimizer.step()
""",
    "of a training loop without an end": """
def get_lr(it):
    if it < 20:
        return args.lr * (it + 1) / (20 + 1)
    if it > 50:
        return 0.02
    ratio = (it - 20) / (50 - 20)
    assert 0 <= ratio <= 1
    return 0.02 + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (args.lr - 0.02)
iter_num = 0
while True:
    lr = get_lr(iter_num) if args.decay else args.lr
    for i, param_group in enumerate(optimizer.param_groups):
        param_group['lr'] = lr
    optimizer.step()
    iter_num += 1
    if iter_num == 60:
        break
""",
    "of the first group": """
for step in range(60):
    optimizer.param_groups[0]['lr'] = 0.2 * 0.9 ** step
    optimizer.step()
""",
}
OPTIONS = """
p.add_argument('--lr', default=0.2, type=float)
p.add_argument('--epochs', default=12, type=int)
p.add_argument('--cos', action='store_true')
p.add_argument('--decay', default=True)
p.add_argument('--schedule', default=[3, 9], nargs='*')
"""


@pytest.mark.parametrize("name", SCRIPTS)
def test_rates_that_a_script_sets(name):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.2)
    theirs: list[float] = []
    optimizer.register_step_pre_hook(lambda held, *_: theirs.append(held.param_groups[0]["lr"]))
    args = SimpleNamespace(lr=0.2, epochs=EPOCHS, cos=False, decay=True, schedule=[3, 9])
    names: dict[str, Any] = {"optimizer": optimizer, "args": args, "math": math, "train_loader": [0] * BATCHES}
    exec(SCRIPTS[name], names)
    loaders = {"len(train_loader)": BATCHES, "len(loader)": BATCHES, "total_steps": EPOCHS * BATCHES}
    if "epoch" in SCRIPTS[name]:  # the text says how long the run is
        del loaders["total_steps"]
    reading = read_code(OPTIONS + SCRIPTS[name], loaders)
    assert reading.complete and reading.schedule is not None, reading
    assert reading.library == "torch" and not any(each.level == "warning" for each in reading.notices), reading.notices
    np.testing.assert_allclose(reading.schedule.lrs(), theirs, rtol=0, atol=1e-9 * 0.3)


FUNCTIONS = (
    "schedule = lambda step: 1e-3 * jnp.minimum(1.0, (step + 1) / 100)\ntx = optax.adam(schedule)",
    "tx = optax.inject_hyperparams(optax.sgd)(learning_rate=lambda count: 0.1 * 0.99 ** count)",
    """
def schedule(step):
    warm = (step + 1) / 20
    decay = 0.5 * (1 + jnp.cos(jnp.pi * jnp.minimum(step / 120, 1.0)))
    return 1e-3 * jnp.where(step < 20, warm, decay)
tx = optax.chain(optax.clip(1.0), optax.adamw(learning_rate=schedule, weight_decay=0.1))
""",
)


@pytest.mark.parametrize("text", FUNCTIONS)
def test_a_function_that_an_optimizer_of_optax_has(text):
    taken: list[Any] = []
    names = {name: _keeping(getattr(optax, name), taken) for name in ("adam", "adamw", "sgd")}
    library = SimpleNamespace(**names, chain=optax.chain, clip=optax.clip, inject_hyperparams=lambda make: make)
    exec(text, {"optax": library, "jnp": jnp})
    theirs = np.asarray(jax.vmap(taken[0])(jnp.arange(200.0)))
    reading = read_code("import optax\n" + text, {"total_steps": 200})
    assert reading.complete and reading.library == "optax" and reading.schedule is not None, reading
    np.testing.assert_allclose(reading.schedule.lrs(), theirs, rtol=0, atol=2e-6 * theirs.max())


def _keeping(make: Any, taken: list[Any]) -> Any:
    """The maker of an optimizer, which keeps its rates."""

    def made(learning_rate: Any, **others: Any) -> Any:
        taken.append(learning_rate)
        return make(learning_rate, **others)

    return made


def test_a_scheduler_counts_more_than_a_rate_that_is_set():
    loop = "for i in range(90):\n    for g in opt.param_groups:\n        g['lr'] = 0.1\n"
    text = "opt = SGD(p, lr=0.1)\ns = StepLR(opt, 30)\n" + loop
    assert read_code(text, {"total_steps": 90}).name == "StepLR"


def test_a_rate_that_is_set_from_a_table_that_is_not_in_the_text_is_refused():
    for groups in ("g in optimizer.param_groups", "i, g in enumerate(optimizer.param_groups)"):
        reading = read_code(f"for it in range(100):\n    for {groups}:\n        g['lr'] = table[it]\n    optimizer.step()\n")
        assert reading.schedule is None and reading.name == "param_group['lr']"
        assert [each.level for each in reading.notices][-1] == "refused"
