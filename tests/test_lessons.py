"""Lessons: each is complete, has links as Explore writes them, and states only what its runs show."""

import re
from itertools import chain

import numpy as np
import pytest

from pages.parts.state import read as read_setting
from schedules import POLICIES, Linear, Run, Schedule, from_token
from schedules.lessons import ANSWERS, CONSIDERATIONS, HERE, STEPS, considered, lessons, read
from schedules.lessons.exhibits import EXHIBITS, ROWS
from schedules.lessons.measured import asks, measured
from schedules.theory.cooldown_by_peak import bowl_unit
from schedules.theory.language_runs import LOSSES
from schedules.training.cost import fitted
from schedules.training.engine import simulate
from schedules.training.study import study, trainer
from schedules.training.verdict.gaps import gaps
from schedules.training.verdict.leads import paired_lead
from schedules.words import Text, texts_of
from tests.training.exact import expected

NETWORK = pytest.mark.network
ALL_STEPS = [(lesson.slug, i, step) for lesson in lessons().values() for i, step in enumerate(lesson.steps)]
STEP_IDS = [pytest.param((slug, i), marks=[NETWORK] * step.as_job, id=f"{slug}-{i}") for slug, i, step in ALL_STEPS]
CASES = [
    pytest.param((slug, i, name), marks=[NETWORK] * step.as_job, id=f"{slug}-{i}-{name}")
    for slug, i, step in ALL_STEPS
    for name in step.cases
]


def sentences(step):
    """The texts shown before the prediction, and those shown after it."""
    before = [step.question, *step.answers.values(), *(case.label for case in step.cases.values() if str(case.label))]
    return before, [step.reading, step.caveats]


@pytest.fixture(params=CASES)
def case(request):
    slug, i, name = request.param
    return lessons()[slug].steps[i].cases[name]


@pytest.fixture(params=STEP_IDS)
def step(request):
    slug, i = request.param
    return lessons()[slug].steps[i]


def test_each_consideration_has_a_lesson_with_sources():
    assert len({lesson.rank for lesson in lessons().values()}) == len(lessons())
    for consideration in CONSIDERATIONS:
        assert considered(consideration)
    for lesson in lessons().values():
        assert STEPS[0] <= len(lesson.steps) <= STEPS[1]
        assert all(source.authors and source.year and source.where for source in lesson.sources)


def test_the_position_of_the_right_answer_varies():
    for lesson in lessons().values():
        assert len({list(step.answers).index(step.right) for step in lesson.steps}) > 1


def test_lesson_links_are_as_explore_writes_them(case):
    setting, notices = read_setting(dict(case.query))
    assert not notices
    assert setting.link() == dict(case.query)
    assert (setting.run, setting.pinned) == (case.run, case.pinned)
    assert case.pinned is None or from_token(case.query["pin"])[0] == Run(schedule=case.pinned), "a pin is a schedule alone"
    assert fitted(case.run, case.pinned) == (case.run, case.pinned, ()), "Explore would show another run than was measured"


def test_each_run_of_a_lesson_gets_the_stated_verdict(step):
    for name, verdict in measured(step).verdicts.items():
        case = step.cases[name]
        assert (verdict.kind, verdict.reason) == (case.verdict, case.reason)


def test_comparisons_stated_by_a_lesson_hold(step):
    for name, ratio in step.ratios.items():
        assert ratio.low <= measured(step).numbers[name] <= ratio.high, name


def test_lesson_sentences_contain_no_literal_numbers(step):
    for text in chain(*sentences(step)):
        assert not re.search(r"\d", re.sub(r"\{[^}]*\}", "", str(text))), text


def test_every_lesson_sentence_renders_with_measured_numbers(step):
    before, after = sentences(step)
    shown = [asks(step, text) for text in before] + [measured(step).says(text) for text in after]
    assert all(text and not set("{}") & set(text) for text in shown)
    assert "!" not in "".join(shown)


def test_a_question_cannot_use_measured_results(step):
    if step.exhibit:
        exhibit = EXHIBITS[step.exhibit]
        hidden = exhibit.found().keys() - exhibit.known().keys()
        assert hidden
        for number in hidden:
            with pytest.raises(ValueError, match="is not known"):
                asks(step, Text("", f"{{{step.exhibit}.{number}}}"))
        return
    name = next(iter(step.cases))
    with pytest.raises(ValueError, match="is not known"):
        asks(step, Text("", f"{{{name}.end}}"))


# The numbers, computed independently


def bowl_losses(run, steps):
    """The loss on a bowl without noise under a constant rate, in closed form."""
    problem, eta = run.problem, run.schedule.peak_lr
    flat, steep = 10 / problem.condition, 10.0
    k = np.arange(steps + 1)
    x, y = problem.start_x * (1 - eta * flat) ** k, problem.start_y * (1 - eta * steep) ** k
    return 0.5 * (flat * x**2 + steep * y**2)


