"""The catalogue: cards for every policy, phase, feedback rule and recipe, and the search in them.

Cards are built from the declarations, so a new policy or recipe has one without a change here. The search accepts any name (of
a policy, a hyperparameter, a library's class, function or argument) and pasted lines of code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from schedules.core.params import Choice, Param
from schedules.core.spec import Source
from schedules.feedback import FEEDBACK, Feedback
from schedules.feedback.none import Planned
from schedules.libraries import LIBRARIES, Name, arguments, asked, callables
from schedules.policies import POLICIES, Family, Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear_cosine import LinearCosine
from schedules.policies.polynomial import Polynomial
from schedules.recipes import HAEGELE, RECIPES, Recipe
from schedules.schedule import Schedule
from schedules.words import Sentence, Words, language, say

GROUPS = (*(family.value for family in Family), "phases", "feedback", "recipes")
"""The groups of cards in display order: families of policies, phases, feedback rules, recipes."""


PLANNED = Planned()


class Entry(NamedTuple):
    """A hyperparameter on a card: label, symbol, description, and names in libraries."""

    label: Words
    symbol: str
    doc: Words
    names: tuple[Name, ...]
    specific: bool = True  # False: a field of every schedule, listed because this policy's libraries take it


@dataclass(frozen=True, slots=True)
class Card:
    """The card of one schedule; `schedule` is drawn on the card and opens in Explore, together with `feedback`."""

    group: str
    slug: str
    name: Words
    sentence: Words
    formula: str
    source: Source
    schedule: Schedule
    calls: tuple[Name, ...]
    entries: tuple[Entry, ...] = ()
    feedback: Feedback = PLANNED
    variants: str = ""  # further formulas, for other options
    exact_names: tuple[str, ...] = ()  # names that mean exactly this schedule

    @property
    def title(self) -> str:
        """Title on screen."""
        return str(self.name)

    @property
    def text(self) -> str:
        """Description in one or two sentences."""
        return str(self.sentence)


class Found(NamedTuple):
    """A search result: the card, the names on it that match, and a note if the search names a special case of it."""

    card: Card
    marks: frozenset[str]
    note: Sentence | None = None


class _Phase(NamedTuple):
    fields: tuple[str, ...]
    formula: str
    source: Source
    schedule: Schedule
    names: tuple[str, ...]


PHASES: Mapping[str, _Phase] = MappingProxyType(
    {
        "warmup": _Phase(
            (
                *("warmup", "warmup_start", "warmup_shape", "warmup_progress", "warmup_time", "hold", "warmup_over"),
                *("warmup_multiplies", "rounding"),
            ),
            r"s + (1 - s)\,k / W, \quad k < W",
            Source("Goyal et al.", 2017, "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", "arXiv:1706.02677"),
            Schedule(policy=Constant(), warmup=0.2),
            (
                "warm-up",
                "LinearLR",
                "ConstantLR",
                "CosineLRScheduler",
                "get_constant_schedule_with_warmup",
                "constant_with_warmup",
                "get_linear_schedule_with_warmup",
                "get_cosine_schedule_with_warmup",
                "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
                "warmup_constant_schedule",
                "warmup_cosine_decay_schedule",
                "warmup_exponential_decay_schedule",
                "CosineDecay",
                "LinearWarmup",
                "WarmupLR",
                "create_lr_scheduler_with_warmup",
            ),
        ),
        "cooldown": _Phase(
            (
                *("cooldown", "cooldown_shape", "cooldown_floor", "cooldown_from", "cooldown_ratio", "cooldown_inner"),
                *("cooldown_power", "cooldown_cycles"),
            ),
            r"g\,v + (1 - g)\,f, \quad g = 1 - y,\ 1 - \sqrt{y},\ \dots",
            HAEGELE,
            Schedule(policy=Constant(), warmup=0.05, cooldown=0.2, cooldown_shape="one_minus_sqrt"),
            (
                "WSD",
                "trapezoid",
                "cool-down",
                "warmup_stable_decay",
                "get_wsd_schedule",
                "WSDLRScheduler",
                "tri_stage",
                "fit_flat_cos",
                "WarmupHoldAnnealLinear",
                "constant with cool-down",
            ),
        ),
        "plan": _Phase(
            ("peak_lr", "total_steps", "horizon", "after", "update_every", "first_step"),
            r"\eta_0 \cdot \text{policy}(t), \quad 0 \le t \le T = h N - W",
            Source("Hoffmann et al.", 2022, "Training Compute-Optimal Large Language Models", "arXiv:2203.15556"),
            Schedule(policy=Cosine(), horizon=0.7, after="hold"),
            (
                "planned length",
                "horizon",
                "CosineAnnealingLR",
                "LinearLR",
                "PolynomialLR",
                "OneCycleLR",
                "CosineLRScheduler",
                "get_linear_schedule_with_warmup",
                "cosine_decay_schedule",
                "linear_schedule",
                "CosineDecay",
            ),
        ),
    }
)
"""The phases that a schedule adds to every policy, with their fields and their names in libraries."""

ALSO: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "peak_lr": ("learning_rate", "initial_lr", "warmup_target"),
        "total_steps": (
            "total_steps",
            "total_iters",
            "t_initial",
            "transition_steps",
            "anneal_epochs",
            "epochs",
            "steps_per_epoch",
        ),
        "warmup": ("warmup_ratio", "transition_begin"),
        "update_every": ("t_in_epochs",),
    }
)
"""Further names of a schedule's fields."""

