"""The slots of a comparison: up to six schedules, each with an optimizer, that train one problem for equally many steps."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from schedules.compare.branches import Branching, why_not
from schedules.core import tokens
from schedules.core.link_numbers import read_number, write_number
from schedules.core.numbers import format_number
from schedules.core.params import Choice, Number, Param, Switch
from schedules.core.quantities import Rate, Steps
from schedules.core.tokens import short_text
from schedules.feedback.none import Planned
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.recipes import Recipe
from schedules.schedule import Schedule
from schedules.training import cost
from schedules.training.optimizers.sgd import SGD
from schedules.training.own_numbers import adopt, at_problem_peak, with_problem_steps
from schedules.training.own_sentences import recipe_of
from schedules.training.predicted import calibrated, with_usual_warmup
from schedules.training.problems import Problem
from schedules.training.problems.bowl import Bowl
from schedules.training.runs import Run, from_token, to_token
from schedules.words import Sentence, Words, keys, language, say

KEYS = ("a", "b", "c", "d", "e", "f")
"""Keys of the slots in links; a slot keeps its key, and with it its color and dash, when others are removed."""
LONGEST_NAME = 40
"""Most characters of a slot's name."""
PEAK, STEPS = 0.05, 500
"""Peak of the line, and steps of every run, on the untouched page."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A schedule with an optimizer and a feedback rule, in a comparison.

    Attributes:
        run: the schedule, optimizer, feedback rule and scales; problem, seeds, steps and peak are those of the comparison.
        name: the user's name for it; "" for the default name.
        on: True if it takes part.
    """

    run: Run
    name: str = ""
    on: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """Slots, the problem that they train, and the peaks at which they are compared: the unit of links and caches.

    Attributes:
        slots: the slots by key, in the order in which they are shown.
        problem: the problem that all slots train.
        steps: steps that the problem trains.
        peak: the peak at the line.
        each_best: True if rates, losses and the race show each slot at its own best peak, and not at the line.
        seeds: number of seeds of a run; rankings choose their own numbers, except on networks.
        first_seed: the first of the seeds of charts and rankings; best peaks are chosen on others.
        target: the loss of which the table of numbers says when each slot reaches it; None for the highest final one.
        branching: the key of the slot that cool-downs branch off, and these; None for the usual ones of the first such slot.
    """

    slots: tuple[tuple[str, Slot], ...]
    problem: Problem = field(default_factory=Bowl)
    steps: int = STEPS
    peak: float = PEAK
    each_best: bool = True
    seeds: int = 8
    first_seed: int = 0
    target: float | None = None
    branching: tuple[str, Branching] | None = None

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
        return calibrated(at_problem_peak(with_usual_warmup(run) if self.lacks_warmup(key) else run, peak))

    def lacks_warmup(self, key: str) -> bool:
        """True if a slot takes the warm-up of the problem, because neither its plan nor its policy climbs to the peak."""
        run = self.slot(key).run
        climbs = run.schedule.warmup or getattr(run.schedule.policy, "climb", 0)
        return self.problem.default_warmup is not None and not run.own and not climbs

    def branched(self) -> tuple[str, Branching] | None:
        """The key of the slot that cool-downs branch off, and these; None if no slot that is on allows it.

        By default the first such slot, with cool-downs of the length and the shape of its own.
        """
        possible = [key for key in self.active() if not why_not(self.run(key))]
        if self.branching is not None and self.branching[0] in possible:
            return self.branching
        return (possible[0], self.usual_branching(possible[0])) if possible else None

    def usual_branching(self, key: str) -> Branching:
        """Cool-downs of the length and the shape of a slot's own, or usual ones."""
        schedule = self.run(key).schedule
        found = Branching(shape=schedule.cooldown_shape)
        return found.replace(length=Branching.param("length").repair(schedule.cooldown)) if schedule.cooldown else found

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
        query = {"on": to_token(_shared(self))}
        query |= {key: to_token(without_shared(slot.run)) for key, slot in self.slots}
        query |= {f"name_{key}": slot.name for key, slot in self.slots if slot.name}
        if off := "".join(key for key, slot in self.slots if not slot.on):
            query["off"] = off
        if self.target is not None:
            query["target"] = write_number(self.target)
        if self.branching is not None:
            query["branch"] = ".".join([self.branching[0], tokens.encode(self.branching[1])])
        return query | ({} if self.each_best else {"at": "line"})


ADD = "add"
"""The query parameter with the token of a run that becomes one more slot."""
LINK = ("on", *KEYS, *(f"name_{key}" for key in KEYS), "off", "at", "target", "branch", ADD)
"""The query parameters of a link."""


def _shared(comparison: Comparison) -> Run:
    """A run with the fields that all slots share: problem, steps, peak of the line, seeds."""
    run = Run(problem=comparison.problem, seeds=comparison.seeds, first_seed=comparison.first_seed)
    return run.replace(schedule=run.schedule.replace(total_steps=comparison.steps, peak_lr=comparison.peak))


