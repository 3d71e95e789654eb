"""The catalogue: cards for every policy, phase, feedback rule and recipe, and the search in them.

Cards are built from the declarations, so a new policy or recipe has one without a change here. The search accepts any name (of
a policy, a hyperparameter, a library's class, function, argument or configuration key), pasted lines of code, and complaints
about a run; it also has the cards of topics beside a schedule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from schedules.core.matching import (
    COMMON,
    COMPLAINTS,
    FILLER,
    UNITS,
    Beginnings,
    Corrections,
    all_words_of,
    complaint,
    fold,
    parts,
    plain,
    words_of,
)
from schedules.core.params import Choice, Number, Param
from schedules.core.spec import Source
from schedules.feedback import FEEDBACK, Feedback
from schedules.feedback.none import Planned
from schedules.libraries import LIBRARIES, Name, arguments, asked, callables
from schedules.policies import POLICIES, Family, Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear_cosine import LinearCosine
from schedules.policies.polynomial import Polynomial
from schedules.recipes import BEFORE_FINE_TUNING, HAEGELE, RECIPES, Recipe
from schedules.schedule import Schedule
from schedules.topics import SYMPTOMS, TOPICS, Symptom, Topic
from schedules.words import Words, language, say

GROUPS = (*(family.value for family in Family), "phases", "feedback", "recipes")
"""The groups of cards in display order: families of policies, phases, feedback rules, recipes."""


PLANNED = Planned()


class Entry(NamedTuple):
    """A hyperparameter on a card: label, symbol, description, and names in libraries; some of them may be rates."""

    label: Words
    symbol: str
    doc: Words
    names: tuple[Name, ...]
    specific: bool = True  # False: a field of every schedule, listed because this policy's libraries take it
    rate_names: tuple[str, ...] = ()  # the names that mean a rate, where the hyperparameter is a ratio


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
    remarks: tuple[Words, ...] = ()  # cautions, shown behind the description

    @property
    def title(self) -> str:
        """Title on screen."""
        return str(self.name)

    @property
    def text(self) -> str:
        """Description in one or two sentences."""
        return str(self.sentence)


class Found(NamedTuple):
    """A search result: the card, the names on it that match, and a note if the search names a special case of it.

    `instead` has the words that were searched where a typing error was corrected.
    """

    card: Card
    marks: frozenset[str]
    note: Words | None = None
    instead: str = ""


class _Phase(NamedTuple):
    fields: tuple[str, ...]
    formula: str
    source: Source
    schedule: Schedule
    names: tuple[str, ...]
    remarks: tuple[Words, ...] = ()


PHASES: Mapping[str, _Phase] = MappingProxyType(
    {
        "warmup": _Phase(
            (
                *("warmup", "warmup_start", "warmup_shape", "warmup_progress", "warmup_time", "hold", "warmup_over"),
                *("warmup_multiplies", "warmup_target", "warmup_unit", "rounding"),
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
                "linear_schedule",
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
            (BEFORE_FINE_TUNING,),
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

LENGTHS = (
    *("T_max", "t_max", "total_steps", "total_iters", "max_iters", "max_iter", "max_steps", "num_training_steps"),
    *("num_train_epochs", "epochs", "num_epochs", "n_epoch", "max_epochs", "steps_per_epoch", "decay_steps", "t_initial"),
    *("transition_steps", "total_num_steps", "total_num_update", "num_iterations", "anneal_epochs", "max_train_steps"),
    *("train_iters", "lr_decay_iters", "num_updates", "total_timesteps", "max_update", "end"),
)
"""Names of the length of a run, which say little about its schedule."""

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
        "learningratescheduler": ("knots",),
        "multiplicativelr": ("factor", "knots"),
        "sequentiallr": ("warmup", "knots"),
        "chainedscheduler": ("cooldown", "knots"),
        "join_schedules": ("warmup", "knots"),
        "swalr": ("cosine", "linear"),
        "lr_scheduler_type": ("linear",),
        "lr_scheduler_kwargs": ("cosine", "warm_restarts", "polynomial"),
        "get_last_lr": ("plan",),
        "constant_steps": ("plan", "warmup"),
        "wso": ("constant", "warmup"),
        "grpo": ("dpo", "dpo_tulu"),
        "orpo": ("dpo", "dpo_tulu"),
        "qwen": ("llama",),
        "gpt_oss": ("llama",),
        "glm_4_5": ("cosine",),
        "swin": ("cosine",),
        "efficientnet": ("step",),
        "nnunet": ("polynomial",),
    }
)
"""Names of special cases, with the cards that come first and explain the case."""

SPELLINGS: Mapping[str, str] = MappingProxyType(
    {
        "Qwen2": "qwen",
        "Qwen2.5": "qwen",
        "Qwen3": "qwen",
        "Swin Transformer": "swin",
        "warm-up stable only": "wso",
        "constant_ratio": "constant_steps",
    }
)
"""Further names of special cases."""

SPECIFIC: Mapping[str, Policy] = MappingProxyType(
    {"polynomial": Polynomial(power=2), "linear_cosine": LinearCosine(cycles=3.5)}
)
"""Policies drawn and opened with these settings, because their defaults look like another policy."""

USUAL = ("cosine", "linear", "step", "multi_factor", "factor", "polynomial", "one_cycle", "warm_restarts")
"""Cards that come first among equals."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "multi step": "multi_factor",
        "multi-step decay": "multi_factor",
        "peak": "plan",
        "peak learning rate": "plan",
        "step lr": "step",
        "staircase decay": "step",
        "cosine annealing": "cosine",
        "linear decay": "linear",
        "stable phase": "cooldown",
        "annealing phase": "cooldown",
        "ramp up": "warmup",
        "ramp-up": "warmup",
        "burn-in": "warmup",
        "cyclical": "cyclic",
        "cycle": "cyclic",
        "cycles": "cyclic",
        "learning rate decay": "cosine",
        "adjust_learning_rate": "knots",
        "CLR": "cyclic",
        "trapezoidal": "cooldown",
        "decay phase": "cooldown",
        "stable steps": "cooldown",
        "restart": "warm_restarts",
        "restarts": "warm_restarts",
        "hard restarts": "warm_restarts",
        "flat cosine": "cooldown",
        "flat cosine annealing": "cooldown",
        "inv sqrt": "square_root",
        "sqrt": "square_root",
        "Leslie Smith": "cyclic",
        "Chinchilla": "plan",
        "SB3": "ppo",
        "stable baselines": "ppo",
        "HF trainer": "bert",
        "Hugging Face Trainer": "bert",
        "t_total": "plan",
        "hot restarts": "warm_restarts",
        "snapshot ensembles": "warm_restarts",
        "custom schedule": "knots",
        "custom function": "knots",
        "lambda": "knots",
        "cos": "cosine",
        "exp": "factor",
        "warmup_proportion": "warmup",
        "NeRF": "delayed_exponential",
        "Gaussian splatting": "delayed_exponential",
        "LARS": "lamb",
        "relative_step": "power_law",
        "sawtooth": "warm_restarts",
        "triangle": "cyclic",
        "1-sqrt decay": "cooldown",
        "1-sqrt cooldown": "cooldown",
        "decay fraction": "cooldown",
        "decay_frac": "cooldown",
        "cooldown_frac": "cooldown",
        "cooldown_fraction": "cooldown",
        "piecewise": "knots",
        "multiplicative": "factor",
        "forgetting": "rewarming",
        "catastrophic forgetting": "rewarming",
        "gpt": "cosine",
        "GPT-2": "cosine",
        "GPT-3": "cosine",
    }
)
"""Plain names that people use for cards."""