ASKED = ("peak_lr", "total_steps", "warmup")
"""Fields of a schedule that appear as arguments of policies in libraries."""

SPECIAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "wsd": ("cooldown",),
        "trapezoid": ("cooldown",),
        "d2z": ("linear",),
        "budgeted": ("linear",),
        "exponential": ("factor",),
        "staircase": ("step",),
        "k_decay": ("cosine", "polynomial"),
        "triangular": ("cyclic",),
        "triangular2": ("cyclic",),
        "exp_range": ("cyclic",),
        "constant_with_warmup": ("warmup",),
        "constantlr": ("warmup",),
        "piecewise_constant": ("multi_factor",),
        "lambdalr": ("knots",),
        "multiplicativelr": ("factor", "knots"),
        "sequentiallr": ("warmup", "knots"),
        "chainedscheduler": ("cooldown", "knots"),
        "join_schedules": ("warmup", "knots"),
        "swalr": ("cosine", "linear"),
        "lr_scheduler_type": ("linear",),
    }
)
"""Names of special cases, with the cards that come first and explain the case."""

SPECIFIC: Mapping[str, Policy] = MappingProxyType(
    {"polynomial": Polynomial(power=2), "linear_cosine": LinearCosine(cycles=3.5)}
)
"""Policies drawn and opened with these settings, because their defaults look like another policy."""

CODE = "_.=("
"""Characters that mark a text as code."""

FILLER = frozenset({"learning", "rate", "lr", "schedule", "schedules", "scheduler", "with", "the", "a"})
"""Words that fit every card and are ignored in a search."""


@cache
def cards() -> tuple[Card, ...]:
    """All cards, by group; policies by year."""
    policies = [_policy_card(cls) for cls in sorted(POLICIES.values(), key=lambda cls: (cls.source.year, cls.rank))]
    phases = [_phase_card(slug, phase) for slug, phase in PHASES.items()]
    recipes = [_recipe_card(recipe) for recipe in RECIPES.values()]
    rules = [_rule_card(cls) for cls in FEEDBACK.values() if cls.acts]
    return tuple(sorted([*policies, *phases, *rules, *recipes], key=lambda card: GROUPS.index(card.group)))


