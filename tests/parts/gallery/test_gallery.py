"""The cards as HTML: escaped, well-formed, with links that open without repair."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest

from pages.parts.gallery import gallery
from pages.parts.state import read
from schedules import POLICIES, Schedule
from schedules.catalogue import GROUPS, cards, find
from schedules.choosing import candidates
from schedules.compare import slots
from schedules.compare.slots import untouched
from schedules.recipes import BEFORE_FINE_TUNING, RECIPES

VOID = {"wbr", "path"}


class Outline(HTMLParser):
    """An HTML parser that fails if tags are not closed in order; counts elements by name and keeps ids and links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.count: dict[str, int] = {}
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        readouts = dict(attrs)
        self.ids += [readouts["id"]] if "id" in readouts else []
        self.links += [readouts["href"]] if "href" in readouts else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


EVERYTHING = gallery.groups_html(find(""))


def test_every_card_and_group_is_on_the_page_once():
    page = Outline(EVERYTHING)
    assert page.count["article"] == page.count["svg"] == len(cards())
    assert len(page.ids) == len(set(page.ids))
    assert set(page.ids) == {f"card-{card.slug}" for card in cards()} | {f"group-{group}" for group in GROUPS} & {
        f"group-{card.group}" for card in cards()
    }


def test_links_open_without_a_notice_and_jumps_have_a_target():
    page = Outline(EVERYTHING + gallery.candidates_html(candidates({})) + gallery.contents([("recipes", 3)]))
    opened, added = [], []
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
            continue
        if link == "./theory#chapter":
            continue  # a browser test follows it
        query = dict(parse_qsl(urlsplit(link).query))
        if link.startswith("./compare?"):
            comparison, notices = slots.read(query)
            assert not notices and len(comparison.slots) == len(untouched().slots) + 1
            added.append(comparison.slots[-1][1].run.schedule.replace(peak_lr=1, total_steps=500))
            continue
        assert link.startswith("./?")
        setting, notices = read(query)
        assert not notices
        opened.append(setting.run.schedule)
    assert {card.schedule for card in cards() if card.group != "recipes"} <= set(opened)
    assert {recipe.opened for recipe in RECIPES.values()} <= set(opened)
    assert {schedule.replace(peak_lr=1, total_steps=500) for schedule in opened} == set(added)


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES.values() if recipe.published], ids=lambda recipe: recipe.slug)
def test_a_recipe_opens_with_its_published_numbers_and_the_problem_trains_its_shape(recipe):
    setting, _ = read(dict(parse_qsl(urlsplit(gallery.link(recipe.opened)).query)))
    schedule = setting.run.schedule
    assert (schedule.peak_lr, schedule.total_steps) == (recipe.peak or 0.1, recipe.steps or recipe.schedule.total_steps)
    assert setting.run.trained_peak == pytest.approx(setting.run.problem.default_peak)
    assert 100 <= setting.run.trained_steps <= setting.run.problem.max_steps


def test_formulas_are_between_blank_lines():
    """Markdown parses them only there; a blank line anywhere else would end the HTML."""
    blocks = EVERYTHING.split("\n\n")
    formulas = [block for block in blocks if block.startswith("$")]
    assert len(formulas) == sum(bool(card.formula) + bool(card.variants) for card in cards())
    for formula in formulas:
        assert formula.count("$") % 2 == 0
        assert "\n" not in formula
    assert all("$" not in block for block in blocks if not block.startswith("$"))


@pytest.mark.parametrize("slug", POLICIES)
def test_a_card_shows_the_declared_texts(slug):
    (found,) = [one for one in find("") if one.card.slug == slug and one.card.group != "recipes"]
    text = unescape(re.sub("<[^>]*>", "", gallery.found_html([found])))
    policy = POLICIES[slug]
    for part in (policy.title, policy.subtitle(), str(policy.source), *policy.names, *(param.doc for param in policy.params)):
        assert part in text
    for param in policy.params:
        assert all(name in text for name in param.names)
    assert "<details open>" in gallery.found_html([found])


def test_symbols_become_letters_and_subscripts():
    assert gallery._letter(r"\phi") == "φ"
    assert gallery._letter("T_0") == "T<sub>0</sub>"
    assert gallery._letter(r"\eta_0") == "η<sub>0</sub>"
    for cls in (*POLICIES.values(), Schedule):
        for param in cls.params:
            assert "\\" not in gallery._letter(param.symbol)


def test_a_card_without_hyperparameters_shows_its_library_names():
    bare = [one for one in find("") if one.card.calls and not one.card.entries]
    assert bare
    for one in bare:
        text = gallery.groups_html([one])
        assert all(name.text.replace("_", "_<wbr>") in text for name in one.card.calls), one.card.slug


def test_cautions_stand_on_the_cards_of_a_schedule_and_of_a_recommendation():
    shown = {one.card.slug: unescape(gallery.groups_html([one])) for one in find("")}
    for card in cards():
        assert shown[card.slug].count("anneal-remark") == len(card.remarks)
        assert all(str(remark) in shown[card.slug] for remark in card.remarks)
    caution = str(BEFORE_FINE_TUNING)
    assert caution in shown["cooldown"] and caution in shown["wsd_linear"]
    assert "from memory" in shown["lamb"]
    open_ended = unescape(gallery.candidates_html(candidates({"budget": "open"})))
    assert caution in open_ended.partition("chosen-wsd_one_minus_sqrt")[2].partition("</article>")[0]