CODE = re.compile(r"[_=(]|\w\.\w|--\w|[a-z][A-Z]|\w: ")
"""Pattern of text that is code: punctuation of calls and settings, flags, capitals inside a word."""


@cache
def cards() -> tuple[Card, ...]:
    """All cards, by group; policies by year."""
    policies = [_policy_card(cls) for cls in sorted(POLICIES.values(), key=lambda cls: (cls.source.year, cls.rank))]
    phases = [_phase_card(slug, phase) for slug, phase in PHASES.items()]
    recipes = [_recipe_card(recipe) for recipe in RECIPES.values()]
    rules = [_rule_card(cls) for cls in FEEDBACK.values() if cls.acts]
    return tuple(sorted([*policies, *phases, *rules, *recipes], key=lambda card: GROUPS.index(card.group)))


@cache
def topics() -> tuple[Card, ...]:
    """The cards of topics, which only a search shows."""
    return tuple(map(_topic_card, TOPICS.values()))


def _policy_card(cls: type[Policy]) -> Card:
    calls = callables(cls.names, cls.slug)
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
        remarks=(say("catalogue.momentum"),) if cls.cycles_momentum else (),
    )


def _phase_card(slug: str, phase: _Phase) -> Card:
    calls = callables(phase.names, slug)
    entries = tuple(_entry(param, _names(param), calls) for param in map(Schedule.param, phase.fields))
    title, text = (say(f"catalogue.{slug}.{word}") for word in ("title", "text"))
    return Card("phases", slug, title, text, phase.formula, phase.source, phase.schedule, calls, entries, remarks=phase.remarks)


def _rule_card(cls: type[Feedback]) -> Card:
    calls = callables(cls.names, cls.slug)
    entries = tuple(_entry(param, param.names, calls) for param in cls.params)
    plain, text = Schedule(policy=Constant()), cls.text("subtitle")
    return Card("feedback", cls.slug, cls.text("title"), text, cls.formula, cls.source, plain, calls, entries, cls())


def _recipe_card(recipe: Recipe) -> Card:
    title, text, calls = recipe.title, recipe.text, callables(recipe.names, recipe.slug)
    return Card(
        "recipes",
        recipe.slug,
        title,
        text,
        "",
        recipe.source,
        recipe.schedule,
        calls,
        exact_names=recipe.exact_names,
        remarks=recipe.remarks,
    )


