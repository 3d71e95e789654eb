"""The rates of a run that is stopped and resumed, by what its scheduler gets back and by how a library computes rates.

Libraries keep different things in the state of a scheduler:

* torch, built-in schedulers: all arguments are in the state, so `load_state_dict` brings the old length of the plan back. Some
  (`RECURSIVE`) compute a rate from the optimizer's last one, so it matters which rate the optimizer has.
* torch's LambdaLR and transformers' Trainer, which uses it: functions are not in the state, so the new length counts (an
  object with `__call__` is, with its old length: that is not covered here). The first step after the resume still has the rate
  that the optimizer's state holds.
* optax, keras: the state is a count, and the rate a pure function of it: the new length counts from the first step on.

Tests run torch, transformers, optax and keras, and compare every step.
"""

from __future__ import annotations

from dataclasses import replace

from schedules.core.numbers import round_steps
from schedules.core.params import choice, number, ratio, span, switch
from schedules.core.quantities import Steps
from schedules.core.spec import Spec, declared
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.factor import Factor
from schedules.policies.linear import Linear
from schedules.policies.multi_factor import MultiFactor
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.step import Step
from schedules.real_run.pieces import Piece, UsedCurve, interval
from schedules.schedule import Schedule, passes_plan

KINDS = ("none", "right", "afresh", "twice", "fast_forwarded", "last_epoch", "built_late", "rewarmed")
"""Kinds of resume; see `Resume.kind`."""
RESTORED = ("right", "twice", "built_late")
"""Kinds in which the scheduler gets its state back."""
LIBRARIES = ("torch", "lambda_lr", "transformers", "optax", "keras")
"""Ways in which rates are computed: torch's built-in schedulers, LambdaLR, transformers' Trainer, optax and keras."""
BY_FACTOR = ("lambda_lr", "transformers")
"""Libraries whose schedulers write a pure function of their count into the optimizer when they are stepped."""
RECURSIVE: dict[type, tuple[str, ...]] = {
    Cosine: ("floor",),
    Linear: ("start", "end"),
    Polynomial: ("power",),
    Step: ("every", "gamma"),
    MultiFactor: ("milestones", "gamma"),
    Factor: ("gamma",),
    Constant: (),
}
"""Policies whose schedulers in torch compute a rate from the one before, with the fields that these schedulers have."""


