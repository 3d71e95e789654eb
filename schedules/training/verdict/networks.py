"""Facts that only networks have: of each seed, for N runs of S seeds."""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.verdict.arrays import Mask
from schedules.training.verdict.batch import Batch


def risen(batch: Batch, measured: float, jump: float) -> Mask:
    """Whether a seed's loss rose on the way, shape (N, S).

    A measured loss was `measured` times an earlier one; or a batch was above the start by `jump` times what batches usually
    differ by from one step to the next.
    """
    loss, batch_loss = batch.loss, batch.batch_loss
    rose = (loss > measured * np.minimum.accumulate(loss, axis=1)).any(axis=1)
    if batch_loss is not None and batch_loss.shape[1] > 1:
        usual = np.median(np.abs(np.diff(batch_loss, axis=1)), axis=1)
        rose |= batch_loss.max(axis=1) > loss[:, 0] + jump * usual
    return np.asarray(rose)


def guessing(batch: Batch) -> FloatArray:
    """The loss at the end over that of guessing, shape (N, S).

    Tanh units, whose batches are not measured, are thrown about instead of dying, and may be anywhere at the last step: for
    them it is the lowest of the last fifth.
    """
    if batch.batch_loss is None:
        return np.asarray(batch.loss[:, -max(2, len(batch.steps) // 5) :].min(axis=1) / batch.kind.chance)
    return np.asarray(batch.loss[:, -1] / batch.kind.chance)
