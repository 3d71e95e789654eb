"""The sentences of the page: what was read, what the run does otherwise than intended, and notices."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts import state
from pages.parts.verdict.verdict import markup
from pages.parts.your_run.examples import published
from pages.parts.your_run.paste import describes, pasted, refused
from pages.parts.your_run.picture import summary
from pages.parts.your_run.shown import Shown
from schedules.real_run.mix_ups import with_mix_up
from schedules.real_run.sentences import cause, departures, from_zero, jumps, remedy
from schedules.theory.peak_ratio import peak_ratio
from schedules.theory.peak_sentences import rests_on, wants
from schedules.training.own_sentences import name_of, recipe_of
from schedules.units import Units
from schedules.words import Sentence, Words, say

MOST = 3
"""Most sentences under the charts."""
AS_INTENDED = (
    *("real.used.same", "real.resume.no_jump", "real.resume.from_start"),
    *("log.compared.follows_all", "log.compared.follows_all_digits", "log.compared.earlier", "log.compared.later"),
)
"""Keys of sentences that say that the run is as intended."""


def source(shown: Shown) -> Words:
    """The sentence that says whose run it is, and its numbers."""
    if shown.example or shown.pending:
        return say("your_run.example" if shown.example else "your_run.needs_numbers")
    if not shown.provisional and not describes(state.record()):
        return _without_text(shown)
    schedule, reading = shown.schedule, pasted().reading
    where = {"library": reading.library, "line": reading.line}
    if not shown.provisional:
        return summary(schedule, "from_code", **where)
    rate = any(each.kind == "rate" for each in reading.missing)
    key = "percent" if shown.in_percent else "rate" if rate else "choice"
    return say(f"your_run.from_code_{key}", **where, peak=schedule.peak_lr, steps=schedule.total_steps)


def _without_text(shown: Shown) -> Words:
    """The sentence for a run that was not read in the text: from a link, from Explore, or published."""
    schedule, mix_up = shown.schedule, shown.real.mix_up
    exhibit = next((each for each in published() if (each.intended, each.mix_up) == (schedule, mix_up)), None)
    if exhibit is not None:
        framework = say(f"chapter.framework.{exhibit.framework}")
        return say("your_run.exhibit_said", framework=framework, sentence=exhibit.sentence)
    if refused():
        return summary(schedule, "before")
    recipe = recipe_of(schedule)
    return summary(schedule, "yours") if recipe is None else summary(schedule, "recipe", name=name_of(recipe))


def findings(shown: Shown, logged: Sequence[Sentence] = ()) -> list[Sentence]:
    """Sentences on the run's departures from its plan, the most important first; `logged` are those of its log."""
    schedule, real, used, units = shown.schedule, shown.real, shown.used, shown.units or Units()
    if shown.provisional:
        return []
    found = list(logged)
    if used is not None:
        found += jumps(schedule, used, real.resume)
        if real.mix_up != "none":
            found += departures(schedule, with_mix_up(schedule, units, real.mix_up))
    elif not logged and shown.units and (likely := cause(schedule, units)):
        found.append(likely)
    return list(dict.fromkeys(found))


def show(shown: Shown, found: Sequence[Sentence], source: Words) -> None:
    """Show the sentences over the charts: the first finding, whose run it is, and what to change."""
    first = found[:1]
    differs = bool(first) and first[0].key not in AS_INTENDED
    lines = [f'<p class="anneal-departure"{" data-on" * differs}>{markup(one)}</p>' for one in first]
    lines.append(f'<p class="anneal-source">{markup(source)}</p>')
    change = remedy(shown.real.mix_up, shown.schedule, shown.units or Units()) if differs else None
    if change:
        lines.append(f'<p class="anneal-remedy">{markup(say("your_run.remedy", remedy=change))}</p>')
    box = st.container(key="your_run_said_first" if shown.example else "your_run_said", gap=None)
    box.html(f'<div class="anneal-run-said" role="status">{"".join(lines)}</div>')


def show_more(shown: Shown, found: Sequence[Sentence], losses: Sequence[Sentence] = ()) -> None:
    """Show the further findings under the charts, what the logged loss shows, why the first rate is 0, and the wanted peak."""
    zero = from_zero(shown.schedule) if shown.used is None and not shown.provisional else None
    more = [*found[1 : MOST + 1], *losses[:MOST], *([zero] if zero else ())]
    lines = [markup(one) for one in more] + _peak_lines(shown)
    if lines:
        items = "".join(f"<li>{line}</li>" for line in lines)
        st.html(f'<ul class="anneal-findings">{items}</ul>')


def _peak_lines(shown: Shown) -> list[str]:
    """The peak that the shape wants, over that of linear to zero, with what it rests on; none for an example."""
    found = None if shown.example or shown.provisional else peak_ratio(shown.schedule)
    return [] if found is None else [f'<span class="anneal-wants">{markup(wants(found))} {markup(rests_on(found))}</span>']
