"""Sentences about comparisons: of random final losses, each says what a recomputation from the losses says."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from schedules import Constant, Cosine, Linear, Run, Schedule, Steps
from schedules.compare.peaks import BestPeak
from schedules.compare.sentences import Said, listed, names_in_sentence, said
from schedules.compare.slots import Comparison, Slot, untouched
from schedules.compare.statistics import Ranking, ranking
from schedules.training.finals import Finals
from schedules.training.optimizers.adam import Adam
from schedules.training.problems.digits import Digits
from schedules.words import Text

NAMES = {"a": "linear", "b": "cosine", "c": "WSD", "d": "constant"}
"""The names of the untouched slots in sentences."""
BEST = {key: BestPeak(0.05, 1e-3, 3.0) for key in NAMES}
NEVER = BestPeak(math.nan, math.inf, math.nan)
"""The best peak of a slot that diverges at every peak."""
MOST_WORDS = 30
"""Most words of a sentence about four slots."""


def finals(means, seeds=256, spread=0.3, diverged=(), seed=0):
    """Final losses with these means; `diverged` are the numbers of seeds that diverge."""
    noise = np.random.default_rng(seed).lognormal(0, spread, (len(means), seeds))
    noise /= noise.mean(axis=1, keepdims=True)
    lost = np.zeros((len(means), seeds), dtype=bool)
    for row, count in zip(lost, diverged, strict=False):
        row[:count] = True
    return {key: Finals(mean * each, row) for key, mean, each, row in zip("abcdef", means, noise, lost, strict=False)}


def text(found: Said) -> list[str]:
    return [str(found.line), *map(str, found.notes)]


def about(ends, comparison=None, exact=None, best=BEST, **options) -> list[str]:
    return text(said(comparison or untouched(), ranking(ends, exact, **options), best))


def at_line(peak=0.05) -> Comparison:
    return replace(untouched(), each_best=False, peak=peak)


def test_the_sentence_of_the_untouched_page():
    exact = dict(zip("abcd", (9.4e-4, 9.6e-4, 1.37e-3, 2.63e-3), strict=True))
    line, *notes = about(finals([*exact.values()], seeds=1_024), exact=exact)
    assert line == "Linear and cosine tie; WSD ends 1.5 times higher, constant 2.8 times, each at its own best peak."
    assert re.fullmatch(r"One seed would have put WSD ahead of linear in \d+ of 100 tries\.", notes[0])
    assert notes[1].startswith("The exact expected loss decides. By 1,024 seeds, WSD ends at 1.")
    assert notes[-1] == "Only the peak is tuned; the length of the cool-down and all else are as set."


CASES = {
    "lowest": ((1, 2, 3, 4), {}, "Linear ends lowest; cosine ends 2 times higher, WSD 3 times, constant 4 times, each at"),
    "percent": ((1, 1.15), {}, "Linear ends lowest; cosine ends 15 % higher, each at its own best peak."),
    "equal amounts": ((1, 1.13, 1.132), {"spread": 1e-3}, "Linear ends lowest; the others end 13 % higher, each at its own"),
    "all tie": ((1, 1.01, 1.02, 1.03), {"spread": 1e-3}, "Linear, cosine, WSD and constant tie, each at its own best peak."),
    "open": ((1, 1.02), {"seeds": 64, "spread": 0.5}, "It is not decided whether linear or cosine ends lowest, each at"),
    "open, one worse": ((1, 1.02, 9), {"seeds": 64}, "It is not decided whether linear or cosine ends lowest"),
    "single": ((1,), {}, "The best peak of linear is 0.05: there it ends at a loss of 1"),
    "all diverged": ((1, 1), {"diverged": (256, 200)}, "All of them diverge at every peak of the grid."),
    "one left": ((1, 1), {"diverged": (0, 256)}, "Linear is ahead, each at its own best peak: fewer of its seeds diverged."),
    "some": ((2, 1), {"diverged": (0, 30)}, "Linear is ahead, each at its own best peak: fewer of its seeds diverged."),
}


@pytest.mark.parametrize("name", CASES)
def test_each_case_has_its_sentence(name):
    means, options, expected = CASES[name]
    slots = untouched().slots[: len(means)]
    line, *_ = about(finals(means, **options), replace(untouched(), slots=slots))
    assert line.startswith(expected)


def test_one_seed_is_enough_only_if_it_is_for_all_and_nothing_is_open():
    """Under a tie, or where it is not decided, one seed would not have told the first from the second."""
    enough = "Linear ends lower in each of 64 seeds: here one would have been enough."
    three = replace(untouched(), slots=untouched().slots[:3])
    assert enough in about(finals((1, 20, 30), seeds=64, spread=0.1), three)
    tie, opened = finals((1, 1.001, 30), seeds=64, spread=0.01), finals((1, 1.02, 90), seeds=64, spread=0.5)
    for ends in (tie, opened):
        line, *notes = about(ends, three)
        assert ("tie" in line or "not decided" in line) and not any("one would have been enough" in note for note in notes)
    assert "WSD is ahead of linear in none of 64 seeds." in about(tie, three)
    assert any(note.startswith("One seed would have put cosine ahead of linear") for note in about(opened, three))
    third = finals((1, 20, 3), seeds=64, spread=0.01)
    third["d"] = Finals(np.where(np.arange(64) < 8, 0.5, 4) * third["a"].loss, third["a"].blown)
    assert not any("enough" in note for note in about(third)), "the last of four is ahead in 8 of 64 seeds"


def test_a_seed_that_is_rarely_ahead_is_said():
    ends = finals((1, 20), seeds=1_024, spread=0.1)
    ends["b"].loss[:2] = 0.01
    both = replace(untouched(), slots=untouched().slots[:2])
    assert "One seed would have put cosine ahead of linear in fewer than 1 of 100 tries." in about(ends, both)


def test_an_interval_that_misses_the_exact_ratio_says_so():
    """Least squares without label noise: rare large losses carry the mean."""
    ends, both = finals((1, 190), seeds=1_024), replace(untouched(), slots=untouched().slots[:2])
    missed = "The exact ratio, 240, is outside of that: a mean can depend on rare large losses, which few seeds show."
    found = about(ends, both, exact={"a": 1.0, "b": 240.0})
    assert found[found.index(missed) - 1].startswith("The exact expected loss decides. By 1,024 seeds, cosine ends at 1")
    assert not any("outside" in note for note in about(ends, both, exact={"a": 1.0, "b": 190.0}))


def test_divergence_is_said_with_its_seeds():
    both = replace(untouched(), slots=untouched().slots[:2])
    assert "Cosine: 30 of 256 seeds diverged." in about(finals((2, 1), diverged=(0, 30)), both)
    assert "Cosine diverges at every peak of the grid." in about(finals((1, 1), diverged=(0, 256)), both)
    line, *notes = about(finals((1, 1), diverged=(0, 256)), replace(both, each_best=False, peak=0.3))
    assert line == "At peak 0.3 linear is ahead: fewer of its seeds diverged."
    assert "At peak 0.3 cosine diverges." in notes
    three = about(finals((1, 2, 3)), best=BEST | {"d": NEVER})
    assert "Constant diverges at every peak of the grid." in three
    assert text(said(untouched(), None, dict.fromkeys(BEST, NEVER))) == ["All of them diverge at every peak of the grid."]


@pytest.mark.parametrize("comparison", [untouched(), at_line()], ids=["best", "line"])
def test_nothing_is_said_about_losses_before_all_are_computed(comparison):
    """A slot whose curve is known, and that no seed has ranked yet, neither diverges nor ends lowest."""
    for best in ({}, {"a": BEST["a"]}, BEST):
        assert text(said(comparison, None, best)) == ["The final losses are being computed."]
        assert about(finals((1, 2)), comparison, best=best) == ["Not computed yet: WSD and constant."]


def test_undecided_says_the_largest_difference_and_growing_says_so():
    both = replace(untouched(), slots=untouched().slots[:2])
    ends = finals((1, 1.02), seeds=64, spread=0.3)
    found = ranking(ends)
    share = 100 * (found.pairs[found.order].most - 1)
    assert f"Not decided after 64 seeds: they differ by at most {share:.2g} %." in about(ends, both)
    assert "Not decided after 64 seeds; more are drawn." in about(ends, both, last=False)


def test_one_seed_is_enough_only_where_every_other_slot_is_always_behind():
    enough = "Linear ends lower in each of 64 seeds: here one would have been enough."
    assert enough in about(finals((1, 9, 9, 9), seeds=64, spread=0.1))
    tie = about(finals((1, 1.01, 9, 9), seeds=64, spread=0.02))
    assert not any("enough" in note for note in tie)
    wins_some = about(finals((1, 4, 5, 6), seeds=64, spread=0.5))
    assert not any("enough" in note for note in wins_some)


def test_what_is_not_tuned_is_said_only_of_best_peaks():
    ends = finals((1, 2, 3, 4))
    assert any("as set" in note for note in about(ends))
    assert not any("as set" in note for note in about(ends, at_line()))
    no_cooldown = replace(untouched(), slots=untouched().slots[:2])
    assert "Only the peak is tuned; all else is as set." in about(finals((1, 2)), no_cooldown)


def test_optimizers_share_no_peak():
    adam = Run(schedule=Schedule(policy=Cosine()), optimizer=Adam())
    mixed = replace(at_line(), slots=(*untouched().slots[:1], ("b", Slot(adam))))
    assert any(note.startswith("The optimizers differ") for note in about(finals((1, 2)), mixed))
    assert str(names_in_sentence(mixed)["b"]) == "cosine with Adam"
    assert not any("optimizers" in note for note in about(finals((1, 2, 3, 4)), at_line()))


def test_few_seeds_of_a_network_say_what_they_can_tell_apart():
    digits = replace(at_line(), problem=Digits())
    notes = about(finals((1, 1.5, 3, 4), seeds=8, spread=0.05), digits)
    assert any(re.fullmatch(r"With 8 seeds, factors above \d+(\.\d+)? can be told apart\.", note) for note in notes)
    assert "One seed each: another one may give another order." in about(finals((1, 1.5, 3, 4), seeds=1), digits)


def test_a_best_peak_at_the_end_of_the_grid_is_said():
    best = BEST | {"b": BestPeak(1.0, 1e-3, 2.0, "high")}
    note = "The best peak of cosine, 1, is at the end of the grid; a better one may lie beyond it."
    assert note in about(finals((1, 2, 3, 4)), best=best)
    assert note not in about(finals((1, 2, 3, 4)), at_line(), best=best)


def test_a_best_peak_next_to_divergence_is_said():
    best = BEST | {"a": BestPeak(0.2, 1e-3, 2.0, diverging=36 / 64), "b": BestPeak(0.2, 1e-3, 2.0, diverging=1.0)}
    some = "The best peak of linear is 0.2; at the next one tried, 56 % of the seeds diverge."
    every = "The best peak of cosine is 0.2; at the next one tried, it diverges."
    notes = about(finals((1, 2, 3, 4)), best=best)
    assert some in notes and every in notes
    both = about(finals((1, 2, 3, 4)), best=best | {"c": best["b"]})
    assert "Cosine and WSD diverge at the next peak tried above the best of each." in both and every not in both
    assert not {some, every} & {*about(finals((1, 2, 3, 4)), at_line(), best=best), *about(finals((1, 2, 3, 4)))}


def test_the_number_of_a_cooldown_is_explained_where_slots_differ_by_it():
    note = "The number after WSD is the cool-down's share of the run."
    slots = [Slot(Run(schedule=Schedule(policy=Constant(), cooldown=share))) for share in (0.2, 0.4)]
    two = Comparison(tuple(zip("ab", slots, strict=True)))
    assert note in about(finals((1, 2)), two)
    assert note not in about(finals((1, 2)), two.with_slot("b", replace(slots[1], name="Mine")))
    steps = Slot(Run(schedule=Schedule(policy=Constant(), cooldown=Steps(40))))
    assert note not in about(finals((1, 2)), two.with_slot("b", steps)), "one share only"
    assert note not in about(finals((1, 2, 3, 4))), "one slot with a cool-down is called WSD"


def test_names_begin_with_a_small_letter_where_they_are_common_nouns():
    slots = {"a": Slot(Run(schedule=Schedule(policy=Linear())), name="My Own"), "b": untouched().slot("c")}
    slots |= {"c": Slot(Run(schedule=Schedule(policy=Constant(), cooldown=0.4)))}
    names = {key: str(name) for key, name in names_in_sentence(Comparison(tuple(slots.items()))).items()}
    assert names == {"a": "My Own", "b": "WSD 20 %", "c": "WSD 40 %"}
    assert {key: str(name) for key, name in names_in_sentence(untouched()).items()} == NAMES


def test_lists():
    words = [Text(name, name) for name in "xyz"]
    assert [str(listed(words[:n])) for n in (1, 2, 3)] == ["x", "x and y", "x, y and z"]
    assert str(listed(words, "or")) == "x, y or z"
    assert str(listed(words, "comma")) == "x, y, z"


@pytest.mark.parametrize("seed", range(150))
def test_random_comparisons_say_what_the_losses_say(seed):
    rng = np.random.default_rng(seed)
    count, seeds = int(rng.integers(1, 7)), int(rng.choice([1, 2, 8, 64, 256]))
    slots = tuple((key, Slot(Run(schedule=Schedule(policy=Linear())), name=f"S{key}")) for key in "abcdef"[:count])
    comparison = replace(untouched(), slots=slots, each_best=bool(rng.integers(2)), peak=float(rng.choice([0.01, 1e-6, 3])))
    means = 10.0 ** rng.uniform(-4, 1, count) if rng.integers(2) else rng.uniform(1, 1.3, count)
    diverged = rng.integers(0, seeds + 1, count) * rng.integers(0, 2, count)
    ends = finals(means, seeds=seeds, spread=float(rng.choice([0.0, 0.1, 1.0])), diverged=diverged, seed=seed)
    if rng.integers(8) == 0:
        ends = {key: Finals(0 * end.loss, end.diverged) for key, end in ends.items()}
    found = ranking(ends, last=bool(rng.integers(2)))
    spoken = said(comparison, found, dict.fromkeys(ends, BestPeak(0.1, 1.0, 2.0)))
    for each in text(spoken):
        assert each.endswith(".") and not re.search(r"nan|unknown|inf\b|None|  ", each)
        assert len(each.split()) <= MOST_WORDS
        assert not re.search(r"\b1 times|\b0 %", each)
    _check(str(spoken.line), found, ends)


def _check(line: str, found: Ranking, ends: dict[str, Finals]) -> None:
    """Recompute from the final losses what a line states about slots named Sa to Sf."""
    ended = {key: end for key, end in ends.items() if 2 * end.diverged.sum() < len(end.loss)}
    if not ended:
        assert "diverge" in line
        return
    assert not set(re.findall(r"\bS([a-f])\b", line)) - set(ended), "a slot that diverges is not in the line"
    if match := re.search(r"((?:S[a-f](?:, | and )?)+) tie\b", line):
        first, *others = re.findall(r"S([a-f])", match[1])
        assert all(1 / 1.1 < _ratio(found, ends, first, key) < 1.1 for key in others)
    if match := re.search(r"S([a-f]) ends lowest; S([a-f]) ends ([\d.,]+) times higher", line):
        assert float(match[3].replace(",", "")) == pytest.approx(_ratio(found, ends, *match.group(1, 2)), rel=0.06)
    if match := re.search(r"S([a-f]) ends lowest; S([a-f]) ends ([\d.]+) % higher", line):
        assert float(match[3]) == pytest.approx(100 * (_ratio(found, ends, *match.group(1, 2)) - 1), rel=0.06)
    if match := re.match(r"(?:At peak \S+ )?S([a-f]) ends lowest;", line):
        assert all(_ratio(found, ends, match[1], key) >= 1 for key in ended if key != match[1] and not ends[key].diverged.any())


def _ratio(found: Ranking, ends: dict[str, Finals], first: str, second: str) -> float:
    """The ratio of the mean losses of two slots, or of their medians where those were compared."""
    measure = np.mean if found.pair(first, second).measure == "mean" else np.median
    below, above = (measure(np.where(ends[key].diverged, np.inf, ends[key].loss)) for key in (first, second))
    return float(above / below) if below else 1.0
