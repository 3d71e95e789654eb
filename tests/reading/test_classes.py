"""Classes in a text: schedulers of the person's own; a class with a library's name is not the library's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from schedules import read_code

STEPS = 130
POLY = """
class PolyLR(torch.optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer, max_iters, power=0.9, last_epoch=-1):
        self.max_iters, self.power = max_iters, power
        super(PolyLR, self).__init__(optimizer, last_epoch)

    def get_lr(self):
        if not self._get_lr_called_within_step:
            warnings.warn("use get_last_lr")
        return [base_lr * (1 - self.last_epoch / self.max_iters) ** self.power for base_lr in self.base_lrs]

optimizer = torch.optim.SGD(parameters, lr=0.01)
scheduler = PolyLR(optimizer, 130, power=2)
"""
WARMUP = """
class WarmupCosine(torch.optim.lr_scheduler.LambdaLR):
    def __init__(self, optimizer, warmup_steps, t_total, cycles=0.5, last_epoch=-1):
        self.warmup_steps = warmup_steps
        self.t_total = t_total
        self.cycles = cycles
        super().__init__(optimizer, self.factor, last_epoch=last_epoch)

    def factor(self, step):
        if step < self.warmup_steps:
            return float(step) / float(max(1.0, self.warmup_steps))
        progress = float(step - self.warmup_steps) / float(max(1, self.t_total - self.warmup_steps))
        return max(0.0, 0.5 * (1.0 + math.cos(math.pi * float(self.cycles) * 2.0 * progress)))

optimizer = torch.optim.SGD(parameters, lr=0.03)
scheduler = WarmupCosine(optimizer, warmup_steps=20, t_total=130)
"""
METHOD = """
class Decay:
    def __init__(self, epochs, offset, start):
        self.epochs = epochs
        self.offset = offset
        self.start = start

    def step(self, epoch):
        return 1.0 - max(0, epoch + self.offset - self.start) / (self.epochs - self.start)

optimizer = torch.optim.Adam(parameters, lr=2e-4)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=Decay(140, 0, 50).step)
"""
ASSIGNED = METHOD.replace("lr_lambda=Decay(140, 0, 50).step", "decay.step").replace(
    "\noptim", "\ndecay = Decay(140, 0, 50)\noptim"
)


def executed(text: str) -> np.ndarray:
    names = {"torch": torch, "math": math, "parameters": [torch.nn.Parameter(torch.zeros(1))]}
    exec(text, names)
    rates = np.empty(STEPS)
    for k in range(STEPS):
        rates[k] = names["optimizer"].param_groups[0]["lr"]
        names["optimizer"].step()
        names["scheduler"].step()
    return rates


@pytest.mark.parametrize("text", [POLY, WARMUP, METHOD, ASSIGNED])
def test_schedulers_of_classes_in_the_text(text):
    reading = read_code(text, {"total_steps": STEPS})
    assert reading.complete and reading.library == "torch", reading
    assert all(each.level == "info" for each in reading.notices)
    np.testing.assert_allclose(reading.schedule(np.arange(STEPS)), executed(text), rtol=0, atol=1e-9 * 0.03)


def test_a_subclass_of_keras_is_read_by_its_call():
    text = """
class Noam(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, d_model, warmup_steps=40):
        super().__init__()
        self.d_model = tf.cast(d_model, tf.float32)
        self.warmup_steps = warmup_steps
    def __call__(self, step):
        step = tf.cast(step, dtype=tf.float32)
        return tf.math.rsqrt(self.d_model) * tf.math.minimum(tf.math.rsqrt(step), step * (self.warmup_steps ** -1.5))
rate = Noam(128)
"""
    reading = read_code(text, {"total_steps": STEPS})
    k = np.arange(1, STEPS)
    assert reading.complete and reading.library == "keras" and reading.name == "LearningRateSchedule"
    theirs = np.concatenate(([0], 128**-0.5 * np.minimum(k**-0.5, k * 40**-1.5)))
    np.testing.assert_allclose(reading.schedule(np.arange(STEPS)), theirs, rtol=0, atol=1e-9)
    assert {each.sentence.key for each in reading.notices} == {"reading.own_class"}


def test_a_class_with_its_own_step_is_not_taken_for_a_library_s():
    text = POLY.replace(
        "    def get_lr(self):", "    def step(self, epoch=None):\n        self.t += 1\n\n    def get_lr(self):"
    )
    reading = read_code(text, {"total_steps": STEPS})
    assert reading.schedule is None
    assert "reading.own_class_not_read" in {each.sentence.key for each in reading.notices}


def test_attributes_have_the_defaults_of_the_constructor():
    text = """
class Lit(nn.Module):
    def __init__(self, lr=1e-3, gamma=0.9):
        self.lr = lr
        self.gamma = gamma
    def schedulers(self):
        optimizer = torch.optim.Adam(self.parameters(), lr=self.lr)
        return [optimizer], [torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=self.gamma)]
lit = Lit(gamma=0.95)
"""
    reading = read_code(text, {"total_steps": 10})
    assert reading.complete
    np.testing.assert_allclose(reading.schedule(np.arange(10)), 1e-3 * 0.95 ** np.arange(10), rtol=1e-12)
