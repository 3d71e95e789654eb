"""Your run without a browser."""

from __future__ import annotations

import html
import itertools
import re
from unittest.mock import patch

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.controls.controls import Change
from pages.parts.state import Setting, read
from pages.parts.your_run import log, paste, tools
from pages.parts.your_run.examples import EXAMPLES, published
from schedules import Run, Schedule, Steps
from schedules.core.numbers import format_number
from schedules.long_runs import checked_steps
from schedules.policies.cosine import Cosine
from schedules.real_run import RealRun
from schedules.real_run.groups import Group
from schedules.real_run.mix_ups import MIX_UPS, with_mix_up
from schedules.real_run.resume import Resume
from schedules.real_run.sentences import departures, effects, from_zero, jumps, remedy
from schedules.training.own_numbers import adopt
from schedules.units import Units
from schedules.words import say
from tests.pages import reading

SCHEDULE = Schedule(policy=Cosine(), peak_lr=5e-5, total_steps=117_188, warmup=Steps(3_516))
RUN = adopt(Run(schedule=SCHEDULE))
SEQS = itertools.count(1)
LINE = "torch.optim.lr_scheduler.CosineAnnealingLR(torch.optim.SGD(p, lr=0.1), T_max={})"


def opened(setting: Setting | None = None, **session) -> AppTest:
    return reading.opened(setting.link() if setting else {}, page="your_run", session=session)


def pasted(page: AppTest, text: str) -> AppTest:
    """Paste a text, which AppTest cannot."""
    change = Change(next(SEQS), "text", text, True)
    with patch.object(paste, "latest", lambda _: change):
        return reading.rerun(page)


def changed(page: AppTest, group: str, key: str, value) -> AppTest:
    """Change a control of an open fold."""
    change = Change(next(SEQS), key, value, True)
    with patch.object(tools.controls, "latest", lambda name: change if name == f"real_{group}" else None):
        return reading.rerun(page)


def markup(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.main if element.type == "html")


def text_of(page: AppTest) -> str:
    unbroken = re.sub(r'<span class="anneal-number">([^<]*)</span>', r"\1", markup(page))
    return html.unescape(re.sub("<[^>]+>", " ", unbroken))


def curves(page: AppTest) -> dict[str, list[float]]:
    """The drawn rates by the legend group of their curve."""
    (charts,) = (data["charts"] for data in reading.sent(page) if "charts" in data)
    return {line["legendgroup"]: line["y"] for line in charts[0]["figure"]["data"] if "name" in line}


def has_form(page: AppTest) -> bool:
    return any(button.label == str(say("your_run.fill")) for button in page.button)


def test_the_first_screen_has_a_box_examples_and_a_run_that_goes_wrong():
    page = opened()
    labels = [button.label for button in page.button]
    assert labels[: len(EXAMPLES)] == [str(say(f"your_run.example_{name}")) for name in EXAMPLES]
    assert "Use the schedule of Explore" in labels[-1]
    assert str(say("your_run.example")) in text_of(page)
    assert curves(page).keys() == {"run", "used"}
    assert not page.expander
    assert reading.address(page) == {}


@pytest.mark.parametrize("mix_up", MIX_UPS)
def test_a_link_shows_a_mix_up_over_the_intended_curve(mix_up):
    units = Units(samples=1_000_000, batch=8, devices=8, accumulation=2, epochs=15)
    page = opened(Setting(RUN, units=units, real=RealRun(mix_up=mix_up)))
    shown = text_of(page)
    if mix_up == "none":
        assert "used" not in curves(page)
        return
    said = departures(SCHEDULE, with_mix_up(SCHEDULE, units, mix_up))
    assert str(said[0]) in shown
    differs = said[0].key != "real.used.same"
    assert (str(remedy(mix_up, SCHEDULE, units)) in shown) == differs
    assert "used" in curves(page)
    assert ("data-on" in markup(page)) == differs


