"""Rankings: what a declared winner means, on random bowls whose exact expected losses are known, and in limiting cases."""

import math
from dataclasses import asdict

import numpy as np
import pytest

from schedules.compare.intervals import ratio
from schedules.compare.peaks import best_peak, peak_curve
from schedules.compare.slots import read, untouched
from schedules.compare.statistics import CHECKS, CLOSE, Pair, affordable, expected_losses, rank, ranking, work
from schedules.feedback import FEEDBACK
from schedules.policies import POLICIES
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.schedule import Schedule
from schedules.training.finals import Finals, finals
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.optimizers.adam import Adam
from schedules.training.problems import PROBLEMS, AnalyticProblem
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.double_well import DoubleWell
from schedules.training.problems.least_squares import LeastSquares
from schedules.training.runs import Run
from tests.boxes import sample

ANALYTIC = [cls for cls in PROBLEMS.values() if issubclass(cls, AnalyticProblem)]
SHAPES = ("constant", "cosine", "linear", "inverse_time", "polynomial", "step")


def last(runs, **options):
    """The last ranking of these runs."""
    *_, found = rank(runs, **options)
    return found


def made(loss, diverged=()):
    """The ends of a run with these losses, of which some seeds diverged."""
    return Finals(np.array(loss, dtype=np.float64), np.isin(np.arange(len(loss)), diverged))


# What a declared winner means


def random_schedule(rng, steps):
    return Schedule(
        policy=POLICIES[str(rng.choice(SHAPES))](), peak_lr=10 ** rng.uniform(-2.3, -0.72), total_steps=steps,
        cooldown=float(rng.choice([0, 0.2, 0.5])), warmup=float(rng.choice([0, 0.1])),
    )  # fmt: skip


def random_pair(rng):
    """Two schedules on a random bowl; in one case of three with the same shape and peaks near to each other."""
    steps = int(rng.integers(50, 300))
    schedule = random_schedule(rng, steps)
    near = schedule.replace(peak_lr=min(0.19, schedule.peak_lr * 10 ** rng.uniform(-0.2, 0.2)))
    problem = Bowl(condition=10 ** rng.uniform(0, 2), noise=rng.uniform(0.05, 2))
    run = Run(schedule=schedule, problem=problem, first_seed=int(rng.integers(10**6)))
    return {"a": run, "b": run.replace(schedule=near if rng.random() < 1 / 3 else random_schedule(rng, steps))}


@pytest.fixture(scope="module")
def random_pairs():
    """True ratio and comparison by seeds alone of 300 random pairs on bowls."""
    rng, found = np.random.default_rng(14), []
    for _ in range(300):
        runs = random_pair(rng)
        exact = expected_losses(runs)
        found.append((exact["b"] / exact["a"], last(runs, exactly=False).pair("a", "b")))
    return found


def test_a_declared_winner_is_the_true_one(random_pairs):
    """In at least 99 % of the pairs with a winner."""
    called = [(true, pair) for true, pair in random_pairs if pair.outcome in ("lower", "higher")]
    right = [(true > 1) == (pair.outcome == "lower") for true, pair in called]
    assert len(called) > 200 and not any(pair.exact for _, pair in called)
    assert np.mean(right) >= 0.99


def test_pairs_that_differ_by_a_fifth_are_called(random_pairs):
    """At least 95 % of the pairs whose true ratio is above 1.2, in either direction."""
    called = [pair.outcome in ("lower", "higher") for true, pair in random_pairs if max(true, 1 / true) > 1.2]
    assert len(called) > 150 and np.mean(called) >= 0.95


def test_pairs_within_ten_percent_are(random_pairs):
    within = [max(true, 1 / true) for true, pair in random_pairs if pair.outcome == "within"]
    assert len(within) > 10 and np.mean(np.array(within) < CLOSE) >= 0.99


def test_intervals_contain_the_true_ratio(random_pairs):
    """In at least 99 % of the pairs, over up to four checks each; so what is not excluded may be said."""
    assert np.mean([pair.low <= true <= pair.high for true, pair in random_pairs]) >= 0.99
    assert np.mean([pair.most >= max(true, 1 / true) for true, pair in random_pairs]) >= 0.99


