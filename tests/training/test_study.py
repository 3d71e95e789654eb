"""One call gives a page everything, from one simulation."""

import numpy as np
import pytest

from schedules import POLICIES, Run, Schedule
from schedules.training.advice import advise, candidates
from schedules.training.engine import simulate
from schedules.training.problems.double_well import DoubleWell
from schedules.training.problems.valley import Valley
from schedules.training.study import study
from schedules.training.verdicts import Kind, judge, limit
from tests.training.cases import CONSTANT, NETS, Net, run

GHOST = Schedule(policy=CONSTANT, peak_lr=0.18, total_steps=500)


class Trainer:
    """Trains and remembers what it was asked for."""

    def __init__(self, train=simulate):
        self.train, self.asked = train, []

    def __call__(self, runs):
        self.asked.append(list(runs))
        return self.train(runs)


def test_the_first_screen():
    found = study(Run(), GHOST)
    assert found.trace.run == Run()
    assert found.verdict.kind is Kind.CONVERGED
    assert found.ghost.run == Run().replace(schedule=GHOST)
    assert found.ghost_verdict.kind is Kind.BOUNCING
    assert found.limit.tolist() == [0.2] * 500
    [sentence] = found.advice
    times = found.ghost_verdict.end / found.verdict.end
    assert times == pytest.approx(74, rel=0.3)  # by the exact recursion; eight seeds are within a quarter of it
    assert str(sentence) == f"Constant at this peak: {found.ghost_verdict.end:.3g}, {times:.0f} times higher."


def test_everything_is_trained_in_one_call_and_nothing_twice():
    for ghost in (None, GHOST, Run().schedule):
        trainer = Trainer()
        study(Run(), ghost, train=trainer)
        [asked] = trainer.asked
        assert asked[0] == Run()
        assert len(set(asked)) == len(asked)
        assert set(asked) == {Run(), *candidates(Run()).values(), *([Run().replace(schedule=ghost)] if ghost else [])}


@pytest.mark.parametrize("problem", [None, Valley(), DoubleWell()])
def test_a_study_is_what_its_parts_say_alone(problem):
    one = run(POLICIES["cosine"](), 0.16, 300, problem)
    found = study(one, GHOST)
    [trace] = simulate([one])
    [ghost] = simulate([one.replace(schedule=GHOST)])
    assert np.array_equal(found.trace.loss, trace.loss, equal_nan=True)
    assert np.array_equal(found.ghost.loss, ghost.loss, equal_nan=True)
    assert np.array_equal(found.limit, limit(one, trace))
    assert found.verdict == judge(trace, limit(one, trace))
    assert found.ghost_verdict == judge(ghost, limit(ghost.run, ghost))
    others = {name: simulate([other])[0] for name, other in candidates(one).items()}
    assert found.advice == advise(found.verdict, trace, others)


def test_without_ghost_or_advice():
    trainer = Trainer()
    found = study(run(), train=trainer, advice=False)
    assert trainer.asked == [[run()]]
    assert (found.ghost, found.ghost_verdict, found.advice) == (None, None, ())
    assert found.verdict.kind is Kind.BOUNCING


def test_a_network_is_studied_by_its_own_trainer():
    one = Run(schedule=Schedule(policy=CONSTANT, peak_lr=0.1, total_steps=110), problem=Net(), seeds=3)
    found = study(one, train=lambda runs: [NETS["slow"] if each == one else NETS["learned"] for each in runs])
    assert found.limit is None
    assert (found.verdict.kind, found.verdict.reason) == (Kind.STALLED, "too_small")
    assert [str(s) for s in found.advice] == [
        "Checked: ten times the peak leaves 7.5 %.",
        "Checked: a cosine from the same peak ends at 0.18.",
    ]
    with pytest.raises(ValueError, match="which simulate"):
        study(one)