@pytest.mark.parametrize("name", ["wide", "narrow", "narrower"])
def test_steps_to_the_goal_are_those_of_the_closed_form(name):
    step = lessons()["size"].steps[2]
    loss = bowl_losses(step.cases[name].run, 3_000)
    assert measured(step).numbers[f"{name}.arrived"] == np.flatnonzero(loss <= 1e-3 * loss[0])[0]


def test_the_loss_passes_a_thousand_times_its_start_at_the_step_of_the_closed_form():
    step = lessons()["size"].steps[1]
    loss = bowl_losses(step.cases["above"].run, 500)
    assert measured(step).numbers["above.blown_at"] == np.flatnonzero(loss > 1e3 * loss[0])[0]


def test_noise_floors_match_theory():
    numbers = measured(lessons()["decay"].steps[1]).numbers
    for prefix, eta in (("half.ghost_", 0.04), ("half.", 0.02)):
        floor = 0.5 * sum(eta / (2 - eta * curvature) for curvature in (1, 10))
        assert numbers[f"{prefix}end"] == pytest.approx(floor, rel=0.06)


def test_gaps_are_paired_over_the_seeds():
    step = lessons()["restarts"].steps[0]
    case, numbers = step.cases["few"], measured(step).numbers
    run, ghost = simulate([case.run, case.run.replace(schedule=case.pinned)])
    gaps = run.loss[-1] - ghost.loss[-1]
    assert numbers["few.ghost_difference"] == pytest.approx(abs(gaps.mean()))
    assert numbers["few.ghost_difference_error"] == pytest.approx(gaps.std(ddof=1) / 4)


def test_separate_short_runs_give_about_as_good_a_choice_as_snapshots():
    step = lessons()["restarts"].steps[2]
    case = step.cases["snapshots"]
    short = case.run.replace(schedule=case.pinned.replace(total_steps=200), seeds=2_500)
    longer = case.run.replace(seeds=1_000)
    tries, cycles = simulate([short, longer])
    best = tries.loss[-1].reshape(-1, 5).min(axis=1).mean()
    assert 0.3 < best / cycles.loss[[200, 400, 600, 800, 1_000]].min(axis=0).mean() < 3


def test_the_speed_of_a_decay_matters_more_than_its_formula():
    case = lessons()["decay"].steps[2].cases["fast"]
    ends = [
        study(case.run.replace(schedule=case.run.schedule.replace(policy=policy)), advice=False).verdict.mean_end
        for policy in (case.run.schedule.policy.replace(gamma=0.985), Linear(start=1.0, end=0.0), case.pinned.policy)
    ]
    assert ends[0] < ends[2], "a factor closer to one does as well as the cosine, or better"
    assert 0.7 < ends[1] / ends[2] < 1.3, "a straight line to zero ends about where the cosine does"


# Writing a lesson


WRITTEN = (HERE / "size.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('consideration = "size"', 'consideration = "speed"', "consideration must be one of size, decay"),
        ("rank = 1", 'rank = "first"', "rank must be a number"),
        ("rank = 1", "", "rank is missing"),
        ("rank = 1", "rank = 1\ncolor = 2", "not known: color"),
        ('title = "Size of the rate"', 'title = " "', "title is empty"),
        ('right = "arrives"', 'right = "nowhere"', r"steps 1, en: the right answer, nowhere, is not among"),
        ('swings = "It swings and stays up"\ngrows = "It grows"\n', "", "2 to 3 answers"),
        ("peak_lr-0.19~total_steps-100", "peak_lr-1e9", "cases, below: run: .*peak_lr"),
        ("peak_lr-0.19~total_steps-100~warmup-0~problem.condition-10~problem.noise-0", "problem-digits", "case, with a pin"),
        ('verdict = "converged"', 'verdict = "fine"', "verdict must be one of .*diverged"),
        ('verdict = "converged"', 'verdict = "converged"\nreasons = "x"', "not known: reasons"),
        ('right = "arrives"', 'right = "arrives"\nexhibit = "nothing"', "exhibit must be one of bound, worlds"),
        ('wide = "κ = {wide.condition}"\n', "", "labels must name the cases: wide, narrow, narrower"),
        ("[en]", "[en", "is not TOML"),
        ("[[sources]]", "[[source]]", "sources is missing"),
    ],
)  # fmt: skip
def test_an_error_in_a_lesson_file_names_its_location(old, new, word):
    assert old in WRITTEN
    with pytest.raises(ValueError, match=rf"^size\.toml.*{word}"):
        read("size", WRITTEN.replace(old, new))


