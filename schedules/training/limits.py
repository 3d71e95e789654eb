"""The largest rate at which a run is stable where it is."""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.theory.stability import minibatch_limit
from schedules.training.optimizers.sgd import SGD
from schedules.training.runs import Run


def stable(run: Run, curvature: FloatArray) -> FloatArray | None:
    """The largest stable rate at these curvatures, of the same shape; None where the optimizer has no such line.

    Where the noise of small batches is known to grow with the loss, it counts: least squares then has a lower limit.
    """
    known = run.problem.directions()
    if known is not None and known.batch and isinstance(run.optimizer, SGD):
        return np.full(np.shape(curvature), float(minibatch_limit(known.curvature, known.batch)))
    return run.optimizer.limit(curvature)