def _topic_card(topic: Topic) -> Card:
    calls = callables(topic.names, topic.slug)
    return Card("topics", topic.slug, topic.title, topic.text, "", topic.source, topic.schedule, calls)


def _entry(param: Param, names: Iterable[str], calls: tuple[Name, ...]) -> Entry:
    rates = param.rate_names if isinstance(param, Number) else ()
    return Entry(param.text("label"), param.symbol, param.text("doc"), arguments(names, calls), rate_names=rates)


def _names(param: Param) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*param.names, *ALSO.get(param.name, ()))))


# Search


def find(text: str) -> tuple[Found, ...]:
    """Search the cards; best match first, all cards for an empty text, none if nothing matches.

    Case, underscores and punctuation are ignored. In order: a name, the calls in a line of code, the value of a setting such as
    lr_scheduler_type, a complaint about a run, the arguments in a line of code or the beginning of a word of a name, and the
    words of a sentence. One typing error in a name is forgiven.
    """
    text = COMMENT.sub("", text) or text
    typed = fold(text)
    if not typed:
        return tuple(Found(card, frozenset()) for card in cards())
    index, words = _index(language.get()), words_of(text)
    if typed in index.names:
        return index.named(typed)
    code = len(words) > 1 and CODE.search(text) is not None
    calls, arguments = index.read(text) if code else ({}, [])
    selected, key, value = _selected(text)
    if any(not index.beside(levels, bool(selected)) for call, levels in calls.items() if call not in (key, value)):
        return index.code(calls, arguments, _computed(text))
    if selected:
        return index.selected(selected, arguments, _computed(text))
    if "=" not in text and (symptom := _symptom(all_words_of(DECIMAL.sub(" ", text)))):
        return index.explained(symptom)
    found = index.code(calls, arguments, _computed(text)) if code else index.begun(typed)
    return found or index.composed(text) or index.corrected(words) or index.sentence(words)


def _computed(text: str) -> dict[str, float]:
    """The slugs of the shapes that the expressions in a text compute, with their weights."""
    found: dict[str, float] = {}
    for slug, weight, pattern in EXPRESSIONS:
        if weight > found.get(slug, 0) and pattern.search(text):
            found[slug] = weight
    return found


def _symptom(words: Iterable[str]) -> Symptom | None:
    """The complaint in these words, if there is one."""
    said = complaint(words)
    about = said - FILLER - COMMON
    return next(
        (symptom for symptom, phrases in _phrases() if any(p <= said and (len(p) > 1 or p == about) for p in phrases)), None
    )


@cache
def _phrases() -> tuple[tuple[Symptom, tuple[frozenset[str], ...]], ...]:
    return tuple((one, tuple(complaint(phrase.split()) for phrase in one.phrases)) for one in SYMPTOMS)


@cache
def _settings() -> tuple[re.Pattern[str], Mapping[tuple[str, str], str]]:
    """A pattern for a setting and its value, and the name of the schedule that the value selects."""
    known: dict[tuple[str, str], str] = {}
    for library in LIBRARIES.values():
        for key, values in library.settings.items():
            for value, name in values.items():
                known.setdefault((fold(key), fold(value)), name)
    keys = sorted({key for library in LIBRARIES.values() for key in library.settings}, key=len, reverse=True)
    either = "|".join(key.replace("_", "[-_]") for key in keys)
    between = r"(?:#[^\n]*\n|[^\w.#])*"
    called = rf"[^\w\n.]*\((?:[^()]{{,200}}?\bname\s*=)?{between}"  # here and after a sign, the value may be on the next line
    sign = rf"(?:{called}|[^\w\n.]*[=:{{]{between}|[^\w\n.]+)(?:(?:name|type)\W+)?(?:SchedulerType\W+)?"
    return re.compile(rf"(?<![^\W_])({either}){sign}(?=([\w-]+))", re.IGNORECASE), known


def _selected(text: str) -> tuple[str, str, str]:
    """The folded name of the schedule that a setting in this text selects, the setting and its value; empty without one."""
    pattern, known = _settings()
    for match in pattern.finditer(text):
        key, value = fold(match[1]), fold(match[2])
        if name := known.get((key, value)):
            return fold(name), key, value
    return "", "", ""


@cache
def _index(spoken: str) -> _Index:
    """The index of all cards in a language, which is the context's."""
    return _Index((*cards(), *topics()))


Levels = Mapping[Card, tuple[float, int]]
"""The cards of a call, each with its level and its position in the library's declaration; lower is better."""


