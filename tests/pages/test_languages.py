"""In another language no page contains an English word, except in names, code and formulas.

The language is English in full-width letters (`tests.pseudo`), so a word in ordinary letters was not translated.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
import streamlit as st
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from pages.parts.assets import LOST
from pages.parts.explore import export, networks
from pages.parts.fragments import fragment
from pages.parts.state import Setting
from schedules import POLICIES, Run, Schedule
from schedules.catalogue import SPECIAL
from schedules.compare.slots import KEYS, Comparison, Slot, untouched, without_shared
from schedules.feedback import FEEDBACK
from schedules.lessons import lessons
from schedules.recipes import RECIPES
from schedules.training import cost
from schedules.training.jobs import Jobs, Stopped
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.own_numbers import adopt
from schedules.training.problems import PROBLEMS
from schedules.training.runs import Trace
from schedules.words import language, speaking
from tests import pseudo
from tests.pages import reading
from tests.pages.reading import press, rerun
from tests.waiting import PATIENCE, until

ANALYTIC = [slug for slug, problem in PROBLEMS.items() if not problem.as_job]

SHOWN = {"body", "label", "help", "placeholder", "options", "title", "text", "caption", "json", "html_content", "value"}
"""Fields of Streamlit's messages that contain texts; the others contain identifiers, styles and settings."""
ATTRIBUTES = {"aria-label", "alt", "title", "placeholder", "aria-valuetext", "aria-description", "data-tip"}
"""HTML attributes that are displayed or read by a screen reader."""
MACHINE = {
    # of a control
    "key", "kind", "kinds", "scale", "plotly", "group", "address", "href", "offers", "shown", "query", "subtitle_help",
    # of a panel and its charts
    "slot", "token", "of", "palettes", "glyphs", "runs", "verdicts",
    # of a figure
    "type", "mode", "dash", "color", "symbol", "legendgroup", "ticks", "side", "layer", "xref", "yref", "xanchor", "yanchor",
    "textposition", "hoverinfo", "hovermode", "uirevision", "family", "shape", "fill", "fillcolor", "exponentformat",
    "linecolor", "gridcolor", "ticklabeloverflow", "paper_bgcolor", "plot_bgcolor", "colorscale", "anchor", "tickmode", "align",
    "data",
}  # fmt: skip
"""Keys of element data whose values are for the program, not for the user."""
PACKED = re.compile(r"[A-Za-z0-9+/=]{16,}")
"""Arrays of numbers as text."""


@pytest.fixture(scope="module")
def names() -> re.Pattern[str]:
    return pseudo.names()


@pytest.fixture(scope="module", autouse=True)
def made_language(tmp_path_factory):
    """The generated language, for all tests in this file."""
    with pytest.MonkeyPatch.context() as patched:
        pseudo.install(tmp_path_factory.mktemp("words"), patched, pseudo.pseudo())
        yield


def opened(page: str = "", **query: str) -> AppTest:
    """A page at a link in the generated language."""
    return reading.opened({"lang": pseudo.CODE, **query}, page=page)


def texts(message: Message, where: str = "") -> Iterator[tuple[str, str]]:
    """Every displayed text in a message, with its location."""
    for field, value in message.ListFields():
        at = f"{where}.{field.name}"
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from texts(one, at)
            elif one and field.name in ("json", "bytes"):  # the data of an element
                yield from data_texts(json.loads(one), at)
            elif isinstance(one, str) and field.name in SHOWN:
                yield at, one


