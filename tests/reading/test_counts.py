"""Batch, accumulation, devices, epochs and samples that configurations, command lines and scripts hold."""

from __future__ import annotations

from typing import Any

import pytest

from schedules.reading import read_code
from schedules.real_run.axes import counts_epochs

WARMUP_DECAY = '"scheduler": {"type": "WarmupDecayLR", "params": {"total_num_steps": 1000, "warmup_num_steps": 100}}'
MEGATRON = "pretrain_gpt.py --lr 1e-4 --lr-decay-style cosine --train-iters 1000 --global-batch-size 64 --micro-batch-size 2"
TRAINER = "--learning_rate 1e-4 --lr_scheduler_type cosine --per_device_train_batch_size 4 --gradient_accumulation_steps 2"
TORCH = (
    "optimizer:\n  class_path: torch.optim.SGD\n  init_args: {lr: 0.1}\nlr_scheduler_config:\n  interval: step\n  scheduler:\n"
)
TORCH += "    class_path: torch.optim.lr_scheduler.CosineAnnealingLR\n    init_args: {T_max: 3000}\n"
MMENGINE = """\
train_dataloader = dict(batch_size=4, num_workers=2)
val_dataloader = dict(batch_size=1)
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.02), accumulative_counts=2)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),
    dict(type='MultiStepLR', begin=0, end=12, by_epoch=True, milestones=[8, 11], gamma=0.1)]
train_cfg = dict(max_epochs=12)
"""
LIGHTNING = """\
scheduler = CosineAnnealingLR(SGD(model.parameters(), lr=0.1), T_max=3000)
trainer = pl.Trainer(devices=8, num_nodes=2, accumulate_grad_batches=4, max_epochs=30)
"""
NEMO = """\
trainer: {devices: 8, num_nodes: 2, accumulate_grad_batches: 4, max_steps: 1000}
model:
  train_ds: {batch_size: 16}
  validation_ds: {batch_size: 1}
  optim: {name: adamw, lr: 1.0e-3, sched: {name: CosineAnnealing, warmup_steps: 100, min_lr: 1.0e-5}}
"""
TIMM = "torchrun --nproc_per_node=4 train.py /data --sched cosine --epochs 30 -b 128 --lr 0.5 --grad-accum-steps 2"
AXOLOTL = "micro_batch_size: 2\ngradient_accumulation_steps: 8\nnum_epochs: 3\nlearning_rate: 0.0002\nlr_scheduler: cosine\n"
MODEL_CARD = """\
- learning_rate: 2e-05
- train_batch_size: 2
- eval_batch_size: 8
- num_devices: 4
- gradient_accumulation_steps: 16
- total_train_batch_size: 128
- lr_scheduler_type: cosine
- training_steps: 300
"""

UPDATES: dict[str, tuple[str, dict[str, Any], tuple[int, int, int]]] = {
    # name: (text, values, (batch, accumulation, devices))
    "DeepSpeed, all": (
        '{"train_batch_size": 64, "train_micro_batch_size_per_gpu": 4, "gradient_accumulation_steps": 2, ' + WARMUP_DECAY + "}",
        {},
        (4, 2, 8),
    ),
    "DeepSpeed, whole batch": (
        '{"train_batch_size": 64, "gradient_accumulation_steps": 2, ' + WARMUP_DECAY + "}",
        {},
        (32, 2, 1),
    ),
    "DeepSpeed, without the whole batch": (
        '{"train_micro_batch_size_per_gpu": 4, "gradient_accumulation_steps": 2, ' + WARMUP_DECAY + "}",
        {},
        (4, 2, 1),
    ),
    "Megatron": (f"torchrun --nproc_per_node 8 --nnodes 2 {MEGATRON}", {}, (2, 2, 16)),
    "Megatron, model in parts": (
        f"torchrun --nproc_per_node 8 --nnodes 2 {MEGATRON} --tensor-model-parallel-size 4",
        {},
        (2, 8, 4),
    ),
    "Megatron, devices unknown": (f"python {MEGATRON}", {}, (2, 32, 1)),
    "deepspeed": (f"deepspeed --num_gpus 8 run.py {TRAINER} --max_steps 500", {}, (4, 2, 8)),
    "accelerate": (f"accelerate launch --num_processes 6 --num_machines 2 run.py {TRAINER} --max_steps 500", {}, (4, 2, 6)),
    "torchrun": (f"torchrun --nproc-per-node=8 run.py {TRAINER} --max_steps 500", {}, (4, 2, 8)),
    "the Trainer in epochs": (
        f"torchrun --nproc-per-node=8 run.py {TRAINER} --num_train_epochs 2",
        {"len(train_dataset)": 6_400},
        (4, 2, 8),
    ),
    "TrainingArguments": (
        "TrainingArguments(learning_rate=1e-4, per_device_train_batch_size=4, gradient_accumulation_steps=2, max_steps=500)",
        {},
        (4, 2, 1),
    ),
    "axolotl": (AXOLOTL, {"len(train_dataset)": 1_600}, (2, 8, 1)),
    "a model card": (MODEL_CARD, {}, (2, 16, 4)),
    "mmengine": (MMENGINE, {"iterations_per_epoch": 100}, (4, 2, 1)),
    "Lightning in YAML": (
        TORCH + "trainer: {devices: 8, num_nodes: 2, accumulate_grad_batches: 4, max_epochs: 30}\ndata: {batch_size: 32}\n",
        {},
        (32, 4, 16),
    ),
    "Lightning in Python": (LIGHTNING, {}, (1, 4, 16)),
    "Lightning's list of devices": (LIGHTNING.replace("devices=8", "devices=[0, 1]"), {}, (1, 4, 4)),
    "NeMo": (NEMO, {}, (16, 4, 16)),
    "timm": (TIMM, {"updates_per_epoch": 100}, (128, 2, 4)),
    "options of a script": (
        "p.add_argument('--batch-size', type=int, default=64)\nCosineAnnealingLR(SGD(net.parameters(), lr=0.1), T_max=100)\n",
        {},
        (64, 1, 1),
    ),
}


