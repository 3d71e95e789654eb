"""The cool-down probe: two continuations from the end of a run, each equal to that of a longer run."""

import numpy as np
import pytest

from schedules import POLICIES, Run, Schedule
from schedules.feedback import FEEDBACK
from schedules.training import nets
from schedules.training.engine import _grouped, simulate
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.probe import branches, continued_rates
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.digits import Digits
from schedules.training.problems.logistic import Logistic
from schedules.training.problems.moons import Moons
from schedules.training.problems.valley import Valley
from schedules.training.study import study, with_continuation
from schedules.training.verdict.judge import judge
from schedules.training.verdict.rules import Kind
from tests.training.cases import CONSTANT, Net, run


class Wide(Bowl):
    """A bowl whose path is not recorded, so that its noise cannot be separated."""

    title, keeps_path, convex = "Wide", False, False

    def start(self, seeds):
        return np.ascontiguousarray(super().start(seeds).T).T


def longer(one: Run, cooldown: float) -> Run:
    """A run with a constant rate over six fifths of the steps, of which the last fifth may be a cool-down."""
    schedule = one.schedule
    return one.replace(schedule=schedule.replace(total_steps=schedule.total_steps * 6 // 5, cooldown=cooldown))


def test_a_probe_continues_for_a_fifth_of_the_run_with_decayed_and_held_rates():
    one = run(peak=0.2, steps=50, problem=Net())
    cooled, held = branches(one, one.schedule.lrs())
    assert held.tolist() == [0.2] * 10
    assert cooled == pytest.approx(0.2 * (1 - np.arange(10) / 10))
    assert 0 < cooled[-1] < cooled[0] == 0.2


def test_only_a_steady_rate_that_has_not_faded_needs_a_probe():
    def needs(policy, problem=None, **more):
        one = run(POLICIES[policy](), steps=100, problem=problem or Net(), **more)
        return branches(one, one.schedule.lrs()) is not None

    assert needs("constant") and needs("constant", warmup=0.5) and needs("constant", Wide())
    assert not needs("cosine") and not needs("linear") and not needs("constant", cooldown=0.3)
    assert not needs("constant", Bowl())  # its noise share is known from the paths of eight seeds
    fed = run(steps=100, problem=Wide()).replace(feedback=FEEDBACK["plateau"]())
    assert branches(fed, fed.schedule.lrs()) is None
    assert branches(run(steps=5, problem=Net()), np.full(5, 0.1)) is None


@pytest.mark.parametrize(("problem", "optimizer"), [(Wide(), "sgd"), (Wide(noise=2), "adam"), (Moons(), "momentum")])
def test_engine_continuations_match_longer_runs(problem, optimizer):
    one, other = (
        run(peak=p, steps=100, problem=problem, seeds=3).replace(optimizer=OPTIMIZERS[optimizer]()) for p in (0.18, 0.02)
    )
    plain, cooled, held = (trace.loss for trace in simulate([one, longer(one, 1 / 6), longer(one, 0)]))
    alone, beside = simulate([one, other], probed=[one])
    np.testing.assert_array_equal(alone.loss, plain)
    np.testing.assert_array_equal(alone.probe, [cooled[-1], held[-1]])
    assert beside.probe is None


@pytest.mark.parametrize(("problem", "optimizer"), [(Valley(), "sgd"), (Bowl(noise=1), "adam"), (Moons(), "momentum")])
def test_a_continuation_matches_longer_runs(problem, optimizer):
    """Means over a twentieth of the run: after a cool-down of 20 steps, after 20 steps at the last rate, and after 100."""
    one = run(peak=0.02, steps=100, problem=problem, seeds=3).replace(optimizer=OPTIMIZERS[optimizer]())
    found = with_continuation(simulate([one], [one])[0])
    held, twice = simulate([longer(one, 0), one.replace(schedule=one.schedule.replace(total_steps=200))])
    falling = 0.02 * np.minimum(1, (120 - np.arange(120)) / 21)
    [cooled] = _grouped([longer(one, 0)], [falling], (), False)
    np.testing.assert_array_equal(found.continuation[0], cooled.loss[-1])
    if problem.keeps_path:
        np.testing.assert_allclose(found.continuation[1], held.loss[-5:].mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.continuation[2], twice.loss[-5:].mean(axis=0), rtol=1e-12)


def test_runs_are_continued_at_rest_only_and_only_where_the_verdict_depends_on_it():
    def is_continued(one, **how):
        return study(one, advice=False, **how).trace.continuation is not None

    slow, cosine = run(peak=1e-4, steps=200, problem=Valley()), POLICIES["cosine"]()
    assert is_continued(slow) and not is_continued(slow, further=False)
    assert not is_continued(run(peak=1e-4, steps=200)), "plain gradient descent on a bowl splits exactly"
    assert is_continued(run(peak=1e-4, steps=200, momentum=0.9)) and is_continued(run(cosine, 1e-4, 5, Valley()))
    assert not is_continued(run(cosine, 1e-4, 200, Valley())), "the last rate is below 2 % of the peak"
    assert not is_continued(run(peak=5.0, steps=200, problem=Valley())), "diverged"
    assert not is_continued(run(peak=1e-4, steps=9_000, problem=Logistic(batch=64))), "too expensive"


def test_a_continuation_decides_between_stalled_and_still_improving():
    """Momentum starts slowly, and overshoots: the second half removes little before, and much while it passes the minimum."""
    for steps, before, after in ((2, Kind.STALLED, Kind.IMPROVING), (5, Kind.IMPROVING, Kind.STALLED)):
        one = run(peak=0.01, steps=steps, momentum=0.9, problem=Bowl(noise=0))
        assert study(one, advice=False, further=False).verdict.kind is before
        found = study(one, advice=False).verdict
        assert (found.kind, found.decided_by) == (after, "going_on")
        twice = simulate([one.replace(schedule=one.schedule.replace(total_steps=2 * steps))])[0].loss.mean(axis=1)
        assert found.decided.value == pytest.approx(twice[-1] / twice[steps])


def test_without_a_path_bouncing_is_judged_by_the_probe():
    noisy, slow = (study(run(peak=p, steps=200, problem=Wide(condition=k)), advice=False) for p, k in ((0.18, 2), (0.001, 20)))
    assert (noisy.verdict.kind, noisy.verdict.decided_by) == (Kind.BOUNCING, "probe")
    cooled, held = noisy.trace.probe.mean(axis=1)
    assert noisy.verdict.decided == ("probe", pytest.approx(held / cooled), 1.25)
    assert slow.verdict.kind is not Kind.BOUNCING


@pytest.mark.network
def test_network_continuations_match_longer_runs():
    one = run(peak=0.2, steps=20, problem=Digits(), seeds=2)
    reported = []
    [found] = nets.train([one], reported.append, probed=[one])
    plain, cooled, held = (trace.loss for trace in nets.train([one, longer(one, 1 / 6), longer(one, 0)]))
    np.testing.assert_array_equal(found.loss, plain)
    np.testing.assert_array_equal(found.probe, [cooled[-1], held[-1]])
    assert len(reported) == 2 * (20 + 4 + 4) and reported[-1] == 1


@pytest.mark.network
def test_at_a_large_steady_rate_the_digits_bounce_and_at_a_small_one_they_do_not():
    """Measured with 4 seeds at 0.003, 0.05, 0.1, 0.2 and 0.3: held over cooled is 0.99, 1.15, 1.12, 2.2 and 2.4."""
    large, small = (
        study(run(peak=p, steps=110, problem=Digits(), seeds=s), train=nets.train, advice=False)
        for p, s in ((0.2, 4), (0.003, 1))
    )
    assert (large.verdict.kind, large.verdict.decided_by) == (Kind.BOUNCING, "probe")
    assert large.verdict.decided.value > 1.5
    assert "a short cool-down brings the loss to" in str(large.verdict.line)
    assert "Tried from the end: 22 steps at this rate end" in str(large.verdict.why[0])
    assert small.verdict.kind is Kind.STALLED
    assert small.trace.probe[1].mean() < 1.1 * small.trace.probe[0].mean()


def test_a_cool_down_of_one_step_is_at_half_of_the_last_rate():
    cooled, held = continued_rates(run(peak=0.2, steps=3, momentum=0.9), np.full(3, 0.2))
    assert (cooled.tolist(), held.tolist()) == ([0.1], [0.2] * 3)


def test_the_run_itself_and_candidates_are_probed_and_at_rest_the_ghost():
    asked = []

    def train(runs, *, probed=()):
        asked.append((list(runs), list(probed)))
        return simulate(runs, probed)

    one = run(peak=0.02, steps=60, problem=Wide())
    for further in (False, True):
        asked.clear()
        study(one, Schedule(policy=CONSTANT, peak_lr=0.1, total_steps=60), train=train, further=further)
        assert [probed for _, probed in asked] == [asked[0][0] if further else [one], asked[1][0]]


def test_a_seed_that_overflows_in_the_probe_is_excluded():
    one = run(peak=0.18, steps=200, problem=Wide(condition=2), seeds=3)
    [trace] = simulate([one], probed=[one])
    trace.probe[1, 0] = np.nan
    assert judge(trace, None).decided.value == pytest.approx(trace.probe[1, 1:].sum() / trace.probe[0, 1:].sum())
