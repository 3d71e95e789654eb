"""Explore without a browser: every setting is opened by its link."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from pages.parts import state, studies
from pages.parts.controls.controls import Change
from pages.parts.explore import actions, networks
from pages.parts.explore import jobs as jobs_of_page
from pages.parts.explore.handles import handles_data
from pages.parts.explore.layout import PARTS
from pages.parts.explore.presets import CONDITIONS, PRESETS, SHAPES, all_presets
from pages.parts.verdict.verdict import Click
from schedules import POLICIES, Run, from_token, to_token
from schedules.core.numbers import format_number
from schedules.training import cost
from schedules.training.engine import simulate
from schedules.training.jobs import Jobs, Stopped
from schedules.training.problems import PROBLEMS
from schedules.training.runs import Trace
from schedules.units import Units
from schedules.words import say
from tests.boxes import corners
from tests.pages.reading import address, opened, press, sent, verdict_text, verdicts
from tests.waiting import PATIENCE, until

ANALYTIC = [slug for slug, problem in PROBLEMS.items() if not problem.as_job]


def bodies(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html")]


def notices(page: AppTest, kinds: str = "info|warning") -> list[str]:
    """The texts of the notices on the page."""
    found = [body for body in bodies(page) if re.search(f'class="anneal-notice" data-look="({kinds})"', body)]
    return [html.unescape(re.sub("<[^>]+>", " ", body)).strip() for body in found]


def test_the_first_screen_shows_charts_and_a_verdict():
    page = opened()
    assert verdict_text(page).startswith("✓ Converged: the loss fell to 1/4,300 of its start.")
    assert address(page) == {}, "defaults never write the address"


@pytest.mark.parametrize(
    ("preset", "word"),
    [
        ("size.too_small", "Stalled"),
        ("size.slow", "Still improving"),
        ("size.too_large", "Diverged"),
        ("size.first_screen", "Converged"),
        ("decay.no_decay", "Bouncing"),
        ("decay.slow_decay", "Bouncing"),
        ("decay.fast_decay", "Stalled"),
        ("decay.factor", "Converged"),
    ],
)
def test_each_preset_shows_its_verdict_and_writes_its_link(preset, word):
    page = opened({"run": "1~peak_lr-0.05"})
    press(page, "preset", preset)
    assert word in verdict_text(page)
    group, _, name = preset.partition(".")
    assert address(page)["run"] == to_token(from_token(PRESETS[group][name].run)[0])
    assert verdict_text(opened(address(page))) == verdict_text(page), "the link reopens the same page with the same numbers"


@pytest.mark.parametrize("link", all_presets())
def test_the_links_of_the_presets_need_no_repair(link):
    setting, notices = state.read(link.query())
    assert not notices
    assert setting.link() == link.query(), "written as the page itself would write it"


def test_a_larger_condition_number_converges_more_slowly_at_the_same_rate():
    left = []
    for kappa in CONDITIONS:
        page = opened(PRESETS["size"][f"condition_{kappa}"].query())
        left.append("Converged" in verdict_text(page))
    assert left == [True, True, True, False], "1, 10 and 100 arrive in 500 steps, 1,000 does not"


def test_seeds_diverge_in_the_valley_without_warmup():
    link = PRESETS["warmup"]["steep_start"].query()
    assert "Diverged" not in verdict_text(opened(link))
    assert "Diverged" in verdict_text(opened({"run": link["run"].replace("warmup-0.2", "warmup-0")}))


def test_a_broken_link_is_repaired_with_a_notice_and_without_changing_the_address():
    query = {"run": "1~peak_lr-1e9~policy-nonsense~<b>"}
    page = opened(query)
    wording = " ".join(notices(page))
    assert "peak_lr" in wording
    assert "nonsense" in wording
    assert address(page) == query
    press(page, "preset", "size.slow")
    assert not notices(page), "a notice goes with the next move"


def test_another_policy_keeps_peak_steps_and_warmup():
    page = opened({"run": "1~peak_lr-0.07~total_steps-300~warmup-0.2"})
    page.selectbox(key="pick_policy").select("polynomial").run()
    schedule = from_token(address(page)["run"])[0].schedule
    assert (schedule.policy.slug, schedule.peak_lr, schedule.total_steps, schedule.warmup) == ("polynomial", 0.07, 300, 0.2)


def test_a_hand_drawn_curve_starts_at_its_first_knot():
    page = opened({"run": "1~peak_lr-0.07~warmup-0.2"})
    page.selectbox(key="pick_policy").select("knots").run()
    schedule = from_token(address(page)["run"])[0].schedule
    assert (schedule.policy.slug, schedule.peak_lr, schedule.warmup) == ("knots", 0.07, 0)


IN_UNITS = {
    "warmup": "50s", "hold": "3s", "cooldown": "20s", "horizon": "450s", "after": "drop",
    "warmup_start": "0.001r", "cooldown_floor": "1e-05r", "lowest": "1e-06r",
}  # fmt: skip


@pytest.mark.parametrize("policy", POLICIES)
def test_lengths_in_steps_and_rates_are_shown_and_kept_by_the_link(policy):
    units = {f"policy.{name}": POLICIES[policy].param(name).encode(POLICIES[policy].param(name).quantities()[2])
             for name in POLICIES[policy].quantities}  # fmt: skip
    pairs = {"policy": policy} | IN_UNITS | units
    query = {"run": "~".join(["1", *(f"{name}-{value}" for name, value in pairs.items())])}
    page = opened(query)
    assert not notices(page)
    assert verdict_text(page)
    schedule = from_token(query["run"])[0].schedule
    assert from_token(to_token(Run(schedule=schedule)))[0].schedule == schedule
    assert (schedule.plan.updates, schedule.plan.warmup, schedule.plan.hold, schedule.plan.cooldown) == (450, 50, 3, 20)
    longer = schedule.replace(total_steps=5_000).plan
    assert (longer.updates, longer.warmup, longer.hold, longer.cooldown) == (450, 50, 3, 20)


def test_another_problem_keeps_the_shape_of_lengths_in_steps_and_of_rates():
    page = opened({"run": "1~policy.floor-0.0018r~peak_lr-0.18~warmup-50s"})
    page.selectbox(key="pick_problem").select("valley").run()
    schedule = from_token(address(page)["run"])[0].schedule
    assert schedule.plan.warmup == pytest.approx(schedule.total_steps / 10, abs=1)
    assert schedule.resolved().policy.floor == pytest.approx(0.01, rel=1e-12)


@pytest.mark.parametrize("slug", ANALYTIC)
def test_another_problem_sets_its_default_peak_and_steps(slug):
    page = opened({"run": "1~peak_lr-0.07~problem.noise-0.1"})
    page.selectbox(key="pick_problem").select(slug).run()
    run = from_token(address(page)["run"])[0]
    problem = PROBLEMS[slug]
    if slug != "bowl":
        assert (run.schedule.peak_lr, run.schedule.total_steps) == (problem.default_peak, problem.default_steps)
        assert run.problem == problem()


def test_pin_makes_the_current_schedule_the_ghost():
    page = opened({"run": "1~peak_lr-0.07"})
    press(page, "pin")
    assert address(page) == {"run": "1~peak_lr-0.07", "pin": "1~peak_lr-0.07"}
    press(page, "preset", "size.slow")
    page = opened({"run": "1~peak_lr-0.01", "pin": "1~peak_lr-0.07"})
    press(page, "pin")
    assert address(page) == {"run": "1~peak_lr-0.01"}


def test_undo_takes_back_changes_one_by_one_and_a_drag_is_one(monkeypatch):
    page = opened({"run": "1~peak_lr-0.07"})
    press(page, "undo")
    assert address(page) == {"run": "1~peak_lr-0.07"}, "there is nothing to undo"
    press(page, "preset", "size.slow")
    for peak, final in ((0.02, False), (0.03, False), (0.04, True)):
        move(page, monkeypatch, "peak_lr", peak, final)
    press(page, "pin")
    (row,) = [data for data in sent(page) if "undoes" in data]
    assert row["undoes"] and row["pinned"]
    for run in ("1~peak_lr-0.04", "1~peak_lr-0.01", "1~peak_lr-0.07"):
        press(page, "undo")
        assert address(page) == {"run": run}
    (row,) = [data for data in sent(page) if "undoes" in data]
    assert not row["undoes"] and not row["pinned"]


def move(page: AppTest, monkeypatch: pytest.MonkeyPatch, key: str, value: Any, final: bool) -> None:
    """Move a slider, which AppTest cannot."""
    change = Change(time.time_ns(), key, value, final)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "latest", lambda _: change)
        page.run()
    assert not page.exception


def test_show_adds_one_thing_to_the_charts_and_is_kept_in_the_link(monkeypatch):
    searched = []
    monkeypatch.setattr("pages.parts.charts.find_best_schedule", lambda *asked: searched.append(asked))
    page = opened({"run": "1~total_steps-61"})
    assert not searched, "the best schedule is not searched for where it is not shown"
    press(page, "show", "expected")
    assert address(page) == {"run": "1~total_steps-61", "show": "expected"} and "expected" in charts(page)
    press(page, "show", "best")
    assert address(page)["show"] == "best" and len(searched) == 1 and "expected" not in charts(page)
    (row,) = [data for data in sent(page) if "undoes" in data]
    assert row["shown"] == "best" and row["offers"] == ["best", "expected", "angle", "goal"]
    press(page, "show", "best")
    assert address(page) == {"run": "1~total_steps-61"}, "a second press hides it"
    press(page, "show", "nonsense")
    assert address(page) == {"run": "1~total_steps-61"}
    assert "show names nonsense" in " ".join(notices(opened({"show": "nonsense"})))


def test_a_menu_of_presets_leads_to_its_lesson():
    page = press(opened({"run": "1~peak_lr-0.07"}), "lesson", "size")
    assert address(page) == {"lesson": "size"}
    assert any("Step 1 of" in body for body in bodies(page))


def apply(page: AppTest, monkeypatch: pytest.MonkeyPatch, of: str, number: int) -> None:
    """Press an Apply button, which AppTest cannot: `number` of the advice that was given for the setting of this key."""
    clicks = [Click(of, number)]
    monkeypatch.setattr(actions, "clicked", lambda: clicks.pop() if clicks else None)
    page.run()
    assert not page.exception
    assert not clicks


def test_apply_makes_the_advised_run_the_setting_and_keeps_the_comparison(monkeypatch):
    page = opened({"run": "1~policy-constant", "pin": "1~peak_lr-0.01"})
    (before,) = verdicts(page)
    assert [applies for _, applies in before["advice"]] == [True, True]
    (shown,) = [data["of"] for data in sent(page) if "pieces" in data]
    apply(page, monkeypatch, shown, 1)
    assert address(page)["pin"] == "1~peak_lr-0.01"
    assert address(page)["run"] != "1~policy-constant"
    (after,) = verdicts(page)
    assert after["line"] != before["line"]
    assert page.selectbox(key="pick_policy_1").value == from_token(address(page)["run"])[0].schedule.policy.slug


@pytest.mark.parametrize("number", [0, 2, 10_000])
def test_apply_ignores_advice_that_is_missing_or_of_another_setting(monkeypatch, number):
    page = opened({"run": "1~policy-constant"})
    (old,) = [data["of"] for data in sent(page) if "pieces" in data]
    if number:  # there is no such piece of advice
        apply(page, monkeypatch, old, number)
        assert address(page) == {"run": "1~policy-constant"}
    press(page, "preset", "size.slow")
    moved = address(page)
    apply(page, monkeypatch, old, number)
    assert address(page) == moved


def test_advice_on_a_run_longer_than_its_problem_is_applied_too(monkeypatch):
    page = opened({"run": "1~total_steps-100000~policy-constant"})
    (shown,) = [data["of"] for data in sent(page) if "pieces" in data]
    apply(page, monkeypatch, shown, 0)
    run = from_token(address(page)["run"])[0]
    assert run != from_token("1~total_steps-100000~policy-constant")[0]
    assert run.own and run.schedule.total_steps >= 100_000 and run.trained_steps <= 10_000


def test_too_many_seeds_for_a_problem_are_cut_with_a_notice():
    assert "128" in " ".join(notices(opened({"run": "1~total_steps-100000~seeds-1000"})))


def test_what_a_link_asks_for_in_vain_is_stated_before_what_follows_from_it():
    page = opened({"run": "1~seeds-99999", "ghost": "linear", "utm_source": "mail", "lang": "xx"})
    said = notices(page)
    assert any("lang names xx, which is not known here; en is used" in text for text in said)
    assert any("mentions ghost" in text for text in said) and not any("utm" in text for text in said)
    [text] = [text for text in said if "seeds" in text]
    assert text.index("must be a whole number") < text.index("seeds are run here")
    assert not notices(opened({"run": "1~seeds-8", "lang": "en"}))


@pytest.mark.parametrize(
    ("policy", "slug"),
    [(policy, ANALYTIC[(i + shift) % len(ANALYTIC)]) for i, policy in enumerate(POLICIES) for shift in (0, 2, 5)],
)
def test_any_setting_has_a_verdict_without_missing_numbers(policy, slug):
    for i, (shape, problem) in enumerate(zip(corners(POLICIES[policy], most=3), corners(PROBLEMS[slug], most=3), strict=False)):
        schedule = Run().schedule.replace(policy=shape, peak_lr=(1e-6, 0.3, 100)[i], total_steps=60)
        page = opened({"run": to_token(Run(schedule=schedule, problem=problem))})
        text = verdict_text(page).lower()
        assert text.strip()
        assert not re.search(r"\bnan\b|\binf\b|unknown|infinite", text)
        assert not re.search(r"\bNaN\b|Infinity", json.dumps(sent(page)))


def test_what_can_be_taken_away_is_neither_computed_nor_sent_while_closed():
    assert not opened().get("code") and not opened(session={"take_away_part": "table"}).get("download_button")
    assert with_open("code").get("code")


def test_the_code_is_for_one_library_which_is_remembered():
    page = with_open("code")
    [code] = page.get("code")
    assert "import torch" in code.value
    page.session_state["take_away_library"] = "optax"
    page.run()
    [code] = page.get("code")
    assert "optax.warmup_cosine_decay_schedule(" in code.value
    again = opened(session={"take_away": True, "take_away_part": "code", "code_for": "keras"})
    assert "keras.optimizers.schedules.CosineDecay(" in again.get("code")[0].value


def test_the_page_says_that_code_leaves_out_a_feedback_rule():
    query = {"run": "1~feedback-plateau"}
    sentence = "leaves out"
    assert not any(sentence in text.value for text in with_open("code", query).caption)
    for library in ("timm", "transformers", "optax", "keras"):
        page = opened(query, session={"take_away": True, "take_away_part": "code", "code_for": library})
        assert any(sentence in text.value for text in page.caption), library


@pytest.fixture
def clock():
    """The clock of the executor: its time changes only when a test sets it."""
    return [0.0]


@pytest.fixture
def jobs(monkeypatch, clock):
    made = Jobs(clock=lambda: clock[0])
    monkeypatch.setattr("pages.parts.explore.jobs.JOBS", made)
    yield made
    made.shutdown()
    until(lambda: not made._threads)


def progress(page: AppTest) -> list[dict[str, Any]]:
    """The data of the progress of a training, if it is shown."""
    return [data for data in sent(page) if {"said", "share"} <= data.keys()]


def polled(page: AppTest, seen: str = "") -> dict[str, Any]:
    """The answer of the route that the browser polls on this page."""
    (name,) = [data["address"] for data in sent(page) if "address" in data]
    answer = TestClient(Starlette(routes=[jobs_of_page.route()])).get(f"/{name}", params={"seen": seen})
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.network
def test_a_network_trains_in_the_background_while_the_page_polls(monkeypatch, jobs):
    gate, train = threading.Event(), networks.nets.train

    def gated(*asked: Any, **more: Any) -> list[Trace]:
        assert gate.wait(PATIENCE)
        return train(*asked, **more)

    monkeypatch.setattr(networks.nets, "train", gated)
    page = opened({"run": "1~policy-constant~peak_lr-0.2~total_steps-45~problem-digits~seeds-1"})
    assert [data["said"] for data in progress(page)] == ["Training: step 0 of 45."]
    assert not verdicts(page), "nothing is said before something has happened"
    assert '"rate"' in json.dumps(sent(page))
    gate.set()
    checking = str(say("explore.checking"))

    def done() -> bool:
        page.run()
        assert not page.exception
        return bool(verdicts(page)) and checking not in verdict_text(page)

    until(done)
    assert re.search(r"\d\d % of the test images are named correctly", verdicts(page)[0]["why"])
    assert '"accuracy"' in json.dumps(sent(page))
    assert not progress(page)


@pytest.mark.network
def test_the_previous_result_of_a_network_is_drawn_pale_while_the_next_one_trains(monkeypatch, jobs):
    def stale(page: AppTest) -> dict[str, bool]:
        return {chart["slot"]: chart["stale"] for data in sent(page) for chart in data.get("charts", ())}

    page = opened({"run": "1~policy-constant~peak_lr-0.2~total_steps-44~warmup-0~problem-digits~seeds-1"})
    until(lambda: verdicts(page.run()))
    shown = stale(page)
    assert {"rate", "loss", "answers"} <= shown.keys() and not any(shown.values())
    gate, train = threading.Event(), networks.nets.train

    def gated(*asked: Any, **more: Any) -> list[Trace]:
        assert gate.wait(PATIENCE)
        return train(*asked, **more)

    monkeypatch.setattr(networks.nets, "train", gated)
    page.query_params["run"] = "1~policy-constant~peak_lr-0.21~total_steps-44~warmup-0~problem-digits~seeds-1"
    page.run()
    gate.set()
    assert stale(page) == {slot: slot != "rate" for slot in shown}
    assert not verdicts(page), "what was said of the last run is not said of this one"


def test_closing_the_page_cancels_the_training(monkeypatch, jobs, clock):
    started, ended = threading.Event(), threading.Event()

    def endless(_: Any, progress: Any, stop: Any, probed: Any, **__: Any) -> list[Trace]:
        started.set()
        while not stop():
            time.sleep(0.01)
        ended.set()
        raise Stopped

    monkeypatch.setattr(networks.nets, "train", endless)
    page = opened({"run": "1~total_steps-110~problem-digits"})
    assert started.wait(PATIENCE)
    for _ in range(3):
        clock[0] += 0.9 * jobs.silence
        assert not polled(page)["ended"], "the browser's requests keep the work going"
    assert not ended.is_set()
    clock[0] += 2 * jobs.silence
    assert ended.wait(PATIENCE)


@pytest.fixture
def training_until_step_60(monkeypatch):
    """Training waits there to be stopped; returns an event that is set then."""
    train, reached = networks.nets.train, threading.Event()

    def until_60(runs: Any, progress: Any, stop: Any, probed: Any, *, watch: Any) -> list[Trace]:
        def watched(steps: int, traces: Any) -> None:
            watch(steps, traces)
            if steps == 60:
                progress(0.5)
                reached.set()
                until(stop)

        return train(runs, progress, stop, probed, watch=watched)

    monkeypatch.setattr(networks, "PUBLISHED", 0)
    monkeypatch.setattr(networks.nets, "train", until_60)
    return reached


@pytest.mark.network
def test_a_stopped_training_keeps_its_curve_and_has_no_verdict(jobs, training_until_step_60):
    page = opened({"run": "1~total_steps-110~problem-digits~seeds-2", "show": "accuracy"})
    assert training_until_step_60.wait(PATIENCE)
    loss, images, accuracy = polled(page)["charts"]
    assert (polled(page)["seen"], polled(page)["progress"]["said"]) == ("55", "Training: step 60 of 110.")
    assert "charts" not in polled(page, seen="55"), "only new points are sent"
    page.run().button(key="stop_training").click().run()
    assert not page.exception
    assert "Stopped at step 60 of 110." in [caption.value for caption in page.caption]
    assert not verdicts(page)
    assert not any(data.get("pieces") or "address" in data for data in sent(page)), "no advice, and nothing to wait for"
    rate, *kept = [chart for data in sent(page) for chart in data.get("charts", ())]
    assert kept == [loss, images, accuracy]
    assert not any(chart["stale"] for chart in (rate, *kept))
    for chart in (loss, accuracy):
        assert chart["figure"]["layout"]["xaxis"]["range"] == [0, 110]
        (line,) = [line for line in chart["figure"]["data"] if line["legendgroup"] == "run" and line.get("showlegend", True)]
        assert line["x"] == list(range(0, 56, 11))
    until(lambda: not jobs._threads)
    page.run()
    assert not jobs._threads, "nothing trains until it is asked for"
    training_until_step_60.clear()
    page.button(key="train_again").click().run()
    assert training_until_step_60.wait(PATIENCE)


def test_a_setting_that_is_too_expensive_is_shortened_with_a_notice(jobs):
    page = opened({"run": "1~total_steps-10000~problem-logistic~problem.batch-64~seeds-128"})
    run = from_token("1~total_steps-10000~problem-logistic~problem.batch-64~seeds-128")[0]
    [wording] = cost.fitted(run)[2]
    assert str(wording) in " ".join(notices(page))
    assert address(page)["run"].endswith("seeds-128"), "the link stays as it is"


def test_expensive_advice_runs_as_a_job_with_the_same_result(jobs, monkeypatch):
    link = {"run": "1~peak_lr-0.0123~total_steps-300"}
    monkeypatch.setattr(cost, "AT_ONCE", 0)
    gate = threading.Event()
    running = jobs.submit("another", lambda *_: gate.wait(PATIENCE))
    while running.poll().state == "queued":
        pass
    page = opened(link)
    assert str(say("explore.queued", ahead=1)) in verdict_text(page)
    gate.set()
    waits = [str(say("explore.queued", ahead=1)), str(say("explore.checking"))]
    while any(text in verdict_text(page) for text in waits):
        running.poll()
        page.run()
        assert not page.exception
    wording = verdict_text(page)
    monkeypatch.undo()
    studies.cached_study.clear()
    assert verdict_text(opened(link)) == wording
    assert "Checked" in wording


def test_an_expensive_range_test_runs_as_a_job(jobs, monkeypatch):
    monkeypatch.setattr(cost, "AT_ONCE", 0)
    gate = threading.Event()
    jobs.submit("another", lambda *_: gate.wait(PATIENCE))
    page = with_open("finder", {"run": "1~peak_lr-0.0104"})
    assert str(say("explore.queued", ahead=2)) in [caption.value for caption in page.caption], "the advice is first"
    gate.set()
    while str(say("range_test.note")) not in " ".join(caption.value for caption in page.caption):
        page.run()
        assert not page.exception


def test_verdicts_at_stops_are_computed_once_the_replay_is_used(monkeypatch):
    asked, compute = [], studies.charts.stops_of
    monkeypatch.setattr(studies.charts, "stops_of", lambda study: asked.append(study.trace.run) or compute(study))
    page = opened({"run": "1~peak_lr-0.0311"})
    assert not asked
    assert [data["asks"] for data in sent(page) if "asks" in data] == [True]
    page.session_state[state._REPLAYS] = True
    page.run()
    (found,) = [data for data in sent(page) if "stops" in data]
    assert [run.schedule.peak_lr for run in asked] == [0.0311]
    assert found["of"] == state.Setting(asked[0]).key and found["stops"][-1] == 500
    press(page, "preset", "size.too_large")
    assert len([data for data in sent(page) if "stops" in data]) == 1, "the replay stays in use"
    assert len(opened({"run": "1~peak_lr-0.0311"}).get("bidi_component")) > 0 and len(asked) == 2, "another session's replay"


def test_expensive_verdicts_at_stops_run_as_a_job(jobs, monkeypatch):
    monkeypatch.setattr(cost, "AT_ONCE", 0)
    page = opened({"run": "1~peak_lr-0.0234"})
    page.session_state[state._REPLAYS] = True
    page.run()
    while not any("stops" in data for data in sent(page)):
        page.run()
        assert not page.exception


def test_projector_mode_is_in_the_link_and_survives_other_settings():
    def on() -> bool:
        (row,) = [data for data in sent(page) if "menus" in data]
        lessons = [lesson["href"] for menu in row["menus"] for lesson in menu["lessons"]]
        assert lessons and {"projector=on" in link for link in lessons} == {row["projector"]}
        return row["projector"]

    page = opened({"projector": "on", "run": "1~peak_lr-0.05"})
    assert on()
    press(page, "preset", "size.slow")
    assert address(page) == {"projector": "on", "run": PRESETS["size"]["slow"].run}
    assert on()
    press(page, "projector")
    assert address(page) == {"run": PRESETS["size"]["slow"].run}
    assert not on()


# Units: epochs and unit mix-ups

EPOCHS = "1~samples-6400~batch-64~epochs-5"
"""100 steps per epoch, 500 in all: as long as the run of the first screen."""


def with_open(parts: str, query: Mapping[str, str] = {}) -> AppTest:
    """The page at a link with one expander open, or with one of the parts that can be taken away."""
    if parts in PARTS:
        return opened(query, session={"take_away": True, "take_away_part": parts})
    return opened(query, session={parts: True})


def charts(page: AppTest) -> dict[str, Any]:
    """The panel's figures by slot."""
    return {chart["slot"]: chart["figure"] for data in sent(page) for chart in data.get("charts", ())}


