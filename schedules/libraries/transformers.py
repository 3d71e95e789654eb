"""transformers: transformers.optimization, and the arguments of its Trainer."""

from __future__ import annotations

from schedules.libraries._base import Library

LENGTHS = ("num_warmup_steps", "num_training_steps")

KINDS = {
    "linear": "get_linear_schedule_with_warmup",
    "cosine": "get_cosine_schedule_with_warmup",
    "cosine_with_restarts": "get_cosine_with_hard_restarts_schedule_with_warmup",
    "polynomial": "get_polynomial_decay_schedule_with_warmup",
    "constant": "get_constant_schedule",
    "constant_with_warmup": "get_constant_schedule_with_warmup",
    "inverse_sqrt": "get_inverse_sqrt_schedule",
    "reduce_lr_on_plateau": "get_reduce_on_plateau_schedule",
    "cosine_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup",
    "cosine_warmup_with_min_lr": "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    "warmup_stable_decay": "get_wsd_schedule",
    "greedy": "get_greedy_schedule",
}
"""The functions that the values of `lr_scheduler_type` select."""

LIBRARY = Library(
    rank=3,
    version="5.23.0",
    signatures={
        "get_constant_schedule": (),
        "get_constant_schedule_with_warmup": ("num_warmup_steps",),
        "get_linear_schedule_with_warmup": LENGTHS,
        "get_cosine_schedule_with_warmup": (*LENGTHS, "num_cycles"),
        "get_cosine_with_hard_restarts_schedule_with_warmup": (*LENGTHS, "num_cycles"),
        "get_cosine_with_min_lr_schedule_with_warmup": (*LENGTHS, "num_cycles", "min_lr", "min_lr_rate"),
        "get_cosine_with_min_lr_schedule_with_warmup_lr_rate": (
            *LENGTHS,
            "num_cycles",
            "min_lr",
            "min_lr_rate",
            "warmup_lr_rate",
        ),
        "get_polynomial_decay_schedule_with_warmup": (*LENGTHS, "lr_end", "power"),
        "get_inverse_sqrt_schedule": ("num_warmup_steps", "timescale"),
        "get_wsd_schedule": (
            "num_warmup_steps",
            "num_decay_steps",
            "num_training_steps",
            "num_stable_steps",
            "warmup_type",
            "decay_type",
            "min_lr_ratio",
            "num_cycles",
        ),
        "get_reduce_on_plateau_schedule": (),
        "get_greedy_schedule": (),
        "get_adafactor_schedule": ("initial_lr",),
        "AdafactorSchedule": ("initial_lr",),
    },
    cards={"AdafactorSchedule": ("power_law",)},
    keys={
        "TrainingArguments": "bert",
        "BertAdam": "bert",
        "Seq2SeqTrainingArguments": "bert",
        "warmup_ratio": "warmup",
        "num_train_epochs": "plan",
        "max_steps": "plan",
        "gradient_accumulation_steps": "accumulation",
        "resume_from_checkpoint": "resume",
    },
    settings={"lr_scheduler_type": KINDS, "get_scheduler": KINDS},
)