class _Index:
    """The names on cards by their folded form, with ranks: lower is better.

    -1 a name that means exactly this schedule, below 0.2 a special case, 0.25 a field of a phase, 0.5 another name of its own,
    0.45 a plain name or a key of a phase, 0.6 another configuration key, 0.7 a library, 1 a field that every schedule has.
    """

    def __init__(self, known: Iterable[Card]) -> None:
        self.cards = {card.slug: card for card in known}
        self.order = {card: i for i, card in enumerate(sorted(self.cards.values(), key=_usual))}
        self.names: dict[str, dict[Card, float]] = {}
        self.calls: dict[str, dict[Card, tuple[float, int]]] = {}
        self.noted: dict[str, list[tuple[str, Card]]] = {}
        self.taken: dict[str, list[Card]] = {}
        self.keys: dict[str, tuple[str, str, str]] = {}
        self.said = {card: _said(card) for card in self.order}
        self.spelled: dict[str, str] = {}
        for card in self.order:
            specific, inherited = _terms(card)
            self.spelled |= {fold(term): term for term in sorted(specific)}
            phase = _fields(card) if card.group == "phases" else frozenset()
            ordered = {fold(name.text) for name in card.calls}
            for term in {fold(term) for term in specific} - ordered | phase:
                self._add(term, card, 0.25 if term in phase else 0.5)
            for term in map(fold, inherited):
                self._add(term, card, 1)
            for term in map(fold, card.exact_names):
                self._add(term, card, -1)
            for library in {library for name in card.calls for library in name.libraries if card.group != "recipes"}:
                self._add(fold(library), card, 0.7)
            for name in {fold(name) for names in asked(card.calls).values() for name in names}:
                self.taken.setdefault(name, []).append(card)
            self._add_calls(card)
        self._add_special()
        self._add_keys()
        self.titles = {fold(word): self.cards[slug] for word, slug in ALIASES.items()}
        self.titles |= {name: card for card in self.order for name in (fold(card.title), fold(card.slug))}
        self.beginnings = Beginnings(self.spelled.values())
        self.errors = Corrections(self.names)
        self.word_errors = Corrections(word for said in self.said.values() for word in said.split())
        self.call_errors = Corrections(self.calls)
        self.part_errors = Corrections(VOCABULARY)

    def _add_calls(self, card: Card) -> None:
        """Add the callables of a card, with a level and the card's position in the library's declaration; lower is better.

        Levels: 0 a schedule that is exactly this, 1 a policy, rule or topic, 2 a recipe, 3 a phase.
        """
        level = {"recipes": 2.0, "phases": 3.0}.get(card.group, 1.0)
        for name in card.calls:
            call, _, note = name.text.partition(" ")
            to = [lib.cards[call] for lib in LIBRARIES.values() if card.slug in lib.cards.get(call, ())]
            position = min((slugs.index(card.slug) for slugs in to), default=0)
            self.calls.setdefault(fold(name.text), {})[card] = (level, position)
            self._add(fold(name.text), card, 0.5 + position / 100)
            if note and any(call in lib.signatures for lib in LIBRARIES.values()):
                self.noted.setdefault(fold(call), []).append((fold(note), card))
        for name_of_it in card.exact_names if card.group != "topics" else (card.title, card.slug):
            self.calls.setdefault(fold(name_of_it), {})[card] = (0 if card.group != "topics" else level, 0)

    def _add_special(self) -> None:
        for term, (_, slugs) in _SPECIAL.items():
            for i, slug in enumerate(slugs):
                self._add(term, self.cards[slug], i / 10)
                if term in self.calls or (term not in _ARGUMENTS and term not in _SETTINGS):
                    self.calls.setdefault(term, {})[self.cards[slug]] = (i / 10 - 1, 0)
        for term, slug in ALIASES.items():
            self._add(fold(term), self.cards[slug], 0.45)

    def _add_keys(self) -> None:
        for name, library in LIBRARIES.items():
            for key, slug in library.keys.items():
                self._add(fold(key), self.cards[slug], 0.45 if slug in PHASES else 0.6)
                self.keys.setdefault(fold(key), (slug, key, name))

    def _add(self, term: str, card: Card, rank: float) -> None:
        ranks = self.names.setdefault(term, {})
        ranks[card] = min(rank, ranks.get(card, rank))

    def named(self, typed: str) -> tuple[Found, ...]:
        """The cards with this name, those with a name that begins with it, and what to read beside a topic."""
        ranks = dict(self.names.get(typed, {}))
        if not ranks or min(ranks.values()) < 1:
            for name, first in self.beginnings.find(typed).items():
                if first:
                    for card, rank in self.names[name].items():
                        if rank < 1:
                            ranks.setdefault(card, 2)
        for card in [card for card in ranks if card.group == "topics" and ranks[card] < 1]:
            for slug in TOPICS[card.slug].see:
                ranks.setdefault(self.cards[slug], 3)
        return self._found(ranks, (typed,))

    def selected(self, name: str, arguments: Sequence[str], computed: Mapping[str, float]) -> tuple[Found, ...]:
        """The cards of a schedule that a setting selects, then the recipes that the other settings belong to.

        Cards that have the name for one of their options are left out where others have it as their own.
        """
        ranks = self.names[name]
        titled = {*self.calls.get(name, ()), self.titles.get(name)}
        found = self._found({card: rank for card, rank in ranks.items() if card in titled} or ranks, (name,))
        known = {one.card for one in found}
        more = [self.cards[slug] for slug in computed if slug in RECIPES] + list(self._recipes(arguments))
        beside = [Found(card, _marks(card, arguments)) for card in dict.fromkeys(more) if card not in known]
        return (*found[:1], *beside, *found[1:])

    def _recipes(self, arguments: Iterable[str]) -> dict[Card, float]:
        """The recipes of libraries of which at least two keys are among the arguments, with the number of these keys."""
        counts = {
            slug: len({fold(key) for key in lib.keys} & set(arguments)) for slug, lib in LIBRARIES.items() if slug in RECIPES
        }
        return {self.cards[slug]: count for slug, count in counts.items() if count > 1}

    def begun(self, typed: str) -> tuple[Found, ...]:
        """The cards with a name in which a word begins with this text; the beginnings of names come first."""
        ranks: dict[Card, float] = {}
        for name, first in self.beginnings.find(typed).items():
            if first or len(typed) >= 3:
                for card, rank in self.names[name].items():
                    if rank < 1:
                        ranks[card] = min(2 if first else 3, ranks.get(card, 3))
        for card in self.taken.get(typed, ()):
            ranks.setdefault(card, 3.5)
        return self._found(ranks, (typed,))

    def explained(self, symptom: Symptom) -> tuple[Found, ...]:
        """The cards that explain a symptom."""
        return tuple(Found(self.cards[slug], frozenset(), symptom.text) for slug in symptom.cards)

    def beside(self, levels: Levels, selected: bool) -> bool:
        """True if a call is one of topics only, beside which a schedule may still be named, or wraps what a setting selects."""
        return all(card.group == "topics" or (selected and card.slug == "knots") for card in levels)

    def code(
        self, calls: Mapping[str, Levels], arguments: Sequence[str], computed: Mapping[str, float] = MappingProxyType({})
    ) -> tuple[Found, ...]:
        """The schedules of a line of code: by its calls from left to right, then by the arguments that a card has.

        Without a call, the cards with the most arguments and keys, and those that its expressions compute. Lengths count
        little, and a warm-up, which goes with every schedule, comes last among equals.
        """
        if computed:
            arguments = [word for word in arguments if word not in ("lambda", "lrlambda")]
        counts = {card: sum(self._weight(word, card) for word in arguments) for card in self.order}
        counts[self.cards["plan"]] *= 0.3 if computed else 1
        for slug, weight in computed.items():
            counts[self.cards[slug]] += weight
        ranks: dict[Card, tuple[float, ...]] = {}
        for i, (call, known) in enumerate(calls.items()):
            for card, level in self._levels(call, known, arguments).items():
                late = len(calls) if card.group == "topics" else 0
                ranks.setdefault(card, (i + late, level[0], -counts[card], level[1]))
        if not ranks or (computed and all(card.group == "topics" for card in ranks)):
            shaped = self._shaped(counts)
            if not shaped:
                for card, keys in self._recipes(arguments).items():
                    counts[card] += keys
                shaped = self._shaped(counts)
            most = max(counts.values(), default=0)
            least = min(most / 2, ENOUGH)
            ranks = {
                card: (shaped and card.slug in ("warmup", "plan"), -n, card.slug == "warmup")
                for card, n in counts.items()
                if n > 0 and n >= least
            }
        elif all(card.slug == "knots" for card in ranks):  # a function of one's own: what it reads may tell more
            ranks |= {card: (len(calls), -count) for card, count in counts.items() if count >= ENOUGH and card not in ranks}
        ordered = sorted(ranks, key=lambda card: (*ranks[card], self.order[card]))
        return tuple(Found(card, _marks(card, (*calls, *arguments)), self._note(card, calls or arguments)) for card in ordered)

    @staticmethod
    def _shaped(counts: Mapping[Card, float]) -> bool:
        """True if a card beside warm-up and plan has enough names to be certain."""
        return any(n >= CERTAIN for card, n in counts.items() if card.slug not in ("warmup", "plan"))

    def _levels(self, call: str, known: Levels, arguments: Sequence[str]) -> dict[Card, tuple[float, int]]:
        """The cards of a call with their levels; a phase only stands behind recipes if a policy has the call."""
        levels = dict(known)
        if not any(level == 1 for level, _ in levels.values()):
            levels = {card: (1.5 if level == 3 else level, i) for card, (level, i) in levels.items()}
        return levels | {card: (0.5, 0) for note, card in self.noted.get(call, ()) if note in arguments}

    def read(self, text: str) -> tuple[dict[str, Levels], list[str]]:
        """The calls with their cards, and the arguments in a line of code, folded; a call may have one typing error.

        Calls that may be a warm-up, such as LinearLR, come last: in scripts they stand before the schedule. A key that is
        called, such as `YOLO(...)`, is an argument, and once more with a parenthesis.
        """
        calls: dict[str, Levels] = {}
        arguments: dict[str, None] = {}
        for match in TOKEN.finditer(text):
            word, after = fold(match[0]), text[match.end() :]
            chosen = word in _SPECIAL and word in _SETTINGS and bool(after.strip())  # lr_scheduler_type with a value
            if OFF.match(after) or chosen or word in SCHEDULES or (word == "step" and after.startswith("(")):
                continue
            call = self._call(match[0], after, VALUE.search(text[max(0, match.start() - FLAG) : match.start()]) is not None)
            if call:
                calls.setdefault(*call)
            elif word in self.names or word in self.taken:
                arguments[word] = None
                if word in self.keys and after.startswith("("):
                    arguments[f"{word}("] = None
        last = sorted(calls, key=lambda call: self.cards["warmup"] in calls[call])
        return {call: calls[call] for call in last}, list(arguments)

    def _call(self, name: str, after: str, value: bool) -> tuple[str, Levels] | None:
        """The call that a name stands for, if it looks like one: not set to a value, not a module, in the form of code.

        A name that no library has is read by its words, where it is called or is a value.
        """
        word = fold(name)
        module = after.startswith(".") and not name[0].isupper()
        if SET.match(after) or module or not (after.startswith("(") or INSIDE.search(name)):
            return None
        if word not in self.calls and word in self.names:
            return None
        call = word if word in self.calls else self.call_errors.find(word)
        if call:
            return call, self.calls[call]
        called = after.startswith("(")
        levels = self._compose(name) if called or value or not after.strip() else {}
        shaped = called or any(card.slug not in ("warmup", "plan") for card in levels)
        return (word, levels) if levels and shaped else None

    def composed(self, text: str) -> tuple[Found, ...]:
        """The cards of a compound name, such as that of a class, by the words in it."""
        name = text.strip()
        levels = self._compose(name) if TOKEN.fullmatch(name) and not self.errors.find(fold(name)) else {}
        return self.code({fold(text): levels}, []) if levels else ()

    def _compose(self, name: str) -> Levels:
        """The cards of a name that no library has, by its words; empty for a name without a word of a schedule.

        The longest runs of words that are names themselves decide. Topics come alone, and a warm-up comes behind the policy
        that it is combined with.
        """
        words = [self._part(part) for part in parts(name)]
        short = len(words) == 1 and words[0].endswith("lr")  # REXLR
        if short:
            words = [words[0].removesuffix("lr"), "lr"]
        if not 1 < len(words) <= LONGEST_NAME or not (short or INSIDE.search(name)):
            return {}
        runs, understood, i = [], 0, 0
        while i < len(words):
            ends = (j for j in range(len(words), i, -1) if self._name("".join(words[i:j])))
            j = next(ends, i + 1)
            run = "".join(words[i:j])
            if self._name(run):
                runs.append(run)
            understood += (j - i) * (self._name(run) or run in PARTS)
            i = j
        if len(runs) == 2 and runs[0] in RAMPS and runs[1] == "warmup":
            runs = ["warmup"]
        if any("restart" in run for run in runs):
            runs = [run for run in runs if "restart" in run or not run.startswith("cosine")]
        if understood < len(words) and not SCHEDULING & set(words):
            return {}
        levels: dict[Card, tuple[float, int]] = {}
        for i, run in enumerate(runs):
            ranks = self.names[run]
            titled = [card for card in ranks if run in (fold(card.slug), fold(card.title))]
            for card in titled or [card for card, rank in ranks.items() if rank == min(ranks.values())]:
                levels.setdefault(card, (4.0 if card.slug in ("warmup", "plan") else 0.5, i))
        return {card: level for card, level in levels.items() if card.group == "topics"} or levels

    def _part(self, part: str) -> str:
        """A word of a name with one typing error corrected."""
        known = part in VOCABULARY or self._name(part)
        return part if known else self.part_errors.find(part) or self.errors.find(part) or part

    def _name(self, run: str) -> bool:
        """True if a run of letters is a name of more than a length or an argument."""
        return run not in PARTS and len(run) > 2 and min(self.names.get(run, {}).values(), default=1) < 1

    def _weight(self, word: str, card: Card) -> float:
        if word.endswith("("):
            return CALLED if self.keys[word[:-1]][0] == card.slug else 0
        rank = self.names.get(word, {}).get(card)
        if rank is None:
            return 0.25 if card in self.taken.get(word, ()) else 0
        return 0.5 if word in _LENGTHS else 2.5 - rank if rank < 1 else 1

    def sentence(self, words: tuple[str, ...]) -> tuple[Found, ...]:
        """The cards whose text has all words but filler and common ones; else those with the most names among the words."""
        about = tuple(word for word in words if word not in FILLER and word not in COMMON and len(word) > 1)
        if not about:
            about = tuple(word for word in words if word not in COMMON)
        if 0 < len(about) < len(words):
            joined = "".join(about)
            if joined in self.names:
                return self.named(joined)
            if symptom := _symptom(about):
                return self.explained(symptom)
            if found := self.begun(joined):
                return found
        pairs = [one + other for one, other in pairwise(words) if not {one, other} <= FILLER]
        names = [word for word in (*about, *pairs) if word in self.names and len(word) > 2]
        complains = not COMPLAINTS.isdisjoint(map(plain, words))
        if complains:
            names = [name for name in names if plain(name) not in UNITS]
        counts = {card: sum(self._weight(name, card) for name in names) for card in self.order}
        exact = [card for card in self.order if any(self.names[name].get(card, 0) == -1 for name in names)]
        every = [card for card, said in self.said.items() if about and all(f" {word}" in said for word in about)]
        if complains:
            every = [card for card in every if any(card in self.names[name] for name in names)]
        every.sort(key=lambda card: -counts[card])
        most = max(counts.values(), default=0)
        named = [card for card, count in counts.items() if count == most > 0]
        late = {"phases": 1, "topics": 2}
        titled = sorted(  # "cosine one-cycle" is a one-cycle
            (self.titles[name] for name in reversed(names) if name in self.titles), key=lambda card: late.get(card.group, 0)
        )
        kept = [*exact, *titled, *(every or named)] or ([] if complains else self._partly(about))
        return tuple(Found(card, _marks(card, words), self._note(card, names)) for card in dict.fromkeys(kept))

    def _partly(self, about: tuple[str, ...]) -> list[Card]:
        """The cards whose text has most of the words, at least two and more than half of them."""
        counts = {card: sum(f" {word}" in said for word in about if len(word) > 2) for card, said in self.said.items()}
        most = max(counts.values(), default=0)
        return [card for card, count in counts.items() if count == most] if most >= max(2, len(about) / 2 + 0.5) else []

    def corrected(self, words: tuple[str, ...]) -> tuple[Found, ...]:
        """The cards of the words with one typing error corrected in each; they say what was searched instead."""
        fixed = tuple(word if self._known(word) else self._corrected(word) for word in words)
        if fixed == words and len(words) > 1:
            return ()
        joined = "".join(fixed)
        name = self.errors.find("".join(words)) or (joined if joined in self.names else "")
        if name:
            found = self.named(name)
        elif fixed == words:
            return ()
        elif symptom := _symptom(fixed):
            found = self.explained(symptom)
        else:
            found = self.begun(joined) or self.sentence(fixed)
        instead = " ".join(fixed) if len(words) > 1 and name in ("", joined) else self.spelled.get(name, name)
        return tuple(one._replace(instead=instead) for one in found)

    def _corrected(self, word: str) -> str:
        return self.errors.find(word) or self.word_errors.find(word) or word

    def _known(self, word: str) -> bool:
        return word in self.names or word in COMMON or word in FILLER or any(f" {word}" in said for said in self.said.values())

    def _found(self, ranks: Mapping[Card, float], typed: tuple[str, ...]) -> tuple[Found, ...]:
        ordered = sorted(ranks, key=lambda card: (ranks[card], self.order[card]))
        return tuple(Found(card, _marks(card, typed), self._note(card, typed)) for card in ordered)

    def _note(self, card: Card, typed: Iterable[str]) -> Words | None:
        """Reason that a card is found under a name not on it: a special case, or a key of a library's configuration."""
        for word in typed:
            key, slugs = _SPECIAL.get(word, ("", ()))
            if card.slug in slugs:
                return say(f"catalogue.special.{key}")
            slug, name, library = self.keys.get(word, ("", "", ""))
            if card.slug == slug and self.names[word][card] in (0.45, 0.6) and fold(library) != word:
                return say("catalogue.key", name=name, library=library)
        return None