def sliders(page: AppTest) -> dict[str, Any]:
    """The fields of all controls that are sent, by key."""
    groups = [group for data in sent(page) for group in data.get("groups", {}).values()]
    return {field["key"]: field for group in groups for field in group}


def notice_text(page: AppTest) -> str:
    return " ".join(notices(page))


def test_closed_units_are_not_computed():
    assert not any(key.startswith("units.") for key in sliders(opened()))
    page = with_open("open_more")
    assert [key for key in sliders(page) if key.startswith("units.")] == [f"units.{param.name}" for param in Units.params]
    assert any("30 epochs are 7,050 steps" in text.value for text in page.markdown)
    assert address(page) == {}


def test_use_these_steps_sets_run_and_epoch_length_in_the_link():
    page = with_open(
        "open_more", {"run": "1~peak_lr-0.1", "units": "1~samples-6400~batch-64~accumulation-2~devices-5~epochs-40"}
    )
    page.button(key="use_units").click().run()
    assert from_token(address(page)["run"])[0].schedule.total_steps == 400
    assert address(page)["units"] == "1~samples-6400~batch-64~accumulation-2~devices-5~epochs-40"
    assert not notice_text(page)
    assert charts(page)["rate"]["layout"]["meta"]["epoch"] == charts(page)["loss"]["layout"]["meta"]["epoch"] == 10
    page.button(key="leave_units").click().run()
    assert "units" not in address(page)
    assert "epoch" not in charts(page)["rate"]["layout"]["meta"]


