"""The code for a run with two parameter groups is executed, and both rates of every step are compared with the schedules'."""

from __future__ import annotations

import importlib
import json
import random

import numpy as np
import pytest
import torch

from schedules import Cosine, Rate, Run, Schedule, Steps
from schedules.export import TARGETS
from schedules.export._groups import Parts, second_of
from schedules.export.run_json import run_json
from schedules.feedback.plateau import Plateau
from schedules.policies.constant import Constant
from schedules.real_run import RealRun
from schedules.real_run.groups import Group
from schedules.training.optimizers.adamw import AdamW
from schedules.training.optimizers.momentum import Momentum
from schedules.units import Units
from schedules.words import say
from tests.export.runners.torch import executed
from tests.export.scripts import OF_PEAK
from tests.export.test_pytorch import draw

COSINE = Schedule(policy=Cosine(floor=Rate(1e-5)), total_steps=40, peak_lr=0.01, warmup=0.1)
OTHER = RealRun(group=Group(on=True, peak_ratio=0.1, cooldown=0.3))


def check(library, schedule, real, units=None):
    """Assert that the code for a library gives exactly the rates of both groups; return the code."""
    runner = importlib.import_module(f"tests.export.runners.{library}")
    code = TARGETS[library].script(Run(schedule=schedule), real, units).code
    tolerance = getattr(runner, "OF_PEAK", OF_PEAK)
    rates = np.array(runner.by_group(code))
    for i, each in enumerate((schedule, real.group_schedule(schedule))):
        np.testing.assert_allclose(rates[:, i], each.lrs(), rtol=0, atol=tolerance * each.peak_lr, err_msg=f"{i} {each} {code}")
    return code


@pytest.mark.witness
@pytest.mark.parametrize("library", TARGETS)
def test_the_code_matches_both_groups_of_random_settings(library):
    for seed in range(40):
        pick = random.Random(seed).choice
        group = Group(on=True, peak_ratio=pick((1.0, 0.1, 3.0)), cooldown=pick((0.0, 0.3, 1.0, Steps(7))))
        check(library, draw(seed).replace(total_steps=40), RealRun(group=group))


@pytest.mark.witness
@pytest.mark.parametrize("library", TARGETS)
@pytest.mark.parametrize(
    "schedule", [COSINE, Schedule(policy=Constant(), total_steps=20, peak_lr=0.3)], ids=["cosine", "constant"]
)
def test_one_script_holds_both_groups_and_where_they_are_split(library, schedule):
    for ratio in (1.0, 0.1):
        group = Group(on=True, peak_ratio=ratio, cooldown=0.3)
        code = check(library, schedule, RealRun(group=group))
        assert code.count(f"# {say('code.groups')}") == 1
        assert ("group_peak_lr = " in code) == (ratio != 1)


@pytest.mark.parametrize("library", TARGETS)
def test_a_run_without_a_group_has_the_code_of_its_schedule(library):
    assert TARGETS[library].script(Run(schedule=COSINE), RealRun()) == TARGETS[library].script(Run(schedule=COSINE))


@pytest.mark.parametrize("library", ["torch", "transformers"])
def test_pytorch_takes_a_function_for_each_group(library):
    code = TARGETS[library].script(Run(schedule=COSINE), OTHER).code
    assert "scheduler = LambdaLR(optimizer, [factor, group_factor])" in code
    assert '{"params": [model.bias], "lr": group_peak_lr}' in code
    assert library == "torch" or "optimizers=(optimizer, scheduler)" in code


def test_optax_has_a_label_for_each_group():
    code = TARGETS["optax"].script(Run(schedule=COSINE), OTHER).code
    assert 'optax.multi_transform({"first": first, "second": second}, labels)' in code


def test_the_plateau_rule_acts_on_both_groups():
    run = Run(schedule=COSINE, feedback=Plateau(every=40))
    script = TARGETS["torch"].script(run, OTHER)
    assert not script.planned and "ReduceLROnPlateau" in script.code
    used = [rates for rates in executed(script.code)[0] if len(rates) == 2]
    both = COSINE.lrs(), OTHER.group_schedule(COSINE).lrs()
    np.testing.assert_allclose(used, np.stack(both, axis=1), rtol=0, atol=1e-14)


@pytest.mark.witness
@pytest.mark.parametrize("library", ["torch", "timm"])
def test_the_loop_has_the_batch_and_the_accumulation_of_the_run(library):
    code = check(library, COSINE, OTHER, Units(batch=64, accumulation=4))
    assert "batch = 64\naccumulation = 4\n" in code and "torch.randn(batch, 2)" in code
    alone = check(library, COSINE, OTHER, Units(batch=64))
    assert "batch = 64\n" in alone and "accumulation" not in alone


