"""One schedule overfits less than another, or the difference is within noise."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from schedules import POLICIES, Run, Schedule
from schedules.training.nets import train
from schedules.training.problems.edge import Edge
from schedules.training.problems.few_digits import FewDigits
from schedules.training.verdict.gaps import compare, gaps, has_learned
from schedules.training.verdict.leads import STANDARD_ERRORS, paired_lead

pytestmark = pytest.mark.network
NOISE = np.array([0.03, -0.02, 0.01, 0.04, -0.05, 0.0, 0.02, -0.03])


def trace(train_loss, test_loss, seeds=8):
    """The trace of a run with these final losses, one per seed."""
    run = Run(problem=FewDigits(), schedule=Schedule(total_steps=1), seeds=seeds)
    ends = (np.broadcast_to(values, seeds) for values in (train_loss, test_loss))
    loss, test = (np.stack([np.full(seeds, 2.4), end]) for end in ends)
    return replace(template(), run=run, loss=loss, network=replace(template().network, test_loss=test))


@cache
def template():
    return train([Run(problem=FewDigits(), schedule=Schedule(total_steps=1), seeds=1)])[0]


def test_a_gap_is_test_loss_above_training_loss_at_the_end():
    assert gaps(trace(0.3, 0.8 + NOISE)) == pytest.approx(0.5 + NOISE)
    schedule = Schedule(policy=POLICIES["constant"](), peak_lr=0.1, total_steps=20)
    done = train([Run(problem=FewDigits(), schedule=schedule, seeds=2)])[0]
    assert gaps(done).tolist() == (done.network.test_loss[-1] - done.loss[-1]).tolist()


def test_a_network_that_guesses_has_not_learned_enough_to_compare_its_gap():
    chance = FewDigits().chance
    assert [has_learned(trace(share * chance, 2.0)) for share in (0.35, 0.49, 0.51, 0.9, np.nan)] == [True, True, *[False] * 3]


def test_a_lead_is_paired_over_the_finite_seeds():
    """Losses may differ between seeds by far more than between schedules."""
    seeds = np.linspace(0, 100, 8)
    found = paired_lead(seeds + 0.5 + NOISE, seeds)
    assert found.mean == pytest.approx(0.5 + NOISE.mean())
    assert found.error == pytest.approx(NOISE.std(ddof=1) / np.sqrt(8))
    assert found.clear
    assert not paired_lead(seeds, seeds[::-1]).clear
    one_overflowed = np.where(seeds == 100, np.nan, seeds)
    assert paired_lead(one_overflowed + 0.5, seeds).seeds == 7
    assert not paired_lead(np.array([1.0]), np.array([0.0])).clear
    assert paired_lead(np.full(3, np.nan), np.zeros(3)).seeds == 0


def test_the_false_positive_rate_of_a_lead_is_about_2_percent():
    """Student's t with 7 degrees of freedom exceeds 3 in 2.0 % of cases."""
    rng = np.random.default_rng(0)
    said = [paired_lead(*rng.standard_normal((2, 8))).clear for _ in range(4_000)]
    assert STANDARD_ERRORS == 3.0
    assert np.mean(said) == pytest.approx(0.020, abs=0.007)


@pytest.mark.parametrize(
    ("ours", "theirs", "key"),
    [
        ((0.3, 0.7 + NOISE), (0.3, 0.7 - NOISE), "gap.within"),
        ((0.6, 0.8 + NOISE), (0.1, 1.2), "gap.further"),
        ((0.1, 1.2 + NOISE), (0.6, 0.8), "gap.further"),
        ((0.3, 0.7 + NOISE), (0.3, 0.9), "gap.clear"),
        ((0.1, 0.7 + NOISE), (0.5, 1.5), "gap.clear"),
        ((np.nan, np.nan), (0.3, 0.9), "gap.few"),
    ],
)
def test_the_gap_sentence_states_significance_and_lower_training_loss(ours, theirs, key):
    found = compare(trace(*ours), trace(*theirs), "the other")
    assert found.sentence.key == key
    assert "the other" in str(found.sentence)
    assert found.gap.clear == (key in ("gap.further", "gap.clear"))
    if key != "gap.few":
        assert found.gap.mean == pytest.approx(found.test.mean - found.train.mean)


def test_only_the_same_problem_and_seeds_with_a_test_are_compared():
    with pytest.raises(ValueError, match="same seeds"):
        compare(trace(0.3, 0.7), trace(0.3, 0.7, seeds=4), "")
    fit = train([Run(problem=Edge(), schedule=Schedule(total_steps=1), seeds=1)])[0]
    with pytest.raises(ValueError, match="no test"):
        compare(fit, fit, "")