def test_steps_from_epochs_beyond_the_maximum_are_own_numbers():
    page = with_open("open_more", {"units": "1~epochs-100"})
    page.button(key="use_units").click().run()
    run = from_token(address(page)["run"])[0]
    assert (run.schedule.total_steps, run.trained_steps) == (23_500, 500)
    assert address(page)["units"] == "1~epochs-100"
    assert not notice_text(page)
    press(page, "preset", "size.slow")
    assert "units" not in address(page)


def test_a_planned_length_of_thirty_steps_is_warned_of_but_thirty_epochs_are_not():
    """The unit mix-up that the units detect: 30 epochs are 7,050 steps, so a plan of 30 steps is over at once."""
    page = with_open("open_more")
    page.button(key="use_units").click().run()
    run, units = from_token(address(page)["run"])[0], address(page)["units"]
    assert run.schedule.total_steps == 7_050
    assert not notice_text(page)
    mixed_up = run.replace(schedule=run.schedule.replace(horizon=30 / 7_050))
    page = opened({"run": to_token(mixed_up), "units": units})
    assert "after 30 steps, while the run has 7,050 steps (30 epochs of 235 steps)" in notice_text(page)


def test_with_a_held_rate_all_lengths_are_in_updates():
    page = with_open("open_more", {"run": "1~update_every-50~policy-multi_factor"})
    found = sliders(page)
    assert found["warmup"]["n"] == 10 and found["policy.milestones"]["n"] == 9 and found["horizon"]["n"] == 10
    for key in ("warmup", "policy.milestones", "horizon"):
        assert found[key]["stepsPerUpdate"] == 50
        assert found[key]["stepsUnit"].startswith("updates")
        assert "an update is 50 of them" in found[key]["please"]
    assert found["total_steps"]["stepsPerUpdate"] == found["update_every"]["stepsPerUpdate"] == 1
    plain = sliders(with_open("open_more"))
    assert plain["horizon"]["n"] == 500 and plain["horizon"]["stepsUnit"].startswith("steps")