def test_a_lesson_has_three_or_four_steps():
    with pytest.raises(ValueError, match="a lesson has 3 to 4 steps, not 2"):
        read("size", "[[steps]]".join(WRITTEN.split("[[steps]]")[:3]))


def test_the_example_lesson_of_the_guide_is_valid():
    guide = (HERE / "README.md").read_text(encoding="utf-8")
    head, step = re.search(r"```toml\n(.*?)(\[\[steps\]\].*?)```", guide, re.DOTALL).groups()
    lesson = read("guide", head + 3 * step)
    first = lesson.steps[0]
    found = measured(first)
    assert found.verdicts["cosine"].kind is first.cases["cosine"].verdict
    assert first.ratios["times"].low < found.numbers["times"] < first.ratios["times"].high
    assert ANSWERS[0] <= len(first.answers) <= ANSWERS[1]
    named = {name for line in guide.split("Reading and limits")[1].splitlines() for name in re.findall(r"`(\w+)`", line)}
    facts = {name.partition(".")[2] for name in found.numbers}
    assert named - {"ghost_"} <= facts


def test_an_unknown_measured_name_raises():
    step = lessons()["size"].steps[0]
    with pytest.raises(ValueError, match=r"below\.blown_at was not measured in this run"):
        measured(step).says(Text("", "{below.blown_at}"))
    with pytest.raises(ValueError, match=r"above\.end is not known; known are below\.accuracy"):
        measured(step).says(Text("", "{above.end}"))


# --- exhibits -----------------------------------------------------------------------------------------------------------


def test_a_tenth_as_cooldown_wants_about_half_the_peak_in_all_three_worlds():
    for step in lessons()["three_worlds"].steps[2:]:
        assert step.right == "half"
    numbers = measured(lessons()["three_worlds"].steps[3]).numbers
    assert all(0.45 <= numbers[f"worlds.{source}"] <= 0.55 for source in ("bowl", "bound", "measured"))
    assert numbers["worlds.low"] <= numbers["worlds.bowl"] <= numbers["worlds.high"]
    assert numbers["worlds.constant_bowl"] > 1.2 * numbers["worlds.constant_bound"], "for a constant rate they part"


def test_the_peak_of_the_first_two_steps_is_the_best_one_of_linear_to_zero():
    same, half, *_ = lessons()["three_worlds"].steps
    assert same.cases["same"].run.schedule.peak_lr == pytest.approx(bowl_unit(), rel=0.02)
    assert half.cases["half"].run.schedule.peak_lr == pytest.approx(bowl_unit() / 2, rel=0.05)
    straight = measured(same).numbers["same.ghost_end"]
    assert measured(half).numbers["half.end"] > 1.2 * straight, "even at its own best peak it ends above the straight line"


@pytest.mark.parametrize("name", ROWS)
def test_the_right_answer_of_an_exhibit_is_that_of_its_losses(name):
    (step,) = [step for step in lessons()["short_cooldown"].steps if step.exhibit == name]
    numbers = measured(step).numbers
    short, cosine = numbers[f"{name}.loss"], numbers[f"{name}.cosine"]
    assert abs(short - cosine) > numbers[f"{name}.tolerance"], "the two can be told apart"
    assert (step.right == "short") == (short < cosine)
    if name == "law":
        assert short < numbers["law.longest"], "and lower than the straight line"


def test_the_lesson_on_short_cooldowns_has_the_losses_of_its_sources():
    law, small, best, _ = (measured(step).numbers for step in lessons()["short_cooldown"].steps)
    assert (law["law.loss"], law["law.cosine"]) == pytest.approx((2.9261, 2.9900), abs=5e-4)
    assert (law["law.law_gap"], law["law.measured_gap"]) == (0.053, 0.026)
    assert (small["small.first_tied"], small["small.last_tied"]) == (10, 20)
    assert (best["best.loss"], best["best.cosine"]) == (2.995, 2.955)
    assert best["best.best_loss"] == min(min(losses) for losses in LOSSES.values())


# --- other seeds --------------------------------------------------------------------------------------------------------

BLOCKS = range(1_000, 11_000, 1_000)
"""First seeds of the ten other blocks that lessons refer to."""


def ends(case, first: int):
    """The traces of a case and of its pinned schedule on seeds from `first`."""
    run = case.run.replace(first_seed=first)
    return trainer(run)([run, run.replace(schedule=case.pinned)])


def lead(case, first: int) -> float:
    """The difference in standard errors between a case's final loss and that of its pinned schedule, on seeds from `first`."""
    given, pinned = ends(case, first)
    apart = given.loss[-1] - pinned.loss[-1]
    return float(apart.mean() / (apart.std(ddof=1) / np.sqrt(len(apart))))


