"""Real runs beside the laws: measured losses, and the errors that are stated for each size."""

import numpy as np
import pytest

from schedules.theory.law_runs import MEASURED_RUNS, REPORTED, measured_predictions, measured_schedules
from schedules.theory.loss_laws import CALIBRATED_STEPS, CALIBRATED_WARMUP, LOSS_LAWS

STEPS = CALIBRATED_STEPS[0]


@pytest.mark.parametrize("size", LOSS_LAWS)
def test_the_laws_are_near_the_real_runs(size):
    """Means over about the last 600 steps: within the errors that are stated, and as far apart."""
    laws, schedules, predictions = LOSS_LAWS[size], measured_schedules(), measured_predictions(size)
    measured = {run.key: run.measured[size] for run in MEASURED_RUNS}
    assert list(schedules) == list(predictions) == list(measured)
    for key, loss in measured.items():
        assert predictions[key] == pytest.approx(loss, abs=0.025), key
        second = laws.second.loss(schedules[key].lrs(), CALIBRATED_WARMUP)[STEPS - 1 - REPORTED].mean()
        assert second == pytest.approx(loss, abs=0.04), key
    near_end = np.array([STEPS - 100])
    cosine, wsd = (laws.law.exact(schedules[key].lrs(), near_end).loss[0] for key in ("cosine", "wsd_linear"))
    assert cosine - wsd == pytest.approx(laws.gap.law, abs=2e-3)
    assert measured["cosine"] - measured["wsd_linear"] == pytest.approx(laws.gap.measured, abs=6e-3)
