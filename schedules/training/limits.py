"""Stability limit of a run at given curvatures."""

from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.training.runs import Run


def stable(run: Run, curvature: FloatArray) -> FloatArray | None:
    """The largest stable rate at these curvatures, of the same shape; None where the optimizer has no such line.

    On least squares the noise of a batch grows with the loss, which lowers the limit: it is that of the mean square then.
    """
    known = run.problem.directions()
    if known is None or not known.batch:
        return run.optimizer.limit(curvature)
    found = run.optimizer.batch_limit(known.curvature, known.batch)
    return None if found is None else np.full(np.shape(curvature), found)
