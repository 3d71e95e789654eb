"""The route that answers with the points of a run that is being driven."""

import json
from urllib.parse import urlencode

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.parts.drive.route import drive_route
from schedules import Run, Schedule, to_token
from schedules.figures.path import AROUND
from schedules.training import driving
from schedules.training.problems import PROBLEMS


def get(base="", **query):
    address = "/" + f"{base}/drive".lstrip("/")
    return TestClient(Starlette(routes=[drive_route(base)])).get(f"{address}?{urlencode(query)}")


def answer(run, levels, known=0):
    response = get(run=to_token(run), levels="_".join(map(str, levels)), known=known)
    assert response.status_code == 200 and response.headers["content-type"] == "application/json"
    return json.loads(response.content, parse_constant=pytest.fail)  # NaN and Infinity are not JSON


def refused(**query):
    response = get(**query)
    assert response.status_code == 400, response.text
    return response.json()["error"]


@pytest.mark.parametrize("base", ["", "anneal", "a/b"])
def test_the_points_of_the_first_stretch(base):
    run = Run()
    found = get(base, run=to_token(run), levels="100").json()
    points = driving.points(run, [100])
    assert found["end"] == 4 and found["steps"] == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(found["loss"], points.loss, rtol=1e-4)
    np.testing.assert_allclose(found["rates"], points.rates, rtol=1e-4)
    (low, high), _ = run.problem.extent()
    x = (low + high) / 2 + np.array(found["path"][::2]) * (high - low) / 2 * AROUND / 32767
    np.testing.assert_allclose(x, points.path[:, 0], atol=1e-3)
    assert "limit" not in found


@pytest.mark.parametrize("slug", ["double_well", "rosenbrock", "logistic", "least_squares"])
def test_answers_can_be_joined(slug):
    run = Run(problem=PROBLEMS[slug](), schedule=Schedule(total_steps=300), seeds=2)
    levels = np.random.default_rng(3).integers(0, 150, 40).tolist()
    complete, parts = answer(run, levels), [answer(run, levels[:cut], known) for known, cut in ((0, 1), (1, 20), (20, 40))]
    assert parts[-1]["end"] == complete["end"]
    for name in complete.keys() - {"end"}:
        assert [value for part in parts for value in part[name]] == complete[name]


def test_a_diverged_run_is_answered_with_missing_losses():
    found = answer(Run(), [driving.LEVELS] * 128)
    assert found["loss"][0] == 7.25 and found["loss"][-1] is None


def test_any_token_is_repaired_as_on_a_page():
    for token in ("", "nonsense", "1~peak_lr-x~seeds-99999999", "9" * 20_000, "1~policy-no~total_steps-300"):
        assert get(run=token, levels="100").status_code == 200
    assert get(levels="100").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"levels": ""},
        {"levels": "x"},
        {"levels": "1_"},
        {"levels": "201"},
        {"levels": "-1"},
        {"levels": "_".join(["1"] * 129)},
        {"levels": "1" * 50_000},
        {"levels": "1", "known": "2"},
        {"levels": "1", "known": "-1"},
        {"levels": "1", "known": "1_1"},
        {"levels": "1", "known": "x"},
    ],
)
def test_unreadable_levels_are_refused_with_a_sentence(query):
    assert " " in refused(**query)


@pytest.mark.parametrize("slug", [slug for slug, cls in PROBLEMS.items() if not cls.keeps_path])
def test_moons_and_networks_are_refused(slug):
    assert "cannot be driven" in refused(run=to_token(Run(problem=PROBLEMS[slug]())), levels="100")


def test_expensive_runs_are_refused():
    huge = Run(schedule=Schedule(total_steps=10_000), seeds=128)
    assert "too many to drive" in refused(run=to_token(huge), levels="100")
