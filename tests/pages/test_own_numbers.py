"""A person's own numbers on Explore, without a browser: the line under the verdict, the boxes, the buttons and the two axes."""

from __future__ import annotations

import json
import re
from itertools import count
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.parts import charts as charts_of
from pages.parts.controls.controls import Change
from pages.parts.explore import actions
from pages.parts.explore.own_numbers import line_data
from pages.parts.explore.slider_groups import slider_groups
from pages.parts.ghost import ghost_of
from pages.parts.state import Setting, read
from schedules import POLICIES, Rate, Run, Schedule, from_token, to_token
from schedules.feedback import FEEDBACK
from schedules.policies.constant import Constant
from schedules.recipes import RECIPES
from schedules.training import own_sentences
from schedules.training.own_numbers import adopt, exact, exactly
from schedules.training.problems import PROBLEMS
from schedules.training.problems.language_model import LanguageModel
from schedules.training.study import study
from schedules.units import Units
from tests.pages.reading import press, sent, verdicts
from tests.pages.test_explore import address, apply, charts, notices, opened, sliders

LLAMA = adopt(Run(schedule=RECIPES["llama"].published))
CHAPTER = adopt(Run(schedule=RECIPES["d2l_factor"].published))
OWN_FIELDS = {"trained_peak", "trained_steps", "these_rates"}
SEQ = count(1)
ANALYTIC = [slug for slug, problem in PROBLEMS.items() if not problem.as_job]


def language_run() -> Run:
    """The run of a language model at the numbers at which its law was fitted."""
    schedule = Schedule(policy=Constant(), peak_lr=3e-4, total_steps=24_000, warmup=0.09)
    return Run(schedule=schedule, problem=LanguageModel(), seeds=1)


def page_of(run: Run, numbers: str = "") -> AppTest:
    return opened(Setting(run, numbers=numbers).link())


def line(page: AppTest) -> dict[str, Any]:
    """The line of own numbers; its text without markup."""
    (found,) = [data for data in sent(page) if "axes" in data]
    return found | {"text": re.sub("<[^>]+>", "", found["text"]).replace("&#x27;", "'")}


def change(page: AppTest, monkeypatch: pytest.MonkeyPatch, key: str, value: Any = True) -> None:
    """Change a control, which AppTest cannot: type a value or press a button."""
    seq = next(SEQ)
    monkeypatch.setattr(actions, "latest", lambda _: Change(seq, key, value, True))
    page.run()
    assert not page.exception


def test_the_first_screen_has_one_button_for_own_numbers_and_nothing_else():
    page = opened()
    assert not [data for data in sent(page) if "axes" in data]
    assert not OWN_FIELDS & sliders(page).keys()
    assert sliders(page)["use_own"] == {"kind": "button", "key": "use_own", "label": "Use my own numbers", "reason": ""}
    assert verdicts(page)[0]["line"].startswith("✓ Converged")


def test_a_recipe_is_said_to_have_its_numbers_until_one_is_changed(monkeypatch):
    page = page_of(LLAMA)
    numbers = "LLaMA's numbers: peak 1.5e-4, 350,000 steps, warm-up 2,000."
    assert line(page)["text"] == f"{numbers} The bowl trains the same shape at peak 0.18 in 500 steps."
    change(page, monkeypatch, "peak_lr", 3e-4)
    assert line(page)["text"].startswith("Your numbers: peak 3e-4, 350,000 steps, warm-up 2,000. The bowl")
    assert [button["label"] for button in line(page)["axes"]] == ["Your axis", "The bowl's axis"]


def test_the_chapter_is_said_to_plot_the_curve():
    text = line(page_of(CHAPTER))["text"]
    assert text.startswith("The chapter's numbers: peak 2, 50 steps; it plots this curve.")
    assert text.endswith("The bowl trains the same shape at peak 0.18 in 500 steps.")


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES.values() if recipe.published], ids=lambda recipe: recipe.slug)
def test_every_published_recipe_is_named_and_what_it_does_not_state_is_not_said(recipe):
    said = str(own_sentences.numbers(adopt(Run(schedule=recipe.published))))
    assert not said.startswith("**Your")
    assert ("peak 0.1" in said) == (recipe.peak == 0.1)
    assert ("states no peak" in said) == (recipe.peak is None)


def test_a_link_of_350_000_steps_opens_as_own_numbers_without_a_notice():
    link = {"run": "1~peak_lr-0.0003~total_steps-350000"}
    page = opened(link)
    assert line(page)["text"].startswith(
        "Your numbers: peak 3e-4, 350,000 steps, warm-up 35,000. The bowl trains the same shape"
    )
    assert not notices(page)
    assert address(page) == link, "repairs never write the address"


