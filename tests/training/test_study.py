"""A study contains everything that a page shows of a run, and no run is trained twice."""

import numpy as np
import pytest

from schedules import POLICIES, Run, Schedule, from_token, to_token
from schedules.training.cost import fitted
from schedules.training.engine import simulate
from schedules.training.limits import limit
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.problems import PROBLEMS
from schedules.training.problems.double_well import DoubleWell
from schedules.training.problems.valley import Valley
from schedules.training.study import _tries, advised, study
from schedules.training.verdict.advice import advise, candidates, names
from schedules.training.verdict.judge import judge
from schedules.training.verdict.rules import Kind
from tests.training.cases import CONSTANT, NETS, Net, run

GHOST = Schedule(policy=CONSTANT, peak_lr=0.18, total_steps=500)


class Trainer:
    """Trains runs and records the requested ones."""

    def __init__(self, train=simulate):
        self.train, self.asked = train, []

    def __call__(self, runs, *, probed=()):
        self.asked.append(list(runs))
        return self.train(runs)


def test_study_of_the_first_screen():
    found = study(Run(), GHOST)
    assert found.trace.run == Run()
    assert found.verdict.kind is Kind.CONVERGED
    assert found.ghost.run == Run().replace(schedule=GHOST)
    assert found.ghost_verdict.kind is Kind.BOUNCING
    assert found.limit.tolist() == [0.2] * 500
    [(sentence, _)] = found.advice
    times = found.ghost_verdict.end / found.verdict.end
    assert times == pytest.approx(74, rel=0.3)  # by the exact recursion; for eight seeds within a quarter of it
    assert str(sentence) == f"Constant at this peak ends at {found.ghost_verdict.end:.3g}, {times:.0f} times as high."


@pytest.mark.parametrize("peak", [0.18, 0.001, 0.22])
def test_run_and_ghost_are_trained_together_then_candidates_and_none_twice(peak):
    one = Run().replace(schedule=Run().schedule.replace(peak_lr=peak))
    for ghost in (None, GHOST, one.schedule):
        trainer = Trainer()
        found = study(one, ghost, train=trainer)
        beside = {one.replace(schedule=ghost)} if ghost else set()
        assert set(trainer.asked[0]) == {one} | beside
        everything = [run for asked in trainer.asked for run in asked]
        assert len(set(everything)) == len(everything) and len(trainer.asked) <= 2
        useful = {other for name, other in candidates(one).items() if name in names(found.verdict)}
        assert useful and set(everything) == {one} | beside | useful


def test_a_network_needs_no_trainer():
    digits = Run(problem=PROBLEMS["digits"](), schedule=Schedule(peak_lr=0.1, total_steps=6), seeds=2)
    found = study(digits)
    assert found.trace.run == digits and found.trace.network.accuracy is not None
    assert found.limit is None and str(found.verdict.line)


def test_advice_can_be_computed_later():
    slow = Run().replace(schedule=Run().schedule.replace(peak_lr=0.01))
    first = study(slow, GHOST, advice=False)
    assert first.advice == ()
    assert advised(first).advice == study(slow, GHOST).advice != ()


@pytest.mark.parametrize("problem", [None, Valley(), DoubleWell()])
def test_a_study_equals_its_parts_computed_alone(problem):
    one = run(POLICIES["cosine"](), 0.16, 300, problem)
    found = study(one, GHOST)
    [trace] = simulate([one])
    [ghost] = simulate([one.replace(schedule=GHOST)])
    assert np.array_equal(found.trace.loss, trace.loss, equal_nan=True)
    assert np.array_equal(found.ghost.loss, ghost.loss, equal_nan=True)
    assert np.array_equal(found.limit, limit(one, trace))
    assert found.verdict == judge(trace, limit(one, trace))
    assert found.ghost_verdict == study(one.replace(schedule=GHOST), advice=False).verdict
    others = {name: simulate([other])[0] for name, other in candidates(one).items()}
    assert found.advice == advise(found.verdict, trace, others)