def test_the_first_seed_has_a_slider_only_if_a_link_sets_it():
    assert "first_seed" not in sliders(with_open("open_more"))
    assert sliders(with_open("open_more", {"run": "1~first_seed-40"}))["first_seed"]["value"] == 40


def test_sliders_without_effect_are_disabled():
    idle = {key for key, found in sliders(with_open("open_more")).items() if found.get("idle")}
    assert {"cooldown_shape", "cooldown_floor", "after"} <= idle
    assert not {"warmup_shape", "peak_lr", "horizon", "problem.start_x"} & idle
    assert sliders(with_open("open_more", {"run": "1~policy-one_cycle"}))["policy.settle"]["idle"]
    assert "idle" not in sliders(with_open("open_more", {"run": "1~policy-one_cycle~policy.phases-three"}))["policy.settle"]


def test_lengths_can_be_typed_in_epochs_if_an_epoch_is_known():
    assert sliders(opened())["warmup"]["stepsPerEpoch"] is None
    known = sliders(opened({"units": EPOCHS}))
    assert (known["warmup"]["stepsPerEpoch"], known["total_steps"]["stepsPerEpoch"]) == (100, 100)
    assert known["peak_lr"]["stepsPerEpoch"] is None
    held = sliders(opened({"run": "1~update_every-50", "units": EPOCHS}))
    assert (held["warmup"]["stepsPerEpoch"], held["total_steps"]["stepsPerEpoch"]) == (2, 100), "in updates, and in steps"
    assert sliders(opened({"run": "1~update_every-33", "units": EPOCHS}))["warmup"]["stepsPerEpoch"] is None