def test_a_mix_up_of_eight_devices_ends_after_an_eighth_of_the_run():
    page = changed(opened(Setting(RUN, real=RealRun())), "mix_up", "units.devices", 8)
    page = changed(page, "mix_up", "real.mix_up", "per_device")
    assert "after 12.5 % of the run" in text_of(page)
    setting, notices = read(reading.address(page))
    assert not notices
    assert setting.run == RUN
    assert setting.real == RealRun(mix_up="per_device")
    assert setting.units is not None
    assert setting.units.devices == 8


def test_the_effect_of_every_mix_up_can_be_read_before_one_is_chosen():
    page = opened(Setting(RUN, units=Units(devices=8), real=RealRun()), your_run_which=True)
    found = effects(SCHEDULE, Units(devices=8))
    assert "per_device" in found
    assert "per_micro_batch" not in found, "there is no accumulation"
    for sentence in found.values():
        assert str(sentence) in text_of(page)


def test_the_table_has_the_rates_at_the_checked_steps():
    page = opened(Setting(RUN, real=RealRun()))
    rows = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", markup(page))
    steps = checked_steps(SCHEDULE)
    assert steps == (0, 1, 3_515, 3_516, 58_594, 117_186, 117_187)
    for step in steps:
        assert format_number(step, 8) in rows
        assert format_number(float(SCHEDULE(step)), 6) in rows
    assert str(from_zero(SCHEDULE)) in text_of(page)


def test_the_checked_steps_of_short_runs():
    assert checked_steps(Schedule(total_steps=1)) == (0,)
    assert checked_steps(Schedule(total_steps=3, warmup=Steps(1))) == (0, 1, 2)


def test_a_pasted_line_is_the_run_and_its_text_is_not_in_the_link():
    page = pasted(opened(), LINE.format(200))
    assert str(say("your_run.from_code", library="torch", line=1, peak=0.1, steps=200)) in text_of(page)
    link = reading.address(page)
    assert "CosineAnnealingLR" not in str(link)
    setting, notices = read(link)
    assert not notices
    assert setting.run.schedule.total_steps == 200
    assert setting.run.schedule.peak_lr == 0.1
    assert setting.real == RealRun()


def test_batch_and_devices_of_a_command_are_those_of_the_run():
    command = "torchrun --nproc_per_node 8 pretrain_gpt.py --micro-batch-size 2 --global-batch-size 64 --lr 1e-4 "
    page = pasted(opened(), command + "--lr-decay-style cosine --train-iters 1000")
    setting, _ = read(reading.address(page))
    assert setting.units is not None
    assert (setting.units.batch, setting.units.accumulation, setting.units.devices) == (2, 4, 8)
    assert str(say("your_run.axis.samples")) in page.segmented_control(key="your_run_axis").options


def test_a_name_without_a_value_is_asked_for_and_the_curve_is_drawn_in_percent_until_then():
    page = pasted(opened(), LINE.format("len(loader) * 90"))
    assert has_form(page)
    assert "percent of the run" in text_of(page)
    assert reading.address(page) == {}, "a link would hold a length that was made up"
    assert not page.get("page_link"), "nothing can be taken away yet"
    page.number_input[0].set_value(500)
    next(button for button in page.button if button.label == str(say("your_run.fill"))).click()
    page = reading.rerun(page)
    assert str(say("your_run.from_code", library="torch", line=1, peak=0.1, steps=45_000)) in text_of(page)
    assert read(reading.address(page))[0].run.schedule.total_steps == 45_000
    assert page.number_input[0].value == 500, "the number can be changed"


def test_a_value_that_was_made_up_refuses_nothing():
    lines = (
        "import torch",
        "o = torch.optim.SGD(p, lr=0.1)",
        "torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=total - 1000)",
    )
    page = pasted(opened(), "\n".join(lines))
    assert str(say("your_run.needs_numbers")) in text_of(page)
    assert 'data-level="refused"' not in markup(page)
    page.number_input[0].set_value(5_000)
    next(button for button in page.button if button.label == str(say("your_run.fill"))).click()
    assert "peak 0.1, 4,000 steps" in text_of(reading.rerun(page))


