"""Generalization gaps (test minus training loss at the end) on few digits with wrong labels, by policy.

The peaks give about the same training loss. The note compares each policy with the cosine on the same seeds.
"""

from __future__ import annotations

from collections.abc import Iterator

from schedules import POLICIES, Run, Schedule
from schedules.training.nets import train
from schedules.training.problems.few_digits import FewDigits
from schedules.training.runs import Trace
from schedules.training.verdict.gaps import compare, gaps
from tests.bench.timing import ValueLine

PEAKS = {"cosine": (0.05, 0.20), "linear": (0.05, 0.22), "step": (0.15, 0.18), "constant": (0.03, 0.32)}
"""By policy: its peak and its mean gap over 16 seeds."""


def rows(seeds: int = 8, steps: int = 300) -> Iterator[ValueLine]:
    """The mean gap of `seeds` seeds after `steps` steps, for each policy."""
    cosine = trained("cosine", seeds, steps)
    for slug, (peak, expected) in PEAKS.items():
        trace = cosine if slug == "cosine" else trained(slug, seeds, steps)
        word = compare(trace, cosine, "cosine").sentence.key.removeprefix("gap.")
        size = {"within": "within noise", "few": "too few seeds"}.get(word, "more than noise")
        yield ValueLine(
            name=f"{POLICIES[slug].title}, peak {peak}",
            figure=float(gaps(trace).mean()),
            unit="nats",
            expected=f"about {expected}",
            note=f"{seeds} seeds; training loss {trace.loss[-1].mean():.2f}"
            + (f"; beside the cosine {size}" if trace is not cosine else ""),
        )


def trained(slug: str, seeds: int, steps: int) -> Trace:
    """Train on few digits with a policy at its peak."""
    schedule = Schedule(policy=POLICIES[slug](), peak_lr=PEAKS[slug][0], total_steps=steps)
    return train([Run(problem=FewDigits(), schedule=schedule, seeds=seeds)])[0]
