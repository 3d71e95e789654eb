"""Facts of networks only, per seed, for N runs of S seeds."""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.verdict.arrays import Mask, ratio
from schedules.training.verdict.batch import Batch


def risen(batch: Batch, measured: float, jump: float) -> Mask:
    """True if a seed's loss rose during the run, shape (N, S).

    Either a measured loss was above `measured` times an earlier one, or a batch loss exceeded the initial loss by more than
    `jump` times the median difference between successive batches.
    """
    loss, batch_loss = batch.loss, batch.batch_loss
    rose = (loss > measured * np.minimum.accumulate(loss, axis=1)).any(axis=1)
    if batch_loss is not None and batch_loss.shape[1] > 1:
        usual = np.median(np.abs(np.diff(batch_loss, axis=1)), axis=1)
        rose |= batch_loss.max(axis=1) > loss[:, 0] + jump * usual
    return np.asarray(rose)


def guessing(batch: Batch) -> FloatArray:
    """Final loss relative to chance level, both above the entropy of the labels, shape (N, S).

    Networks without recorded batch losses have tanh units, whose loss fluctuates instead of settling at chance level: for them
    it is the lowest loss in the tail.
    """
    if batch.batch_loss is None:
        return over_guessing(batch, batch.loss[:, -max(2, len(batch.steps) // 5) :].min(axis=1))
    return over_guessing(batch, batch.loss[:, -1])


def over_guessing(batch: Batch, loss: FloatArray) -> FloatArray:
    """Losses relative to chance level, both above the entropy of the labels: 1 is guessing, 0 the best without memorizing."""
    entropy = batch.any_problem.label_entropy
    return ratio(loss - entropy, batch.any_problem.chance - entropy)
