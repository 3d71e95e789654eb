"""The only error that reading a log raises."""

from __future__ import annotations

from schedules.words import Sentence


class LogError(ValueError):
    """A file that cannot be read as a log.

    Attributes:
        sentence: the reason, with row and column where these are known.
    """

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)
