"""The terms of Explore, each with its meaning; their texts are in words."""

from streamlit.delta_generator import DeltaGenerator

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


def show_glossary(box: DeltaGenerator) -> None:
    """Show the meaning of every term."""
    box.markdown("\n".join(f"- {say(f'explore.glossary.{term}')}" for term in TERMS))
