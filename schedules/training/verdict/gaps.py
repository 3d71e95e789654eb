"""Train and test: how far apart they end under two schedules, and whether that is more than noise.

Smoother schedules are said to overfit less. Whether they do here is a matter of two runs on the same seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.runs import Trace
from schedules.training.verdict.leads import Lead, paired_lead
from schedules.words import Sentence, say


def gaps(trace: Trace) -> FloatArray:
    """The test loss minus the training loss of each seed at the end, shape (S,); not a number of a seed that is gone.

    Raises:
        ValueError: the problem of this trace has no test.
    """
    if trace.test_loss is None:
        raise ValueError(f"gaps: {trace.run.problem.title} has no test")
    return np.asarray(trace.test_loss[-1] - trace.loss[-1])


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs on the same seeds.

    Attributes:
        gap: how much larger the gap between test and training loss is in the first.
        train: how much higher its training loss is.
        test: how much higher its test loss is.
        sentence: all of it as a person would say it.
    """

    gap: Lead
    train: Lead
    test: Lead
    sentence: Sentence


def compare(ours: Trace, theirs: Trace, name: str) -> Comparison:
    """Whether one run overfits less than another, or whether that is within noise.

    A larger gap with a lower training loss is said to be that: who trains further on the same images learns more of them by
    heart, under any schedule.

    Args:
        ours: a run with a test.
        theirs: another run of the same problem and seeds.
        name: what the other one is called.

    Raises:
        ValueError: problem or seeds are not the same, or have no test.
    """
    if (ours.run.problem, ours.run.seed_numbers) != (theirs.run.problem, theirs.run.seed_numbers):
        raise ValueError("compare: both runs must have the same problem and the same seeds")
    gap, train = paired_lead(gaps(ours), gaps(theirs)), paired_lead(ours.loss[-1], theirs.loss[-1])
    test = paired_lead(gaps(ours) + ours.loss[-1], gaps(theirs) + theirs.loss[-1])
    means = {"ours": gaps(ours), "theirs": gaps(theirs), "train": ours.loss[-1], "their_train": theirs.loss[-1]}
    lived = np.isfinite(means["ours"] - means["theirs"])
    values = {key: float(each[lived].mean()) if lived.any() else float("nan") for key, each in means.items()}
    further = train.clear and (train.mean < 0) == (gap.mean > 0)
    key = "few" if gap.seeds < 2 else "within" if not gap.clear else "further" if further else "clear"
    return Comparison(gap, train, test, say(f"gap.{key}", name=name, seeds=gap.seeds, **values))