def test_a_schedule_against_itself_is_never_called():
    """Neither on the same seeds, exactly or not, nor as two independent runs on different ones."""
    rng = np.random.default_rng(15)
    for _ in range(20):
        run = random_pair(rng)["a"]
        for exactly in (True, False):
            found = last({"a": run, "b": run}, exactly=exactly)
            [pair] = found.pairs.values()
            assert (pair.outcome, pair.ratio, pair.wins, found.seeds) == ("same", 1, 0.5, CHECKS[0])
        [first], [second] = finals([run], range(1_024)), finals([run], range(10**6, 10**6 + 1_024))
        assert ranking({"a": first, "b": second}).pair("a", "b").outcome in ("within", "undecided")


# The untouched comparison


@pytest.mark.parametrize(
    ("peak", "order", "tied"),
    [(0.01, "dcba", {"ab"}), (0.02, "cdab", {"ab"}), (0.05, "abcd", {"ab"}), (0.18, "bacd", set())],
)
def test_the_winner_depends_on_the_peak(peak, order, tied):
    """Constant wins at .01, the cool-down at .02, linear and cosine tie at .05, cosine wins at .18; seeds agree."""
    runs = {key: untouched().run(key, peak) for key in "abcd"}
    for exactly in (True, False):
        found = last(runs, exactly=exactly)
        within = {"".join(sorted(pair)) for pair, each in found.pairs.items() if each.outcome == "within"}
        assert found.decided and within == tied
        assert {*found.order[:2]} == {*order[:2]} and (found.order == tuple(order) or "ab" in tied)
        assert all(pair.agrees for pair in found.pairs.values())


def test_exact_losses_decide_at_the_first_check_and_seeds_follow_until_they_agree():
    runs = {key: untouched().run(key, 0.05) for key in "abcd"}
    first, *_, final = rank(runs)
    assert first.decided and not first.done and first.seeds == CHECKS[0] and final.done
    assert first.losses == final.losses == expected_losses(runs)
    assert all(pair.exact for pair in (*first.pairs.values(), *final.pairs.values()))


# Rankings


def test_pairs_are_in_the_order_of_the_ranking_and_can_be_exchanged():
    found = last({key: untouched().run(key, 0.05) for key in "abcd"})
    assert [*found.pairs] == [(a, b) for i, a in enumerate(found.order) for b in found.order[i + 1 :]]
    assert all(pair.ratio >= 1 and (pair.first, pair.second) == keys for keys, pair in found.pairs.items())
    ours, theirs = found.pair("a", "d"), found.pair("d", "a")
    assert (ours.outcome, theirs.outcome) == ("lower", "higher")
    assert ours.ratio * theirs.ratio == pytest.approx(1) and ours.wins + theirs.wins == pytest.approx(1)
    assert asdict(theirs.reversed) == pytest.approx(asdict(ours))
    with pytest.raises(KeyError):
        found.pair("a", "f")


def test_more_seeds_continue_the_ones_before():
    runs = {"a": Run(optimizer=Adam()), "b": Run(optimizer=Adam(), schedule=Schedule(policy=Constant(), peak_lr=0.18))}
    at_once = last(runs, checks=(256,))
    grown = [*rank(runs, checks=(64, 100, 256))][-1]
    if grown.seeds == 256:
        assert grown.losses == pytest.approx(at_once.losses)
    assert at_once.losses == {key: pytest.approx(finals([run], range(256))[0].loss.mean()) for key, run in runs.items()}


def test_one_run_is_ranked_alone():
    found = last({"a": Run()})
    assert found.order == ("a",) and not found.pairs and found.done and found.decided


def test_no_runs_and_networks_are_refused():
    with pytest.raises(ValueError, match="at least one run"):
        next(rank({}))
    with pytest.raises(ValueError, match="is a network"):
        next(rank({"a": Run(problem=PROBLEMS["digits"]())}))