@pytest.mark.parametrize("text", ["", "1", "2~samples-0", "samples", "1~samples-1e99~slip-both", "~~<b>-1", "1~epochs-nan"])
def test_any_text_in_the_link_gives_units_and_a_notice_of_repairs(text):
    setting, notices = state.read({"units": text})
    assert setting.units is not None
    assert bool(notices) == (text not in ("", "1"))
    page = opened({"units": text})
    assert bool(notice_text(page)) == bool(notices)
    assert verdict_text(page).startswith("✓ Converged")


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("1", ""),
        ("1~horizon-0.01", "5 steps, while the run has 500 steps (5 epochs of 100 steps)"),
        ("1~horizon-0.5", ""),
        ("1~horizon-100~update_every-100", "500 changes of the rate, while this run has 5"),
    ],
)
def test_a_plan_that_looks_like_a_unit_mix_up_is_warned_of(run, words):
    page = opened({"run": run, "units": EPOCHS})
    assert [words in warning for warning in notices(page, "warning")] == ([True] if words else [])
    grey = next(trace for trace in charts(page)["rate"]["data"] if trace["legendgroup"] == "ghost")
    assert grey["name"] == str(say("explore.ghost_meant" if words else "explore.ghost_constant"))
    assert not notices(opened({"run": run})), "undecidable without an epoch"