def test_own_and_problem_have_a_box_each_and_a_change_of_one_leaves_the_other(monkeypatch):
    page = page_of(LLAMA)
    for key, own, problem in (("trained_peak", 1.5e-4, 0.18), ("trained_steps", 350_000, 500)):
        found = sliders(page)[key]
        assert (found["kind"], found["name"], found["yours"]["name"]) == ("own", "Bowl", "Yours")
        assert (found["value"], found["yours"]["value"]) == (problem, own)
        assert found["moved"].endswith(" (Bowl)") and found["typed"].endswith(" (Bowl), typed")
        assert found["yours"]["typed"].endswith(" (Yours), typed")
    assert sliders(page)["trained_steps"]["high"] == 10_000 and sliders(page)["trained_steps"]["yours"]["high"] == 10_000_000
    for key, value, numbers in (
        ("trained_peak", 0.1, (1.5e-4, 0.1, 350_000, 500)),
        ("peak_lr", 3e-4, (3e-4, 0.1, 350_000, 500)),
        ("total_steps", 1_000_000, (3e-4, 0.1, 1_000_000, 500)),
        ("trained_steps", 2_000, (3e-4, 0.1, 1_000_000, 2_000)),
    ):
        change(page, monkeypatch, key, value)
        run = from_token(address(page)["run"])[0]
        found = run.schedule.peak_lr, run.trained_peak, run.schedule.total_steps, run.trained_steps
        assert found == pytest.approx(numbers), key


def test_lengths_and_floors_are_shown_in_both_counts():
    found = sliders(page_of(LLAMA))
    assert (found["warmup"]["n"], found["warmup"]["note"]) == (350_000, "Bowl: 3 steps")
    assert (found["policy.floor"]["peak"], found["policy.floor"]["note"]) == (1.5e-4, "Bowl: rate 0.018")
    ends = LLAMA.replace(schedule=LLAMA.schedule.replace(policy=POLICIES["linear"](end=Rate(1.5e-5))))
    assert sliders(page_of(ends))["policy.end"]["note"] == "Bowl: rate 0.018"
    assert sliders(opened())["warmup"]["note"] == "", "only where there are two counts"


def test_the_verdict_says_what_it_is_about_and_that_sizes_do_not_carry_over():
    (found,) = verdicts(page_of(LLAMA))
    assert found["line"].startswith("✓ On the bowl: converged; the loss fell to ")
    begins = "Effects of the shape carry over; sizes do not. Whether 1.5e-4 suits your model, the bowl cannot tell. "
    assert found["why"].startswith(begins) and len(found["why"]) > len(begins)


def test_the_axis_of_the_schedule_has_its_units_and_no_line_of_the_problem(monkeypatch):
    page = press(page_of(LLAMA), "show", "expected")
    before = charts(page)
    groups = {trace["legendgroup"] for trace in before["rate"]["data"]}
    assert "limit" in groups and "scaled" not in before["rate"]["layout"]["meta"]
    change(page, monkeypatch, "own_axis")
    assert address(page)["own"] == "axis"
    after = charts(page)
    for slot in ("rate", "loss", "expected"):
        meta = after[slot]["layout"]["meta"]
        assert meta["scaled"] == {"ratio": 700.0, "reading": "LLaMA's step {step} = step {trained} of the bowl"}
        assert after[slot]["layout"]["xaxis"]["range"] == [0, 500], "positions stay in steps of the bowl"
    rate = after["rate"]
    assert {trace["legendgroup"] for trace in rate["data"]} == {"run", "ghost"}
    assert {trace["legendgroup"] for trace in drawn_of(LLAMA, shown="best")["rate"]["data"]} == {"run", "ghost"}
    (drawn,) = [trace for trace in rate["data"] if trace["legendgroup"] == "run"]
    assert max(drawn["y"]) == pytest.approx(1.5e-4)
    assert drawn["x"][drawn["y"].index(max(drawn["y"]))] == pytest.approx(2_000 / 700)
    assert rate["layout"]["meta"]["caption"] == "On the bowl the rate comes to 90 % of the stability limit."
    assert after["loss"]["layout"]["meta"]["y"] == before["loss"]["layout"]["meta"]["y"]
    change(page, monkeypatch, "problem_axis")
    assert "own" not in address(page)
    assert charts(page) == before


