"""The part of a study that is cached to draw it."""

from __future__ import annotations

import pickle
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest

from pages.parts import charts
from pages.parts.explore.presets import PRESETS
from pages.parts.ghost import ghost_of
from pages.parts.readouts import end_loss
from pages.parts.state import SHOWN, Setting, read
from schedules import Constant, Cosine, Run, Schedule
from schedules.training import nets
from schedules.training.problems import PROBLEMS
from schedules.training.study import Study, study
from schedules.training.verdict.judge import judge
from schedules.words import say
from tests.training.cases import BOUNDED, NETS


def test_the_drawn_part_of_a_study_is_small_enough_to_cache():
    """With 100 seeds each trace alone has two numbers for each of 1,000 steps and each seed, 1.6 MB."""
    setting, _ = read(PRESETS["restarts"]["two_valleys"].query())
    found = study(setting.run, ghost_of(setting))
    assert found.trace.path.nbytes + found.trace.loss.nbytes > 1.6e6
    assert len(pickle.dumps(charts.draw_study(found, setting))) < 0.1e6


def test_readouts_under_the_loss_are_means_over_the_same_seeds():
    """On the double well seeds end in two wells: the verdict describes the majority, the numbers cover all."""
    setting, _ = read(PRESETS["restarts"]["two_valleys"].query())
    found = study(setting.run, ghost_of(setting), advice=False)
    loss = next(chart for chart in charts.draw_study(found, setting).charts if chart.slot == "loss")
    readouts = dict(loss.readouts)
    ends = [trace.loss[-1].mean() for trace in (found.trace, found.ghost)]
    assert [float(readouts["End"]), float(readouts["End, grey"])] == pytest.approx(ends, rel=0.01)
    assert ends[0] == pytest.approx(0.196, rel=0.2) and ends[1] == pytest.approx(0.136, rel=0.25)


def test_a_pinned_schedule_stays_in_the_legend():
    setting, _ = read({"run": "1", "pin": "1~peak_lr-0.18~warmup-0.1"})
    assert ghost_of(setting) == setting.run.schedule
    assert ghost_of(read({"run": "1~policy-constant~warmup-0"})[0]) is None


@pytest.mark.parametrize("shown", ["", *SHOWN])
def test_what_is_not_shown_is_neither_computed_nor_drawn(monkeypatch, shown):
    """One line or chart more than the schedule, the ghost and the limit, and at most three numbers under a chart."""
    computed = []
    for name in ("expected", "known_best"):
        monkeypatch.setattr(charts, name, lambda *asked, name=name: computed.append(name))
    run = Run(schedule=Schedule(peak_lr=0.1, total_steps=60, warmup=0.1), seeds=4)
    setting = Setting(run, shown=shown)
    drawn = charts.draw_study(study(run, ghost_of(setting), advice=False), setting)
    assert drawn.offers == ("best", "expected", "angle", "goal")
    assert computed == {"best": ["known_best"], "expected": ["expected"]}.get(shown, [])
    assert [chart.slot for chart in drawn.charts] == ["rate", "loss", "path"]
    named = {chart.slot: {line.get("legendgroup") for line in chart.figure["data"]} for chart in drawn.charts[:2]}
    assert named["rate"] == {"run", "ghost", "limit"} | ({"best"} if shown == "best" else set())
    assert named["loss"] == {"run", "ghost"} | ({"goal"} if shown == "goal" else set())
    assert all(len(chart.readouts) <= 3 for chart in drawn.charts)
    assert bool(drawn.charts[2].readouts) == (shown == "angle")


def test_the_surface_does_not_depend_on_noise():
    tokens = set()
    for noise in (0.1, 0.7):
        setting, _ = read({"run": f"1~problem.noise-{noise}~total_steps-40"})
        tokens |= {c.token for c in charts.draw_study(study(setting.run, advice=False), setting).charts if c.token}
    assert len(tokens) == 1


@pytest.mark.network
@pytest.mark.parametrize(
    ("slug", "slots"), [("digits", ["rate", "loss", "answers", "accuracy"]), ("edge", ["rate", "loss", "answers"])]
)
def test_final_predictions_of_a_network_are_drawn(slug, slots):
    schedule = Schedule(policy=Constant(), peak_lr=0.05, total_steps=3)
    setting = Setting(Run(schedule=schedule, problem=PROBLEMS[slug](), seeds=2), shown="accuracy")
    found = study(setting.run, train=nets.train, advice=False)
    drawn = charts.draw_study(found, setting).charts
    assert [chart.slot for chart in drawn] == slots
    figure = next(chart.figure for chart in drawn if chart.slot == "answers")
    for name in ("x", "y"):  # fields that the panel reads from any chart
        assert len(figure["layout"]["meta"][name]["linear"]) == 2
    if slug == "digits":
        assert len(figure["layout"]["annotations"]) == found.trace.network.answers.shape[0] == 20
    else:
        assert sum(trace["mode"] == "lines" for trace in figure["data"]) == 2


