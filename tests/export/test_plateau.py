"""The script for reduce-on-plateau: it runs, and its scheduler counts as ours does."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Constant, Cosine, Schedule
from schedules.core.spec import columns
from schedules.export.plateau import plateau_code
from schedules.feedback import Seen
from schedules.feedback.greedy import Greedy
from schedules.feedback.plateau import Plateau
from tests.boxes import corners

CONSTANT = Schedule(policy=Constant(), peak_lr=0.3, total_steps=40)


def run(code: str, metric: list[float]) -> tuple[list[float], list[float]]:
    """The script, executed with a loss of our choice: the losses its scheduler was told, and the rate after each look."""
    import torch

    told, rates, left = [], [], {}
    patched = code.replace("losses.append(loss.item())", "losses.append(metric[step])")
    spied = patched.replace("scheduler.step(", "watch(scheduler, ")

    def watch(scheduler, value):
        told.append(value)
        scheduler.step(value)
        rates.append(scheduler.optimizer.param_groups[0]["lr"])

    torch.manual_seed(0)
    exec(spied, left | {"metric": metric, "watch": watch})
    return told, rates


@pytest.mark.parametrize("rule", list(corners(Plateau, most=20)), ids=repr)
def test_the_script_reduces_where_our_rule_does(rule):
    rule = rule.replace(every=min(rule.every, 4))
    schedule = CONSTANT.replace(total_steps=120)
    code = plateau_code(schedule, rule)
    if rule.counting == "keras":
        assert code is None
        return
    metric = np.random.default_rng(1).lognormal(0, 0.5, 120) * np.linspace(1, 0.3, 120)
    told, rates = run(code, metric.tolist())
    assert len(rates) == 120 // rule.every
    looks = columns([rule])
    state = looks.begin(1)
    for k, (loss, rate) in enumerate(zip(told, rates, strict=True)):
        ours, state = looks.rate(np.array([0.3]), state, Seen((k + 1) * rule.every, np.array([loss]), np.ones(1)))
        assert ours[0] == pytest.approx(rate, rel=1e-12)


@pytest.mark.parametrize(
    ("schedule", "rule"),
    [
        (CONSTANT.replace(policy=Cosine()), Plateau()),
        (CONSTANT.replace(warmup=0.2), Plateau()),
        (CONSTANT, Greedy()),
        (CONSTANT, Plateau(counting="keras")),
    ],
)
def test_what_pytorch_has_not_is_not_made_up(schedule, rule):
    assert plateau_code(schedule, rule) is None
