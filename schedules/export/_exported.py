"""The parts of a schedule that its run reaches, and their names in a script."""

from __future__ import annotations

from schedules.core.quantities import Rate
from schedules.core.spec import Spec
from schedules.export._source import written
from schedules.schedule import Plan, Schedule

NUMBERS = (
    *("warmup_start", "warmup_time", "cooldown_floor", "cooldown_ratio", "cooldown_inner", "cooldown_power", "cooldown_cycles"),
    *("restart_factor", "restart_growth", "restart_limit", "lowest"),
)
"""Fields of a schedule that are constants of a script under their own names."""


class ExportedSchedule:
    """The parts of a schedule that its run reaches; a script contains only these.

    Attributes:
        schedule: the schedule to export, with rates and the policy's lengths as ratios.
        plan: lengths in updates; `cooldown` is 0 if the run ends before the cool-down.
        over: whether the policy's clock runs during the warm-up.
        last: the policy's largest time t in the run.
        after: behavior after the policy's T updates; empty if the run does not get there.
        one: word for one update, "step" or "update".
        ramps_by_steps: whether the warm-up changes at every step, while an update is several.
        rates: rates by the fields of schedule and policy that were given as rates; the others are ratios.
    """

    def __init__(self, schedule: Schedule) -> None:
        given, schedule = schedule, schedule.resolved()
        self.rates = _rates(given, schedule, schedule.peak_lr)
        self.rates |= _rates(given.policy, schedule.policy, schedule.peak_lr)
        planned, warmup, T, cooldown, hold = schedule.plan
        latest = max(0, -(-schedule.total_steps // schedule.update_every) - 1 + schedule.first_step)
        self.schedule = schedule
        self.over = schedule.warmup_over and warmup > 0
        reached = max(0, latest if self.over else latest - warmup)
        begun = warmup if self.over else 0
        self.last = min(reached, begun) + max(0, reached - begun - hold)
        past = self.last >= T if schedule.after in ("restart", "drop") else self.last > T
        self.after = schedule.after if past else ""
        self.plan = Plan(planned, warmup, T, cooldown if self.last > T - cooldown else 0, hold)
        self.one = "step" if schedule.update_every == 1 else "update"
        self.ramps_by_steps = schedule.ramps_by_steps and warmup > 0

    @property
    def start(self) -> float:
        """The policy's first value, where the warm-up ends."""
        return self.schedule.start(self.plan)

    @property
    def counted(self) -> str:
        """Name of what a script's `factor` takes: a step, or an update where the rate changes once per update."""
        return "step" if self.ramps_by_steps else self.one

    @property
    def planned(self) -> str:
        """Name of the constant for the length of the plan."""
        same = self.one == "step" and self.plan.updates == self.schedule.total_steps
        return "total_steps" if same else f"planned_{self.one}s"

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
        warmup = self.warmup if self.plan.warmup and not self.over else ""
        return " - ".join(filter(None, (self.planned, warmup, self.hold if self.plan.hold else "")))

    def ratio(self, name: str, value: float) -> str:
        """Source of a ratio to the peak: a field of schedule or policy, and its value."""
        return f"{written(self.rates[name])} / peak_lr" if name in self.rates else written(value)

    def constants(self) -> dict[str, str]:
        """Source of every constant that a script may need; each depends only on those before it."""
        s = self.schedule
        lengths = {
            "peak_lr": written(s.peak_lr),
            "total_steps": written(s.total_steps),
            "update_every": written(s.update_every),
        }
        return lengths | {
            self.planned: lengths.get(self.planned, written(self.plan.updates)),
            self.warmup: written(self.plan.warmup),
            self.hold: written(self.plan.hold),
            "T": self.length,
            self.cooldown: written(self.plan.cooldown),
            "ramp_steps": written(s.ramp_steps(self.plan)),
            **{name: self.ratio(name, getattr(s, name)) for name in NUMBERS},
        }


def _rates(given: Spec, resolved: Spec, peak: float) -> dict[str, float]:
    """The rates of a spec's fields; without those whose ratio is not rate / peak, because of its bounds or its base."""
    rates = {name: value.number for name in given.quantities if isinstance(value := getattr(given, name), Rate)}
    return {name: rate for name, rate in rates.items() if rate / peak == getattr(resolved, name)}
