"""The path, encoded and decoded."""

from __future__ import annotations

import base64
import json

import numpy as np

from schedules import Run
from schedules.figures.path import AROUND, MISSING, path_data, race_data
from schedules.figures.runs import STYLES, Trail
from schedules.training.drawing import draw, trail
from schedules.training.engine import simulate

EXTENT = ((-2.0, 6.0), (-1.0, 1.0))


def unpack(data, name, run=0):
    """A track of a run, decoded as in the browser, shape (F, S, 2); NaN after a seed has diverged."""
    track = data["runs"][run][name]
    axes = data["axes"]
    packed = np.frombuffer(base64.b64decode(track["data"]), "<i2").reshape(track["frames"], track["seeds"], axes).astype(float)
    low, high = np.array(data["extent"][:axes]).T
    points = (low + high) / 2 + packed * (high - low) / 2 * data["around"] / 32767
    return np.where(packed == MISSING, np.nan, points)


def walk(T=300, S=4):
    return np.random.default_rng(1).uniform(-1, 1, (T + 1, 2, S))


def test_a_path_decodes_within_half_a_quantum():
    points = walk()
    data = path_data([Trail(points)], EXTENT)
    quantum = AROUND * np.array([4.0, 1.0]) / 32767
    assert data["runs"][0]["path"]["frames"] == len(points)
    assert np.all(np.abs(unpack(data, "path")[:, 0] - points[:, :, 0]) <= 0.5001 * quantum)
    seeds = data["runs"][0]["seeds"]
    steps = np.floor(np.linspace(0, seeds["last"], seeds["frames"]) + 0.5).astype(int)
    assert np.all(np.abs(unpack(data, "seeds") - points[steps].transpose(0, 2, 1)) <= 0.5001 * quantum)


def test_diverged_seeds_and_distant_points_survive_encoding():
    points = walk()
    points[10:, :, 0] = np.nan
    points[5, :, 0] = 1e30, -np.inf
    run = unpack(path_data([Trail(points)], EXTENT), "path")[:, 0]
    assert np.isnan(run[10:]).all() and np.isfinite(run[:10]).all()
    np.testing.assert_allclose(run[5], (2 + AROUND * 4, -AROUND), rtol=1e-12)


def test_a_path_ends_at_the_divergence():
    points, ghost = walk(), walk(S=3)
    data = path_data([Trail(points, 40), Trail(ghost, 7)], EXTENT)
    run, other = data["runs"]
    assert (run["group"], run["path"]["last"], run["seeds"]["last"]) == ("run", 40, 40)
    assert (other["group"], other["path"]["last"], other["ends"]["last"]) == ("ghost", 7, 7)
    np.testing.assert_allclose(unpack(data, "ends", run=1)[0], ghost[7].T, atol=1e-3)


def test_required_steps_of_the_seeds_are_kept():
    points = walk()
    data = path_data([Trail(points)], EXTENT, keep=[7, 155, 299, 400], frames=9)
    at = data["runs"][0]["seeds"]["at"]
    assert at == sorted({*at, 7, 155, 299}) and at[0] == 0 and at[-1] == 300 and len(at) == 12
    np.testing.assert_allclose(unpack(data, "seeds"), points[at].transpose(0, 2, 1), atol=1e-3)
    assert "at" not in data["runs"][0]["path"]


def test_points_on_a_drawn_curve_are_encoded_without_y():
    points = walk()
    data = path_data([Trail(points), Trail(points)], EXTENT, on_curve=True)
    for run in (0, 1):
        np.testing.assert_allclose(unpack(data, "path", run)[:, :, 0], points[:, 0, :1], atol=1e-3)
    np.testing.assert_allclose(unpack(data, "ends", run=1)[0, :, 0], points[-1, 0], atol=1e-3)


def test_an_encoded_batch_is_small():
    sizes = [len(json.dumps(path_data([Trail(walk(T=500, S=seeds))], EXTENT))) for seeds in (8, 50, 128, 1_000)]
    assert max(sizes) < 24_000


def test_a_long_path_is_thinned_before_encoding():
    data = path_data([Trail(walk(T=5000, S=8)), Trail(walk(T=5000, S=8))], EXTENT)
    assert len(json.dumps(data)) < 20_000


def test_the_drawn_path_is_the_trained_path():
    done = simulate([Run()])[0]
    points, found = trail(done), draw(Run().problem)
    np.testing.assert_array_equal(points, done.path)
    back = unpack(path_data([Trail(points)], found.extent), "path")[:, 0]
    np.testing.assert_allclose(back, done.path[:, :, 0], atol=1e-3)


def test_no_run_comes_first_in_a_race():
    trails = [Trail(walk(S=3)), Trail(walk(), 7)]
    data = race_data(trails, EXTENT, styles=(STYLES[4], STYLES[1]))
    assert data["race"]
    assert [(run["group"], run["color"], run["path"]["last"]) for run in data["runs"]] == [
        ("run_5", "@run_5", 300),
        ("ghost", "@ghost", 7),
    ]
    assert all(set(run) == {"group", "color", "path"} for run in data["runs"])
    np.testing.assert_allclose(unpack(data, "path", run=1)[:, 0], trails[1].points[:8, :, 0], atol=1e-3)