def test_the_accumulated_gradient_is_the_mean_of_the_micro_batches(monkeypatch):
    run, units = Run(schedule=Schedule(policy=Constant(), total_steps=1)), Units(batch=8, accumulation=4)
    torch.manual_seed(0)
    given = [torch.randn(8, size) for _ in range(4) for size in (2, 1)]
    start = [torch.ones(1, 2), torch.zeros(1)]

    def result(code, samples):
        rows = iter(samples)
        monkeypatch.setattr(torch, "randn", lambda *size: next(rows))
        setup, loop = code.split("\nfor step", 1)
        left = {}
        exec(setup, left)
        for parameter, value in zip(left["model"].parameters(), start, strict=True):
            parameter.data = value.clone()
        exec("for step" + loop, left)
        return torch.cat([parameter.detach().flatten() for parameter in left["model"].parameters()])

    joined = [torch.cat(given[0::2]), torch.cat(given[1::2])]
    accumulated = result(TARGETS["torch"].script(run, units=units).code, given)
    torch.testing.assert_close(accumulated, result(TARGETS["torch"].script(run).code, joined))


def test_the_trainer_has_the_batch_and_the_accumulation_of_the_run():
    code = TARGETS["transformers"].script(Run(), units=Units(batch=64, accumulation=4)).code
    assert "per_device_train_batch_size=64" in code and "gradient_accumulation_steps=4" in code


@pytest.mark.parametrize("library", TARGETS)
def test_the_weight_decay_is_kept_once(library):
    """AdamW has the weight decay as a field of its own; for SGD, which has none here, the real run holds it."""
    for group in (Group(), OTHER.group):
        real = RealRun(weight_decay=0.37, group=group)
        adamw = TARGETS[library].script(Run(optimizer=AdamW(weight_decay=0.21)), real).code
        assert "weight_decay=0.21" in adamw and "0.37" not in adamw
        assert ("0.185" if library == "keras" else "0.37") in TARGETS[library].script(Run(optimizer=Momentum()), real).code


@pytest.mark.witness
def test_the_weight_decay_of_sgd_is_a_part_of_its_gradient_in_every_library():
    """One step at rate 0.1 from weights of 1 without a loss leaves 1 - 0.1 x 0.5."""
    run = Run(schedule=Schedule(policy=Constant(), total_steps=1, peak_lr=0.1), optimizer=Momentum())
    real = RealRun(weight_decay=0.5)
    optax = importlib.import_module("tests.export.runners.optax").execute(TARGETS["optax"].script(run, real).code)["optimizer"]
    updates, _ = optax.update(np.float32(0), optax.init(np.float32(1)), np.float32(1))
    assert float(updates) == pytest.approx(-0.05)
    left = {}
    exec(TARGETS["torch"].script(run, real).code.split("\nfor step", 1)[0], left)
    for parameter in left["model"].parameters():
        parameter.data, parameter.grad = torch.ones_like(parameter), torch.zeros_like(parameter)
    left["optimizer"].step()
    assert all(torch.allclose(parameter, torch.tensor(0.95)) for parameter in left["model"].parameters())
    keras = importlib.import_module("tests.export.runners.keras")
    with keras.single():
        decay = keras.execute(TARGETS["keras"].script(run, real).code)["decay"]
        assert float(decay(np.float32([2.0]))) == pytest.approx(0.5 * 2.0**2 / 2), "its derivative is 0.5 x 2"


def test_the_json_has_the_batch_the_weight_decay_and_the_group():
    found = json.loads(run_json(Run(schedule=COSINE), OTHER.replace(weight_decay=0.1), Units(batch=64, accumulation=4)))
    assert (found["units"]["batch"], found["units"]["accumulation"]) == (64, 4)
    assert found["real_run"]["weight_decay"] == 0.1
    assert found["real_run"]["group"] == {"on": True, "peak_ratio": 0.1, "cooldown": 0.3}


def test_only_what_differs_gets_names_of_its_own():
    first = Parts({"a": "1", "b": "a + 1"}, ("def f(x):\n    return x * b", "def g(x):\n    return 2"), ("s = f(g(a))",))
    group = Parts({"a": "2", "b": "a + 1"}, first.definitions, first.statements)
    second = second_of(first, group)
    assert second.parts == Parts(
        {"group_a": "2", "group_b": "group_a + 1"},
        ("def group_f(x):\n    return x * group_b",),
        ("group_s = group_f(g(group_a))",),
    )
    assert (second.name("g"), second.name("s")) == ("g", "group_s")
