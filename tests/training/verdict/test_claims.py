"""Claims of verdict lines hold for the exact expected loss, or for fresh seeds of the same run."""

from itertools import product

import numpy as np
import pytest

from schedules import POLICIES, Run, Schedule, from_token
from schedules.training.engine import simulate
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.own_numbers import adopt
from schedules.training.own_sentences import verdict_line
from schedules.training.problems import PROBLEMS, AnalyticProblem
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.double_well import DoubleWell
from schedules.training.problems.least_squares import LeastSquares
from schedules.training.problems.moons import Moons
from schedules.training.problems.rosenbrock import Rosenbrock
from schedules.training.study import study
from schedules.training.verdict.judge import judge
from schedules.training.verdict.rules import Kind
from schedules.training.verdict.run_facts import run_facts
from schedules.words import compared, removed, say
from tests.training.cases import CONSTANT, COSINE, PREDICTED, WRONG_LABELS, run
from tests.training.exact import expected, moments
from tests.training.verdict.accuracy import cases, exact_bowls, judged


def with_peak(one: Run, times: float) -> Run:
    return one.replace(schedule=one.schedule.replace(peak_lr=min(100, times * one.schedule.peak_lr)))


def heavy_balls() -> list[Run]:
    """Momentum on bowls over few steps, where the loss swings; with and without noise."""
    grid = product(("constant", "cosine", "linear"), (3, 5, 8, 14, 30), (0.01, 0.03, 0.1, 0.36), (1, 20, 300), (0, 0.3))
    return [run(POLICIES[p](), peak, t, Bowl(noise=n, condition=k), momentum=0.9) for p, t, peak, k, n in grid]


@pytest.fixture(scope="module")
def swings():
    return judged(heavy_balls())


# --- the rate is too small ------------------------------------------------------------------------------------------------


def test_where_the_rate_is_too_small_twice_the_peak_ends_lower_exactly():
    found = [
        trace.run for trace, verdict in judged(exact_bowls(np.random.default_rng(201), 300)) if verdict.reason == "too_small"
    ]
    ends, twice = expected(found), expected([with_peak(one, 2) for one in found])
    higher = [one for one, end, other in zip(found, ends, twice, strict=True) if other > 1.01 * end]
    assert len(found) > 50 and len(higher) <= 0.01 * len(found), higher


def test_where_the_rate_is_too_small_twice_the_peak_ends_lower_with_fresh_seeds():
    drawn = (one for _, one in cases(np.random.default_rng(202), 25))
    tried = [one for one in drawn if one.schedule.total_steps < 400 and one.problem.keeps_path]
    found = [trace.run.replace(first_seed=7_000) for trace, verdict in judged(tried) if verdict.reason == "too_small"]
    higher = []
    for one in found:
        end, twice = (trace.loss[-1].mean() for trace in simulate([one, with_peak(one, 2)]))
        higher += [one] if not twice <= 1.01 * end else []
    assert len(found) > 20 and len(higher) <= 0.05 * len(found), higher


def test_a_loss_that_a_feedback_rule_or_noise_raised_is_not_blamed_on_too_small_a_rate():
    rose, _ = from_token(
        "1~policy-step~policy.every-0.926~policy.gamma-0~peak_lr-4.01~total_steps-3645~warmup-0.357~problem-logistic"
        "~feedback-polyak~seeds-16"
    )
    found = study(rose, advice=False)
    loss = found.trace.loss.mean(axis=1)
    assert loss[-1] > 5 * loss.min()
    assert (found.verdict.kind, found.verdict.reason) == (Kind.STALLED, "")
    assert study(run(peak=0.01, steps=1_000, problem=DoubleWell()), advice=False).verdict.reason == ""  # a shallow minimum


# --- still improving ------------------------------------------------------------------------------------------------------


def test_no_run_that_ends_above_its_start_is_still_improving(swings):
    above = [verdict for trace, verdict in swings if trace.loss[-1].mean() > trace.loss[0].mean()]
    assert len(above) > 5
    assert Kind.IMPROVING not in {verdict.kind for verdict in above}


def test_a_loss_that_swings_is_lower_after_as_many_more_steps_exactly(swings):
    """By the recursion of means and covariances for the heavy ball, over twice the steps with the rate held."""
    found = [trace for trace, verdict in swings if str(verdict.line.key).endswith("improving.swings")]
    found = [trace for trace in found if trace.run.schedule.policy == CONSTANT]
    longer = [one.run.replace(schedule=one.run.schedule.replace(total_steps=2 * len(one.rates))) for one in found]
    assert len(found) > 10
    for trace, (distance, noise) in zip(found, moments(longer), strict=True):
        steps, loss = len(trace.rates), distance + noise
        assert loss[2 * steps] <= (0.7 if trace.run.problem.noise else 0.5001) * loss[steps], trace.run
        assert loss[1 : steps + 1].min() <= 0.75 * loss[steps], trace.run


