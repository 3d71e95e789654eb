"""The code of every export target runs and uses the schedule's rates."""

from __future__ import annotations

import importlib

import pytest

from schedules import POLICIES, Constant, Cosine, Run, Schedule
from schedules.export import TARGETS, discovered
from schedules.feedback.greedy import Greedy
from schedules.feedback.plateau import Plateau
from schedules.training.optimizers import OPTIMIZERS
from schedules.words import say
from tests.export.scripts import OF_PEAK, close

RAMPED = Schedule(
    policy=Cosine(floor=0.1), total_steps=40, warmup=0.2, warmup_shape="cosine", cooldown=0.3, cooldown_floor=0.05
)
RUNS = [
    *(Run(schedule=Schedule(policy=policy(), total_steps=40, peak_lr=0.01)) for policy in POLICIES.values()),
    *(Run(schedule=Schedule(policy=Constant(), total_steps=40, peak_lr=0.01), optimizer=cls()) for cls in OPTIMIZERS.values()),
    Run(schedule=RAMPED),
    Run(schedule=RAMPED.replace(update_every=3, first_step=1)),
    Run(schedule=RAMPED.replace(warmup_over=True, horizon=0.5, after="restart")),
    Run(schedule=RAMPED, feedback=Greedy()),
    Run(schedule=RAMPED, feedback=Plateau(every=40)),
]


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_gives_the_rates_of_the_schedule(name):
    executed = runner(name)
    for run in RUNS:
        close(executed.rates(TARGETS[name].script(run).code), run.schedule, getattr(executed, "OF_PEAK", OF_PEAK))


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("feedback", [None, Plateau()])
def test_the_code_says_that_the_momentum_is_left_out(name, feedback):
    for policy in POLICIES.values():
        run = Run(schedule=Schedule(policy=policy()), **({"feedback": feedback} if feedback else {}))
        comments = [line for line in TARGETS[name].script(run).code.splitlines() if line.startswith("# ")]
        assert (f"# {say('code.momentum')}" in comments) == (policy.slug in ("one_cycle", "cyclic"))


def runner(name, package="tests.export.runners"):
    """The file of a target whose function `rates` executes its code and returns the rates of its steps."""
    try:
        return importlib.import_module(f"{package}.{name}")
    except ModuleNotFoundError as error:
        where = f"{package.replace('.', '/')}/{name}.py"
        pytest.fail(f"target {name!r} has no runner: write {where} with a function rates(code) -> rates of its steps ({error})")


def test_a_target_without_a_runner_fails_with_its_file():
    with pytest.raises(pytest.fail.Exception, match=r"target 'jax' has no runner: write tests/export/runners/jax\.py"):
        runner("jax")


def test_a_file_without_a_script_raises(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "some_targets"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "jax.py").write_text("def code(run): return ''\n")
    with pytest.raises(ImportError, match=r"jax\.py declares no target: define its LIBRARY"):
        discovered("some_targets")


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_states_that_it_omits_the_feedback_rule(name):
    assert not TARGETS[name].script(Run()).planned
    with_rule, without = TARGETS[name].script(Run(feedback=Greedy())), TARGETS[name].script(Run())
    assert with_rule.planned == (with_rule.code == without.code)


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_can_be_asked_whether_it_writes_a_feedback_rule(name):
    assert TARGETS[name].writes(Run())
    assert not TARGETS[name].writes(Run(feedback=Greedy()))
    assert TARGETS[name].writes(Run(feedback=Plateau())) == (name == "torch")


def test_the_pytorch_target_exports_plateau_but_not_greedy():
    assert TARGETS["torch"].script(Run(feedback=Greedy())).planned
    plateau = TARGETS["torch"].script(Run(feedback=Plateau()))
    assert "ReduceLROnPlateau" in plateau.code and not plateau.planned