def test_a_phase_too_short_to_see_is_said_and_a_longer_training_shows_it(monkeypatch):
    page = page_of(LLAMA)
    short = line(page)["short"]
    assert short["text"] == "Warm-up is 3 steps on the bowl, too short to see."
    assert short["button"]["label"] == "Train the bowl for 5,000 steps"
    change(page, monkeypatch, "train_longer")
    run = from_token(address(page)["run"])[0]
    assert (run.trained_steps, run.schedule) == (5_000, LLAMA.schedule)
    assert line(page)["short"] is None
    assert sliders(page)["warmup"]["note"] == "Bowl: 29 steps"


def test_exact_rates_are_refused_with_the_reason_where_they_do_not_fit(monkeypatch):
    page = page_of(LLAMA)
    reason = sliders(page)["these_rates"]["reason"]
    assert reason == "The bowl runs at most 10,000 steps; this schedule has 350,000."
    change(page, monkeypatch, "these_rates")
    assert address(page)["run"] == to_token(LLAMA), "a disabled button does nothing"


def test_exact_rates_set_both_scales_to_one_and_back(monkeypatch):
    page = page_of(CHAPTER)
    assert sliders(page)["these_rates"]["reason"] == ""
    change(page, monkeypatch, "these_rates")
    assert from_token(address(page)["run"])[0] == exactly(CHAPTER)
    assert address(page)["own"] == "shown"
    text = line(page)["text"]
    assert text.endswith("The bowl at exactly these rates: diverged at step 2. Its limit is 0.2; your model has its own.")
    assert line(page)["axes"] == [], "both axes are the same"
    assert sliders(page)["usual_rates"]["label"] == "At the usual rates of the bowl"
    change(page, monkeypatch, "usual_rates")
    assert from_token(address(page)["run"])[0] == CHAPTER


def test_advice_on_the_peak_changes_that_of_the_problem_only(monkeypatch):
    page = page_of(exactly(CHAPTER), "shown")
    (of,) = [data["of"] for data in sent(page) if "pieces" in data]
    (peak,) = [i for i, (text, _) in enumerate(verdicts(page)[0]["advice"]) if "peak 0.18" in text]
    apply(page, monkeypatch, of, peak)
    run = from_token(address(page)["run"])[0]
    assert (run.schedule, run.trained_peak) == (CHAPTER.schedule, pytest.approx(0.18))
    assert line(page)["text"].startswith("The chapter's numbers: peak 2, 50 steps")


def test_problem_only_leaves_an_ordinary_run_of_the_same_shape(monkeypatch):
    page = page_of(LLAMA)
    reasons = verdicts(page)[0]["why"]
    change(page, monkeypatch, "problem_only")
    run = from_token(address(page)["run"])[0]
    assert not run.own and "own" not in address(page)
    assert (run.schedule.peak_lr, run.schedule.total_steps) == (0.18, 500)
    assert verdicts(page)[0]["line"].removeprefix("✓ ") in reasons
    assert "use_own" in sliders(page) and not OWN_FIELDS & sliders(page).keys()


def test_own_numbers_begin_with_those_of_the_screen(monkeypatch):
    page = opened()
    change(page, monkeypatch, "use_own")
    assert address(page) == {"own": "shown", "run": "1"}
    text = "Your numbers: peak 0.18, 500 steps, warm-up 50. The bowl at exactly these rates: converged."
    assert line(page)["text"].startswith(text)
    change(page, monkeypatch, "peak_lr", 3e-4)
    run = from_token(address(page)["run"])[0]
    assert (run.schedule.peak_lr, run.trained_peak) == (3e-4, pytest.approx(0.18))
    change(page, monkeypatch, "problem_only")
    assert address(page)["run"] == "1"


def test_own_numbers_begin_without_a_change_of_what_is_trained(monkeypatch):
    page = opened({"run": "1~peak_lr-0.05"})
    change(page, monkeypatch, "use_own")
    assert address(page) == {"own": "shown", "run": "1~peak_lr-0.05"}
    change(page, monkeypatch, "peak_lr", 3e-4)
    assert from_token(address(page)["run"])[0].trained_peak == pytest.approx(0.05)


@pytest.mark.parametrize("slug", ANALYTIC)
def test_another_problem_trains_the_same_schedule_at_its_usual_peak(slug, monkeypatch):
    page = page_of(LLAMA.replace(problem=PROBLEMS["valley" if slug == "bowl" else "bowl"]()))
    page.selectbox(key="pick_problem").select(slug).run()
    assert not page.exception
    problem, run = PROBLEMS[slug], from_token(address(page)["run"])[0]
    assert run.schedule == LLAMA.schedule
    assert (run.trained_peak, run.trained_steps) == (pytest.approx(problem.default_peak), problem.default_steps)
    noun = problem.noun[0].upper() + problem.noun[1:]
    verb, begin = ("trains", f"On {problem.noun}: ") if problem.trains else ("is predicted for", "Outside of the law's fit")
    assert f"{noun} {verb} the same shape at peak" in line(page)["text"]
    assert begin in verdicts(page)[0]["line"]
    change(page, monkeypatch, "own_axis")
    assert not re.search(r"\bNaN\b|Infinity", json.dumps(sent(page)))


