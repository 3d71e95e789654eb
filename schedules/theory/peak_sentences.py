"""Sentences on the best peak of a shape over that of linear to zero, with the source of each number."""

from __future__ import annotations

from schedules.theory.peak_ratio import PeakRatio
from schedules.words import Sentence, say

HALF, SAME = (0.45, 0.55), (0.95, 1.05)
"""Ratios that are called half the peak, and the same peak."""


def ratio_sentence(found: PeakRatio | None, name: str) -> Sentence:
    """The sentence with the three ratios of a shape, or on those that are missing.

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
    """The short form: the best peak of a shape by the bound, in words; `rests_on` has the numbers."""
    if HALF[0] <= found.bound <= HALF[1]:
        return say("peak_ratio.wants_half")
    if SAME[0] <= found.bound <= SAME[1]:
        return say("peak_ratio.wants_same")
    return say("peak_ratio.wants", times=found.bound)


def rests_on(found: PeakRatio) -> Sentence:
    """The numbers behind the short form: the bound and, where they are known, those of the bowl and of language models."""
    if found.bowl is None:
        return say("peak_ratio.rests_on_bound", bound=found.bound)
    if found.measured is None:
        return say("peak_ratio.rests_on_two", bound=found.bound, bowl=found.bowl)
    return say("peak_ratio.rests_on_three", bound=found.bound, bowl=found.bowl, runs=found.measured.ratio)
