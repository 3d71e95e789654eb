"""The formula of the policy on Explore: as the values are, what its symbols mean, and with numbers at the marked step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import streamlit as st

from pages.parts.controls.controls import symbol_parts
from pages.parts.state import Setting
from schedules.core.spec import clauses
from schedules.figures.worked import worked
from schedules.policies import POLICIES, Family, Policy, formulas_in_reach
from schedules.words import language, say

_MOUNTED = "formulas_mounted"


def mount(setting: Setting) -> None:
    """Mount the formulas that a drag can lead to, in one position; formula.js shows one of them, and the line with numbers."""
    formulas = st.session_state[_MOUNTED] = formulas_in_reach(setting.run.schedule.policy)
    with st.container(key="formula_policy", gap=None):
        st.markdown("\n\n".join(f"$$\n{_breakable(formula)}\n$$" for formula in formulas))
        st.html('<p class="anneal-worked" aria-hidden="true">&nbsp;</p>')


def mounted(setting: Setting) -> bool:
    """True if the formulas that a drag can lead to are on the page; they are not sent with each move of a slider."""
    return set(st.session_state.get(_MOUNTED, ())) == set(formulas_in_reach(setting.run.schedule.policy))


def formula_data(setting: Setting, *, drawn: bool) -> dict[str, Any]:
    """The formula, its symbols, and the formula with numbers if the `drawn` rates are those of the formula."""
    run = setting.run
    formula = run.schedule.policy.shown_formula
    data: dict[str, Any] = {
        "shown": _breakable(formula),
        "symbols": _explained(run.schedule.policy.slug, formula, language.get()),
    }
    found = worked(run.schedule) if drawn and not setting.own and not run.feedback.acts else None
    if found is None:
        return data
    says = say("explore.worked", step="{step}", formula="{formula}", rate="{rate}")
    return data | {"says": str(says), "zero": found.zero, "parts": found.parts}


@lru_cache(maxsize=64)
def _explained(policy: str, formula: str, _: str) -> list[dict[str, Any]]:
    """The symbols of a policy's formula in pieces, each with a sentence on it, in a language, that of the context."""
    return [
        {"symbol": symbol_parts(symbol), "text": f"{text[0].upper()}{text[1:]}. {doc}".rstrip()}
        for symbol, text, doc in symbols(POLICIES[policy], formula)
    ]


def symbols(policy: Policy | type[Policy], formula: str) -> Iterator[tuple[str, str, str]]:
    """Yield the symbols in a formula, each with what it stands for and, for a hyperparameter, its description."""
    declared = {param.symbol: (str(param.text("label")), str(param.text("doc"))) for param in policy.params if param.symbol}
    common = {symbol: (str(say(f"explore.symbol_{symbol}")), "") for symbol in ("t", "T")}
    counts = dict.fromkeys(("c", "i"), (str(say("explore.symbol_cycle")), "")) if policy.family is Family.CYCLES else {}
    for symbol, (text, doc) in (counts | common | declared).items():
        if re.search(rf"(?<![A-Za-z\\]){re.escape(symbol)}(?![A-Za-z_])", formula):
            yield symbol, text, doc


@lru_cache(maxsize=256)
def _breakable(formula: str) -> str:
    """A formula that may wrap only between its clauses."""
    return r"\quad\allowbreak ".join(f"{{{clause}}}" for clause in clauses(formula))