def test_a_run_that_had_been_lower_is_not_improving_because_of_half_time(swings):
    said = 0
    for trace, verdict in swings:
        if verdict.decided_by == "lower_before":
            loss, said = trace.loss.mean(axis=1), said + 1
            assert loss[1:].min() <= 0.5 * loss[-1], trace.run
            assert "had been lower before" in str(verdict.line)
    assert said > 3


def test_the_lowest_mean_over_a_tenth_matches_a_plain_loop():
    for steps in (1, 7, 20, 57, 400):
        [trace] = simulate([run(COSINE, 0.05, steps, momentum=0.9)])
        loss, tenth = trace.loss.mean(axis=1), max(1, steps // 10)
        means = {end: loss[end - tenth + 1 : end + 1].mean() for end in range(tenth, steps + 1)}
        end = loss[-1] if trace.rates[-1] <= 0.5 * trace.rates[-tenth] else means[steps]
        lowest = min((mean for step, mean in means.items() if step <= steps - tenth), default=end)
        assert run_facts(trace, None).facts.lowest_before[0] == pytest.approx(lowest / end, rel=1e-9)


def test_a_loss_that_is_flat_since_the_rate_faded_has_stalled():
    """Its second half removed 37 %, before the rate faded; 64 fresh seeds are as flat."""
    flat, _ = from_token(
        "1~policy-tanh~policy.upper-8.729~peak_lr-0.78~total_steps-2000~warmup-0.232~warmup_multiplies-on~problem-rosenbrock"
        "~optimizer-adagrad~seeds-7~first_seed-986411"
    )
    found = study(flat, advice=False).verdict
    assert (found.kind, found.reason, found.decided_by) == (Kind.STALLED, "faded", "since_faded")
    [fresh] = simulate([flat.replace(seeds=64, first_seed=5_000)])
    loss, faded = fresh.loss.mean(axis=1), dict(found.line.values)["step"]
    assert loss[1_000] * 0.7 > loss[-1] > 0.95 * loss[faded]


def test_the_line_and_why_have_the_same_mean_of_the_last_fifth():
    smooth, _ = from_token(
        "1~policy-square_root~peak_lr-0.000753~total_steps-113~warmup-0.4~horizon-2~problem-rosenbrock"
        "~problem.start_x-0.48072455719506335~problem.start_y-0.5037367621483871~optimizer-momentum~seeds-16~first_seed-43"
    )
    found = study(smooth, advice=False).verdict
    assert found.line.key.endswith("improving.means")
    assert "66 % lower" in str(found.line) and "the last is 34 % of that" in str(found.why[0])


# --- diverged, or not -----------------------------------------------------------------------------------------------------


def test_guessing_is_compared_above_the_entropy_of_wrong_labels():
    """The entropy is the lowest mean cross-entropy of one probability for all right and one for all wrong labels."""
    problem, p = Moons(flipped=0.36), np.linspace(0.01, 0.99, 9_801)
    share = round(0.36 * 256) / 256
    assert problem.label_entropy == pytest.approx(-(share * np.log(p) + (1 - share) * np.log1p(-p)).max(), abs=1e-8)
    assert Moons().label_entropy == 0
    high, _ = from_token("1~problem-moons~problem.flipped-0.36~peak_lr-1~total_steps-200")
    found = study(high, advice=False).verdict
    assert (found.kind, found.line.key) == (Kind.STALLED, "verdict.line.stalled.labels")
    assert found.end == pytest.approx(problem.label_entropy, rel=0.02)
    assert found.end > 0.9 * problem.chance
    kinds = [(verdict.kind, verdict.decided_by) for verdict in (judge(trace, None) for trace in WRONG_LABELS)]
    assert kinds == [(Kind.STALLED, "half_time"), (Kind.DIVERGED, "failed"), (Kind.DIVERGED, "failed")]


def test_the_ratio_to_the_limit_is_that_before_the_loss_rose():
    """A run that flies off reaches steeper ground, where the same rate is far more above the limit."""
    after = []
    for peak in (0.009, 0.012, 0.014, 0.02):
        found = study(run(CONSTANT, peak, 200, Rosenbrock()), advice=False)
        if found.verdict.line.key.endswith("diverged.limit"):
            after.append(found.limit[0] / found.limit[: found.verdict.blown_at].min())
            ratio = float(str(found.verdict.line).split("reached ")[1].split(" ")[0])
            assert ratio <= 1.5 * peak / found.limit[0], peak
    assert max(after) > 2


def test_a_part_of_the_seeds_is_judged_alone_only_if_it_is_most_of_all():
    """Four of these eight diverge, and two reach the goal."""
    half, _ = from_token(
        "1~policy-polynomial~peak_lr-1.72~total_steps-460~warmup-0.4~horizon-0.5~problem-valley~first_seed-816"
    )
    found = study(half, advice=False).verdict
    assert (found.judged_seeds, found.parted, sum(end is None for end in found.ends)) == (4, False, 4)


def test_only_on_quadratics_a_rate_near_the_limit_is_named_beside_a_stall():
    """Elsewhere the limit changes, and twice the peak may end far lower."""
    steep, _ = from_token(
        "1~policy-noam~peak_lr-0.00188~total_steps-266~warmup-0.2~cooldown-0.1~horizon-2~problem-rosenbrock"
        "~problem.noise-7.951422210893083~problem.start_x--1.6589937808746453~first_seed-658"
    )
    found = study(steep, advice=False)
    assert (found.verdict.kind, found.verdict.line.key) == (Kind.STALLED, "verdict.line.stalled.less")
    assert (found.trace.rates / found.limit).max() > 0.5


# --- bouncing -------------------------------------------------------------------------------------------------------------


def test_bouncing_near_a_loss_is_said_only_between_the_two_ends_of_the_trial(swings):
    lines = {"probe": [], "trial": []}
    for trace, verdict in swings:
        if verdict.decided_by == "cooling":
            cooled, held = trace.continuation[:2].mean(axis=1)
            near = cooled <= verdict.end <= 1.5 * held and held <= 2 * verdict.end
            lines[verdict.line.key.rsplit(".", 1)[-1]].append(near)
    assert lines["probe"] and all(lines["probe"])
    assert lines["trial"] and not any(lines["trial"])


def test_batches_that_keep_the_mean_loss_far_above_its_start_have_diverged():
    """Above the limit a few seeds dominate the mean of least squares, and most seeds alone look bounded."""
    tried = [run(peak=p, steps=60, problem=LeastSquares(batch=2), seeds=8) for p in np.geomspace(0.05, 0.3, 12)]
    for trace, verdict in judged(tried):
        ending = trace.loss[-3:].mean()
        if trace.rates[0] > study(trace.run, advice=False).limit[0] and not ending <= 10 * trace.loss[0].mean():
            assert verdict.kind is Kind.DIVERGED, trace.run


# --- numbers, own numbers and ghosts ---------------------------------------------------------------------------------------


def test_a_removed_share_at_the_threshold_has_one_more_digit():
    line = str(say("verdict.line.improving.half", less=removed(0.6996, 0.7)))
    assert line == "Still improving: the second half removed 30.04 % of the remaining loss."
    assert str(say("verdict.line.improving.half", less=removed(0.005, 0.7))).endswith("99.5 % of the remaining loss.")
    assert str(say("verdict.line.stalled.start", left=compared(0.0010002, 1e-3))).split(" of")[0] == "Stalled: 0.10002 %"


def test_a_next_rate_above_the_largest_is_not_a_share_of_it():
    found = study(run(POLICIES["range_test"](), 0.19, 100, horizon=2), advice=False).verdict
    assert "above the largest of the run" in " ".join(map(str, found.why))
    assert "% of the largest" not in " ".join(map(str, found.why))


@pytest.mark.parametrize("slug", PROBLEMS)
def test_with_own_numbers_a_line_names_the_problem_in_fifteen_words(slug, swings):
    problem = PROBLEMS[slug]
    verdicts = [verdict for _, verdict in (*swings, *judged([run(peak=5.0, steps=30)]))]
    assert {verdict.kind for verdict in verdicts} == set(Kind) - {Kind.PREDICTED}
    for verdict in verdicts:
        line = str(verdict_line(problem(), verdict))
        assert line.startswith(f"On {problem.noun}: ") and len(line.split()) <= 15, line


def test_with_own_numbers_the_line_of_a_prediction_stays():
    for trace in PREDICTED:
        verdict = judge(trace, None)
        assert verdict_line(trace.run.problem, verdict) == verdict.line and len(str(verdict.line).split()) <= 15


def test_with_own_numbers_a_line_on_two_minima_is_about_the_larger_part():
    own = adopt(run(COSINE, 0.16, 1_000, DoubleWell()))
    found = study(run(COSINE, 0.16, 1_000, DoubleWell()), advice=False).verdict
    line = str(verdict_line(own.problem, found))
    assert f"{found.judged_seeds} of 8 seeds near " in line and len(line.split()) <= 15


@pytest.mark.parametrize("slug", [slug for slug, problem in PROBLEMS.items() if issubclass(problem, AnalyticProblem)])
def test_a_ghost_gets_the_verdict_that_it_would_get_as_the_run(slug):
    for peak, optimizer in ((0.02, "momentum"), (0.15, "sgd"), (0.1, "adam")):
        ghost = Schedule(policy=CONSTANT, peak_lr=peak, total_steps=60)
        one = Run(schedule=ghost.replace(policy=COSINE), problem=PROBLEMS[slug](), optimizer=OPTIMIZERS[optimizer](), seeds=4)
        beside = study(one, ghost, advice=False).ghost_verdict
        alone = study(one.replace(schedule=ghost), advice=False).verdict
        assert (beside.kind, beside.decided, beside.ends) == (alone.kind, alone.decided, alone.ends)