def test_a_missing_rate_leaves_the_steps_on_the_axis():
    page = pasted(opened(), "import torch\ntorch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=200)")
    assert "Until the rate is filled in" in text_of(page)
    assert "percent of the run" not in text_of(page)


@pytest.mark.parametrize("text", ["hello", "x = (", "lr = 1e-3", "{{{", "def f(:\n", "a" * 30_000])
def test_a_text_without_a_scheduler_gets_a_sentence(text):
    page = pasted(opened(), text)
    assert 'data-level="refused"' in markup(page)
    assert str(say("your_run.example")) in text_of(page), "the example stays"


def test_a_text_that_is_refused_leaves_the_run_from_before():
    page = pasted(pasted(opened(), LINE.format(200)), "hello world")
    assert str(say("your_run.before", peak=0.1, steps=200)) in text_of(page)
    page = pasted(pasted(page, LINE.format("len(loader)")), "hello world")
    assert str(say("your_run.before", peak=0.1, steps=200)) in text_of(page), "not numbers that were made up"


def test_an_empty_box_is_the_first_screen_again():
    page = pasted(pasted(opened(), "hello"), "  ")
    assert "data-level" not in markup(page)


def test_markup_in_a_text_is_shown_as_text():
    page = pasted(opened(), "torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=10, **{'<b>': 1}, abc='<img src=x>')")
    assert "<img" not in markup(page)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_read(name):
    page = opened()
    page.button(key=f"your_run_example_{name}").click()
    page = reading.rerun(page)
    assert 'data-level="refused"' not in markup(page)
    assert "From your code" in text_of(page)


@pytest.mark.parametrize("number", range(len(published())))
def test_published_runs_of_the_chapter_are_exhibits(number):
    page = opened(Setting(RUN, real=RealRun()), your_run_examples_menu=True)
    page.button(key=f"your_run_exhibit_{number}").click()
    page = reading.rerun(page)
    exhibit = published()[number]
    assert str(exhibit.sentence) in text_of(page)
    rates = [rate for rate in curves(page)["used"] if rate is not None]
    assert max(rates) == pytest.approx(exhibit.used.lrs().max(), rel=1e-4)
    assert not read(reading.address(page))[1]


def test_a_resume_is_said_in_numbers_and_shown_in_the_table():
    resume = Resume(kind="afresh", stop=Steps(40_000), library="transformers")
    page = opened(Setting(RUN, real=RealRun(resume=resume)))
    used = resume.apply(SCHEDULE)
    assert str(jumps(SCHEDULE, used, resume)[0]) in text_of(page)
    assert ">40,000<" in markup(page)
    assert ">39,999<" in markup(page)


def test_a_second_group_has_a_curve_of_its_own():
    page = opened(Setting(RUN, real=RealRun()), your_run_group=True)
    page = changed(page, "group", "real.group.on", True)
    page = changed(page, "group", "real.group.peak_ratio", 0.1)
    found = curves(page)
    assert max(found["group"]) == pytest.approx(0.1 * max(found["run"]))


def test_epochs_are_an_axis_once_the_samples_are_known():
    page = opened(Setting(RUN, real=RealRun()), your_run_epochs=True)
    assert page.segmented_control(key="your_run_axis").options == [str(say(f"your_run.axis.{n}")) for n in ("steps", "percent")]
    page = changed(page, "epochs", "units.batch", 32)
    page = changed(page, "epochs", "units.samples", 1_250_000)
    setting, _ = read(reading.address(page))
    assert setting.units is not None
    assert setting.units.steps_per_epoch == 39_063
    assert setting.units.epochs == pytest.approx(3, rel=1e-4), "as many epochs as the run is long"
    named = [str(say(f"your_run.axis.{name}")) for name in ("steps", "percent", "epochs", "samples")]
    assert page.segmented_control(key="your_run_axis").options == named
    page = changed(page, "epochs", "real.cost.seconds_per_step", 0.5)
    assert str(say("your_run.axis.hours")) in page.segmented_control(key="your_run_axis").options


