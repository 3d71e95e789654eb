"""Terms: words in sentences that light a line of the charts and say what it is."""

from __future__ import annotations

from typing import Any

from schedules.words import keys, say

WORDS, HELP = "terms.words.", "terms.help."
"""Prefixes of the keys of a term's words and of the sentence that says what it is; the term follows."""


def terms_data() -> dict[str, Any]:
    """The terms as the browser marks them, in the language of the session."""
    terms = [key.removeprefix(WORDS) for key in keys() if key.startswith(WORDS)]
    return {
        "words": {term: str(say(WORDS + term)) for term in terms},
        "help": {term: str(say(HELP + term)) for term in terms},
        "step": str(say("terms.step", step="{step}")),
        "step_help": str(say("terms.step_help")),
    }
