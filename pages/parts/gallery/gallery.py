"""The cards of the page Schedules as HTML, many cards per text element, because every element of a page costs time.

The texts go through `st.markdown`, which renders the formulas between dollar signs. Formulas stand alone between blank lines,
where Markdown is parsed; everything else is HTML with escaped text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from itertools import groupby
from urllib.parse import urlencode

from pages.parts.assets import component
from pages.parts.compare.state import opened
from pages.parts.state import Setting
from schedules import Run, to_token
from schedules.catalogue import PLANNED, Card, Entry, Found
from schedules.choosing import Candidate
from schedules.compare.slots import ADD, without_shared
from schedules.core.spec import clauses
from schedules.feedback import Feedback
from schedules.figures.thumbnail import thumbnail
from schedules.libraries import Name
from schedules.recipes import BEFORE_FINE_TUNING, RECIPES
from schedules.schedule import Schedule
from schedules.training.own_numbers import adopt
from schedules.training.own_sentences import recipe_of
from schedules.words import Words, say

_spread = component("anneal_gallery", "gallery/gallery.js", draw="watchCards", remove="leaveCards")


def spread() -> None:
    """Mount the script that widens a card to the whole row while its names are open, and completes links to Compare."""
    _spread(key="spread_script", data={"comparison": urlencode(comparison.link() if (comparison := opened()) else {})})


ROW = 4
"""Cards side by side on a typical screen."""


def groups_html(found: Iterable[Found]) -> str:
    """All cards by group, under a heading that describes the group; on a phone a tap opens a group."""
    groups = ((group, list(members)) for group, members in groupby(found, key=lambda one: one.card.group))
    return "".join(
        f'<details class="anneal-fold">{_head(group, len(shown))}<div id="group-{group}">{_contents(shown)}\n'
        + _grid(_card(one, opened=False) for one in shown)
        + "</div></details>\n"
        for group, shown in groups
    )


def found_html(found: Iterable[Found]) -> str:
    """The search results in their order, with the names open; cards without names have a grid separate from the others."""
    grids = []
    for _, members in groupby(found, key=lambda one: bool(one.card.entries)):
        grids.append(_grid((_card(one, opened=True) for one in members), "anneal-found"))
    return "".join(grids)


def candidates_html(candidates: Iterable[Candidate]) -> str:
    """The schedules recommended by the answers, each with its picture, its reason and the source of that."""
    return _grid((_candidate(one) for one in candidates), "anneal-candidates")


def _candidate(found: Candidate) -> str:
    recipe, title = found.recipe, str(found.recipe.title)
    address = link(recipe.opened)
    frame = _frame(f"chosen-{recipe.slug}", title, found.source.year, recipe.schedule, str(found.reason), address=address)
    remarks = _remarks((BEFORE_FINE_TUNING,) if recipe.decays_at_end else ())
    return frame + remarks + _end(title, str(found.source), address, compare_link(recipe.opened))


def title(text: str, more: str) -> str:
    """A heading with a sentence beside it."""
    return f'<p class="anneal-head"><b>{escape(text)}</b> {escape(more)}</p>'


def contents(groups: Iterable[tuple[str, int]]) -> str:
    """Links to the groups on the page, each with its number of cards, and to the chapter's figures on Theory."""
    links = "".join(
        f'<a href="#group-{group}" target="_self">{escape(str(say(f"catalogue.group.{group}")))} <small>{count}</small></a>'
        for group, count in groups
    )
    links += f'<a href="./theory#chapter" target="_self">{escape(str(say("theory.chapter.link")))}</a>'
    return f'<nav class="anneal-contents" aria-label="{escape(str(say("catalogue.contents")))}">{links}</nav>'


def link(schedule: Schedule, feedback: Feedback = PLANNED) -> str:
    """The address of Explore with this schedule, relative to the page Schedules; everything else as on the first screen.

    With a feedback rule the peak is that of the first screen, at which a constant rate oscillates. A schedule with a recipe's
    published numbers keeps them, and the problem trains its shape.
    """
    if feedback.acts:
        schedule = schedule.replace(peak_lr=Run().schedule.peak_lr)
    return "./?" + urlencode(Setting(_run(schedule, feedback)).link())


def compare_link(schedule: Schedule, feedback: Feedback = PLANNED) -> str:
    """The address of Compare with this schedule as one more slot, relative to the page Schedules."""
    run = _run(schedule, feedback)
    return "./compare?" + urlencode({ADD: to_token(without_shared(run))})


def _run(schedule: Schedule, feedback: Feedback) -> Run:
    """The run of a card: a schedule with a recipe's published numbers keeps them, and the problem trains its shape."""
    run = Run(schedule=schedule, feedback=feedback)
    return adopt(run) if recipe_of(schedule) else run


def _grid(cells: Iterable[str], kind: str = "") -> str:
    return "".join([f'<div class="anneal-cards {kind}">\n', *cells, "</div>\n"])


def _head(group: str, count: int) -> str:
    """A group's name, its number of cards, and its description."""
    name, text = (escape(str(say(f"catalogue.{table}.{group}"))) for table in ("group", "group_text"))
    return f"<summary><h2>{name} <small>{count}</small></h2><p>{text}</p></summary>"


