"""Optimizers that were read in a text."""

import pytest

from schedules.reading import read_code
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.read_optimizer import NAMES, optimizer_for

CASES = {
    "SGD(p, lr=0.1)": ("sgd", {}),
    "SGD(p, lr=0.1, momentum=0.8, dampening=0.1)": ("momentum", {"momentum": 0.8, "dampening": 0.1}),
    "SGD(p, lr=0.1, momentum=0.8, nesterov=True)": ("nesterov", {"momentum": 0.8}),
    "AdamW(p, lr=0.1, betas=(0.9, 0.95), weight_decay=0.1)": ("adamw", {"beta1": 0.9, "beta2": 0.95, "weight_decay": 0.1}),
    "Adam(p, betas=(b, 0.95), eps=args.eps)": ("adam", {}),
    "RMSprop(p, alpha=0.95)": ("rmsprop", {"alpha": 0.95}),
}


@pytest.mark.parametrize("text", CASES)
def test_the_hyperparameters_are_those_of_the_text(text):
    slug, fields = CASES[text]
    read = read_code(f"from torch.optim import *\nCosineAnnealingLR({text}, T_max=9)", {"library": "torch"}).optimizer
    assert read is not None
    assert optimizer_for(read) == OPTIMIZERS[slug](**fields)


def test_an_optimizer_without_an_equal_has_none():
    read = read_code("o = LBFGS(p)\nCosineAnnealingLR(o, T_max=9)", {"library": "torch"}).optimizer
    assert read is not None
    assert optimizer_for(read) is None


def test_every_name_is_that_of_an_optimizer():
    assert set(NAMES.values()) < set(OPTIMIZERS)