def test_a_plan_that_is_over_too_early_by_the_number_of_devices_names_them():
    units = "1~samples-1200~batch-3~devices-4~epochs-5"
    page = opened({"run": "1~horizon-0.25", "units": units})
    assert any("stepped once per device" in warning and "4 devices" in warning for warning in notices(page, "warning"))
    page = opened({"units": f"{units}~slip-per_device"})
    grey = next(trace for trace in charts(page)["rate"]["data"] if trace["legendgroup"] == "ghost")
    assert grey["name"] == str(say("explore.ghost_per_device")) and grey["y"][-1] == 0


@pytest.mark.parametrize(("mix_up", "end"), [("epochs_as_steps", 0), ("steps_as_epochs", 0.0144)])
def test_a_chosen_unit_mix_up_is_drawn_as_the_ghost(mix_up, end):
    """A plan of 5 steps ends at once; of a plan of 500 epochs, 5 steps run: step 4 of a warm-up of 50 to 0.18."""
    page = opened({"units": f"{EPOCHS}~slip-{mix_up}"})
    grey = next(trace for trace in charts(page)["rate"]["data"] if trace["legendgroup"] == "ghost")
    assert grey["name"] == str(say(f"explore.ghost_{mix_up}"))
    assert grey["y"][-1] == pytest.approx(end, rel=1e-4)
    assert not notices(page)


