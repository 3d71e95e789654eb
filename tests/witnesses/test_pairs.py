"""Every pair, compared at every step; and every schedule of the five libraries has a pair or a stated reason."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from schedules import Constant
from schedules.catalogue import find
from schedules.libraries import LIBRARIES
from tests.witnesses import keras_pairs, optax_pairs, timm_pairs, torch_pairs, transformers_pairs
from tests.witnesses.pair import RELATIVE, Pair, load

FILES = (torch_pairs, timm_pairs, transformers_pairs, optax_pairs, keras_pairs)
PAIRS: list[Pair] = [pair for file in FILES for pair in file.PAIRS]
README = Path(__file__).parent.parent.parent / "schedules" / "README.md"


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_every_pair_agrees_at_every_step(pair: Pair):
    theirs, ours = pair.theirs(), pair.ours.lrs()
    tolerance = RELATIVE * np.max(theirs)
    assert theirs.shape == ours.shape
    assert np.max(np.abs(ours - theirs)) <= tolerance
    if pair.ours.policy != Constant() or pair.ours.warmup:
        assert np.max(np.abs(ours[1:] - theirs[:-1])) > 1e3 * tolerance, "the pair would not detect a shift by one step"


def test_pairs_are_many_and_distinct():
    assert len(PAIRS) >= 80
    assert len(set(map(str, PAIRS))) == len({(pair.library, pair.name, pair.ours) for pair in PAIRS}) == len(PAIRS)
    assert min(Counter(pair.library for pair in PAIRS).values()) >= 10


def torch_names() -> set[str]:
    return {*load("torch").__all__, "SWALR"} - {"LRScheduler"}


def timm_names() -> set[str]:
    timm: Any = load("timm")
    branches = re.findall(r"^    (?:el)?if sched (?:==|in) (.*):$", inspect.getsource(timm.create_scheduler_v2), re.MULTILINE)
    classes = {name for name in dir(timm) if name.endswith("LRScheduler")}
    return classes | {name for branch in branches for name in re.findall(r"'(\w+)'", branch)}


def transformers_names() -> set[str]:
    transformers: Any = load("transformers")
    return {kind.value for kind in transformers.SchedulerType}


def optax_names() -> set[str]:
    return {"reduce_on_plateau"} | {
        name for name, value in inspect.getmembers(load("optax"), inspect.isfunction) if not name.startswith("inject")
    }


def keras_names() -> set[str]:
    keras: Any = load("keras")
    return {name for name, value in inspect.getmembers(keras, inspect.isclass) if value is not keras.LearningRateSchedule}


NAMES = {
    "torch": (torch_names, 16),
    "timm": (timm_names, 16),
    "transformers": (transformers_names, 12),
    "optax": (optax_names, 15),
    "keras": (keras_names, 6),
}
"""By library: a function that reads its own list of schedules, and their number."""


RULES = {
    "torch": {"ReduceLROnPlateau"},
    "timm": {"PlateauLRScheduler", "plateau"},
    "transformers": {"reduce_lr_on_plateau", "greedy"},
    "optax": {"reduce_on_plateau"},
}
"""Schedules that read the loss, which tests/feedback compares; timm's uses torch's."""


def not_ours() -> list[tuple[set[str], set[str], str]]:
    """The rows of the README's table: libraries, schedules, missing features."""
    text = README.read_text(encoding="utf-8").partition("| library | schedule |")[2].partition("\n\n")[0]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines()[2:]]
    return [(set(row[0].split(", ")), set(re.findall(r"`(\w+)`", row[1])), row[2]) for row in cells]


@pytest.mark.parametrize("library", NAMES)
def test_every_schedule_of_a_library_has_a_pair_or_a_reason(library: str):
    read, number = NAMES[library]
    known = read()
    assert len(known) == number
    paired = {pair.name for pair in PAIRS if pair.library == library} | RULES.get(library, set())
    missing = {name for libraries, names, what in not_ours() if library in libraries and what == "all of it" for name in names}
    assert paired | missing == known and not paired & missing


@pytest.mark.parametrize("library", NAMES)
def test_every_name_of_a_library_finds_a_card(library: str):
    read, _ = NAMES[library]
    assert all(find(name) for name in read())


def test_the_table_names_schedules_that_exist():
    rows = not_ours()
    assert len(rows) >= 10
    for libraries, names, what in rows:
        assert what and libraries <= LIBRARIES.keys()
        if libraries <= NAMES.keys():  # the names of other libraries are not read here
            assert names <= set().union(*(NAMES[library][0]() for library in libraries))
