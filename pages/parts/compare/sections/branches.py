"""Compare's fold Branch here: cool-downs that branch off one slot, and the final loss of each."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts import address
from pages.parts.assets import compact
from pages.parts.compare import results, state
from pages.parts.compare.slots import fields
from pages.parts.compare.slots.samples import style_of
from pages.parts.controls import controls
from pages.parts.panel import panel
from pages.parts.panel.panel import Chart
from pages.parts.tables import markdown_table
from schedules.compare import slots
from schedules.compare.branches import Branching, Grown, Tree, grow, why_not
from schedules.compare.slots import Comparison
from schedules.core.numbers import format_number
from schedules.figures.branches import (
    BRANCHES,
    PLANNED,
    TRUNK,
    Part,
    branch_ends_figure,
    branch_losses_figure,
    branch_rates_figure,
)
from schedules.figures.verdict_colors import VERDICTS
from schedules.policies.constant import Constant
from schedules.training.runs import Run
from schedules.words import Sentence, language, say

if TYPE_CHECKING:
    from pages.parts.compare.layout import Containers

FOLD, PANEL = "compare_branches", "compare_branches_panel"
"""The keys of the fold and of its panel."""
_ASKED = "compare_branch_asked"


def mount(comparison: Comparison, containers: Containers) -> None:
    """Mount the menu of slots, the sliders and an empty panel in the fold, if it is open; called once in a full run."""
    if containers.branches is None or not containers.branches.open:
        return
    names = slots.slot_names(comparison)
    with containers.branches:
        for reason in _reasons(comparison):
            st.caption(str(reason))
        if (found := comparison.branched()) is None:
            return
        possible = [key for key in comparison.active() if not why_not(comparison.run(key))]
        menu = f"compare_branch_slot_{found[0]}_{len(possible)}"
        with st.container(key="compare_branch_choices", gap="small"):
            st.selectbox(
                str(say("compare.branches.slot")),
                possible,
                index=possible.index(found[0]),
                format_func=names.__getitem__,
                key=menu,
                on_change=_pick,
                args=(menu,),
            )
            with controls.container(fields.BRANCHING, fields.branching_fields(comparison)):
                controls.group(fields.BRANCHING)
        with panel.container(PANEL):
            panel.constants(large=address.projector(), key=PANEL)


def follow(comparison: Comparison) -> None:
    """Add the cool-down that "Branch here" has asked for, keep the comparison of record, and rerun the page."""
    step, found = st.session_state.pop(_ASKED, None), comparison.branched()
    if step is not None and found is not None:
        key, branching = found
        state.keep(replace(comparison, branching=(key, branching.with_point(step))))
        st.rerun()  # opens the fold, which is outside of the fragment


def asked(panel_key: str) -> None:
    """Note the step at which "Branch here" was pressed in the replay of this panel, and open the fold."""
    found: Any = st.session_state.get(f"{panel_key}_data")
    step = found.get("branch") if hasattr(found, "get") else None
    if isinstance(step, int) and step > 0:
        st.session_state.update({_ASKED: step, FOLD: True})


def show(comparison: Comparison, containers: Containers, *, moving: bool) -> None:
    """Show the charts and the table in the fold, if it is open; called with every move."""
    found = comparison.branched()
    if found is None or containers.branches is None or not containers.branches.open:
        return
    key, branching = found
    run, name = comparison.run(key, results.shown_peaks(comparison)[key]), slots.slot_names(comparison)[key]
    with containers.branches:
        data, said, table = _shown(run, branching, key, name, language.get())
        panel.data(data, key=PANEL)
        st.markdown("  \n".join(said))
        st.markdown(table)


def _reasons(comparison: Comparison) -> list[Sentence]:
    """A sentence for each reason that no cool-down can branch off some slots."""
    names = slots.slot_names(comparison)
    reasons: dict[str, list[str]] = {}
    for key in comparison.active():
        if reason := why_not(comparison.run(key)):
            reasons.setdefault(reason, []).append(names[key])
    return [say(f"compare.branches.not.{reason}", names=", ".join(of)) for reason, of in reasons.items()]


def _pick(menu: str) -> None:
    """Branch off the slot that was selected."""
    comparison, key = state.record(), st.session_state[menu]
    state.keep(replace(comparison, branching=(key, comparison.usual_branching(key))))


@lru_cache(maxsize=16)
def _shown(run: Run, branching: Branching, key: str, name: str, spoken: str) -> tuple[str, tuple[str, ...], str]:
    """The data of the panel as JSON, the sentences, and the table in Markdown; in a language, that of the context."""
    tree = grow(run, branching)
    data = panel.panel_data(*_charts(tree, key, name), runs=(TRUNK, BRANCHES, PLANNED), key=PANEL)
    return compact(data), tuple(map(str, _said(tree))), _table(tree)


def _charts(tree: Tree, key: str, name: str) -> tuple[Chart, ...]:
    style = style_of(key)
    trunk, branches = _part(tree.trunk), [_part(branch) for branch in tree.branches]
    values = {"name": name, "starts": ", ".join(map(format_number, tree.starts))}
    alt = {chart: str(say(f"compare.branches.alt_{chart}", **values)) for chart in ("rate", "loss", "ends")}
    kind = str(say("figure.mean", count=tree.seeds)) if tree.seeds > 1 else ""
    ends = branch_ends_figure(
        tree.starts,
        tree.finals,
        tree.held,
        tree.reference,
        style=style,
        alt=alt["ends"],
        caption=str(say("compare.branches.length", cooldown=tree.cooldown)),
    )
    return (
        Chart("rate", branch_rates_figure(trunk, branches, style=style, alt=alt["rate"])),
        Chart("loss", branch_losses_figure(trunk, branches, style=style, alt=alt["loss"], subtitle=kind)),
        Chart("ends", ends),
    )


def _part(grown: Grown) -> Part:
    return Part(grown.rates, grown.steps, grown.loss)


def _said(tree: Tree) -> list[Sentence]:
    """The sentences under the charts: about the last cool-down that did not diverge."""
    references = tree.reference.tolist(), tree.reference_peaks.tolist()
    ends = list(zip(tree.starts, tree.finals.tolist(), tree.held.tolist(), *references, strict=True))
    ended = [each for each in ends if math.isfinite(each[1])]
    if not ended:
        return [say("compare.branches.diverged", peak=tree.run.trained_peak)]
    start, end, held, planned, peak = ended[-1]
    values = {"cooldown": tree.cooldown, "start": start, "total": start + tree.cooldown, "end": end}
    if not math.isfinite(held):
        word = "said_held_diverged"
    else:
        word = "said" if isinstance(tree.run.schedule.policy, Constant) else "said_falling"
    found = [say(f"compare.branches.{word}", **values, held=held)]
    word = "planned_diverged" if not math.isfinite(planned) else "planned_best" if tree.exact else "planned"
    found.append(say(f"compare.branches.{word}", total=values["total"], planned=planned, peak=peak))
    found.append(say("compare.branches.exact") if tree.exact else say("compare.branches.seeds", seeds=tree.seeds))
    return found


def _table(tree: Tree) -> str:
    heads = [str(say(f"compare.branches.column.{column}")) for column in ("start", "total", "end", "held", "planned")]
    losses = zip(tree.finals.tolist(), tree.held.tolist(), tree.reference.tolist(), strict=True)
    rows = [
        [format_number(start), format_number(start + tree.cooldown), *map(_loss, values)]
        for start, values in zip(tree.starts, losses, strict=True)
    ]
    return markdown_table(heads, rows)


def _loss(value: float) -> str:
    return format_number(value) if math.isfinite(value) else str(VERDICTS["diverged"].word)
