"""The parts of a schedule that its run reaches, and their names in a script."""

from __future__ import annotations

from schedules.export._source import written
from schedules.schedule import Plan, Schedule


class ExportedSchedule:
    """The parts of a schedule that its run reaches; a script contains only these.

    Attributes:
        schedule: the schedule to export.
        plan: lengths in updates; `cooldown` is 0 if the run ends before the cool-down.
        over: whether the policy's clock runs during the warm-up.
        last: the policy's largest time t in the run.
        after: behavior after the policy's T updates; empty if the run does not get there.
        one: word for one update, "step" or "update".
    """

    def __init__(self, schedule: Schedule) -> None:
        planned, warmup, T, cooldown = schedule.plan
        latest = max(0, -(-schedule.total_steps // schedule.update_every) - 1 + schedule.first_step)
        self.schedule = schedule
        self.over = schedule.warmup_over and warmup > 0
        self.last = max(0, latest if self.over else latest - warmup)
        past = self.last >= T if schedule.after == "restart" else self.last > T
        self.after = schedule.after if past else ""
        self.plan = Plan(planned, warmup, T, cooldown if self.last > T - cooldown else 0)
        self.one = "step" if schedule.update_every == 1 else "update"

    @property
    def start(self) -> float:
        """The policy's first value, where the warm-up ends."""
        return float(self.schedule.replace(peak_lr=1, warmup_start=1, first_step=0)(0))

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
    def cooldown(self) -> str:
        """Name of the constant for the length of the cool-down."""
        return f"cooldown_{self.one}s"

    @property
    def length(self) -> str:
        """Expression for T in terms of these names."""
        return f"{self.planned} - {self.warmup}" if self.plan.warmup and not self.over else self.planned

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
            "T": self.length,
            "warmup_start": written(s.warmup_start),
            self.cooldown: written(self.plan.cooldown),
            "cooldown_floor": written(s.cooldown_floor),
        }
