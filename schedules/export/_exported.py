"""The parts of a schedule that its run reaches, and their names in a script."""

from __future__ import annotations

from typing import Any

from schedules.core.quantities import Rate, Steps, holds
from schedules.core.spec import Spec
from schedules.export._source import written
from schedules.schedule import Plan, Schedule

NUMBERS = (
    *("warmup_start", "warmup_time", "cooldown_floor", "cooldown_ratio", "cooldown_inner", "cooldown_power", "cooldown_cycles"),
    *("restart_factor", "restart_growth", "restart_limit", "lowest"),
)
"""Fields of a schedule that are constants of a script under their own names."""

LONG = 1_000_003
"""A length of the policy, in updates, in which no share of it is rounded to zero."""

SHORTEST = 2
"""Shortest run, in updates, in which a script whose length was edited has the rates of the schedule of that length."""

TRIED = 200
"""Number of lengths of the plan that are tried, from the shortest run's, to find whether a phase is cut off."""


class ExportedSchedule:
    """The parts of a schedule that its run reaches, also with another `total_steps`; a script contains only these.

    A cool-down without a step in this run is left out.

    Attributes:
        given: the schedule to export.
        schedule: the same with rates and the policy's lengths as ratios.
        plan: lengths in updates; `cooldown` is 0 if the run ends before the cool-down.
        warms: whether there is a warm-up; it may have no step in this run.
        holds: whether there is a hold; it may have no step in this run.
        over: whether the policy's clock runs during the warm-up.
        last: the policy's largest time t in the run.
        plans: plans of the given schedule in this run and in runs of other lengths.
        after: behavior after the policy's T updates; empty if the run does not get there.
        one: word for one update, "step" or "update".
        ramps_by_steps: whether the warm-up changes at every step, while an update is several.
        rates: rates by the fields of schedule and policy that were given as rates; the others are ratios.
        lengths: lengths in steps by the fields of the policy that were given in steps.
    """

    def __init__(self, schedule: Schedule) -> None:
        given, schedule = schedule, schedule.resolved()
        self.rates = _rates(given, schedule, schedule.peak_lr)
        self.rates |= _rates(given.policy, schedule.policy, schedule.peak_lr)
        values = {name: getattr(given.policy, name) for name in given.policy.quantities}
        self.lengths = {name: value for name, value in values.items() if holds(value, Steps)}
        planned, warmup, T, cooldown, hold = schedule.plan
        latest = max(0, -(-schedule.total_steps // schedule.update_every) - 1 + schedule.first_step)
        self.given, self.schedule = given, schedule
        shortest = max(1, given.length(given.horizon, SHORTEST, "nearest"))
        edited = () if isinstance(given.horizon, Steps) else range(shortest, shortest + TRIED)
        self.plans = tuple(given.plan_of(updates) for updates in (planned, *edited))
        self.warms = schedule.ramp(schedule.plan)[0] > 0 or (bool(given.warmup) and given.warmup_progress != "one_behind")
        self.holds = bool(given.hold)
        self.over = schedule.warmup_over and self.warms
        reached = max(0, latest if self.over else latest - warmup)
        begun = warmup if self.over else 0
        self.last = min(reached, begun) + max(0, reached - begun - hold)
        drops = schedule.after in ("restart", "drop")
        past = self.last >= T if drops else self.last > T
        shorter = isinstance(given.horizon, Steps) or given.horizon < 1 or (drops and schedule.first_step > 0)
        self.after = schedule.after if past or shorter else ""
        falls = self.last > T - cooldown or holds((given.horizon, given.warmup, given.hold, given.cooldown), Steps)
        self.plan = Plan(planned, warmup, T, cooldown if falls else 0, hold)
        self.one = "step" if schedule.update_every == 1 else "update"
        self.ramps_by_steps = schedule.ramps_by_steps and self.warms

    @property
    def start(self) -> float | None:
        """The policy's first value, where the warm-up ends; None if it depends on the policy's length."""
        short, long = (self.schedule.start(self.plan._replace(policy=T)) for T in (self.plan.policy, LONG))
        return short if short == long else None

    @property
    def counted(self) -> str:
        """Name of what a script's `factor` takes: a step, or an update where the rate changes once per update."""
        return "step" if self.ramps_by_steps else self.one

    @property
    def planned(self) -> str:
        """Name of the constant for the length of the plan."""
        return "total_steps" if self.one == "step" and self.given.horizon == 1 else f"planned_{self.one}s"

    @property
    def warmup(self) -> str:
        """Name of the constant for the length of the warm-up."""
        return f"warmup_{self.one}s"

    @property
    def hold(self) -> str:
        """Name of the constant for the length of the hold."""
        return f"hold_{self.one}s"

    @property
    def cooldown(self) -> str:
        """Name of the constant for the length of the cool-down."""
        return f"cooldown_{self.one}s"

    @property
    def length(self) -> str:
        """Expression for T in terms of these names."""
        warmup = self.warmup if self.warms and not self.over else ""
        return " - ".join(filter(None, (self.planned, warmup, self.hold if self.holds else "")))

    def cut(self, phase: str) -> bool:
        """True if the plan is too short for a phase ("warmup", "hold", "cooldown") in this run or one of another length."""
        given = self.given
        span = getattr(given, phase)
        return any(given.length(span, plan.updates) > getattr(plan, phase) for plan in self.plans)

    def ratio(self, name: str, value: Any) -> str:
        """Source of a ratio to the peak, or of shares of T: a field of schedule or policy, and its value."""
        if name not in self.lengths:
            return f"{written(self.rates[name])} / peak_lr" if name in self.rates else written(value)
        all_steps = "T" if self.one == "step" else "(T * update_every)"

        def share(length: float | Steps) -> str:
            return f"{written(int(length.number))} / {all_steps}" if isinstance(length, Steps) else written(length)

        given = self.lengths[name]
        return f"sorted([{', '.join(map(share, given))}])" if isinstance(given, tuple) else share(given)

    def updates(self, given: float | Steps) -> str:
        """Source of a length of the policy in updates: a share of T, or a number of steps."""
        return _length(given, self.length if self.length.isidentifier() else "T", self.schedule.update_every, "nearest")

    def constants(self) -> dict[str, str]:
        """Source of every constant that a script may need; each depends only on those before it.

        The lengths are those of the given schedule: shares of the plan, or numbers of steps.
        """
        s = self.given
        lengths = {
            "peak_lr": written(s.peak_lr),
            "total_steps": written(s.total_steps),
            "update_every": written(s.update_every),
        }
        before = f"{self.planned} - 1" + (f" - {self.warmup}" if self.warms else "")
        return lengths | {
            self.planned: lengths.get(self.planned, self._planned),
            self.warmup: self._phase(s.warmup, self.cut("warmup"), self.planned + " - 1" * (not s.multiplies)),
            self.hold: self._phase(s.hold, self.cut("hold"), f"max(0, {before})" if s.multiplies else before),
            "T": self.length,
            self.cooldown: self._phase(s.cooldown, self.cut("cooldown"), f"T - {self.warmup}" if self.over else "T"),
            "ramp_steps": self._ramp_steps,
            **{name: self.ratio(name, getattr(self.schedule, name)) for name in NUMBERS},
        }

    @property
    def _planned(self) -> str:
        """Source of the length of the plan."""
        s = self.given
        updates = "total_steps" if s.update_every == 1 else "-(-total_steps // update_every)"
        if s.horizon == 1:
            return updates
        source = _length(s.horizon, updates, s.update_every, "nearest")
        shortest = s.updates if isinstance(s.horizon, Steps) else min(s.updates, SHORTEST)
        return f"max(1, {source})" if s.length(s.horizon, shortest, "nearest") < 1 else source

    def _phase(self, span: float | Steps, cut: bool, bound: str) -> str:
        """Source of the length of a phase; `bound` is the source of its largest length, in case it is cut off there."""
        source = _length(span, self.planned, self.given.update_every, self.given.rounding)
        return f"min({source}, {bound})" if cut else source

    @property
    def _ramp_steps(self) -> str:
        """Source of the length in steps of a warm-up that changes at every step."""
        s = self.given
        if not self.over:
            return f"{self.warmup} * update_every"
        bound = f"update_every * {self.planned}"
        source = _length(s.warmup, f"({bound})", 1, s.rounding)
        shortest = s.update_every * min(plan.updates for plan in self.plans)
        return f"min({source}, {bound})" if isinstance(s.warmup, Steps) and s.warmup.number > shortest else source


def _length(span: float | Steps, of: str, update_every: int, rounding: str) -> str:
    """Source of a length in updates: a share of `of`, or a number of steps."""
    if isinstance(span, Steps):
        if update_every == 1:
            return written(int(span.number))
        length = f"{written(int(span.number))} / update_every"
    else:
        if span in (0, 1):
            return of if span else "0"
        length = f"{written(span)} * {of}"
    return f"math.ceil({length})" if rounding == "up" else f"int({length}{' + 0.5' if rounding == 'nearest' else ''})"


def _rates(given: Spec, resolved: Spec, peak: float) -> dict[str, float]:
    """The rates of a spec's fields; without those whose ratio is not rate / peak, because of its bounds or its base."""
    rates = {name: value.number for name in given.quantities if isinstance(value := getattr(given, name), Rate)}
    return {name: rate for name, rate in rates.items() if rate / peak == getattr(resolved, name)}