def test_another_kind_of_optimizer_gets_its_usual_peak_and_leaves_the_schedule():
    page = page_of(LLAMA)
    page.selectbox(key="pick_optimizer").select("adam").run()
    run = from_token(address(page)["run"])[0]
    assert run.schedule == LLAMA.schedule
    assert run.trained_peak == pytest.approx(run.optimizer.typical)


def test_a_pinned_schedule_is_read_with_the_same_scales():
    page = page_of(LLAMA)
    press(page, "pin")
    assert from_token(address(page)["pin"])[0].schedule == LLAMA.schedule
    rate = charts(page)["rate"]
    run, ghost = (next(t for t in rate["data"] if t["legendgroup"] == group) for group in ("run", "ghost"))
    assert (run["x"], run["y"]) == (ghost["x"], ghost["y"])


def ghost_rates(setting: Setting) -> np.ndarray:
    """The rates of the ghost as the problem trains them."""
    return study(setting.run, ghost_of(setting), advice=False).ghost.rates


def test_a_pin_keeps_its_own_scales(monkeypatch):
    page = opened()
    press(page, "pin")
    wanted = ghost_rates(read(address(page))[0])
    assert (wanted.max(), len(wanted)) == (0.18, 500)
    change(page, monkeypatch, "use_own")
    for key, value in (("peak_lr", 3e-4), ("total_steps", 350_000), ("trained_steps", 200), ("trained_peak", 0.1)):
        change(page, monkeypatch, key, value)
        setting = read(address(page))[0]
        assert np.array_equal(ghost_rates(setting), wanted), key
        assert setting.link() == address(page)
    drawn = [trace for trace in charts(page)["rate"]["data"] if trace["legendgroup"] == "ghost" and "y" in trace]
    assert max(max(trace["y"]) for trace in drawn) == 0.18
    press(page, "pin")
    press(page, "pin")
    setting = read(address(page))[0]
    change(page, monkeypatch, "trained_peak", 0.18)
    assert np.array_equal(ghost_rates(read(address(page))[0]), setting.run.trained_rates())
    change(page, monkeypatch, "problem_only")
    ghost = ghost_rates(read(address(page))[0])
    assert (ghost.max(), len(ghost)) == (pytest.approx(0.1), 200)


def test_a_pin_of_an_older_link_has_the_scales_of_its_run():
    link = {"run": to_token(LLAMA), "pin": to_token(Run(schedule=LLAMA.schedule))}
    setting, notices = read(link)
    assert not notices and np.array_equal(ghost_rates(setting), LLAMA.trained_rates())


def test_problem_only_says_where_a_formula_that_counts_steps_gets_another_shape(monkeypatch):
    for policy, said in (("square_root", True), ("factor", False), ("cosine", False)):
        run = adopt(LLAMA.replace(schedule=LLAMA.schedule.replace(policy=POLICIES[policy]())))
        page = page_of(run)
        change(page, monkeypatch, "problem_only")
        expected = ["In 500 steps this curve changes its shape: lengths that it counts in steps are rounded, at least to one."]
        expected = expected if said else []
        assert notices(page) == expected


@pytest.mark.parametrize(
    "scales",
    [
        *("rate_scale-0", "rate_scale-1e30", "rate_scale-nan", "rate_scale-1e-14", "rate_scale-1e14~peak_lr-100"),
        *("step_scale-0", "step_scale-1000", "step_scale-inf", "step_scale-1e-5", "total_steps-350000~step_scale-2"),
    ],
)
def test_impossible_scales_of_a_link_are_said_and_repaired(scales):
    setting, (notice,) = read({"run": f"1~{scales}"})
    assert scales.partition("-")[0].removeprefix("total_") in str(notice) or "step_scale" in str(notice)
    assert (setting.run.trained_peak, setting.run.trained_steps) == (pytest.approx(0.18), 500)


@pytest.mark.parametrize("value", ["", "yes", "<b>", "axis-on"])
def test_an_unknown_value_of_the_axis_in_a_link_is_ignored(value):
    assert read({"own": value, "run": to_token(LLAMA)})[0] == Setting(LLAMA)


