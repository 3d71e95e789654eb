from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray, round_steps
from schedules.core.params import choice, knots
from schedules.core.spec import Source
from schedules.policies._base import Family, Policy, WorkedPart, policy, shown, since, worked_between, worked_cases


@policy
class Knots(Policy):
    """Your own curve: points over the run, and the interpolation between them.

    Helps to rebuild any schedule made of ramps, plateaus and drops, and to try an idea that has no name yet. Hurts as a habit:
    a curve drawn for one run, one peak and one seed says little about the next.

    >>> from schedules import Schedule
    >>> keras = Knots(points=[(0, 1), (3 / 8, 0.5), (6 / 8, 0.1)], interpolation="steps")
    >>> Schedule(policy=keras, peak_lr=1, total_steps=8).lrs().tolist()
    [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.1, 0.1]
    """

    title = "Draw your own"
    family = Family.STEPS
    source = Source(
        "Meijering",
        2002,
        "A Chronology of Interpolation: From Ancient Astronomy to Modern Signal and Image Processing",
        "doi:10.1109/5.993400",
    )
    formula = (
        r"v_i + (v_{i+1} - v_i)\,g(x), \quad x = \frac{t - t_i}{t_{i+1} - t_i}, \quad t_i \le t < t_{i+1},"
        r" \quad g(x) \in \{x,\ \tfrac{1}{2}(1 - \cos \pi x),\ 0\}"
    )
    rank = 46
    names = (
        "piecewise_interpolate_schedule",
        "piecewise_constant_schedule",
        "PiecewiseConstantDecay",
        "PiecewiseLinear",
        "PiecewiseDecay",
        "combine_scheds",
        "LambdaLR",
        "MultiplicativeLR",
        "SequentialLR",
        "ChainedScheduler",
        "join_schedules",
    )

    points: tuple[tuple[float, float], ...] = knots(
        default=((0.0, 0.1), (0.1, 1.0), (0.5, 1.0), (0.5, 0.4), (1.0, 0.0)),
        most=128,
        symbol="v_i",
        label="Knots",
        doc="Points of the curve; two knots at the same time are a jump, and the later one holds from there on.",
        names=("boundaries_and_scales", "boundaries", "values", "milestones_values", "lr_lambda", "schedulers", "schedules"),
    )
    interpolation: str = choice(
        default="linear",
        options=("linear", "cosine", "steps"),
        symbol="g",
        label="Between knots",
        doc="A straight line, half a cosine, or the value of the last knot.",
        names=("interpolate_type",),
    )

    def worked_parts(self, peak: float, T: int) -> tuple[WorkedPart, ...]:
        times = [0.0, *(float(round_steps(time, T)) for time, _ in self.points), float(T)]
        values = [self.points[0][1], *(value for _, value in self.points), self.points[-1][1]]
        each = zip(times, times[1:], values, values[1:], strict=False)
        return worked_cases((self._worked_between(peak, *sides) for sides in each), T)

    def _worked_between(self, peak: float, start: float, end: float, first: float, last: float) -> tuple[str, float, float]:
        """The formula between two knots, and their times."""
        if first == last or self.interpolation == "steps":
            return f"{shown(peak)} × {shown(first)}", start, end
        time, (low, high) = f"{since(start)}/{shown(end - start)}", (peak * first, peak * last)
        if self.interpolation == "linear":
            return worked_between(low, high, time), start, end
        return worked_between(low, high, f"(1 - cos(π × {time}))", 0.5), start, end

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        points = np.array((self.points[0], *self.points, self.points[-1]))  # the outer values extend beyond the outer knots
        knots: FloatArray = round_steps(points[:, 0], T)
        values: FloatArray = points[:, 1]
        i = np.searchsorted(knots[1:-1], t, side="right")
        if self.interpolation == "steps":
            return values[i]
        x = (t - knots[i]) / np.maximum(np.diff(knots), 1)[i]
        if self.interpolation == "cosine":
            x = 0.5 * (1 - np.cos(np.pi * x))
        return values[i] + np.diff(values)[i] * x
