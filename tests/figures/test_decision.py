"""Decision regions of a network, encoded and decoded, and the figure under them."""

from __future__ import annotations

import base64
import json

import numpy as np
import plotly.graph_objects as go
import pytest

from schedules.figures.colors import resolve
from schedules.figures.decision import SURE, decision_alt, decision_data, decision_figure
from schedules.training.problems import PROBLEMS

EXTENT = ((-2.0, 6.0), (-1.0, 1.0))


def test_decisions_decode_within_half_a_quantum():
    chance = np.random.default_rng(0).uniform(size=(4, 9, 9))
    data = decision_data(np.array([0, 5, 10, 30]), chance, EXTENT)
    json.dumps(data, allow_nan=False)
    back = np.frombuffer(base64.b64decode(data["decisions"]), np.uint8).reshape(len(data["at"]), data["side"], data["side"])
    assert np.abs(back / SURE - chance).max() <= 0.5 / SURE + 1e-12


def test_encoded_decisions_are_small():
    assert len(json.dumps(decision_data(np.arange(20), np.zeros((20, 32, 32)), EXTENT))) < 28_000


@pytest.mark.parametrize("slug", [slug for slug in PROBLEMS if PROBLEMS[slug].drawing == "decision"])
def test_every_problem_with_decisions_has_a_valid_frame(slug):
    problem = PROBLEMS[slug]()
    figure = decision_figure(*problem.examples(), problem.extent(), problem.axes)
    assert len(json.dumps(figure, allow_nan=False)) < 8_000
    go.Figure(resolve(figure, "dark"))
    assert [figure["layout"][axis]["range"] for axis in ("xaxis", "yaxis")] == [list(ends) for ends in problem.extent()]
    examples = figure["layout"]["meta"]["examples"]
    assert len(examples["x"]) == len(examples["y"]) == len(examples["label"]) and {*examples["label"]} == {0, 1}


def test_the_text_alternative_states_the_numbers():
    assert "300" in decision_alt(300, 0.98) and "98 %" in decision_alt(300, 0.98)