@declared
class Resume(Spec):
    """A run that stops at a step and goes on.

    >>> from schedules import Cosine
    >>> run = Schedule(policy=Cosine(), peak_lr=0.4, total_steps=4)
    >>> Resume(kind="afresh", stop=Steps(2)).apply(run).lrs().round(3).tolist()
    [0.4, 0.341, 0.4, 0.341]
    """

    title = "Stop and resume"

    kind: str = choice(
        default="none",
        options=KINDS,
        labels=(
            *("Not stopped", "Scheduler's state restored", "Scheduler starts afresh", "Stepped once more"),
            *("Rebuilt and stepped forward", "Rebuilt with last_epoch", "Built after the optimizer's state", "Warmed up again"),
        ),
        label="At the resume",
        doc="The scheduler gets its state back, starts from 0, is stepped once too often, is rebuilt and stepped forward, is "
        "rebuilt with `last_epoch` k - 1, is built after the optimizer's state was loaded, or the rate is warmed up again.",
    )
    stop: float | Steps = span(
        default=0.5,
        label="Stopped at",
        doc="The number of steps that the run has made when it stops, as a share of the run or in steps.",
        matters=lambda resume: resume.kind != "none",
    )
    new_steps: int = number(
        default=0,
        low=0,
        high=10_000_000,
        scale="log",
        integer=True,
        unit="steps",
        label="New length",
        doc="Steps of the run in all, for which the schedule is planned anew after the resume; 0 if nothing changes.",
        names=("max_steps", "num_training_steps"),
        matters=lambda resume: resume.kind != "none",
    )
    library: str = choice(
        default="torch",
        options=LIBRARIES,
        labels=("torch", "torch's LambdaLR", "transformers", "optax", "keras"),
        label="Library",
        doc="The library whose scheduler is resumed: what its state holds decides about a new length.",
        matters=lambda resume: resume.kind not in ("none", "rewarmed"),
    )
    keeps_rate: bool = switch(
        default=False,
        label="Optimizer restored first",
        doc="A scheduler that is rebuilt finds the optimizer with its last rate, not with the rate of the start.",
        matters=lambda resume: resume.library == "torch" and resume.kind in ("afresh", "fast_forwarded", "last_epoch"),
    )
    rewarm: float | Steps = span(
        default=0.01,
        label="Length of the new warm-up",
        doc="Steps after the resume in which the rate climbs back to the curve.",
        matters=lambda resume: resume.kind == "rewarmed",
    )
    rewarm_start: float = ratio(
        default=0.0,
        label="Start of the new warm-up",
        doc="First rate after the resume, as a ratio of the curve's.",
        matters=lambda resume: resume.kind == "rewarmed",
    )

    def stop_step(self, total_steps: int) -> int:
        """The number of steps before the stop, from 0 to the length of the run."""
        return min(_in_steps(self.stop, total_steps), total_steps)

    def covers(self, schedule: Schedule) -> bool:
        """True if `apply` gives what the library does; if not, it gives the schedule at the scheduler's count.

        Not covered are torch's built-in schedulers in a sequence, and those rebuilt with `last_epoch` that do not
        compute a rate from the one before.
        """
        if self.library != "torch" or self.kind not in ("last_epoch", "built_late") or recursive(schedule):
            return True
        plan = schedule.plan
        return self.kind == "built_late" and not plan.warmup + plan.hold + plan.cooldown

    def raises(self, schedule: Schedule) -> bool:
        """True if torch refuses to go on after the planned end: OneCycleLR gets its length back with its state."""
        restored = self.library == "torch" and self.kind in RESTORED
        return restored and isinstance(schedule.policy, OneCycle) and self.new_steps > schedule.total_steps

    def apply(self, run: Schedule | UsedCurve) -> UsedCurve:
        """The rates of a run that is stopped and resumed.

        Args:
            run: a schedule, or the curve of a run with a mix-up, which is mixed up in the same way after the resume.

        Returns:
            one piece up to the stop, and one or more after it.
        """
        curve = UsedCurve((Piece(schedule=run, start=0, end=run.total_steps),)) if isinstance(run, Schedule) else run
        if self.kind == "none" or not curve.total_steps:
            return curve
        stop, last = self.stop_step(curve.total_steps), curve.pieces[-1]
        before = tuple(replace(piece, end=min(piece.end, stop)) for piece in curve.pieces)
        return UsedCurve((*before, *self._after(last, stop)))

    def _after(self, run: Piece, stop: int) -> tuple[Piece, ...]:
        """The pieces after the stop of a run that `run` describes."""
        end = self.new_steps or run.end
        planned = run.schedule.replace(total_steps=self.new_steps) if self.new_steps else run.schedule
        old = replace(run, start=stop, end=end)
        new = replace(old, schedule=planned)
        if self.kind == "rewarmed":
            return (replace(new, ramp=_in_steps(self.rewarm, end), ramp_start=self.rewarm_start),)
        pure = self.library in ("optax", "keras")
        restored = self.kind in RESTORED
        if self.library == "torch" and restored:
            new = old  # all arguments are in the state
        if self.kind == "built_late" and not pure:
            if self.library == "torch" and recursive(run.schedule):  # LinearLR multiplies the rate that it finds
                return (replace(new, scale=float(run.schedule(0)) / run.schedule.peak_lr),)
            return _first_update(new, float(new.schedule(0)))
        if self.kind == "right" and self.library in BY_FACTOR:
            return _first_update(new, float(old(stop)))
        if self.kind == "twice":
            return (replace(new, first=run.first + interval(planned)),)
        new = replace(new, origin=stop) if self.kind == "afresh" else new
        rebuilt = self.library == "torch" and not restored and run.factor and recursive(planned)
        return self._recursive(new, float(old(stop))) if rebuilt else (new,)

    def _recursive(self, new: Piece, last: float) -> tuple[Piece, ...]:
        """The pieces of a rebuilt scheduler that computes each rate from the one before.

        Args:
            new: the piece that a pure function of the count would give.
            last: the optimizer's rate, if it was restored: that of the first step after the stop.
        """
        schedule = new.schedule
        rate = last if self.keeps_rate else schedule.peak_lr
        if self.kind == "last_epoch":
            return _from_rate(new, rate, jumps=isinstance(schedule.policy, Step | MultiFactor))
        base = _floor(schedule)
        scale = (rate - base) / (schedule.peak_lr - base) if schedule.peak_lr > base else 1.0
        return _until_reset(replace(new, scale=scale, base=base))