def _policy_card(cls: type[Policy]) -> Card:
    calls = callables(cls.names)
    entries = [_entry(param, param.names, calls) for param in cls.params]
    said = {name for param in cls.params for name in param.names}
    for field in ASKED:
        param = Schedule.param(field)
        names = [name for name in _names(param) if name not in said and not (field == "warmup" and name in ALSO["total_steps"])]
        known = tuple(name for name in arguments(names, calls) if name.libraries)
        if known:
            entries.append(Entry(param.text("label"), param.symbol, param.text("doc"), known, specific=False))
    return Card(
        cls.family.value,
        cls.slug,
        cls.text("title"),
        cls.text("subtitle"),
        cls.formula,
        cls.source,
        Schedule(policy=SPECIFIC.get(cls.slug, cls())),
        calls,
        tuple(entries),
        variants=cls.variants,
    )


def _phase_card(slug: str, phase: _Phase) -> Card:
    calls = callables(phase.names)
    entries = tuple(_entry(param, _names(param), calls) for param in map(Schedule.param, phase.fields))
    title, text = (say(f"catalogue.{slug}.{word}") for word in ("title", "text"))
    return Card("phases", slug, title, text, phase.formula, phase.source, phase.schedule, calls, entries)


def _rule_card(cls: type[Feedback]) -> Card:
    calls = callables(cls.names)
    entries = tuple(_entry(param, param.names, calls) for param in cls.params)
    plain, text = Schedule(policy=Constant()), cls.text("subtitle")
    return Card("feedback", cls.slug, cls.text("title"), text, cls.formula, cls.source, plain, calls, entries, cls())


def _recipe_card(recipe: Recipe) -> Card:
    title, text, calls = recipe.title, recipe.text, callables(recipe.names)
    return Card("recipes", recipe.slug, title, text, "", recipe.source, recipe.schedule, calls, exact_names=recipe.exact_names)


def _entry(param: Param, names: Iterable[str], calls: tuple[Name, ...]) -> Entry:
    return Entry(param.text("label"), param.symbol, param.text("doc"), arguments(names, calls))


def _names(param: Param) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*param.names, *ALSO.get(param.name, ()))))


# Search


def find(text: str) -> tuple[Found, ...]:
    """Search the cards; best match first, all cards for an empty text, none if nothing matches.

    Case, underscores and punctuation are ignored. If cards have the name itself or a name that begins with it, only these are
    returned; otherwise parts of names, the words of a sentence and the names in a line of code are matched.
    """
    for library in LIBRARIES.values():
        if called := library.called(text):
            return find(called)
    typed = fold(text)
    if not typed:
        return tuple(Found(card, frozenset()) for card in cards())
    scores = [(_score(card, typed), card) for card in cards()]
    near = [(score, card) for score, card in scores if score < 4]
    exact = any(score < 2 for score, _ in near)
    kept = [(score, card) for score, card in near if score < (3 if exact else 4)]
    if not kept:
        return _by_words(text)
    kept.sort(key=lambda pair: pair[0])
    return tuple(Found(card, _marks(card, (typed,)), _note(card, typed)) for _, card in kept)


