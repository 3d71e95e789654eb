"""The popover with the terms of Explore; their texts are in words."""

import streamlit as st

from schedules.words import say

TERMS = (
    "limit",
    "seed",
    "ghost",
    "goal",
    "expected",
    "best",
    "angle",
    "diverged",
    "stalled",
    "improving",
    "bouncing",
    "converged",
)


def term_popover() -> None:
    """Show the meaning of the terms on Explore in a popover, sent once it is opened."""
    popover = st.popover(str(say("explore.glossary.title")), type="tertiary", key="glossary", on_change="rerun")
    if popover.open:
        popover.markdown("\n".join(f"- {say(f'explore.glossary.{term}')}" for term in TERMS))