def test_advice_for_a_run_that_diverged_survives_with_other_seeds():
    """With a peak of 0.16 none of these eight seeds diverges, but most of many other blocks of eight do."""
    lucky, _ = from_token(
        "1~policy-slanted_triangular~peak_lr-0.87~total_steps-141~warmup-0~problem-double_well~optimizer-nesterov"
        "~optimizer.momentum-0.6107432350319797~first_seed-641"
    )
    below = lucky.replace(schedule=lucky.schedule.replace(peak_lr=0.16))
    assert study(below, advice=False).verdict.kind is not Kind.DIVERGED
    assert {study(below.replace(first_seed=s), advice=False).verdict.kind for s in (1_000, 2_000)} == {Kind.DIVERGED}
    diverged = [lucky, *(run(CONSTANT, peak, 200, problem) for peak in (0.25, 0.5) for problem in (DoubleWell(), Valley()))]
    kept = [each.run for one in diverged for each in study(one).advice]
    assert len(kept) > 4 and below not in kept
    for each in kept:
        assert study(each.replace(first_seed=30_000), advice=False).verdict.kind is not Kind.DIVERGED


APPLIED = [
    ("moons", "adam", (0.02,), 200),
    ("moons", "sgd", (1, 4), 60),
    ("valley", "sgd", (0.1, 0.3, 0.5, 0.9), 300),
    ("double_well", "sgd", (0.08, 0.16, 0.2, 0.24), 1_000),
    ("rosenbrock", "momentum", (1e-4, 4e-4), 400),
]


@pytest.mark.parametrize(("slug", "optimizer", "peaks", "steps"), APPLIED)
def test_applied_advice_ends_where_it_was_said_to_end(slug, optimizer, peaks, steps):
    """The link of an advised run is shown uncut, and the numbers of its verdict are those that the advice printed."""
    applied = 0
    for peak in peaks:
        for schedule in (Schedule(policy=CONSTANT, peak_lr=peak, total_steps=steps), Schedule(peak_lr=peak, total_steps=steps)):
            one = Run(problem=PROBLEMS[slug](), optimizer=OPTIMIZERS[optimizer](), schedule=schedule, seeds=8)
            for sentence, changed in study(one, schedule.constant_at_peak()).advice:
                if changed is None:
                    continue
                linked, notices = from_token(to_token(changed))
                assert (linked, notices, fitted(linked)[0]) == (changed, (), changed)
                after, said = study(linked, advice=False).verdict, dict(sentence.values)
                named = {"end": after.mean_end, "left": after.left}
                assert all(said[key] == pytest.approx(value, rel=1e-12) for key, value in named.items() if key in said)
                if "mean" in dict(after.line.values):
                    assert dict(after.line.values)["mean"] == said["end"]
                applied += 1
    assert applied > 1


def test_a_longer_run_that_would_be_shown_with_fewer_seeds_is_not_advised():
    """Twice the steps of the largest run that is shown uncut would cost too much."""
    slow = run(peak=1e-3, steps=5_000, problem=PROBLEMS["logistic"](), seeds=2_500)
    most = fitted(slow)[0]
    assert most.seeds < slow.seeds
    assert "longer" in candidates(most) and fitted(candidates(most)["longer"])[0] != candidates(most)["longer"]
    few = most.replace(seeds=4)
    for one, offered in ((few, True), (most, False)):
        assert (candidates(one)["longer"] in _tries(one, study(one, advice=False).verdict).values()) == offered


def test_without_ghost_or_advice():
    trainer = Trainer()
    found = study(run(), train=trainer, advice=False)
    assert trainer.asked == [[run()]]
    assert (found.ghost, found.ghost_verdict, found.advice) == (None, None, ())
    assert found.verdict.kind is Kind.BOUNCING


def test_study_uses_the_given_trainer_for_networks():
    one = Run(schedule=Schedule(policy=CONSTANT, peak_lr=0.1, total_steps=110), problem=Net(), seeds=3)
    found = study(one, train=lambda runs, probed=(): [NETS["slow"] if each == one else NETS["learned"] for each in runs])
    assert found.limit is None
    assert (found.verdict.kind, found.verdict.reason) == (Kind.STALLED, "too_small")
    assert [str(each.sentence) for each in found.advice] == [
        "Checked: ten times the peak leaves 7.5 %.",
        "Checked: a cosine from the same peak ends at 0.18.",
    ]