@pytest.mark.network
def test_the_generalization_gap_is_compared_with_a_ghost_that_has_learned():
    for steps, compared in ((6, False), (120, True)):
        schedule = Schedule(policy=Cosine(), peak_lr=0.2, total_steps=steps)
        setting = Setting(Run(schedule=schedule, problem=PROBLEMS["few_digits"](), seeds=2))
        found = study(setting.run, ghost_of(setting), train=nets.train, advice=False)
        advice = charts.advice_on(found, "the other")
        assert any(each.sentence.key.startswith("gap.") for each in advice) == compared
    assert "the other" in str(advice[-1].sentence)


def test_a_diverged_run_with_a_finite_loss_shows_its_drawn_end_loss():
    """A curve that stays at a finite loss would contradict a lone "diverged" beside it."""
    failed, overflowed = NETS["failed"], NETS["overflowed"]
    study = Study(failed, overflowed, judge(overflowed, None), None, judge(failed, None), ())
    other = Study(overflowed, failed, judge(failed, None), None, judge(overflowed, None), ())
    readouts = [
        dict(next(c.readouts for c in charts.all_charts(each, Setting(each.trace.run), ()) if c.slot == "loss"))
        for each in (study, other)
    ]
    assert failed.loss[-1].mean() == pytest.approx(2.3)
    assert [(each["End"], each["End, grey"]) for each in readouts] == [
        ("2.3, nothing learned", "diverged"),
        ("diverged", "2.3, nothing learned"),
    ]
    mixed = replace(NETS["learned"], loss=NETS["learned"].loss.copy())
    mixed.loss[:, 0] = NETS["forgot"].loss[:, 0]
    assert end_loss(mixed, judge(mixed, None)) == "0.18 without 1 seed that diverged"
    mixed.loss[:, 1] = mixed.loss[:, 0]
    assert end_loss(mixed, judge(mixed, None)) == "1.6, 2 of 3 seeds diverged"
    held = BOUNDED["held up without a wiggle"]
    assert end_loss(held, judge(held, None)) == "70, diverged"


@pytest.mark.parametrize("peak", [0.1, 0.27])
def test_curve_replay_and_stops_show_the_same_average(peak):
    """At 0.27 the run diverges, and its curve ends before the run does."""
    run = Run(schedule=Schedule(policy=Constant(), peak_lr=peak, total_steps=20), seeds=4)
    found = study(run, None, advice=False)
    drawn, stopped = charts.draw_study(found, Setting(run)), charts.stops_of(found)
    loss = next(chart.figure for chart in drawn.charts if chart.slot == "loss")
    curve = next(line for line in loss["data"] if line.get("name") == str(say("figure.this")))
    means = found.trace.loss.mean(axis=1)
    assert curve["y"] == pytest.approx(means[curve["x"]], rel=1e-4)
    assert stopped["losses"] == pytest.approx(means[stopped["stops"]], rel=1e-4)
    assert np.frombuffer(b64decode(drawn.replay["loss"]), "<f4") == pytest.approx(means, rel=1e-6)
    assert len(curve["x"]) > 5 and len(stopped["stops"]) > 5


def test_the_legend_has_the_best_schedule_before_it_is_computed():
    """A name added later could begin a new line in the legend and push the charts down."""
    setting = Setting(Run(schedule=Run().schedule.replace(total_steps=77)), shown="best")
    shown = charts.draw_study(study(setting.run, ghost_of(setting), advice=False), setting)
    assert shown.awaits
    (best,) = [line for line in shown.charts[0].figure["data"] if line.get("legendgroup") == "best"]
    assert best["name"] == "best possible"
    assert best["visible"] is False and best["x"] == []


def test_a_plan_that_ends_within_the_last_step_of_the_problem_needs_no_caption():
    own, _ = read({"run": "1~total_steps-350000~peak_lr-0.0003~update_every-11667~rate_scale-600~step_scale-700"})
    assert "caption" not in charts.plan_marks(own)
    assert "caption" in charts.plan_marks(read({"run": "1~horizon-1.5"})[0])


@pytest.mark.parametrize(
    ("link", "caption"),
    [
        (
            "1~warmup-2000s~total_steps-1000",
            "The warm-up of 2,000 steps is cut to 999 steps: the plan is too short for it.",
        ),
        ("1~cooldown-451s", "The cool-down of 451 steps is cut to 450 steps: the plan is too short for it."),
        ("1~cooldown-450s", None),
        (
            "1~policy-step~policy.every-30s~update_every-100",
            "Every: 30 steps, less than one update of 100 steps.",
        ),
        ("1~policy-step~policy.every-100s~update_every-100", None),
    ],
)
def test_a_length_in_steps_that_does_not_fit_is_stated_under_the_rate(link, caption):
    assert charts.plan_marks(read({"run": link})[0]).get("caption") == caption