ENOUGH = 1.9
"""Smallest count of a card's arguments in a line without calls: one of its own, or half of the most if that is less."""
CERTAIN = 3.4
"""Count from which on warm-up and plan come behind a card: a name that means exactly this schedule, or two of its own."""
CALLED = 5
"""Count of a called key, such as TrainingArguments, whose default is a schedule: more than two arguments."""
COMMENT = re.compile(r"(?<=\S)[ \t]+#[ \t].*")
"""A comment behind code or a setting; a whole line may be code that was commented out."""
DECIMAL = re.compile(r"\b\d*\.\d*[1-9]\d*")
"""A decimal number that is not 0, whose 0 in front says nothing in a complaint."""
TOKEN = re.compile(r"[^\W\d_][\w-]*")
PARTS = FILLER | set(
    re.findall(r"\w+", "get build create make my with opt optimizer param custom step steps epoch epochs type fn learningrate")
)
"""Words in names of functions and classes that name no shape."""
SCHEDULING = {"lr", "sched", "scheduler", "schedule", "warmup", "annealing", "decay", "rate", "policy", "momentum"}
"""Words of which one is in the name of a schedule, if not all of its words are known."""
SCHEDULES = {"schedule", "scheduler", "schedulers", "lrschedulerkwargs", "getlastlr"}
"""Words of code that name no schedule, although they are arguments somewhere."""
VOCABULARY = PARTS | SCHEDULING
"""Words in names of schedules that are not the names of one."""
RAMPS = {"linear", "exp", "exponential", "quadratic", "gradual", "adam"}
"""Words in front of "warmup" that say what the ramp is like."""
LONGEST_NAME = 10
"""Words of the longest name that is read by its words."""
FLAG = 60
"""Characters in front of a value in which its flag begins."""
VALUE = re.compile(r"""(?:[:=][ \t]*|--[\w-]+[ \t]+)["']?$""")
"""The sign or the flag in front of a value, at the end of a text."""
EXPRESSIONS = tuple(
    (slug, weight, re.compile(pattern, re.IGNORECASE))
    for slug, weight, pattern in (
        ("multi_factor", 6, r"""\bsteps?["']?\s*[:=]\s*(?:[\[(]\s*\d|\d+\s*,\s*\d)"""),
        ("multi_factor", 5, r"""\bepoch\s*(?:[=><]=|<|>)\s*\d+|\bepoch\s+in\s*[\[(]|\*\*\s*bisect"""),
        ("inverse_time", 5, r"""/\s*\(\s*1(?:\.0*)?\s*\+"""),
        ("factor", 5, r"""\bexp\(\s*-"""),
        ("square_root", 5, r"""\bsqrt\(|\*\*\s*\(?-0?\.5"""),
        ("step", 5, r"""\*\*\s*\(?\s*(?:\w+\.)?floor\(|\*\*\s*\(?\s*\(?[\w.+ ]+//"""),
        ("cosine", 5, r"""\bcos\("""),
        ("noam", 7, r"""\*\*\s*\(?-1\.5"""),
        ("polynomial", 6, r"""pow\(\(?1(?:\.0*)?\s*-[^,\n]{,80}/|1(?:\.0*)?\s*-[^*\n]{,80}/[^*\n]{,80}\)\s*\*\*"""),
        ("factor", 2, r"""\d\s*\*\*\s*\(?[a-z]\w*\b(?!\s*//)"""),
        ("linear", 2, r"""\b1(?:\.0*)?\s*-\s*[^*\n]{,80}\w\)?\s*/\s*[\w.]+(?![^*\n]{,80}\)\s*\*\*)|\blin_\d"""),
        ("llama", 4, r"""\b(?:cosine_min_lr_ratio|cos_min_ratio|cosine_with_min_lr\b.{,80}min_lr_rate)\W+0?\.1(?!\d)"""),
        ("warmup", 3, r"""\bmin\(\s*1(?:\.0*)?\s*,[^,]{,80}/|\bmin\([^,]{,80}/[^,]{,80},\s*1(?:\.0*)?\s*\)"""),
    )
)
"""Shapes that people write as an expression, with a weight and a pattern; drops at a list of steps are of configurations."""
SET = re.compile(r"""["']?\s*(?:=(?!=)|:)""")
INSIDE = re.compile(r"_|[a-z][A-Z]|[A-Z]{2}[a-z]")
OFF = re.compile(r"""["']?\s*[=:]\s*["']?(?:False|None|null)\b""", re.IGNORECASE)
"""A name in code; the sign that sets it; what a name of code has inside; a value that switches it off."""


