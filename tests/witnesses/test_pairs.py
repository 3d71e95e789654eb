"""Every pair, step by step over the whole run."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Constant
from tests.witnesses import torch_pairs
from tests.witnesses.pair import RELATIVE, Pair

PAIRS = [*torch_pairs.PAIRS]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_the_rates_agree_step_by_step(pair: Pair):
    theirs, ours = pair.theirs(), pair.ours.lrs()
    assert theirs.dtype == np.float64 and theirs.shape == ours.shape
    assert np.ptp(theirs) > 0 or pair.ours.policy == Constant(), "a witness that never moves shows nothing"
    assert np.max(np.abs(ours - theirs)) <= RELATIVE * np.max(np.abs(theirs))
