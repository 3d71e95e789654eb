"""Feedback rules: one file each, found by discovery."""

from schedules.feedback._base import FEEDBACK, Feedback, Seen, feedback

FEEDBACK.discover(__name__)

__all__ = ["FEEDBACK", "Feedback", "Seen", "feedback"]
