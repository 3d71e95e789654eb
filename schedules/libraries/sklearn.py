"""scikit-learn: the values of `learning_rate` of its SGD and MLP estimators."""

from __future__ import annotations

from schedules.libraries._base import Library

LIBRARY = Library(
    rank=32,
    version="2025",
    source="github.com/scikit-learn/scikit-learn, sklearn/linear_model/_stochastic_gradient.py",
    signatures={},
    keys={"power_t": "power_law", "eta0": "plan"},
    settings={"learning_rate": {"invscaling": "power_law", "optimal": "inverse_time"}},
)