def _in_steps(span: float | Steps, total_steps: int) -> int:
    return int(span.number if isinstance(span, Steps) else round_steps(span, total_steps))


def recursive(schedule: Schedule) -> bool:
    """True if torch has a built-in scheduler for this schedule that computes a rate from the one before."""
    policy, plan = schedule.policy, schedule.plan
    fields = RECURSIVE.get(type(policy))
    if fields is None or plan.warmup + plan.hold + plan.cooldown or schedule.lowest or schedule.first_step:
        return False
    plain = type(policy)().replace(**{name: getattr(policy, name) for name in fields})
    after = ("continue",) if isinstance(policy, Cosine) else ("continue", "hold")
    return plain == policy and (schedule.after in after or policy.anytime or not passes_plan(schedule))


def _floor(schedule: Schedule) -> float:
    """The rate toward which torch's recursive formula falls: `eta_min` of a cosine; 0 for others."""
    return schedule.policy_floor * schedule.peak_lr if isinstance(schedule.policy, Cosine) else 0.0


def _first_update(new: Piece, rate: float) -> tuple[Piece, ...]:
    """A rate that the optimizer holds until the scheduler is called, and the curve after that."""
    every = max(new.every, interval(new.schedule))
    until = min(new.end, every * ((new.start - new.origin) // every + 1) + new.origin)
    return replace(new, end=until, scale=0.0, base=rate), replace(new, start=until)


def _from_rate(new: Piece, rate: float, *, jumps: bool) -> tuple[Piece, ...]:
    """The pieces of a scheduler that continues from a rate at a count: torch's `last_epoch`.

    Args:
        new: the piece of the scheduler that is a pure function of the count.
        rate: the optimizer's rate at its first step.
        jumps: True if the constructor applies a milestone at its count once more.
    """
    schedule, base, call = new.schedule, _floor(new.schedule), interval(new.schedule)
    count = float(new.count(new.start))
    here = float(schedule(count))
    if jumps and count >= call and (before := float(schedule(count - call))):
        rate *= here / before
    if here - base > 1e-12 * schedule.peak_lr:
        return _until_reset(replace(new, scale=(rate - base) / (here - base), base=base))
    first, rest = _first_update(new, rate)
    if not isinstance(schedule.policy, Cosine):
        return (replace(first, end=new.end),)
    climbed = float(schedule(rest.count(rest.start))) - base  # torch adds the difference after the lowest rate
    return (first, *_until_reset(replace(rest, scale=(rate - base + climbed) / climbed if climbed else 1.0, base=base)))


def _until_reset(piece: Piece) -> tuple[Piece, ...]:
    """A scaled piece, which ends where a cosine comes to its lowest rate: torch goes on from there at the usual height."""
    schedule = piece.schedule
    if not isinstance(schedule.policy, Cosine) or piece.scale == 1:
        return (piece,)
    length = schedule.plan.updates * schedule.update_every
    count = float(piece.count(piece.start))
    lowest = length * (2 * ((count + length) // (2 * length)) + 1)  # the next odd multiple
    at = min(piece.end, piece.step_at(lowest))
    return replace(piece, end=at), replace(piece, start=at, scale=1.0)