def without_shared(run: Run) -> Run:
    """The run with the fields that a comparison replaces at their defaults, so that links are short; own numbers stay."""
    default = Run()
    if not run.own:
        numbers = {"peak_lr": default.schedule.peak_lr, "total_steps": default.schedule.total_steps}
        run = run.replace(schedule=run.schedule.replace(**numbers))
    return run.replace(problem=default.problem, seeds=default.seeds, first_seed=default.first_seed)


def untouched() -> Comparison:
    """The comparison of a first visit: linear, cosine, a constant rate with a cool-down of 20 %, and constant, on the bowl."""
    policies = {"a": Linear(), "b": Cosine(), "c": Constant(), "d": Constant()}
    schedules = {key: Schedule(policy=policy, cooldown=0.2 if key == "c" else 0.0) for key, policy in policies.items()}
    return Comparison(tuple((key, Slot(without_shared(Run(schedule=schedule)))) for key, schedule in schedules.items()))


def read(query: Mapping[str, str]) -> tuple[Comparison, tuple[Sentence, ...]]:
    """The comparison given by query parameters, and notices of repairs; never raises. Without slots, the untouched ones."""
    notices: list[Sentence] = []
    slots = []
    for key in KEYS:
        if key in query:
            run, more = from_token(query[key])
            notices += more
            name = tidy_name(query.get(f"name_{key}", ""))
            slots.append((key, Slot(without_shared(run), name, key not in query.get("off", ""))))
    if slots and not any(slot.on for _, slot in slots):
        slots[0] = (slots[0][0], replace(slots[0][1], on=True))
    found = untouched()
    if "on" in query:
        shared, more = from_token(query["on"])
        steps, peak = shared.schedule.total_steps, shared.schedule.peak_lr
        found = replace(found, problem=shared.problem, steps=steps, peak=peak, seeds=shared.seeds, first_seed=shared.first_seed)
        found, cut = fitted(found)
        notices += [*more, *cut]
    found = replace(found, slots=tuple(slots) or found.slots, each_best=query.get("at") != "line")
    if "target" in query:
        found = replace(found, target=_target(query["target"]))
        if found.target is None:
            notices.append(
                say("notice.unknown_name", field="target", name=short_text(query["target"]), used=say("compare.numbers.usual"))
            )
    if "branch" in query:
        key, _, token = query["branch"].partition(".")
        branching, more = tokens.decode(token, Branching)
        notices += more
        if key in dict(found.slots):
            found = replace(found, branching=(key, branching))
    if ADD in query:
        run, more = from_token(query[ADD])
        notices += more
        free = found.free_key()
        if free is None:
            notices.append(say("compare.all_taken"))
        else:
            found = found.with_slot(free, Slot(without_shared(run)))
    return found, tuple(dict.fromkeys(notices))


LOWEST_TARGET, HIGHEST_TARGET = 1e-30, 1e12
"""Bounds of the target loss."""


def _target(text: str) -> float | None:
    """The target loss in a link; None if it is no number within its bounds."""
    try:
        value = read_number(text)
    except ValueError:
        return None
    return value if LOWEST_TARGET <= value <= HIGHEST_TARGET else None


def fitted(comparison: Comparison) -> tuple[Comparison, tuple[Sentence, ...]]:
    """The comparison with steps and seeds cut to what its problem allows, and notices of the cuts.

    The loss of a problem that is not trained is compared at its locked peak.
    """
    notices: list[Sentence] = []
    if locked := comparison.problem.locked_peak:
        comparison = replace(comparison, peak=locked, seeds=1, first_seed=0)
    most = comparison.problem.max_steps
    if comparison.steps > most:
        notices.append(
            say("compare.clipped_steps", most=most, steps=comparison.steps, problem=comparison.problem.in_sentence())
        )
        comparison = replace(comparison, steps=most)
    run, _, cut = cost.fitted(_shared(comparison))
    if (run.trained_steps, run.seeds) != (comparison.steps, comparison.seeds):
        comparison = replace(comparison, steps=run.trained_steps, seeds=run.seeds)
    return comparison, (*notices, *cut)


def recipe_run(recipe: Recipe) -> Run:
    """The run of a recipe: with the published numbers, or else those of the playground."""
    run = Run(schedule=recipe.opened)
    return adopt(run) if recipe_of(recipe.opened) else run


def tidy_name(text: str) -> str:
    """A name of a slot without characters that cannot be seen, and at most `LONGEST_NAME` long; "" if nothing is left."""
    text = unicodedata.normalize("NFC", text[: 4 * LONGEST_NAME])
    seen = "".join(" " if c.isspace() else c for c in text if c.isspace() or (c.isprintable() and c not in UNSEEN))
    name = " ".join(seen.split())[:LONGEST_NAME].strip()
    return name if any(unicodedata.category(c)[0] in "LNPS" for c in name) else ""


UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(map(chr, range(0xFE00, 0xFE10)))
"""Characters that count as printable and are not seen: fillers, a blank of Braille, and selectors of variants."""


def slot_name(slot: Slot) -> str:
    """The name of a slot on screen: the user's, or that of its recipe or policy, with its cool-down and its optimizer.

    In a comparison the names of `slot_names` are told apart.
    """
    if slot.name:
        return slot.name
    title = _shape_name(slot.run, language.get())
    return title if slot.run.optimizer.slug == SGD.slug else _with_optimizer(title, slot)


def _with_optimizer(title: str, slot: Slot) -> str:
    return str(say("compare.name.with", title=title, other=slot.run.optimizer.text("title")))


@lru_cache(maxsize=256)
def _shape_name(run: Run, _: str) -> str:
    """The name of a slot without its optimizer, in a language, that of the context."""
    schedule = run.schedule
    recipe = recipe_of(schedule)
    title = str(recipe.title if recipe else short_title(schedule.policy))
    if schedule.cooldown and not recipe:
        form = "steps" if isinstance(schedule.cooldown, Steps) else "share"
        number = getattr(schedule.cooldown, "number", schedule.cooldown)
        word = f"{'wsd' if isinstance(schedule.policy, Constant) else 'cooldown'}_{form}"
        title = str(say(f"compare.name.{word}", title=title, cooldown=number))
    return str(say("compare.name.with", title=title, other=run.feedback.text("title"))) if run.feedback.acts else title


def short_title(policy: Policy) -> Words:
    """The title of a policy where several stand side by side: a short one if it has one."""
    return say(key) if (key := f"compare.short.{policy.slug}") in keys() else policy.text("title")


def slot_names(comparison: Comparison) -> dict[str, str]:
    """The name of each slot by its key. Equal ones are told apart by hyperparameters in which they differ, or by numbers.

    Where the slots have several optimizers, SGD is named too; where they differ in nothing else, only the optimizer is.
    """
    names = _names(comparison)
    for alike in _groups(names):
        slots = {key: comparison.slot(key) for key in alike if not comparison.slot(key).name}
        values = [_values(slot.run) for slot in slots.values()]
        differ = [field for field in values[0] if len({found.get(field) for found in values}) > 1] if values else []
        for key, found in zip(slots, values, strict=True):
            shown = [found[field] for field in differ if field in found][:MOST_SHOWN]
            if shown:
                names[key] = str(say("compare.name.told", name=names[key], values=", ".join(shown)))
    for alike in _groups(names):
        for number, key in enumerate(alike[1:], 2):
            names[key] = str(say("compare.name.number", name=names[key], number=number))
    return names


def _names(comparison: Comparison) -> dict[str, str]:
    """The names of `slot_names` before equal ones are told apart."""
    optimizers = {slot.run.optimizer.slug for _, slot in comparison.slots}
    if len(optimizers) == 1 or any(slot.name for _, slot in comparison.slots):
        return {key: slot_name(slot) for key, slot in comparison.slots}
    shapes = {key: _shape_name(slot.run, language.get()) for key, slot in comparison.slots}
    if len(set(shapes.values())) == 1 and len(optimizers) == len(shapes):
        return {key: str(slot.run.optimizer.text("title")) for key, slot in comparison.slots}
    return {key: _with_optimizer(shapes[key], slot) for key, slot in comparison.slots}


MOST_SHOWN = 2
"""Most hyperparameters in a name that tells a slot apart from another one."""


def _groups(names: Mapping[str, str]) -> list[list[str]]:
    """The keys of names that occur more than once."""
    found: dict[str, list[str]] = {}
    for key, name in names.items():
        found.setdefault(name.casefold(), []).append(key)
    return [alike for alike in found.values() if len(alike) > 1]


def _values(run: Run) -> dict[str, str]:
    """The numbers, choices and switches of a slot's policy, phases, optimizer and rule, each with its label."""
    found: dict[str, str] = {}
    for spec in (run.schedule.policy, run.schedule, run.optimizer, run.feedback):
        for param in spec.params:
            value = getattr(spec, param.name)
            if param.name in ("peak_lr", "total_steps") or not isinstance(param, Number | Choice | Switch):
                continue
            if param.matters is None or param.matters(spec):
                written = _written(param, value)
                label = str(param.text("label")).lower()
                found[f"{spec.slug}.{param.name}"] = str(say("compare.name.value", label=label, value=written))
    return found


def _written(param: Param, value: Any) -> str:
    """A value of a hyperparameter as text."""
    if isinstance(param, Choice):
        return str(param.shown(value))
    if isinstance(param, Switch):
        return str(say(f"compare.name.{'on' if value else 'off'}"))
    if isinstance(value, Steps):
        return str(say("compare.name.steps", steps=value.number))
    if isinstance(param, Number) and param.kind == "span" and not isinstance(value, Rate):
        return str(say("compare.name.share", share=value))
    return format_number(getattr(value, "number", value))
