"""What a browser needs to replay a run: the loss of every step, and what would be said of the run at some of them."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.figures.loss import living_mean
from schedules.figures.runs import Steps
from schedules.figures.theme import rounded

NUMBER = re.compile(r"\d(?:[\d.,e/-]*\d)?")
"""A number as people write it, with or without a power of ten, or as a part of a whole: 1,000, 3e-4, 1/4,300."""
MOST = 1_500
"""Losses sent, at most: of a longer run every second step, every third, and so on."""

Stop = tuple[int, float | None, str, str]
"""A step, the loss there (None where no seed lives), the verdict's slug and its sentence."""


def replay_data(steps: Steps, loss: FloatArray, *, cycles: Sequence[int] = (), until: int | None = None) -> dict[str, Any]:
    """The replay of a run, in about 3 kB for 500 steps.

    `loss` is packed as float32: the mean over the living seeds at every `every`-th step from 0, not a number where none lives.
    It is left out where the loss was not measured at each step.

    Args:
        steps: the steps at which the loss was measured, shape (K,).
        loss: the loss, shape (K, S) for S seeds; not a number once a seed is gone.
        cycles: the steps after which a cycle is complete.
        until: where the replay ends when the run diverged; at the last step when left out.
    """
    last = int(steps[-1])
    every = -(-last // MOST) or 1
    return {
        "last": last,
        "until": min(until or last, last),
        "every": every,
        "loss": _float32(living_mean(loss)[::every]) if len(steps) == last + 1 else None,
        "cycles": list(cycles),
    }


def stops_data(stops: Sequence[Stop]) -> dict[str, Any]:
    """What would be said of a run at some of its steps, in their order.

    A sentence is sent as one of `patterns` and the numbers that take the place of its "#" signs: `says` holds the index of the
    pattern and then the numbers.
    """
    patterns: dict[str, int] = {}
    says = [_packed(sentence, patterns) for _, _, _, sentence in stops]
    return {
        "stops": [step for step, _, _, _ in stops],
        "losses": [None if value is None else rounded([value])[0] for _, value, _, _ in stops],
        "kinds": [kind for _, _, kind, _ in stops],
        "patterns": list(patterns),
        "says": says,
    }


def _packed(sentence: str, patterns: dict[str, int]) -> list[int | str]:
    """The sentence as the index of its pattern, which is added where it is new, and the numbers in it."""
    if "#" in sentence:
        raise ValueError(f"a sentence of a replay must not hold the sign #: {sentence}")
    pattern = NUMBER.sub("#", sentence)
    return [patterns.setdefault(pattern, len(patterns)), *NUMBER.findall(sentence)]


def _float32(values: FloatArray) -> str:
    with np.errstate(over="ignore"):
        return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")
