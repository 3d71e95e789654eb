"""Data for replaying a run in the browser: the loss of every step, and the verdicts at some of them."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.figures.loss import average_loss
from schedules.figures.runs import Steps
from schedules.figures.theme import rounded

NUMBER = re.compile(r"\d(?:[\d.,e/-]*\d)?")
"""A number as `format_number` writes it, also with a power of ten or as a fraction: 1,000, 3e-4, 1/4,300."""
MOST = 1_500
"""Largest number of losses sent; longer runs are subsampled with a fixed stride."""

Stop = tuple[int, float, str, str]
"""A step, its loss (NaN if all seeds have diverged), the verdict's slug and its sentence."""


def replay_data(steps: Steps, loss: FloatArray, *, cycles: Sequence[int] = (), until: int | None = None) -> dict[str, Any]:
    """The replay of a run, about 3 kB for 500 steps.

    `loss` is packed as float32: the mean over the seeds that have not diverged, at every `every`-th step from 0, NaN where none
    is left. It is None if the loss was not measured at each step.

    Args:
        steps: steps of the measurements, shape (K,).
        loss: the loss, shape (K, S) for S seeds; NaN after a seed has diverged.
        cycles: steps at which a cycle is complete.
        until: step at which the replay of a diverging run ends; the last step by default.
    """
    last = int(steps[-1])
    every = -(-last // MOST) or 1
    return {
        "last": last,
        "until": min(until or last, last),
        "every": every,
        "loss": _float32(average_loss(loss)[::every]) if len(steps) == last + 1 else None,
        "cycles": list(cycles),
    }


class Raced(NamedTuple):
    """The loss of a run in a race: its legend group, its name, and its losses, shape (K, S); NaN after a seed has diverged."""

    group: str
    label: str
    loss: FloatArray


def race_replay_data(steps: Steps, runs: Sequence[Raced], *, until: int | None = None) -> dict[str, Any]:
    """The replay of runs side by side: as `replay_data`, with the losses of each run in `race` in place of `loss`.

    Args:
        steps: steps of the measurements of all runs, shape (K,).
        runs: the runs.
        until: step at which the replay ends if all of them diverge; the last step by default.
    """
    last = int(steps[-1])
    every = -(-last // MOST) or 1
    known = len(steps) == last + 1
    race = [
        {"group": run.group, "label": run.label, "loss": _float32(average_loss(run.loss)[::every]) if known else None}
        for run in runs
    ]
    clock = {"last": last, "until": min(until or last, last), "every": every}
    return {**clock, "loss": None, "cycles": [], "race": race}


def stops_data(stops: Sequence[Stop]) -> dict[str, Any]:
    """The verdicts at some steps of a run, in order.

    A sentence is sent as an entry of `patterns` and the numbers that replace its "#" signs: an entry of `says` is the index of
    the pattern, then the numbers.
    """
    patterns: dict[str, int] = {}
    says = [_packed(sentence, patterns) for _, _, _, sentence in stops]
    return {
        "stops": [step for step, _, _, _ in stops],
        "losses": rounded([loss for _, loss, _, _ in stops]),
        "kinds": [kind for _, _, kind, _ in stops],
        "patterns": list(patterns),
        "says": says,
    }


def _packed(sentence: str, patterns: dict[str, int]) -> list[int | str]:
    """The index of the sentence's pattern, which is added if new, and its numbers."""
    if "#" in sentence:
        raise ValueError(f"a sentence of a replay must not contain #: {sentence}")
    pattern = NUMBER.sub("#", sentence)
    return [patterns.setdefault(pattern, len(patterns)), *NUMBER.findall(sentence)]


def _float32(values: FloatArray) -> str:
    with np.errstate(over="ignore"):
        return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")