# The plan and the table


@pytest.mark.parametrize(
    ("run", "names", "caption"),
    [
        ("1", ["warm-up", "Cosine decay"], ""),
        ("1~cooldown-0.2", ["warm-up", "cool-down", "Cosine decay"], ""),
        (
            "1~horizon-0.5",
            ["plan ends", "warm-up", "Cosine decay"],
            "The plan ends at step 250; from there on the rate is held",
        ),
        ("1~horizon-0.5~after-restart", ["plan ends", "warm-up", "Cosine decay"], "the policy starts again"),
        ("1~horizon-0.5~after-continue", ["plan ends", "warm-up", "Cosine decay"], "goes on along its formula"),
        ("1~horizon-2", ["warm-up", "Cosine decay"], "The run stops 500 steps before the end of its plan"),
        ("1~horizon-1.002", ["warm-up", "Cosine decay"], "The run stops 1 step before the end of its plan"),
        ("1~policy-constant~warmup-0~horizon-0.5", ["Constant"], ""),
    ],
)
def test_the_rate_chart_marks_phases_and_a_plan_that_does_not_fit_the_run(run, names, caption):
    layout = charts(opened({"run": run}))["rate"]["layout"]
    assert [shape["label"]["text"] for shape in layout["shapes"] if "label" in shape] == names
    assert caption in layout["meta"]["caption"]
    assert bool(layout["meta"]["caption"]) == bool(caption)
    ends = [shape["x0"] for shape in layout["shapes"] if shape["type"] == "line"]
    assert ends == ([250] if "plan ends" in names else [])


def test_the_table_has_the_first_and_last_rows_the_epoch_where_it_is_known_and_the_measures():
    rows, measures = (element.value for element in with_open("table").get("markdown") if element.value.startswith("|"))
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in rows.splitlines()]
    assert lines[0] == ["Step", "Rate", "Of the peak"]
    assert [line[0] for line in lines[2:]] == ["0", "1", "2", "3", "4", "⋮", "495", "496", "497", "498", "499"]
    assert lines[3] == ["1", "0.0036", "0.02"]
    area = Run().schedule.lrs().sum()
    assert f"| Area under the curve | {format_number(area, 4)} |" in measures
    assert all(str(say(f"explore.measure.{name}_help")) in measures for name in ("area", "half_area", "last", "jump"))
    rows, _ = (e.value for e in with_open("table", {"units": EPOCHS}).get("markdown") if e.value.startswith("|"))
    assert rows.splitlines()[-1].startswith("| 499 | 4 |")


def test_with_a_feedback_rule_the_table_lists_the_used_rates():
    run, _ = from_token("1~policy-constant~feedback-plateau~seeds-3")
    (trace,) = simulate([run])
    assert trace.rates[-1] < 0.9 * run.schedule.lrs()[-1], "the rule has acted"
    rows = next(e.value for e in with_open("table", {"run": to_token(run)}).get("markdown") if e.value.startswith("|"))
    assert (
        rows.splitlines()[-1] == f"| 499 | {format_number(trace.rates[-1], 6)} | {format_number(trace.rates[-1] / 0.18, 6)} |"
    )


def test_a_network_problem_sets_the_epoch_length(jobs):
    assert state.Setting(from_token("1~problem-digits~problem.batch-32")[0]).steps_per_epoch == 44
    assert state.Setting(Run()).steps_per_epoch is None


