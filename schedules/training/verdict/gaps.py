"""Generalization gap: the difference between test and training loss under two schedules, and its significance.

Smoother schedules are said to overfit less. Two runs on the same seeds show whether they do here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.runs import Trace
from schedules.training.verdict.leads import Lead, paired_lead
from schedules.words import Sentence, say


def has_test(trace: Trace) -> bool:
    """True if the test loss was measured, which `gaps` and `compare` need."""
    return trace.network is not None and trace.network.test_loss is not None


LEARNED_BELOW = 0.5
"""A network has learned enough for its gap to be compared if its training loss ends below this share of chance level."""


def has_learned(trace: Trace) -> bool:
    """True if the mean training loss of the finite seeds ended far below chance level: a network that guesses has no gap."""
    ends, chance = trace.loss[-1], trace.run.problem.chance
    return bool(not chance or ends[np.isfinite(ends)].mean() < LEARNED_BELOW * chance) if np.isfinite(ends).any() else False


def gaps(trace: Trace) -> FloatArray:
    """The final test loss minus the final training loss of each seed, shape (S,); NaN for diverged seeds.

    Raises:
        ValueError: the problem of this trace has no test set.
    """
    if trace.network is None or trace.network.test_loss is None:
        raise ValueError(f"gaps: {trace.run.problem.title} has no test")
    return np.asarray(trace.network.test_loss[-1] - trace.loss[-1])


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of two runs on the same seeds.

    Attributes:
        gap: difference of their generalization gaps.
        train: difference of their training losses.
        test: difference of their test losses.
        sentence: the result as a sentence.
    """

    gap: Lead
    train: Lead
    test: Lead
    sentence: Sentence


def compare(ours: Trace, theirs: Trace, name: str) -> Comparison:
    """Test whether one run overfits less than another on the same seeds.

    If a larger gap comes with a lower training loss, the sentence says so: longer training memorizes more of the images under
    any schedule.

    Args:
        ours: a run with a test set.
        theirs: another run of the same problem and seeds.
        name: name of the other run.

    Raises:
        ValueError: problems or seeds differ, or there is no test set.
    """
    if (ours.run.problem, ours.run.seed_numbers) != (theirs.run.problem, theirs.run.seed_numbers):
        raise ValueError("compare: both runs must have the same problem and the same seeds")
    gap, train = paired_lead(gaps(ours), gaps(theirs)), paired_lead(ours.loss[-1], theirs.loss[-1])
    test = paired_lead(gaps(ours) + ours.loss[-1], gaps(theirs) + theirs.loss[-1])
    means = {"ours": gaps(ours), "theirs": gaps(theirs), "train": ours.loss[-1], "their_train": theirs.loss[-1]}
    finite = np.isfinite(means["ours"] - means["theirs"])
    values = {key: float(each[finite].mean()) if finite.any() else float("nan") for key, each in means.items()}
    further = train.clear and (train.mean < 0) == (gap.mean > 0)
    key = "few" if gap.seeds < 2 else "within" if not gap.clear else "further" if further else "clear"
    return Comparison(gap, train, test, say(f"gap.{key}", name=name, seeds=gap.seeds, **values))