def test_results_that_depend_on_the_seeds_are_stated_over_ten_blocks():
    restarts, warmup = (lessons()[slug].steps for slug in ("restarts", "warmup"))
    many = sorted(lead(restarts[0].cases["many"], first) for first in BLOCKS)
    few = [lead(restarts[0].cases["few"], first) for first in BLOCKS]
    assert "ahead too, by anything from none to more than three standard errors" in str(restarts[0].caveats)
    assert -0.1 < many[0] < 0.5 and 3 < many[-1] < 4
    assert sum(abs(each) < 2 for each in few) > 5
    bowl = sorted(lead(warmup[3].cases["bowl"], first) for first in BLOCKS)
    assert "two to five standard errors" in str(warmup[3].caveats)
    assert (round(bowl[0]), round(bowl[-1])) == (2, 5)
    long = warmup[1].cases["long"].run
    given, *others = (simulate([long.replace(first_seed=first)])[0].loss[-1].mean() for first in (0, *BLOCKS))
    assert "end up to about three times as high" in str(warmup[1].caveats)
    assert min(others) / given > 1 and 2.8 < max(others) / given < 3.3


def test_what_the_decay_consideration_says_of_warm_up_is_exact():
    """The expected loss on the bowl that its link opens, with and without a warm-up of a tenth of the run."""
    text = texts_of("en")["explore.presets.decay.look"]
    assert "Set the warm-up to 10 %: with a factor of 0.99 the loss ends higher; with 0.95 it ends lower" in text
    factor = [Schedule(policy=POLICIES["factor"](gamma=g), peak_lr=0.18, warmup=w) for g in (0.99, 0.95) for w in (0, 0.1)]
    cold, warm, fast_cold, fast_warm = expected([Run(schedule=schedule) for schedule in factor])
    assert warm > 1.05 * cold and fast_warm < 0.2 * fast_cold


NETWORK_BLOCKS = range(1_000, 4_000, 1_000)
"""First seeds of the three other blocks that the lesson on networks refers to."""


def lost(trace) -> int:
    """The number of networks that diverged or are at the loss of guessing."""
    return int((~(trace.loss[-1] < 2.2)).sum())


@pytest.mark.network
def test_what_the_lesson_on_networks_says_of_other_seeds():
    size, decay, start, periods = (next(iter(step.cases.values())) for step in lessons()["network"].steps)
    texts = " ".join(str(step.caveats) for step in lessons()["network"].steps)
    assert "in one of three other blocks of four seeds a network is nearly stuck" in texts
    assert [sum(ends(size, first)[1].loss[-1] > 1) for first in NETWORK_BLOCKS] == [1, 0, 0]
    assert "over these four seeds a constant rate ends as low as the cosine, within noise" in texts
    cosine = decay.run.replace(schedule=decay.pinned)
    given, constant = trainer(cosine)([cosine, cosine.replace(schedule=size.pinned)])
    assert not paired_lead(given.loss[-1], constant.loss[-1]).clear
    assert "In one of three other blocks it ends clearly lower" in texts
    others = [cosine.replace(first_seed=first) for first in NETWORK_BLOCKS]
    pairs = [trainer(each)([each, each.replace(schedule=size.pinned)]) for each in others]
    found = [paired_lead(given.loss[-1], constant.loss[-1]) for given, constant in pairs]
    lower = [constant.loss[-1].mean() < given.loss[-1].mean() for given, constant in pairs]
    assert [each.clear for each in found].count(True) == 1 and all(
        low for each, low in zip(found, lower, strict=True) if each.clear
    )
    assert "in three other blocks of four seeds it still loses up to two networks, and without it three in each" in texts
    counts = [tuple(map(lost, ends(start, first))) for first in NETWORK_BLOCKS]
    assert max(warm for warm, _ in counts) == 2 and {cold for _, cold in counts} == {3}
    assert lost(ends(start, 0)[0]) < lost(ends(start, 0)[1])
    assert "the long one is ahead by two to five standard errors" in texts
    leads = [lead(periods, first) for first in NETWORK_BLOCKS]
    assert (round(min(leads)), round(max(leads))) in {(2, 4), (2, 5)}


@pytest.mark.network
@pytest.mark.parametrize(("number", "signs"), [(1, (1, 1)), (2, (-1, -1))])
def test_what_the_lesson_on_overfitting_says_of_other_seeds(number, signs):
    step = lessons()["overfit"].steps[number]
    (name,) = step.cases
    assert "In two other blocks of eight seeds" in str(step.caveats)
    numbers = measured(step).numbers
    assert numbers[f"{name}.gap"] < numbers[f"{name}.ghost_gap"], "in these seeds the gap of the cosine is smaller"
    for first, sign in zip((1_000, 2_000), signs, strict=True):
        found = paired_lead(*map(gaps, ends(step.cases[name], first)))
        assert np.sign(found.mean) == sign and not found.clear