def _usual(card: Card) -> int:
    """The position of a card among the usual ones, which come first among equals."""
    return USUAL.index(card.slug) if card.slug in USUAL else len(USUAL)


def _terms(card: Card) -> tuple[frozenset[str], frozenset[str]]:
    """The names on a card, its own and those of fields that every schedule has."""
    specific = {card.slug, card.title, *(name.text for name in card.calls)}
    specific |= {text for entry in card.entries if entry.specific for text in (str(entry.label), *_texts(entry))}
    specific |= set(_options(card))
    inherited = {text for entry in card.entries if not entry.specific for text in _texts(entry)}
    return frozenset(specific), frozenset(inherited)


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


def _said(card: Card) -> str:
    """The words of a card's text, folded, each after a space."""
    about = str(card.schedule.policy.text("about")) if card.entries and card.group != "phases" else ""
    names = [word for name in card.calls for word in (name.text, *name.libraries)]
    text = " ".join([card.group, card.title, card.text, about, str(card.source), *names])
    return "".join(f" {fold(word)}" for word in re.findall(r"[^\W_](?:[\w-]|'\w)*", text))


def _marks(card: Card, typed: Iterable[str]) -> frozenset[str]:
    """The names on a card that match the search."""
    texts = [name.text for name in card.calls] + [name.text for entry in card.entries for name in entry.names]
    return frozenset(text for text in texts if any(len(word) > 1 and word in fold(text) for word in typed))


_SPECIAL = {fold(name): (name, slugs) for name, slugs in SPECIAL.items()}
_SPECIAL |= {fold(spelling): (name, SPECIAL[name]) for spelling, name in SPELLINGS.items()}
_ARGUMENTS = {fold(name) for lib in LIBRARIES.values() for names in lib.signatures.values() for name in names}
_SETTINGS = {fold(key) for library in LIBRARIES.values() for key in library.settings}
_LENGTHS = {fold(name) for name in LENGTHS}