def test_a_drag_of_the_start_changes_both_of_its_fields_and_writes_one_link(monkeypatch):
    page = opened({"run": "1~problem-rosenbrock~peak_lr-0.001"})
    seq = 10**15

    def move(value: Any, final: bool) -> dict[str, str]:
        nonlocal seq
        seq += 1
        change = Change(seq, "problem.start_x problem.start_y", value, final)
        monkeypatch.setattr(actions, "latest", lambda _: change)
        page.run()
        assert not page.exception
        return address(page)

    before = address(page)
    assert move([0.5, 2.0], final=False) == before, "the link is written at the end of a drag"
    assert move([0.5, "much"], final=True) == before, "a change is accepted completely or not at all"
    moved = from_token(move([0.5, 1.5], final=True)["run"])[0].problem
    assert (moved.start_x, moved.start_y) == (0.5, 1.5)
    (panel,) = [data for data in sent(page) if "handles" in data]
    (start,) = panel["handles"]["path"]
    assert start["at"] == [0.5, 1.5] and start["x"]["field"]["key"] == "problem.start_x"
    (path,) = [chart["path"] for chart in panel["charts"] if chart["slot"] == "path"]
    assert path["first_step"]["gradient"] == [-1 - 400 * 0.5 * 1.25, 250]
    assert {handle["key"] for handle in panel["handles"]["rate"]} == {"warmup", "cooldown", "peak", "floor"}


@pytest.mark.parametrize("slug", PROBLEMS)
def test_the_charts_of_a_network_have_no_start_to_move(slug):
    drawn = PROBLEMS[slug].drawing in ("contour", "landscape")
    handles = handles_data(state.Setting(Run(problem=PROBLEMS[slug]())), None)
    assert [handle["key"] for handle in handles["path"]] == (["start"] if drawn else [])


def test_a_predicted_loss_is_beside_the_cosine_that_its_sentence_names():
    query = "1~problem-language_model~peak_lr-3e-4~total_steps-24000~warmup-0.09~policy-constant~cooldown-0.2"
    page = opened({"run": query})
    grey = next(line for line in charts(page)["loss"]["data"] if line["name"] == str(say("explore.ghost_cosine")))
    assert grey["y"][-1] == pytest.approx(2.99, abs=2e-3)
    rate = next(line for line in charts(page)["rate"]["data"] if line["name"] == str(say("explore.ghost_cosine")))
    assert rate["y"][0] < 1e-5, "the grey schedule has the same warm-up"
    said = " ".join(each.value for each in page.caption)
    assert str(say("peak_ratio.wants_half")) in said and "in a 124M language model 0.5" in said
    assert "Rates below 3e-10 count as 3e-10." in said
    (verbs,) = [data for data in sent(page) if "drivable" in data]
    assert verbs["drivable"] is False


def test_the_menu_opens_the_language_model_with_the_length_and_warm_up_of_its_runs():
    page = opened()
    page.selectbox(key="pick_problem").select("language_model").run()
    schedule = from_token(address(page)["run"])[0].schedule
    assert (schedule.total_steps, schedule.peak_lr) == (24_000, 3e-4)
    assert schedule.plan.warmup == 2_160


def test_shapes_stand_for_the_presets_where_a_loss_is_predicted():
    """A shape keeps length, size and pin; the presets, which open what is trained, are not offered."""
    link = "1~peak_lr-0.0003~total_steps-30000~policy-one_cycle~warmup-0~problem-language_model~problem.size-400M~seeds-1"
    page = opened({"run": link, "pin": "1~policy-linear~peak_lr-0.0003~total_steps-30000"})
    (menus,) = [data["menus"] for data in sent(page) if "menus" in data]
    assert [menu["key"] for menu in menus] == ["shapes"] and len(menus[0]["presets"]) == len(SHAPES)
    press(page, "preset", "shapes.wsd_20")
    run, _ = from_token(address(page)["run"])
    schedule = run.schedule
    assert (schedule.policy.slug, schedule.cooldown, schedule.total_steps) == ("constant", 0.2, 30_000)
    assert schedule.plan.warmup == 2_160 and run.problem.size == "400M" and "pin" in address(page)
    assert "below cosine to 10 %" in verdict_text(page)
    bowl = opened({"run": "1~peak_lr-0.05"})
    (menus,) = [data["menus"] for data in sent(bowl) if "menus" in data]
    assert [menu["key"] for menu in menus] == list(PRESETS)
    press(bowl, "preset", "shapes.wsd_20")
    assert address(bowl)["run"] == "1~peak_lr-0.05"


def test_a_pin_with_another_peak_is_predicted_at_the_locked_one_with_a_notice():
    query = "1~problem-language_model~peak_lr-3e-4~total_steps-24000~warmup-0.09~policy-constant~cooldown-0.2~seeds-1"
    said = str(say("explore.locked_pin", peak=3e-4))
    assert notices(opened({"run": query, "pin": "1~policy-linear~peak_lr-0.5~total_steps-24000"})) == [said]
    assert not notices(opened({"run": query, "pin": "1~policy-linear~peak_lr-3e-4~total_steps-24000"}))


@pytest.mark.parametrize("library", ["torch", "optax", "keras"])
def test_code_of_a_predicted_schedule_has_an_optimizer_for_language_models_and_says_so(library):
    query = {"run": "1~problem-language_model~peak_lr-3e-4~total_steps-24000~warmup-0.09~seeds-1"}
    page = opened(query, session={"take_away": True, "take_away_part": "code", "code_for": library})
    assert re.search("adamw", page.code[0].value, re.IGNORECASE)
    assert any(str(say("explore.code_optimizer")) in each.value for each in page.caption)
