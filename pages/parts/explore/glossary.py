"""The terms of Explore in a popover."""

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


def glossary() -> None:
    """Show the popover; its content is sent once it is opened."""
    popover = st.popover(str(say("explore.glossary.title")), type="tertiary", key="glossary", on_change="rerun")
    if popover.open:
        popover.markdown("\n".join(f"- {say(f'explore.glossary.{term}')}" for term in TERMS))