def data_texts(data: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every displayed text in the data of an element."""
    if isinstance(data, Mapping):
        if ".handles." in where:
            data = {key: value for key, value in data.items() if key != "name"}
        if data.get("kind") == "choice":  # values are names in links
            data = {"options": [label for _, label in data["options"]]} | {"label": data["label"], "help": data["help"]}
        for key, value in data.items():
            if (key not in MACHINE and not where.endswith("annotations[]")) or key == "text":
                yield from data_texts(value, f"{where}.{key}")
    elif isinstance(data, list):
        for value in data:
            yield from data_texts(value, f"{where}[]")
    elif isinstance(data, str) and not PACKED.fullmatch(data):
        yield where, data


class Visible(HTMLParser):
    """The texts of a piece of HTML or Markdown, without library names, styles and images."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.skipping: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in ATTRIBUTES and value]
        if self.skipping or tag in ("style", "svg", "code") or ("class", "anneal-name") in attrs:
            self.skipping.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.skipping and tag in self.skipping:
            while self.skipping.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.found.append(data)


def visible(text: str) -> str:
    """A text without formulas, code, tags, placeholders of scripts and formats of Plotly."""
    text = re.sub(r"\$\$[^$]+\$\$|\$[^$]+\$|`[^`]+`|%?\{[^}]*\}|<extra>|</extra>|\]\([^)]*\)", " ", text)
    return " ".join(Visible(text).found)


def english(app: AppTest, names: re.Pattern[str], *also: str) -> list[str]:
    """The untranslated words on a page, each with its location and its text."""
    left, also = [], pseudo.pattern(also or ["\0"])
    for where, raw in everything(app):
        left += [f"{where}: {word!r} in {raw[:120]!r}" for word in pseudo.plain_words(also.sub(" ", visible(raw)), names)]
    return list(dict.fromkeys(left))


def everything(app: AppTest) -> Iterator[tuple[str, str]]:
    """Every text that the page has sent, without formulas and code."""

    def walk(node: Any) -> Iterator[tuple[str, str]]:
        proto = getattr(node, "proto", None)
        if node.type in ("latex", "code"):
            return
        if isinstance(proto, Message):
            yield from texts(proto, node.type)
        for child in getattr(node, "children", {}).values():
            yield from walk(child)

    yield from walk(app._tree)


def untranslated(app: AppTest, names: re.Pattern[str], *also: str) -> None:
    if left := english(app, names, *also):
        pytest.fail("\n".join(["not translated:", *left[:40]]), pytrace=False)


SETTINGS = {
    "first": {},
    "pinned": {"run": "1~peak_lr-0.07", "pin": "1~peak_lr-0.1~policy-factor"},
    "diverged": {"run": "1~peak_lr-0.22"},
    "stalled": {"run": "1~peak_lr-0.001"},
    "bouncing": {"run": "1~policy-constant"},
    "improving": {"run": "1~peak_lr-0.01"},
    "limits": {"run": "1~total_steps-100000~seeds-1000"},
    "horizon": {"run": "1~horizon-0.5"},
    "restart": {"run": "1~horizon-0.5~after-restart"},
    "longer": {"run": "1~horizon-1.5"},
    "units": {"run": "1~total_steps-7050", "units": "1~epochs-30"},
    "slip": {"run": "1~horizon-0.01~total_steps-7050", "units": "1~epochs-30~slip-epochs_as_steps"},
    "projector": {"projector": "on"},
    "driven": {"run": "1~policy-knots~policy.points-0_0.06095__1_0.06095~policy.interpolation-steps~peak_lr-0.72~warmup-0"},
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_explore(setting, names):
    untranslated(opened(**SETTINGS[setting]), names)


def test_drive_is_translated(names):
    app = opened(run="1~total_steps-60~seeds-2")
    press(app, "drive")
    untranslated(rerun(app), names)
    assert says(app, "drive.task")


LLAMA = "1~policy.floor-0.1~peak_lr-0.00015~total_steps-350000~warmup-0.005714285714285714~rate_scale-1200~step_scale-700"
CHAPTER = "1~policy-factor~policy.gamma-0.9~policy.floor-0.005~peak_lr-2~total_steps-50~warmup-0~first_step-1"


OWN = [
    (LLAMA, ""),
    (LLAMA, "axis"),
    (LLAMA.replace("350000", "350001"), "axis"),
    (CHAPTER, "shown"),
    ("1~peak_lr-0.05", "shown"),
]
"""Links with own numbers: of a recipe, of nobody, of the chapter, and of the first screen."""


@pytest.mark.parametrize(("run", "own"), OWN)
def test_own_numbers_are_translated(run, own, names):
    app = opened(run=f"{run}~seeds-2", own=own)
    for part in ("open_more", "code", "table", "finder"):
        app.session_state[part] = True
    untranslated(rerun(app), names, "LLaMA")


@pytest.mark.parametrize("problem", ANALYTIC)
def test_problems(problem, names):
    untranslated(opened(run=f"1~problem-{problem}~total_steps-60~seeds-2"), names)


@pytest.mark.parametrize("optimizer", [slug for slug in OPTIMIZERS if slug != "sgd"])
def test_optimizers(optimizer, names):
    untranslated(opened(run=f"1~optimizer-{optimizer}~total_steps-60~seeds-2~problem-rosenbrock"), names)


@pytest.mark.parametrize("policy", POLICIES)
def test_policies_are_translated(policy, names):
    untranslated(opened(run=f"1~policy-{policy}~total_steps-60~seeds-2"), names)


@pytest.mark.parametrize("rule", FEEDBACK)
def test_feedback_rules_are_translated(rule, names):
    untranslated(opened(run=f"1~feedback-{rule}~total_steps-60~seeds-2"), names)


BROKEN = [
    ("2~peak_lr-1e9~policy-nonsense~<b>", ("peak_lr", "nonsense", "policy")),
    ("x~warmup-bc~warmup-0.1~after-nothing", ("warmup", "bc", "after", "nothing", "hold")),
    ("1~policy-knots~policy.points-1_9~first_step-0.5~zzz-1", ("policy.points", "first_step", "zzz")),
    ("1~problem-digits~feedback-plateau~total_steps-20~seeds-1~" + "-" * 4_100, ()),
]


@pytest.mark.parametrize(("run", "also"), BROKEN)
def test_notices_are_translated(run, also, names):
    untranslated(opened(run=run), names, *also)


PARTS = {
    "open_more": {"open_more": True},
    "units": {"open_more": True},
    "finder": {"finder": True},
    "code": {"take_away": True},
    "table": {"take_away": True, "take_away_part": "table"},
    "glossary": {"glossary": True},
}
"""Values of the session with which a section is open."""
SAYS = {
    "open_more": "run.seeds.label",
    "units": "units.batch.label",
    "finder": "range_test.column.spread",
    "code": "explore.code_note",
    "table": "explore.measure.area_help",
    "glossary": "explore.glossary.goal",
}
"""The key of a text in each section."""


@pytest.mark.parametrize("part", PARTS)
def test_opened_sections_of_explore_are_translated(part, names):
    app = opened(run="1~total_steps-100~seeds-2", units="1~epochs-30")
    for key, value in PARTS[part].items():
        app.session_state[key] = value
    untranslated(rerun(app), names)
    assert says(app, SAYS[part])


@pytest.mark.parametrize("menu", ["policy", "feedback", "problem", "optimizer"])
def test_about_texts_on_explore_are_translated(menu, names):
    app = opened(run="1~policy-cosine~feedback-plateau~optimizer-adam")
    app.session_state["open_more"] = True
    untranslated(rerun(app), names)
    slug = {"policy": "cosine", "feedback": "plateau", "problem": "bowl", "optimizer": "adam"}[menu]
    assert says(app, f"{menu}.{slug}.subtitle")


def says(app: AppTest, key: str) -> bool:
    """True if a page shows the text of a key in the generated language, with any values in its fields."""
    parts = re.split(r"\{[^}]*\}", pseudo.pseudo()[key])
    return any(all(part in visible(raw) or part in raw for part in parts) for _, raw in everything(app))


def test_page_menu_and_unknown_address_notice_are_translated(names, monkeypatch):
    titles = []
    page = st.Page
    monkeypatch.setattr(st, "Page", lambda *args, title, **more: titles.append(title) or page(*args, title=title, **more))
    app = opened(**{LOST: "1"})
    untranslated(app, names)
    assert says(app, "explore.no_such_page")
    pages = ("Explore", "Lessons", "Compare", "Map", "Schedules", "Your run", "Theory")
    assert titles == [pseudo.translated(title) for title in pages]


@pytest.fixture
def jobs(monkeypatch):
    made = Jobs()
    monkeypatch.setattr("pages.parts.explore.jobs.JOBS", made)
    yield made
    made.shutdown()
    until(lambda: not made._threads)


def test_texts_of_a_job_are_in_the_language_of_the_page(jobs, monkeypatch, names):
    monkeypatch.setattr(cost, "AT_ONCE", 0)
    app = opened(run="1~peak_lr-0.0123~total_steps-300")
    untranslated(app, names)
    until(lambda: not says(rerun(app), "explore.checking"))
    untranslated(app, names)


@pytest.mark.network
@pytest.mark.parametrize("problem", [slug for slug, problem in PROBLEMS.items() if problem.as_job])
def test_verdicts_on_networks(problem, jobs, monkeypatch, names):
    gate, train = threading.Event(), networks.nets.train

    def gated(*asked: Any, **more: Any) -> list[Trace]:
        assert gate.wait(PATIENCE)
        return train(*asked, **more)

    monkeypatch.setattr(networks.nets, "train", gated)
    app = opened(run=f"1~problem-{problem}~total_steps-20~seeds-2")
    untranslated(app, names)
    gate.set()
    until(lambda: not says(rerun(app), "explore.stop") and not says(app, "explore.checking"))
    untranslated(app, names)


def test_texts_of_stopped_and_failed_training_are_translated(jobs, monkeypatch, names):
    def failing(*_: Any, **__: Any) -> list[Trace]:
        raise RuntimeError

    def endless(_: Any, progress: Any, stop: Any, probed: Any, **__: Any) -> list[Trace]:
        while not stop():
            time.sleep(0.01)
        raise Stopped

    monkeypatch.setattr(networks.nets, "train", failing)
    app = opened(run="1~problem-digits~total_steps-20~seeds-2")
    until(lambda: says(rerun(app), "explore.again"))
    untranslated(app, names)
    monkeypatch.setattr(networks.nets, "train", endless)
    app = opened(run="1~problem-digits~total_steps-21~seeds-2")
    app.button(key="stop_training").click()
    untranslated(rerun(app), names)
    assert says(app, "explore.again")


def test_a_fragment_keeps_the_language_of_its_page(monkeypatch):
    monkeypatch.setattr(st, "fragment", lambda function: function)  # without a session Streamlit would not call it
    seen: list[str] = []
    with speaking(pseudo.CODE):
        part = fragment(lambda: seen.append(language.get()))
    thread = threading.Thread(target=part)
    thread.start()
    thread.join()
    assert seen == [pseudo.CODE]


def test_a_file_for_download_is_in_the_language_of_its_page(names):
    setting = Setting(Run(schedule=Schedule(total_steps=300_000), feedback=FEEDBACK["plateau"]()))
    container, containers = MagicMock(), MagicMock()
    container.columns.return_value = values, _ = MagicMock(), MagicMock()
    containers.part, containers.taken = "table", container
    with speaking(pseudo.CODE):
        export.show(setting, containers, np.ones(500), moving=False)
    found: list[str] = []
    [csv] = [call for call in values.download_button.call_args_list if call.kwargs["mime"] == "text/csv"]
    thread = threading.Thread(target=lambda: found.append(csv.args[1]()))
    thread.start()
    thread.join()
    notes = [line for line in found[0].splitlines() if line.startswith("#")]
    assert len(notes) == 2
    assert not pseudo.plain_words(" ".join(notes), names)


def test_a_language_without_a_file_is_ignored():
    app = opened(lang="zz")
    assert not says(app, "explore.what")


def test_all_cards_are_translated(names):
    untranslated(opened("schedules", budget="open", optimizer="adam"), names)


@pytest.mark.parametrize("find", ["eta_min", "warm-up", "no such thing", "Gemma", "LambdaLR", *SPECIAL])
def test_schedules(find, names):
    untranslated(opened("schedules", find=find), names, find)


@pytest.mark.parametrize(("lesson", "step"), [(slug, i) for slug, one in lessons().items() for i, _ in enumerate(one.steps, 1)])
def test_lessons(lesson, step, names):
    app = opened("lessons", lesson=lesson, step=str(step))
    untranslated(app, names)
    for button in [button for button in app.button if (button.key or "").startswith("predict_")][:1]:
        button.click()
        untranslated(rerun(app), names)


def test_the_notice_of_an_unknown_lesson_is_translated(names):
    untranslated(opened("lessons", lesson="nothing", step="9"), names, "nothing")


@pytest.mark.parametrize("real", ["", "1~mix_up-per_device", "1~resume.kind-afresh", "1~group.on-on"])
def test_your_run(real, names):
    query = {"run": "1~peak_lr-0.0003~total_steps-350000", "units": "1~devices-4", "real": real} if real else {}
    app = opened("your_run", **query)
    untranslated(app, names)
    for fold in ("resume", "group", "epochs", "log_fold", "examples_menu", "take_away", "which"):
        app.session_state[f"your_run_{fold}"] = True
    untranslated(rerun(app), names)


@pytest.mark.parametrize("tab", ["worlds", "cooldown"])
def test_the_exhibits_of_map_are_translated(tab, names):
    untranslated(opened("map", tab=tab), names)


@pytest.mark.parametrize("promise", ["wsd", "cosine"])
def test_theory(promise, names):
    app = opened("theory", promise=promise)
    untranslated(app, names)
    app.session_state["theory_words"] = True
    untranslated(rerun(app), names)


COMPARED = untouched().with_slot("e", Slot(without_shared(adopt(Run(schedule=RECIPES["llama"].published)))))
COMPARISONS = {
    "untouched": untouched(),
    "line": replace(untouched(), each_best=False),
    "sampled": replace(COMPARED, problem=PROBLEMS["double_well"](), steps=100),
    "diverged": replace(untouched(), each_best=False, peak=5.0),
    "alone": Comparison(untouched().slots[:1]),
    "too long": replace(untouched(), steps=20_000),
}


@pytest.mark.parametrize("name", COMPARISONS)
def test_compare(name, names):
    app = opened("compare", **COMPARISONS[name].link())
    untranslated(app, names, "LLaMA")
    for fold in ("compare_problem_more", "compare_slot_more", "compare_numbers", "compare_branches"):
        app.session_state[fold] = True
    app.session_state["comparison_open"] = "a"
    untranslated(rerun(app), names, "LLaMA")
    assert (says(app, "compare.numbers.what") or says(app, "compare.numbers.what_exact")) and says(app, "compare.shared")


def test_a_full_comparison_is_translated(names):
    full = replace(untouched(), slots=tuple((key, Slot(Run())) for key in KEYS))
    app = opened("compare", **full.link(), add="1~policy-rex")
    untranslated(app, names)
    assert says(app, "compare.all_taken") and says(app, "compare.full")


@pytest.mark.parametrize("query", [{}, {"x": "nothing", "xr": "1_0"}, {"color": "loss", "y": "policy"}])
def test_map(query, names):
    app = opened("map", run="1~policy-linear~total_steps-40~seeds-2", **query)
    untranslated(app, names, "nothing", "xr", "1_0")
    while any(data.get("progress") for data in reading.sent(app)):
        rerun(app)
    app.session_state["map_fold"] = True
    untranslated(rerun(app), names, "nothing", "xr", "1_0")
    assert says(app, "map.words.hint") and says(app, "map.csv")


def test_the_map_of_a_network_is_refused_in_the_language(names):
    untranslated(opened("map", run="1~problem-digits"), names)