def test_own_numbers_of_explore_are_shown_and_explore_opens_the_same_run():
    page = reading.opened(Setting(RUN).link())
    page.switch_page("pages/your_run.py")
    page = reading.rerun(page)
    assert str(say("your_run.yours_warmup", peak=5e-5, steps=117_188, warmup=3_516)) in text_of(page)
    (link,) = [each.proto for each in page.main if each.type == "page_link"]
    assert link.page == "explore" or "run=" in link.query_string


def test_the_schedule_of_explore_becomes_the_run():
    page = opened()
    page.button(key="your_run_from_explore").click()
    page = reading.rerun(page)
    assert read(reading.address(page))[0].run.schedule == Run().schedule
    assert page.expander


def dropped(page: AppTest, text: str) -> AppTest:
    """Drop a log."""
    page.file_uploader[0].set_value(("metrics.csv", text.encode(), "text/csv"))
    return reading.rerun(page)


def log_of(pace: int, names: str = "step,lr,loss") -> str:
    """A log of the run, whose scheduler is stepped `pace` times per step."""
    steps = np.arange(0, SCHEDULE.total_steps, 97)
    rates = SCHEDULE(np.minimum(pace * steps, SCHEDULE.total_steps))
    return "\n".join(
        [names, *(f"{step},{rate!r},{2 + 1 / (1 + step)}" for step, rate in zip(steps, rates.tolist(), strict=True))]
    )


@pytest.mark.parametrize(("pace", "follows"), [(1, True), (4, False)])
def test_a_log_is_compared_with_the_plan(pace, follows):
    page = opened(Setting(RUN, units=Units(devices=4), real=RealRun()), your_run_log_fold=True)
    page = dropped(page, log_of(pace))
    assert ("the log follows the plan" in text_of(page).lower()) == follows
    assert ("once per device" in text_of(page)) != follows
    assert ("data-on" in markup(page)) != follows
    (charts,) = (data["charts"] for data in reading.sent(page) if "charts" in data)
    assert [chart["slot"] for chart in charts] == ["rate", "loss"]
    assert "logged" in curves(page)
    assert reading.address(page) == Setting(RUN, units=Units(devices=4), real=RealRun()).link(), "the link does not hold it"


def test_the_columns_of_a_log_can_be_chosen():
    page = opened(Setting(RUN, real=RealRun()), your_run_log_fold=True)
    page = dropped(page, log_of(1, "step,value,other"))
    menus = {menu.label: menu for menu in page.selectbox}
    menu = menus[str(say("your_run.log.rate_column"))]
    assert menu.options == [*dict.fromkeys([*menu.options[:-1]]), str(say("your_run.log.no_column"))]
    page = reading.rerun(menu.set_value("value").run())
    assert "the log follows the plan" in text_of(page).lower()


@pytest.mark.parametrize("text", ["", "step,lr\na,b\n", "only text", "\x00\x01\x02"])
def test_a_bad_log_gets_a_sentence(text):
    page = opened(Setting(RUN, real=RealRun()), your_run_log_fold=True)
    page = dropped(page, text)
    assert 'data-look="error"' in markup(page)
    assert "logged" not in curves(page)


def test_a_log_is_forgotten_on_another_page():
    page = reading.opened(session={"your_run_log": log.Kept("1")})
    assert "your_run_log" not in page.session_state


def test_the_code_holds_both_groups_the_weight_decay_and_the_batch():
    real = RealRun(group=Group(on=True, peak_ratio=0.1, cooldown=0.3), weight_decay=0.05)
    page = opened(Setting(RUN, real=real, units=Units(batch=64)), your_run_take_away=True)
    (code,) = [each.value for each in page.code]
    assert "LambdaLR(optimizer, [factor, group_factor])" in code
    assert "weight_decay=0.05" in code and "batch = 64" in code
