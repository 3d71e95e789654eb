"""The slots of a comparison: up to six schedules, each with an optimizer, that train one problem for equally many steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schedules.feedback.none import Planned
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.schedule import Schedule
from schedules.training import cost
from schedules.training.optimizers.sgd import SGD
from schedules.training.own_numbers import at_problem_peak, with_problem_steps
from schedules.training.problems import Problem
from schedules.training.problems.bowl import Bowl
from schedules.training.runs import Run, from_token, to_token
from schedules.words import Sentence, say

KEYS = ("a", "b", "c", "d", "e", "f")
"""Keys of the slots in links; a slot keeps its key, and with it its color and dash, when others are removed."""
LONGEST_NAME = 40
"""Most characters of a slot's name."""
PEAK, STEPS = 0.05, 500
"""Peak of the line, and steps of every run, on the untouched page."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One contestant: a schedule with an optimizer and a feedback rule.

    Attributes:
        run: the schedule, optimizer, feedback rule and scales; problem, seeds, steps and peak are those of the comparison.
        name: the user's name for it; "" for the default name.
        on: whether it takes part.
    """

    run: Run
    name: str = ""
    on: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared, on which problem, and at which peaks: the unit of links and caches.

    Attributes:
        slots: the slots by key, in the order in which they are shown.
        problem: the problem that all slots train.
        steps: steps that the problem trains.
        peak: the peak at the line.
        each_best: whether rates, losses and the race show each slot at its own best peak, and not at the line.
        seeds: seeds that are drawn; the statistics choose their own numbers of seeds.
        first_seed: the first of the seeds that judge; peaks are chosen on others.
    """

    slots: tuple[tuple[str, Slot], ...]
    problem: Problem = field(default_factory=Bowl)
    steps: int = STEPS
    peak: float = PEAK
    each_best: bool = True
    seeds: int = 8
    first_seed: int = 0

    def active(self) -> dict[str, Slot]:
        """The slots that are switched on, by key."""
        return {key: slot for key, slot in self.slots if slot.on}

    def slot(self, key: str) -> Slot:
        """The slot with a key; raises KeyError if there is none."""
        return dict(self.slots)[key]

    def run(self, key: str, peak: float | None = None, *, seeds: int | None = None, first_seed: int | None = None) -> Run:
        """The run of a slot on the problem.

        Args:
            key: of the slot.
            peak: the peak at which the problem trains; by default that of the line.
            seeds: number of seeds; by default `seeds`.
            first_seed: by default `first_seed`.
        """
        run = self.slot(key).run.replace(
            problem=self.problem,
            seeds=self.seeds if seeds is None else seeds,
            first_seed=self.first_seed if first_seed is None else first_seed,
        )
        if self.problem.as_job and run.feedback.acts:
            run = run.replace(feedback=Planned())
        peak = self.peak if peak is None else peak
        if run.own:
            run = with_problem_steps(run, self.steps)
        else:
            run = run.replace(schedule=run.schedule.replace(total_steps=self.steps))
        return at_problem_peak(run, peak)

    def free_key(self) -> str | None:
        """The first key without a slot; None if all six are taken."""
        taken = {key for key, _ in self.slots}
        return next((key for key in KEYS if key not in taken), None)

    def with_slot(self, key: str, slot: Slot) -> Comparison:
        """The comparison with a slot added at the end, or changed in its place."""
        if key in dict(self.slots):
            return replace(self, slots=tuple((each, slot if each == key else old) for each, old in self.slots))
        return replace(self, slots=(*self.slots, (key, slot)))

    def without_slot(self, key: str) -> Comparison:
        """The comparison without a slot."""
        return replace(self, slots=tuple(pair for pair in self.slots if pair[0] != key))

    def link(self) -> dict[str, str]:
        """The query parameters that reopen this comparison."""
        shared = Run(problem=self.problem, seeds=self.seeds, first_seed=self.first_seed)
        shared = shared.replace(schedule=shared.schedule.replace(total_steps=self.steps, peak_lr=self.peak))
        query = {"on": to_token(shared)}
        query |= {key: to_token(_own(slot.run)) for key, slot in self.slots}
        query |= {f"name_{key}": slot.name for key, slot in self.slots if slot.name}
        if off := "".join(key for key, slot in self.slots if not slot.on):
            query["off"] = off
        return query | ({} if self.each_best else {"at": "line"})


LINK = ("on", *KEYS, *(f"name_{key}" for key in KEYS), "off", "at")
"""The query parameters of a link."""


def _own(run: Run) -> Run:
    """The run with what a comparison replaces at its default, so that links are short."""
    default = Run()
    return run.replace(problem=default.problem, seeds=default.seeds, first_seed=default.first_seed)


def untouched() -> Comparison:
    """The comparison of a first visit: linear, cosine, a constant rate with a cool-down of 20 %, and constant, on the bowl."""
    schedules = {
        "a": Schedule(policy=Linear(), peak_lr=PEAK),
        "b": Schedule(policy=Cosine(), peak_lr=PEAK),
        "c": Schedule(policy=Constant(), peak_lr=PEAK, cooldown=0.2),
        "d": Schedule(policy=Constant(), peak_lr=PEAK),
    }
    return Comparison(tuple((key, Slot(Run(schedule=schedule))) for key, schedule in schedules.items()))


def read(query: Mapping[str, str]) -> tuple[Comparison, tuple[Sentence, ...]]:
    """The comparison given by query parameters, and notices of repairs; never raises. Without slots, the untouched ones."""
    notices: list[Sentence] = []
    slots = []
    for key in KEYS:
        if key in query:
            run, more = from_token(query[key])
            notices += more
            name = "".join(c for c in query.get(f"name_{key}", "") if c.isprintable())[:LONGEST_NAME].strip()
            slots.append((key, Slot(_own(run), name, key not in query.get("off", ""))))
    found = untouched()
    if "on" in query:
        shared, more = from_token(query["on"])
        shared, _, cut = cost.fitted(shared)
        notices += [*more, *cut]
        found = replace(
            found,
            problem=shared.problem,
            steps=shared.trained_steps,
            peak=shared.schedule.peak_lr,
            seeds=shared.seeds,
            first_seed=shared.first_seed,
        )
    found = replace(found, slots=tuple(slots) or found.slots, each_best=query.get("at") != "line")
    return found, tuple(dict.fromkeys(notices))


def slot_name(slot: Slot) -> str:
    """The name of a slot on screen: the user's, or that of its policy, with its cool-down and its optimizer if it has them."""
    schedule, optimizer = slot.run.schedule, slot.run.optimizer
    if slot.name:
        return slot.name
    title = str(schedule.policy.text("title"))
    if schedule.cooldown:
        title = str(say("compare.with_cooldown", title=title, cooldown=schedule.cooldown))
    if optimizer != SGD():
        title = str(say("compare.with_optimizer", title=title, optimizer=optimizer.text("title")))
    return title
