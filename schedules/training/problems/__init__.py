"""Problems: one file each, found by discovery."""

from schedules.training.problems._base import PROBLEMS, Problem, problem

PROBLEMS.discover(__name__)

__all__ = ["PROBLEMS", "Problem", "problem"]