def fold(text: str) -> str:
    """Lower case without punctuation: get_cosine_schedule and GetCosineSchedule become equal."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _score(card: Card, typed: str) -> float:
    """Rank a card for a folded text, lower is better: below 1 for its own names, 4 for no match."""
    special = _SPECIAL.get(typed, ("", ()))[1]
    if typed in map(fold, card.exact_names):
        return -1
    if card.slug in special:
        return special.index(card.slug) / 10
    specific, inherited = _terms(card, language.get())
    if typed in specific:
        return 0.25 if card.group == "phases" and typed in _fields(card) else 0.5
    if typed in inherited:
        return 1
    if any(term.startswith(typed) for term in specific):
        return 2
    inside = len(typed) >= 3 and any(typed in term for term in specific)
    return 3 if inside else 3.5 if typed in _arguments(card) else 4


def _by_words(text: str) -> tuple[Found, ...]:
    """Match cards by words: those that contain all words, or those with the most names from a line of code."""
    words = tuple(dict.fromkeys(fold(word) for word in re.findall(r"[^\W_][\w-]*", text)))
    code = any(sign in text for sign in CODE)
    specific = [word for word in words if word not in FILLER]
    if not code and 0 < len(specific) < len(words):
        return find(" ".join(specific))
    quoted = frozenset(fold(value) for value in re.findall(r"""["']([\w-]+)["']""", text))
    counts = {card: _count(card, words, quoted) for card in cards()}
    most = [card for card, count in counts.items() if count == max(counts.values()) > 0]
    said = [card for card in cards() if words and all(word in _said(card, language.get()) for word in words)]
    found = [card for card in cards() if any(name in words for name in map(fold, card.exact_names))]
    found += (most or said) if code else (said or most)
    return tuple(Found(card, _marks(card, words)) for card in dict.fromkeys(found))


def _count(card: Card, words: tuple[str, ...], quoted: frozenset[str]) -> int:
    """Score of the words that are names on a card: 2 for its own names, 1 for others, 2 more for a quoted name of the card."""
    specific, inherited = _terms(card, language.get())
    named = quoted & {fold(name) for name in (card.slug, card.title, *(name.text for name in card.calls))}
    return sum(2 * (word in specific) + (word in inherited) for word in words) + 2 * len(named)


@cache
def _arguments(card: Card) -> frozenset[str]:
    """The folded arguments of the card's callables in libraries."""
    return frozenset(fold(name) for names in asked(card.calls).values() for name in names)


@cache
def _terms(card: Card, spoken: str) -> tuple[frozenset[str], frozenset[str]]:
    """The folded names on a card, its own and those of fields that every schedule has; `spoken` is the context's language."""
    specific = {card.slug, card.title, *(name.text for name in card.calls)}
    specific |= {text for entry in card.entries if entry.specific for text in (str(entry.label), *_texts(entry))}
    specific |= set(_options(card))
    inherited = {text for entry in card.entries if not entry.specific for text in _texts(entry)}
    return frozenset(map(fold, specific)), frozenset(map(fold, inherited))


def _fields(card: Card) -> frozenset[str]:
    """The folded names of a card's hyperparameters."""
    return frozenset(fold(text) for entry in card.entries for text in _texts(entry))


def _texts(entry: Entry) -> Iterable[str]:
    """The names in a row; for names that are small formulas also the identifiers in them."""
    for name in entry.names:
        yield name.text
        if " " in name.text:
            yield from re.findall(r"[A-Za-z_]\w*", name.text)


def _options(card: Card) -> Iterable[str]:
    """Names of the options of a policy or phase: triangular2, one_minus_sqrt."""
    phase = PHASES.get(card.slug) if card.group == "phases" else None
    params = tuple(map(Schedule.param, phase.fields)) if phase else card.schedule.policy.params if card.entries else ()
    choices = [param for param in params if isinstance(param, Choice)]
    return [name for param in choices for name in (*param.options, *param.labels, *map(str, map(param.shown, param.options)))]


@cache
def _said(card: Card, spoken: str) -> str:
    """The text of a card, folded; `spoken` is the language of the context."""
    about = str(card.schedule.policy.text("about")) if card.entries and card.group != "phases" else ""
    names = [word for name in card.calls for word in (name.text, *name.libraries)]
    return fold(" ".join([card.group, card.title, card.text, about, str(card.source), *names]))


def _marks(card: Card, typed: tuple[str, ...]) -> frozenset[str]:
    """The names on a card that match the search."""
    texts = [name.text for name in card.calls] + [name.text for entry in card.entries for name in entry.names]
    return frozenset(text for text in texts if any(len(word) > 1 and word in fold(text) for word in typed))


def _note(card: Card, typed: str) -> Sentence | None:
    key, slugs = _SPECIAL.get(typed, ("", ()))
    return say(f"catalogue.special.{key}") if card.slug in slugs else None


_SPECIAL = {fold(name): (name, slugs) for name, slugs in SPECIAL.items()}
