"""axolotl: the keys of its configuration that transformers does not have.

Counting, read in utils/schedulers.py:

* cosine_constant_lr_ratio times the steps is rounded down; the cosine ends there and stays.
"""

from __future__ import annotations

from dataclasses import replace

from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, steps
from schedules.libraries.transformers import training_arguments
from schedules.policies.cosine import Cosine
from schedules.words import say

SAME = {
    "micro_batch_size": "per_device_train_batch_size",
    "num_epochs": "num_train_epochs",
    "lr_scheduler": "lr_scheduler_type",
}
"""Arguments of the Trainer by axolotl's keys."""


def settings(call: Call) -> Read:
    """As the Trainer, with a cosine that ends early, or above zero, if the two keys of axolotl's own are given."""
    given = {SAME.get(name, name): value for name, value in call.arguments.items()}
    given.setdefault("lr_scheduler_type", "cosine")
    read = training_arguments(replace(call, library="transformers", name="TrainingArguments", arguments=given))
    low, share = call.number("cosine_min_lr_ratio", 0.0), call.number("cosine_constant_lr_ratio", 1.0)
    if not (call.has("cosine_min_lr_ratio") or call.has("cosine_constant_lr_ratio")) or read.planned is None:
        return read
    if given["lr_scheduler_type"] != "cosine":
        raise CallError(say("reading.not_read", name="cosine_min_lr_ratio"))
    end = int(read.planned * share) if call.has("cosine_constant_lr_ratio") else read.planned
    if read.schedule.plan.warmup >= end:
        raise CallError(say("reading.warmup_too_long", name="warmup_steps", total=end))
    return read._replace(schedule=read.schedule.replace(policy=Cosine(floor=low), horizon=steps(end), after="hold"))


LIBRARY = Library(
    rank=26,
    version="2026",
    source="github.com/axolotl-ai-cloud/axolotl, src/axolotl/",
    signatures={},
    keys={
        "cosine_min_lr_ratio": "cosine",
        "cosine_constant_lr_ratio": "plan",
    },
    settings={"lr_scheduler": {"one_cycle": "OneCycleLR", "log_sweep": "range_test", "rex": "rex"}},
    readers={"config.yaml": settings},
    configurations=tuple(
        Configuration("config.yaml", marks)
        for marks in (
            ("micro_batch_size", "learning_rate"),
            ("micro_batch_size", "lr_scheduler", "learning_rate"),
            ("cosine_min_lr_ratio", "learning_rate"),
            ("cosine_constant_lr_ratio", "learning_rate"),
        )
    ),
)