def drawn_of(run: Run, **more: Any) -> dict[str, Any]:
    """The figures of a finished study by slot, on the axis of the schedule."""
    setting = Setting(run, numbers="axis", **more)
    found = study(run, ghost_of(setting), advice=False)
    return {chart.slot: chart.figure for chart in charts_of.draw_study(found, setting).charts}


def test_a_network_in_training_shows_the_rate_and_the_line_on_both_axes():
    run = adopt(Run(problem=PROBLEMS["digits"](), schedule=LLAMA.schedule))
    for numbers, peak in (("", 0.2), ("axis", 1.5e-4)):
        setting = Setting(run, numbers=numbers)
        (chart,) = charts_of.unfinished_charts(setting)
        (line_,) = [trace for trace in chart.figure["data"] if trace["legendgroup"] == "run"]
        assert max(line_["y"]) == pytest.approx(peak, rel=1e-3)
        assert line_data(setting, None)["text"].endswith(
            "<b>The digit network</b> trains the same shape at peak 0.2 in 110 steps."
        )


def test_a_network_has_a_short_name_beside_its_boxes():
    run = adopt(Run(problem=PROBLEMS["few_digits"](), schedule=LLAMA.schedule))
    (peak,) = [field for field in slider_groups(Setting(run))["schedule"] if field.key == "trained_peak"]
    assert peak.name == "Network"
    assert line_data(Setting(run), None)["only"]["label"] == "Network only"


def test_the_rates_that_a_rule_used_are_in_the_units_of_the_schedule_on_its_axis():
    rate = drawn_of(LLAMA.replace(feedback=FEEDBACK["plateau"]()))["rate"]
    lines = [trace for trace in rate["data"] if trace["legendgroup"] == "run" and "y" in trace]
    assert max(max(trace["y"]) for trace in lines) == pytest.approx(1.5e-4, rel=1e-3)
    (drawn,) = [trace for trace in lines if trace.get("showlegend") is not False]
    assert drawn["x"][-1] == 499, "the problem's steps"


def test_epochs_of_own_numbers_are_those_of_the_person():
    units = Units(samples=3_500_000, batch=1_000, epochs=100)
    assert Setting(LLAMA, units=units).steps_per_epoch == 3_500
    assert drawn_of(LLAMA, units=units)["loss"]["layout"]["meta"]["epoch"] == pytest.approx(3_500 / 700)
    page = opened(Setting(LLAMA, units=units).link())
    assert "epoch" not in charts(page)["loss"]["layout"]["meta"], "the bowl has no epochs"
    assert sliders(page)["warmup"]["stepsPerEpoch"] == sliders(page)["trained_steps"]["yours"]["stepsPerEpoch"] == 3_500
    assert sliders(page)["trained_steps"]["stepsPerEpoch"] is None


@pytest.mark.parametrize("slug", RECIPES)
def test_the_axis_of_the_schedule_shows_its_exact_curve(slug):
    run = adopt(Run(schedule=RECIPES[slug].opened))
    if exact(run):
        return
    (drawn,) = [trace for trace in drawn_of(run)["rate"]["data"] if trace["legendgroup"] == "run"]
    schedule, ratio = run.schedule, run.schedule.total_steps / run.trained_steps
    steps = [round(x * ratio) for x in drawn["x"]]
    assert drawn["x"] == pytest.approx([step / ratio for step in steps], abs=1e-6 * run.trained_steps)
    assert drawn["y"] == pytest.approx(schedule(steps).tolist(), rel=1e-4, abs=1e-9 * schedule.peak_lr)
    sampled = schedule.total_steps * np.arange(1, 100) / 100
    apart = np.abs(np.interp(sampled, steps, drawn["y"]) - schedule(np.floor(sampled)))
    assert np.median(apart) < 0.01 * schedule.peak_lr


def test_a_part_that_is_too_short_to_see_is_named_by_its_phase_not_by_the_policy():
    """The constant of a cool-down schedule: "Constant is 1 step" would be about another thing."""
    schedule = Schedule(policy=POLICIES["constant"](), peak_lr=3e-4, total_steps=100_000, warmup=0.5, cooldown=0.499)
    data = line_data(Setting(adopt(Run(schedule=schedule))), None)
    assert data["short"]["text"].startswith("The policy's part is "), data["short"]["text"]


def test_own_numbers_that_are_those_of_the_law_open(monkeypatch):
    page = page_of(language_run())
    change(page, monkeypatch, "use_own")
    assert "is predicted for the same shape at peak 3e-4 in 24,000 steps" in line(page)["text"]
