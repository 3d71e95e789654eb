"""Notices about what a text does with a scheduler and the curve leaves out."""

from __future__ import annotations

import pytest

from schedules import read_code

OPTIMIZER = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
COSINE = OPTIMIZER + "scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20)\n"
EPOCHS = COSINE + "for epoch in range(20):\n"
LOOP = EPOCHS + "    optimizer.step()\n"
WARNED = {
    "step_argument": LOOP + "    scheduler.step(epoch + 0.5)\n",
    "step_condition": LOOP + "    if epoch >= 5:\n        scheduler.step()\n",
    "step_times": LOOP + "    scheduler.step()\n    scheduler.step()\n",
    "step_loops": EPOCHS + "    for i in range(5):\n        optimizer.step()\n        scheduler.step()\n    scheduler.step()\n",
    "never_stepped": LOOP,
    "optimizer_times": EPOCHS
    + "    if epoch % 4 == 0:\n        optimizer.step()\n    optimizer.step()\n    scheduler.step()\n",
    "rate_set": OPTIMIZER + "for group in optimizer.param_groups:\n    group['lr'] = 0.01\n" + COSINE.removeprefix(OPTIMIZER),
    "attribute_set": COSINE + "scheduler.eta_min = 0.01\n",
    "last_epoch": COSINE.replace("20)", "20, last_epoch=7)"),
    "in_function": "base = optax.cosine_decay_schedule(1e-3, 20)\nrate = lambda step: base(step // 4)\n",
    "several_stepped": OPTIMIZER
    + "ramp = torch.optim.lr_scheduler.ConstantLR(optimizer)\nfade = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)\n"
    + "for i in range(20):\n    optimizer.step()\n    ramp.step()\n    fade.step()\n",
}
QUIET = {
    "a plain loop": LOOP + "    scheduler.step()\n",
    "both in one condition": COSINE
    + "for epoch in range(20):\n    if epoch < 18:\n        optimizer.step()\n        scheduler.step()\n",
    "accumulation": COSINE
    + "for i in range(80):\n    if (i + 1) % 4 == 0:\n        optimizer.step()\n        scheduler.step()\n",
    "a step of a scaler or of the optimizer": EPOCHS
    + "    if amp:\n        scaler.step(optimizer)\n    else:\n        optimizer.step()\n    scheduler.step()\n",
    "an optimizer's step in each branch": EPOCHS
    + "    if epoch % 2 == 0:\n        optimizer.step()\n    else:\n        optimizer.step()\n    scheduler.step()\n",
    "an optimizer's step under one of two conditions": EPOCHS
    + "    if warm:\n        optimizer.step()\n    if not warm:\n        optimizer.step()\n    scheduler.step()\n",
    "a scheduler that is handed on": LOOP + "trainer.run(scheduler)\n",
    "a scheduler under another name": COSINE
    + "def train(net, opt, sch):\n    for i in range(20):\n        opt.step()\n        sch.step()\n",
    "one call for each manner": EPOCHS
    + "    for i in range(5):\n        optimizer.step()\n        if by_batch:\n            scheduler.step()\n"
    + "    if not by_batch:\n        scheduler.step()\n",
    "one call in each branch": LOOP + "    if epoch == 3:\n        scheduler.step()\n    else:\n        scheduler.step()\n",
    "a plateau": OPTIMIZER
    + "scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)\n"
    + "for epoch in range(20):\n    optimizer.step()\n    scheduler.step(loss)\n",
    "a change of sign": "base = optax.cosine_decay_schedule(1e-3, 20)\n"
    "update = optax.scale_by_schedule(lambda step: -base(step))\n",
    "timm": OPTIMIZER
    + "scheduler = timm.scheduler.CosineLRScheduler(optimizer, t_initial=20)\n"
    + "for epoch in range(20):\n    optimizer.step()\n    scheduler.step(epoch + 1)\n",
    "another optimizer": OPTIMIZER
    + "other = torch.optim.Adam(critic.parameters(), lr=0.01)\nramp = torch.optim.lr_scheduler.ConstantLR(optimizer)\n"
    + "fade = torch.optim.lr_scheduler.ExponentialLR(other, 0.9)\n"
    + "for i in range(20):\n    optimizer.step()\n    other.step()\n    ramp.step()\n    fade.step()\n",
}


def warnings(text: str) -> set[str]:
    reading = read_code(text, {"total_steps": 20})
    assert reading.schedule is not None
    return {each.sentence.key.removeprefix("reading.") for each in reading.notices if each.level == "warning"}


@pytest.mark.parametrize("key", WARNED)
def test_what_the_curve_leaves_out_is_said(key):
    assert warnings(WARNED[key]) == {key}


def test_two_steps_of_an_optimizer_in_every_pass_are_said():
    assert warnings(LOOP + "    optimizer.step()\n    scheduler.step()\n") == {"optimizer_times"}
    inner = COSINE + "for epoch in range(20):\n    for i in range(5):\n        optimizer.step()\n        optimizer.step()\n"
    assert warnings(inner + "    scheduler.step()\n") == {"optimizer_times"}


def test_a_scheduler_stepped_less_often_than_the_optimizer_is_said():
    assert warnings(LOOP + "    if epoch % 2 == 0:\n        scheduler.step()\n") == {"step_condition"}


@pytest.mark.parametrize("name", QUIET)
def test_usual_ways_of_stepping_have_no_warning(name):
    assert not warnings(QUIET[name])


def test_the_type_of_a_scheduler_without_a_value_is_asked_for():
    text = "s = get_scheduler(args.kind, optimizer=AdamW(p, lr=0.1), num_warmup_steps=2, num_training_steps=20)"
    (missing,) = read_code(text).missing
    assert (missing.name, missing.kind) == ("args.kind", "choice") and "cosine" in missing.options
    reading = read_code(text, {"args.kind": "cosine"})
    assert reading.complete and reading.schedule == read_code(text.replace("args.kind", "'cosine'")).schedule


def test_keras_callbacks_ask_for_the_steps_of_an_epoch_by_its_name():
    reading = read_code("callback = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 * 0.95**epoch)", {"total_steps": 4})
    assert "steps_per_epoch" in {each.name for each in reading.missing}
    assert "len(loader)" not in {each.name for each in reading.missing}


ACCELERATE = """optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
scheduler = get_scheduler("cosine", optimizer, num_warmup_steps=10{0}, num_training_steps=100{1})
model, optimizer, loader, scheduler = accelerator.prepare(model, optimizer, loader, scheduler)
for i in range(100):
    optimizer.step()
    scheduler.step()
"""
DEVICES = " * accelerator.num_processes"


@pytest.mark.parametrize("lengths", [("", ""), ("", DEVICES), (DEVICES, "")])
def test_a_scheduler_that_accelerate_prepares_is_stepped_once_per_device(lengths):
    assert warnings(ACCELERATE.format(*lengths)) == {"prepared"}
    reading = read_code(ACCELERATE.format(*lengths))
    assert reading.complete and reading.schedule.total_steps == 100


def test_lengths_that_are_multiplied_by_the_devices_of_accelerate_give_the_curve_of_one_device():
    reading = read_code(ACCELERATE.format(DEVICES, DEVICES))
    assert reading.complete
    assert reading.schedule == read_code(ACCELERATE.format("", "")).schedule
    assert "reading.prepared_lengths" in {each.sentence.key for each in reading.notices}


def test_accelerate_steps_once_where_it_splits_batches():
    assert not warnings("accelerator = Accelerator(split_batches=True)\n" + ACCELERATE.format("", ""))
