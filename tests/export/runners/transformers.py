"""Execute a script for transformers.

Its Trainer needs a library that is not installed here. So a stand-in steps optimizer and schedule as the Trainer does, once per
update; the schedule comes from the Trainer's own `create_scheduler`, with arguments that are checked against its own.
"""

from __future__ import annotations

import dataclasses
import importlib
import warnings
from functools import cache
from unittest.mock import patch

import torch


@cache
def fields():
    """The names of the Trainer's arguments."""
    real = importlib.import_module("transformers.training_args").TrainingArguments
    return real, {field.name for field in dataclasses.fields(real)}


class Arguments:
    """Arguments of a Trainer, with the defaults that a schedule reads."""

    lr_scheduler_type, lr_scheduler_kwargs, warmup_steps = "linear", None, 0

    def __init__(self, **given):
        real, names = fields()
        assert given.keys() <= names, given.keys() - names
        self.__dict__.update(given)
        self.get_warmup_steps = lambda steps: real.get_warmup_steps(self, steps)


class Trainer:
    """A Trainer without data."""

    def __init__(self, model, args, train_dataset, optimizers=(None, None)):
        self.model, self.args = model, args
        self.optimizer, self.lr_scheduler = optimizers

    def train(self):
        real, args = importlib.import_module("transformers.trainer").Trainer, self.args
        if self.optimizer is None:
            assert args.optim == "adamw_torch"
            betas = (args.adam_beta1, args.adam_beta2)
            given = {"betas": betas, "eps": args.adam_epsilon, "weight_decay": args.weight_decay}
            self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=args.learning_rate, **given)
        real.create_scheduler(self, args.max_steps, self.optimizer)
        self.used, self.by_group = [], []
        for _ in range(args.max_steps):
            self.used.append(self.optimizer.param_groups[0]["lr"])
            self.by_group.append([group["lr"] for group in self.optimizer.param_groups])
            self.optimizer.step()
            self.lr_scheduler.step()


def execute(code):
    """Execute a script; return its global variables."""
    left = {}
    importlib.import_module("transformers.trainer")
    with (
        patch("transformers.Trainer", Trainer),
        patch("transformers.TrainingArguments", Arguments),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error")
        exec(compile(code, "<script>", "exec"), left)
    return left


def rates(code):
    """The rates of the updates of a script."""
    return execute(code)["trainer"].used


def by_group(code):
    """The rates of the parameter groups in the updates of a script."""
    return execute(code)["trainer"].by_group


quick = rates
