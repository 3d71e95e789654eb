"""Sentences on the peak that a shape wants over that of linear to zero, with what each number rests on."""

from __future__ import annotations

from schedules.theory.peak_ratio import PeakRatio
from schedules.words import Sentence, say

HALF, SAME = (0.45, 0.55), (0.95, 1.05)
"""Ratios that are told as half the peak, and as the same peak."""


def ratio_sentence(found: PeakRatio | None, name: str) -> Sentence:
    """The three numbers of a shape; where a number is missing, that is said.

    Args:
        found: the ratios; None for a schedule whose rates are all zero.
        name: of the shape.
    """
    if found is None:
        return say("peak_ratio.none", name=name)
    if found.bowl is None:
        return say("peak_ratio.at_limit", name=name, bound=found.bound)
    if found.measured is None:
        return say("peak_ratio.bound_only", name=name, bowl=found.bowl, bound=found.bound)
    return say("peak_ratio.measured", name=name, bowl=found.bowl, bound=found.bound, runs=found.measured.ratio)


def wants(found: PeakRatio) -> Sentence:
    """The short form: what peak a shape wants by the bound, in words; `rests_on` says what it rests on."""
    if HALF[0] <= found.bound <= HALF[1]:
        return say("peak_ratio.wants_half")
    if SAME[0] <= found.bound <= SAME[1]:
        return say("peak_ratio.wants_same")
    return say("peak_ratio.wants", times=found.bound)


def rests_on(found: PeakRatio) -> Sentence:
    """What the short form rests on: the bound, and whether the bowl and runs of language models were asked."""
    if found.bowl is None:
        return say("peak_ratio.rests_on_bound", bound=found.bound)
    if found.measured is None:
        return say("peak_ratio.rests_on_two", bound=found.bound, bowl=found.bowl)
    return say("peak_ratio.rests_on_three", bound=found.bound, bowl=found.bowl, runs=found.measured.ratio)
