from __future__ import annotations

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.params import choice, ratio, span
from schedules.core.spec import Source, clauses
from schedules.policies._base import Family, Policy, WorkedPart, policy, shown, since, until, worked_between, worked_cases


@policy
class OneCycle(Policy):
    """Up to the peak once, and down again far below where it began.

    Helps when the length of the run is known and the peak is near the stability limit: the climb is a long warm-up, and the
    last steps are small enough to average the noise out. Hurts when the run is stopped early or goes on, and when the climb
    takes so much of it that too little is left for the decay.

    >>> from schedules import Schedule
    >>> torch = Schedule(policy=OneCycle(), peak_lr=1, total_steps=20)
    >>> torch([0, 1, 5, 6, 12, 18, 19]).round(4).tolist()
    [0.04, 0.1317, 1.0, 0.9875, 0.5, 0.0125, 0.0]
    """

    title = "One-cycle"
    family = Family.CYCLES
    source = Source(
        "Smith & Topin",
        2018,
        "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates",
        "arXiv:1708.07120",
    )
    formula = (
        r"s + (1 - s)\,g\left(\frac{t}{c\,T}\right) \ \text{up to}\ c\,T,"
        r" \quad e + (1 - e)\,g\left(\frac{T - t}{T - c\,T}\right) \ \text{after it},"
        r" \quad g(x) = \tfrac{1}{2}\,(1 - \cos \pi x)"
    )
    variants = (
        r"g(x) = x \ \text{for straight lines}, \quad n = 3:\ \text{down to}\ s \ \text{at}\ b\,T, \ \text{then to}\ e,"
        r" \quad d = 1:\ c\,T - d,\ b\,T - 2 d,\ T - d \ \text{for}\ c\,T,\ b\,T,\ T"
    )
    cycles_momentum = True
    rank = 40
    names = ("OneCycleLR", "cosine_onecycle_schedule", "linear_onecycle_schedule", "fit_one_cycle", "1cycle")

    climb: float = span(
        default=0.3,
        symbol="c",
        doc="Time at which the rate reaches its peak; it may lie between two steps.",
        names=("pct_start", "phase_pct"),
    )
    start: float = ratio(
        default=1 / 25,
        or_rate=True,
        symbol="s",
        doc="Rate at the start of the climb, as a ratio of the peak.",
        names=("1 / div_factor", "divide_factor"),
    )
    end: float = ratio(
        default=4e-6,
        or_rate=True,
        rate_names=("end_learning_rate",),
        low=1e-10,
        scale="log",
        symbol="e",
        doc="Rate at the end of the last phase, as a ratio of the peak.",
        names=("1 / (div_factor * final_div_factor)", "end_learning_rate", "1 / div_final"),
    )
    shape: str = choice(
        default="cosine",
        options=("cosine", "linear"),
        symbol="g",
        doc="Half a cosine in each phase, or a straight line.",
        names=("anneal_strategy",),
    )
    phases: str = choice(
        default="two",
        options=("two", "three"),
        symbol="n",
        doc="Up and down to the end, or up, down to the start, and on to the end.",
        names=("three_phase",),
    )
    settle: float = span(
        default=0.6,
        high=2.0,
        symbol="b",
        label="Back at the start",
        doc="End of the second of three phases; twice the climb in PyTorch, where it may lie past the end.",
        matters=lambda policy: policy.phases == "three",
        names=("pct_final",),
    )
    finish: str = choice(
        default="on_the_last_step",
        options=("on_the_last_step", "one_step_after"),
        symbol="d",
        label="End is reached",
        doc="On the last step, with every phase one step shorter, as in PyTorch; or one step after it, as in optax and fastai.",
        names=("OneCycleLR", "cosine_onecycle_schedule", "fit_one_cycle"),
    )

    @property
    def shown_formula(self) -> str:
        if self.shape == "cosine" or self.phases == "three":
            return self.formula
        up, down = clauses(self.formula)[:2]
        return rf"{up} \quad {down} \quad g(x) = x"

    def worked_parts(self, peak: float, T: int) -> tuple[WorkedPart, ...]:
        d = 1.0 if self.finish == "on_the_last_step" else 0.0
        top, last = self.climb * T - d, T - d
        turn, level = (self.settle * T - 2 * d, self.start) if self.phases == "three" else (top, 1.0)
        past_top, past_turn = np.nextafter((top, max(top, turn)), np.inf).tolist()  # a phase includes its end
        rise = (self._worked_phase(peak, 0.0, top, self.start, 1.0), 0.0, past_top)
        fall = (self._worked_phase(peak, top, turn, 1.0, level), past_top, past_turn)
        end = (self._worked_phase(peak, turn, last, level, self.end), past_turn, float(T))
        return worked_cases((rise, fall, end), T)

    def _worked_phase(self, peak: float, start: float, end: float, first: float, last: float) -> str:
        """The formula of a phase between two times and two heights."""
        time = f"{since(start) if last > first else until(end)}/{shown(end - start)}"
        low, high = sorted((peak * first, peak * last))
        if self.shape == "linear":
            return worked_between(low, high, time)
        return worked_between(low, high, f"(1 - cos(π × {time}))", 0.5)

    def factor(self, t: FloatArray, T: int) -> FloatArray:
        d = 0
        if self.finish == "on_the_last_step":
            d = 1
        top = turn = self.climb * T - d
        level = 1.0
        if self.phases == "three":
            turn, level = self.settle * T - 2 * d, self.start
        last = T - d
        t = np.minimum(t, last)
        phase = np.searchsorted([top, max(top, turn)], t)
        lengths = np.array([top or 1.0, turn - top or 1.0, last - turn or 1.0])  # no division by an empty phase
        y = (np.array([top, turn, last])[phase] - t) / lengths[phase]
        if self.shape == "cosine":
            y = 0.5 * (1 - np.cos(np.pi * y))
        values = np.array([self.start, 1.0, level, self.end])
        return np.asarray(values[1:][phase] - np.diff(values)[phase] * y)
