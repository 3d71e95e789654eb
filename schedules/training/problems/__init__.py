"""Problems: one file each, found by discovery."""

from schedules.training.problems._base import (
    PROBLEMS,
    AnalyticProblem,
    NetworkProblem,
    PredictedProblem,
    Problem,
    analytic,
    directions_of,
    network,
    predicted,
    problem,
)

PROBLEMS.discover(__name__)

__all__ = [
    "PROBLEMS",
    "AnalyticProblem",
    "NetworkProblem",
    "PredictedProblem",
    "Problem",
    "analytic",
    "directions_of",
    "network",
    "predicted",
    "problem",
]