@pytest.mark.parametrize("name", UPDATES)
def test_what_an_update_takes_is_read(name):
    text, values, (batch, accumulation, devices) = UPDATES[name]
    reading = read_code(text, values)
    assert not reading.missing
    assert (reading.units.batch, reading.units.accumulation, reading.units.devices) == (batch, accumulation, devices)


EPOCHS: dict[str, tuple[str, dict[str, Any], float, int]] = {
    # name: (text, values, epochs, steps of an epoch)
    "the Trainer": (UPDATES["the Trainer in epochs"][0], {"len(train_dataset)": 6_400}, 2, 100),
    "the Trainer with at most so many samples": (
        f"torchrun --nproc-per-node=8 run.py {TRAINER} --num_train_epochs 2 --max_train_samples 6400",
        {},
        2,
        100,
    ),
    "axolotl": (AXOLOTL, {"len(train_dataset)": 1_600}, 3, 100),
    "mmengine": (MMENGINE, {"iterations_per_epoch": 100}, 12, 100),
    "Lightning in YAML": (UPDATES["Lightning in YAML"][0], {}, 30, 100),
    "Lightning in Python": (LIGHTNING, {}, 30, 100),
    "timm": (TIMM, {"updates_per_epoch": 100}, 30, 100),
    "OneCycleLR": ("OneCycleLR(SGD(net.parameters(), lr=0.1), max_lr=0.1, epochs=10, steps_per_epoch=50)", {}, 10, 50),
}


@pytest.mark.parametrize("name", EPOCHS)
def test_epochs_are_read(name):
    text, values, epochs, each = EPOCHS[name]
    reading = read_code(text, values)
    assert not reading.missing
    assert (reading.units.epochs, reading.units.steps_per_epoch) == (epochs, each)
    assert reading.schedule.total_steps == reading.units.total_steps


def test_samples_that_no_text_has_are_those_of_one_pass():
    reading = read_code(UPDATES["Megatron"][0])
    assert not counts_epochs(reading.units, reading.schedule.total_steps)
    assert reading.units.samples == 64_000


def test_a_schedule_that_counts_epochs_has_no_units():
    text = MMENGINE.replace("dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),", "")
    assert read_code(text).schedule.total_steps == 12
    assert read_code(text).units is None


def test_a_text_without_counts_has_no_units():
    assert read_code("CosineAnnealingLR(SGD(net.parameters(), lr=0.3), T_max=80)").units is None


def notices(text: str) -> dict[str, int]:
    return {str(notice.sentence): notice.line for notice in read_code(text).notices}


def test_what_an_update_takes_is_said_with_the_line():
    assert notices(MODEL_CARD)["An update takes 128 examples: 16 batches of 2 per device, and 4 devices."] == 2
    said = "An update takes 64 examples: 32 batches of 2; the text names no devices."
    assert said in notices(f"python {MEGATRON}")


def test_numbers_that_contradict_each_other_are_said():
    said = "total_train_batch_size is 120, but the other numbers of the text make 128; these were used."
    assert notices(MODEL_CARD.replace("128", "120"))[said] == 6


@pytest.mark.parametrize("held", ["-1", "0", "auto", "1e99", "true", "[]", "{a: 1}", "2.5", "'x'"])
def test_what_is_no_count_is_left_out(held):
    text = TORCH + f"trainer: {{devices: {held}, accumulate_grad_batches: {held}, max_epochs: {held}}}\nbatch_size: {held}\n"
    units = read_code(text).units
    assert units is None or (units.batch, units.accumulation, units.devices) == (1, 1, 1)
