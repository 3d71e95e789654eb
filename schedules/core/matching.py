"""Matching typed text with names: folding, beginnings at the words of a name, and one typing error."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from types import MappingProxyType

FILLER = frozenset({"learning", "rate", "lr", "schedule", "scheduler", "scheduling"})
"""Words that fit every card and are ignored in a search."""

COMMON = frozenset(
    re.findall(
        r"\w+",
        """
    a all also am an and any are as at be been by can could did do does doing for from get give had has have how i if in into
    is it its just like me mean my need of on or please should so some than that the their them then there these they this to
    use used using want was we what when where which while who why will with would you your
    """,
    )
)
"""Words of a sentence that name nothing."""

SYNONYMS: Mapping[str, str] = MappingProxyType(
    {
        "zero": "0",
        "increase": "rise",
        "increasing": "rise",
        "does": "do",
        "doesnt": "not",
        "dont": "not",
        "didnt": "not",
        "isnt": "not",
        "wont": "not",
        "doesn": "not",
        "tried": "try",
        "called": "call",
        "becomes": "become",
        "staying": "stay",
        "begins": "begin",
        "beginning": "begin",
        "starts": "start",
        "goes": "go",
        "went": "go",
        "dropped": "drop",
        "improving": "improve",
        "decreasing": "decrease",
        "oscillating": "oscillate",
        "oscillation": "oscillate",
        "oscillations": "oscillate",
        "bouncing": "bounce",
        "exploding": "explode",
        "exploded": "explode",
        "explosion": "explode",
        "diverging": "diverge",
        "diverged": "diverge",
        "changing": "change",
        "resuming": "resume",
        "iteration": "step",
        "iterations": "step",
        "restarting": "resume",
        "sooner": "early",
        "anneal": "decay",
        "falls": "fall",
        "doubled": "double",
        "doubling": "double",
        "stepped": "step",
        "stepping": "step",
        "gpus": "gpu",
        "loading": "load",
        "loaded": "load",
        "increased": "rise",
        "updated": "update",
        "updating": "update",
        "remain": "stay",
        "remained": "stay",
        "remains": "stay",
        "frozen": "stuck",
        "fixed": "same",
        "working": "work",
        "reaches": "reach",
        "reached": "reach",
        "scaling": "scale",
        "scaled": "scale",
        "sqrt": "root",
    }
)
"""Forms of a word, and words of the same meaning, in complaints."""

UNITS = frozenset({"step", "epoch", "batch"})
"""Units of time, which name a card only where nothing else is said."""

COMPLAINTS = frozenset({"not", "nothing", "never", "why", "wrong", "instead", "error", "bug", "broken", "fail"})
"""Words of a complaint, in the form of `plain`: chance words of a card's text do not answer one."""

LEAST = 3
"""Letters of a last word that is typed in part, where the match covers several words of a name."""
LEAST_TO_CORRECT = 5
"""Letters of a word in which a typing error is forgiven; shorter words are too close to each other."""


def fold(text: str) -> str:
    """Lower case without punctuation: get_cosine_schedule and GetCosineSchedule become equal."""
    return "".join(c for c in text.casefold() if c.isalnum())


def parts(name: str) -> list[str]:
    """The folded words of a name: "CosineAnnealingLR" has cosine, annealing and lr."""
    return [fold(part) for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+", name)]


def plain(word: str) -> str:
    """A word as complaints are compared: a synonym's common form, without the s of a plural or of the third person."""
    word = SYNONYMS.get(word, word)
    singular = word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
    return SYNONYMS.get(singular, singular)


def all_words_of(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order."""
    return tuple(fold(word) for word in re.findall(r"[^\W_](?:[\w-]|'\w)*", text))


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a text, each once."""
    return tuple(dict.fromkeys(all_words_of(text)))


def complaint(words: Iterable[str]) -> frozenset[str]:
    """The words of a complaint in the form of `plain`; "step 0" and "epoch 0" are one word, beside which a 0 is a rate."""
    joined = re.sub(r"\b(step|epoch) 0\b", r"\g<1>0", " ".join(map(plain, words)))
    return frozenset(joined.split())


class Beginnings:
    """The names that contain a text from the beginning of one of their words on.

    "annealing" and "cosineann" match "CosineAnnealingLR". Part of a word inside another word does not: "mup" is not in
    "warmup", nor "lrf" in "lr_func".
    """

    def __init__(self, names: Iterable[str]) -> None:
        found: set[tuple[str, str, bool, tuple[int, ...]]] = set()
        for name in names:
            words = parts(name)
            for i in range(len(words)):
                tail, ends = "", []
                for word in words[i:]:
                    tail += word
                    ends.append(len(tail))
                found.add((tail, fold(name), i == 0, tuple(ends)))
        self._entries = sorted(found)
        self._tails = [entry[0] for entry in self._entries]

    def find(self, typed: str) -> dict[str, bool]:
        """The folded names with a match, and whether it is at their beginning."""
        found: dict[str, bool] = {}
        for i in range(bisect_left(self._tails, typed), len(self._tails)):
            tail, name, first, ends = self._entries[i]
            if not tail.startswith(typed):
                break
            full = max((end for end in ends if end <= len(typed)), default=0)
            if full in (0, len(typed)) or len(typed) - full >= LEAST:
                found[name] = found.get(name, False) or first
        return found


def one_error(typed: str, name: str) -> bool:
    """True if one letter changed, added, left out, or exchanged with its neighbor turns one word into the other."""
    if abs(len(typed) - len(name)) > 1 or typed == name:
        return False
    least = min(len(typed), len(name))
    i = next((i for i in range(least) if typed[i] != name[i]), least)
    rest, other = typed[i:], name[i:]
    if len(typed) != len(name):
        return rest[1:] == other or rest == other[1:]
    return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])


class Corrections:
    """The words of a vocabulary that differ from a text by one typing error."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(set(words)):
            self._by_length.setdefault(len(word), []).append(word)

    def find(self, typed: str) -> str | None:
        """The first such word; None for a short text, or without such a word.

        In four letters only an exchange is forgiven, and another digit is no error: Llama 2 is not Llama 3.
        """
        if len(typed) < LEAST_TO_CORRECT:
            same = self._by_length.get(len(typed), ()) if len(typed) == LEAST_TO_CORRECT - 1 else ()
            return next((word for word in same if sorted(word) == sorted(typed) and one_error(typed, word)), None)
        near = (word for n in (0, -1, 1) for word in self._by_length.get(len(typed) + n, ()))
        return next(
            (
                word
                for word in near
                if len(word) >= LEAST_TO_CORRECT - 1 and one_error(typed, word) and _digits(word) == _digits(typed)
            ),
            None,
        )


def _digits(word: str) -> list[str]:
    return [c for c in word if c.isdigit()]