def test_few_seeds_resolve_large_factors_only():
    """Losses that vary by a tenth: three seeds do not tell 1.2 from 1, twenty do."""
    rng = np.random.default_rng(0)
    ends = {key: made(mean * (1 + 0.1 * rng.standard_normal(20))) for key, mean in (("a", 1), ("b", 1.3))}
    few = ranking({key: made(end.loss[:3]) for key, end in ends.items()}).pair("a", "b")
    many = ranking(ends).pair("a", "b")
    assert few.outcome == "undecided" and few.resolves > 1.5
    assert many.outcome == "lower" and many.resolves < 1.3
    four = ranking({key: made(end.loss[:4]) for key, end in {"a": ends["a"], "b": made(3 * ends["a"].loss + 0.1)}.items()})
    assert (four.pair("a", "b").outcome, four.pair("a", "b").measure) == ("lower", "mean")
    single = ranking({key: made(end.loss[:1]) for key, end in ends.items()}).pair("a", "b")
    assert single.outcome == "undecided" and single.resolves == single.most == math.inf


# Divergences


def test_a_run_of_which_seeds_diverged_loses():
    """After the last check, however low its other losses are."""
    found = ranking({"a": made([0.1] * 64, [3, 8, 9]), "b": made(np.linspace(1, 2, 64))})
    assert found.order == ("b", "a") and found.diverged == {"a": 3, "b": 0}
    pair = found.pair("a", "b")
    assert (pair.outcome, pair.measure) == ("higher", "diverged")
    assert found.losses["a"] == pytest.approx(0.1)


def test_divergences_that_may_be_chance_wait_for_more_seeds():
    ends = {"a": made([0.1] * 64, [3, 8, 9]), "b": made(np.linspace(0.09, 0.12, 64))}
    early = ranking(ends, checks=4, last=False)
    assert early.pair("a", "b").measure == "median" and early.order == ("b", "a")
    assert early.pair("a", "b").outcome == "undecided" and not early.done
    ends["a"] = made([0.1] * 64, range(30))
    assert ranking(ends, checks=4, last=False).pair("b", "a").outcome == "lower"


def test_few_divergences_are_not_outweighed_by_a_median_before_the_last_check():
    """A ratio of medians that is decided the other way stops nothing: more seeds are drawn, and then divergences decide."""
    runs = read({
        "on": "1~peak_lr-0.2~total_steps-200~problem-valley", "a": "1~policy-factor~optimizer-momentum",
        "b": "1~policy-polynomial~cooldown-0.5~warmup-0", "at": "line",
    })[0]  # fmt: skip
    first, *_, final = rank({key: runs.run(key, 0.2) for key in "ab"}, (64, 256))
    assert first.diverged["a"] and not first.diverged["b"] and not first.done and first.pair("a", "b").outcome == "undecided"
    assert final.order == ("b", "a") and (final.pair("b", "a").outcome, final.pair("b", "a").measure) == ("lower", "diverged")