def _contents(shown: Sequence[Found]) -> str:
    """Links to the cards of a group, if there are more than one row of them."""
    links = "".join(f'<a href="#card-{one.card.slug}" target="_self">{escape(one.card.title)}</a>' for one in shown)
    return f'<p class="anneal-links">{links}</p>' if len(shown) > ROW else ""


def _card(found: Found, opened: bool) -> str:
    card = found.card
    recipe = RECIPES.get(card.slug) if card.group == "recipes" else None
    schedule = recipe.opened if recipe else card.schedule
    address = link(schedule, card.feedback)
    note = f'<p class="anneal-note">{escape(str(found.note))}</p>' if found.note else ""
    formula = f"\n\n{_formula(card.formula)}\n\n" if card.formula else ""
    names = _names(card, found.marks, opened) if card.entries or card.calls else ""
    return (
        _frame(card.slug, card.title, card.source.year, card.schedule, card.text, address=address)
        + _remarks(card.remarks)
        + note
        + formula
        + names
        + _end(card.title, str(card.source), address, compare_link(schedule, card.feedback))
    )


def _frame(slug: str, title: str, year: int, schedule: Schedule, text: str, *, address: str) -> str:
    """The head of a card: picture with a link, title, year, description."""
    return (
        f'<article class="anneal-card" id="card-{slug}"><a class="anneal-thumb" href="{escape(address)}"'
        f' target="_self" tabindex="-1" aria-hidden="true">{_thumbnail(schedule)}</a>'
        f"<h3>{escape(title)} <small>{year}</small></h3><p>{escape(text)}</p>"
    )


def _remarks(remarks: Iterable[Words]) -> str:
    """The cautions of a card, a paragraph each."""
    return "".join(f'<p class="anneal-remark">{escape(str(remark))}</p>' for remark in remarks)


def _end(title: str, source: str, address: str, compare: str) -> str:
    """The foot of a card: source and links."""
    links = [("open", address), ("add", compare)]
    anchors = "".join(
        f'<a class="anneal-{name}" href="{escape(href)}" target="_self"'
        f' aria-label="{escape(str(say(f"catalogue.{name}_card", title=title)))}">{escape(str(say(f"catalogue.{name}")))}</a>'
        for name, href in links
    )
    return f'<footer><p class="anneal-source">{escape(source)}</p><p class="anneal-ways">{anchors}</p></footer></article>\n'


def _formula(formula: str) -> str:
    """The clauses of a formula, each typeset separately, so that a line may break between them."""
    return " ".join(f"${clause}$" for clause in clauses(formula))


def _names(card: Card, marks: frozenset[str], opened: bool) -> str:
    """The names of the card in libraries, and the libraries' names of its hyperparameters."""
    entries = f"<dt>{escape(str(say('catalogue.called')))}</dt><dd>{_chips(card.calls, marks)}</dd>"
    entries += "".join(_entry(entry, marks) for entry in card.entries)
    if card.variants:
        entries += f"<dt>{escape(str(say('catalogue.variants')))}</dt><dd>\n\n{_formula(card.variants)}\n\n</dd>"
    summary = escape(str(say("catalogue.names")))
    return f"<details{' open' * opened}><summary>{summary}</summary><dl>{entries}</dl></details>"


def _entry(entry: Entry, marks: frozenset[str]) -> str:
    symbol = f" <i>{_letter(entry.symbol)}</i>" if entry.symbol else ""
    texts = [entry.doc, *([say("catalogue.rate_names", names=", ".join(entry.rate_names))] if entry.rate_names else [])]
    text = " ".join(escape(str(each)) for each in texts)
    return f"<dt>{escape(str(entry.label))}{symbol}</dt><dd>{_chips(entry.names, marks)}<p>{text}</p></dd>"


def _chips(names: Iterable[Name], marks: frozenset[str]) -> str:
    return "".join(_chip(name, name.text in marks) for name in names)


def _chip(name: Name, marked: bool) -> str:
    """A name with the libraries that use it; a line may break after an underscore."""
    text = escape(name.text).replace("_", "_<wbr>")
    libraries = f" <small>{escape(', '.join(name.libraries))}</small>" if name.libraries else ""
    return f'<span class="anneal-name">{f"<mark>{text}</mark>" if marked else text}{libraries}</span>'


@cache
def _thumbnail(schedule: Schedule) -> str:
    return thumbnail(schedule)


def _letter(symbol: str) -> str:
    r"""An inline symbol as HTML instead of LaTeX: \phi becomes the Greek letter, T_0 gets a subscript."""
    greek = re.sub(r"\\([A-Za-z]+)", lambda m: _greek(m[1]), symbol)
    return re.sub(r"_\{?(\w+)\}?", r"<sub>\1</sub>", escape(greek))


def _greek(name: str) -> str:
    return unicodedata.lookup(f"GREEK {'SMALL' if name.islower() else 'CAPITAL'} LETTER {name.upper()}")