@pytest.mark.parametrize("seed", range(60))
def test_order_losses_and_pairs_of_a_ranking_agree(seed):
    """One measure for all: the ratio of a pair is that of the losses, no pair is decided against the order, and the losses of
    runs that diverge equally often ascend.
    """
    rng = np.random.default_rng(seed)
    seeds, keys = int(rng.choice([2, 64, 256])), "abcdef"[: rng.integers(2, 7)]
    spread = float(rng.choice([0.1, 1, 3]))
    ends = {
        key: made(
            10 ** rng.uniform(-1, 1) * rng.lognormal(0, spread, seeds),
            rng.permutation(seeds)[: rng.integers(0, 1 + seeds // int(rng.choice([1, 4, 20])))] if rng.random() < 0.4 else (),
        )
        for key in keys
    }
    exact = {key: rng.uniform(0.1, 10) for key in keys if rng.random() < 0.7}
    found = ranking(ends, exact, checks=4, last=bool(rng.integers(2)))
    finite = [key for key in found.order if math.isfinite(found.losses[key])]
    assert found.order[: len(finite)] == tuple(finite), "runs of which half diverged are last"
    assert all(2 * found.diverged[key] >= seeds for key in found.order[len(finite) :])
    for (first, second), pair in found.pairs.items():
        assert pair.ratio == ratio(found.losses[second], found.losses[first])
        assert pair.outcome != "higher"
        if pair.measure == "diverged":
            assert found.diverged[first] < found.diverged[second]
        elif pair.outcome in ("lower", "within"):
            assert pair.ratio >= 1
    measures = {pair.measure for pair in found.pairs.values() if pair.decided} - {"diverged"}
    decided = [pair for pair in found.pairs.values() if pair.second in finite]
    assert len(measures) <= 1 or not decided
    assert len({pair.exact for pair in decided}) <= 1


def test_slots_with_and_without_a_known_loss_are_compared_by_the_same_measure():
    """SGD beside Adam on the bowl: all losses are means over the seeds."""
    runs = {key: untouched().run(key, 0.05) for key in "ab"} | {"c": Run(optimizer=Adam())}
    found = last(runs, checks=(256,))
    assert not any(pair.exact for pair in found.pairs.values())
    assert found.losses == {key: pytest.approx(finals([run], range(256))[0].loss.mean()) for key, run in runs.items()}


def test_seeds_that_do_not_agree_with_the_exact_ratio_are_followed_by_more():
    """Both say that the first ends lower, but by other factors."""
    ends = {"a": made(np.linspace(1, 2, 64)), "b": made(np.linspace(150, 300, 64))}
    agreed, missed = (ranking(ends, {"a": 1.5, "b": 1.5 * times}, checks=4, last=False) for times in (150, 240))
    assert agreed.done and not missed.done and missed.decided


def test_a_known_loss_decides_also_where_a_seed_diverged():
    """One of 64 seeds, whose loss is part of the expected one."""
    ends = {"a": made([1.0] * 63 + [9.0], [63]), "b": made(np.linspace(2, 3, 64))}
    pair = ranking(ends, {"a": 1.1, "b": 2.5}).pair("a", "b")
    assert pair.exact and (pair.outcome, pair.ratio) == ("lower", pytest.approx(2.5 / 1.1))
    ends["a"] = made([1.0] * 63 + [math.nan], [63])
    pair = ranking(ends, {"a": 1.1, "b": 2.5}).pair("a", "b")
    assert pair.exact and pair.outcome == "lower" and (pair.low, pair.high, pair.sampled) == (0, math.inf, 0)


def test_a_run_that_diverges_altogether_leaves_the_others_to_their_exact_losses():
    ends = {"a": made(np.linspace(1, 2, 64)), "b": made(np.linspace(2, 3, 64)), "c": made([1.0] * 64, range(64))}
    found = ranking(ends, {"a": 1.5, "b": 2.6})
    assert found.losses == {"a": 1.5, "b": 2.6, "c": math.inf} and found.pair("a", "b").exact and not found.pair("a", "c").exact
    assert (found.pair("a", "c").outcome, found.pair("a", "c").measure) == ("lower", "diverged")


def test_medians_are_compared_where_as_many_seeds_diverged():
    ends = {"a": made(np.linspace(1, 1.5, 200), range(5)), "b": made(np.linspace(3, 4, 200), range(2, 8))}
    pair = ranking(ends).pair("a", "b")
    assert (pair.measure, pair.outcome) == ("median", "lower") and 2 < pair.low < pair.ratio < pair.high < 4


def test_runs_that_diverged_are_no_reason_to_go_on():
    runs = {"a": Run(schedule=Schedule(policy=Constant(), peak_lr=1)), "b": Run(schedule=Schedule(policy=Cosine(), peak_lr=2))}
    runs["c"] = Run(schedule=Schedule(policy=Cosine(), peak_lr=0.1))
    found = last(runs)
    assert found.order[0] == "c" and found.seeds == CHECKS[0]
    assert found.pair("a", "b").outcome == "same" and found.pair("c", "a").outcome == "lower"
    assert found.losses["a"] == found.losses["b"] == math.inf
    assert not any(math.isnan(value) for pair in found.pairs.values() for value in (pair.ratio, pair.low, pair.high, pair.wins))


# Skewed losses


def test_a_mean_of_few_large_losses_waits_for_more_seeds_and_then_for_medians():
    rng = np.random.default_rng(1)
    ends = {"a": made(np.exp(3 * rng.standard_normal(256))), "b": made(2 + rng.random(256))}
    assert ranking(ends, checks=4, last=False).pair("a", "b").outcome == "undecided"
    assert ranking(ends, checks=4).pair("a", "b").measure == "median"


def test_a_failure_that_no_seed_shows_is_not_excluded():
    """On the double well a few seeds in the shallow well may decide the mean: 64 seeds without one prove little."""
    rng = np.random.default_rng(2)
    ends = {key: made(mean * rng.uniform(0.9, 1.1, 64)) for key, mean in (("a", 1e-3), ("b", 2e-3))}
    assert ranking(ends).pair("a", "b").outcome == "lower"
    assert ranking(ends, failure=0.6).pair("a", "b").outcome == "undecided"
    runs = {key: Run(problem=DoubleWell(), schedule=Schedule(policy=Cosine(), peak_lr=peak, total_steps=300)) for key, peak in
            (("a", 0.16), ("b", 0.05))}  # fmt: skip
    assert last(runs, checks=(64, 256)).pair("a", "b").outcome == "lower"


# Any runs


@pytest.mark.parametrize("problem", ANALYTIC, ids=lambda cls: cls.slug)
def test_rankings_and_curves_of_any_runs_have_no_nan(problem):
    """With random settings, optimizers and feedback rules, at rates at which some runs diverge."""
    rng = np.random.default_rng(problem.rank)
    for _ in range(2 if problem.slug == "moons" else 8):
        made_problem = sample(problem, rng)
        runs = {key: random_run(rng, made_problem) for key in "abc"}
        found = last(runs, checks=(4, 16))
        values = [*found.losses.values()]
        for pair in found.pairs.values():
            values += [pair.ratio, pair.low, pair.high, pair.wins, pair.sampled, pair.most, pair.resolves]
            assert pair.low <= pair.high and pair.outcome != "higher"
        curve = peak_curve(runs["a"], 2)
        values += [*curve.loss, *(curve.at(peak) for peak in (curve.peaks[0], 1.01 * curve.peaks[3], curve.peaks[-1]))]
        assert not np.isnan(values).any()
        best = best_peak(curve)
        assert np.isinf(curve.loss).all() if math.isnan(best.peak) else math.isnan(best.forgiving) or best.forgiving >= 1


def random_run(rng, problem):
    pick = [sample(list(registry.values())[rng.integers(len(registry))], rng) for registry in (OPTIMIZERS, FEEDBACK)]
    schedule = sample(Schedule, rng, total_steps=int(rng.integers(1, 40)), peak_lr=10 ** rng.uniform(-3, 1), update_every=1)
    return Run(problem=problem, schedule=schedule, optimizer=pick[0], feedback=pick[1])


# Costs


def test_the_cost_of_a_ranking_grows_with_its_seeds():
    runs = {key: untouched().run(key) for key in "abcd"}
    assert work(runs, 40_960) == pytest.approx(10 * work(runs, 4_096)) and work(runs, 64) < work(runs, 256) < 4 * work(runs, 64)
    assert affordable(runs, 1e9) == CHECKS and affordable(runs, 0) == CHECKS[:1]
    assert affordable(runs, work(runs, 1_024)) == CHECKS[:3]


def test_a_comparison_without_a_known_loss_is_not_exact():
    runs = {"a": Run(problem=LeastSquares()), "b": Run(problem=LeastSquares(), optimizer=Adam())}
    runs = {key: run.replace(schedule=Schedule(policy=Cosine(), peak_lr=0.05, total_steps=100)) for key, run in runs.items()}
    assert [*expected_losses(runs)] == ["a"]
    pair: Pair = next(rank(runs)).pair("a", "b")
    assert not pair.exact and pair.sampled == pair.ratio
