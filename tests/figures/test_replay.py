"""The data that a browser receives to replay a run, and the sentences that it builds from them."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from schedules import Run
from schedules.figures.replay import Raced, race_replay_data, replay_data, stops_data
from schedules.training.engine import simulate
from schedules.training.limits import limit
from schedules.training.verdict.stops import stops


def losses(data):
    return np.frombuffer(base64.b64decode(data["loss"]), "<f4")


def sentences(data):
    """The sentences, built as the browser does it."""
    for pattern, *numbers in data["says"]:
        waiting = iter(numbers)
        yield "".join(next(waiting) if letter == "#" else letter for letter in data["patterns"][pattern])
        assert next(waiting, None) is None


@pytest.fixture(scope="module")
def done():
    return simulate([Run()])[0]


def all_stops(done):
    found = stops(done, limit(done.run, done))
    return [(step, done.loss[step].mean(), verdict.kind.value, str(verdict.line)) for step, verdict in found]


def test_every_sentence_is_rebuilt_exactly(done):
    stops = all_stops(done)
    data = stops_data(stops)
    assert list(sentences(data)) == [sentence for _, _, _, sentence in stops]
    assert data["stops"] == [step for step, _, _, _ in stops]
    assert data["kinds"] == [kind for _, _, kind, _ in stops]
    np.testing.assert_allclose(data["losses"], [loss for _, loss, _, _ in stops], rtol=1e-4)


@pytest.mark.parametrize(
    "sentence", ["", "No number at all.", "1/4,300 of 7.25e-6 and -0.5, 1e-7.", "12 % at step 3: 4.", "0.1-0.2, step 1,000."]
)
def test_numbers_in_any_format_are_replaced_and_restored(sentence):
    data = stops_data([(1, 1.0, "stalled", sentence)])
    assert list(sentences(data)) == [sentence]
    assert not any(letter.isdigit() for letter in data["patterns"][0])


def test_a_sentence_with_the_placeholder_sign_is_refused():
    with pytest.raises(ValueError, match="#"):
        stops_data([(1, 1.0, "stalled", "Seed #1 stalled.")])


def test_the_loss_at_a_stop_where_all_seeds_have_diverged_is_missing():
    assert stops_data([(1, 2.0, "stalled", ""), (2, np.nan, "diverged", "")])["losses"] == [2, None]


def test_the_loss_of_every_step_is_encoded_exactly(done):
    data = replay_data(done.steps, done.loss)
    assert data["every"] == 1
    np.testing.assert_allclose(losses(data), done.loss.mean(axis=1), rtol=1e-7)


def test_the_mean_is_over_the_seeds_that_did_not_diverge():
    loss = np.array([[1.0, 3.0], [np.nan, 5.0], [np.nan, np.nan]])
    np.testing.assert_array_equal(losses(replay_data(np.arange(3), loss)), [2, 5, np.nan])


@pytest.mark.parametrize(("last", "every"), [(1, 1), (1_500, 1), (1_501, 2), (5_000, 4)])
def test_a_long_run_is_thinned_evenly(last, every):
    loss = np.arange(last + 1.0)[:, None]
    data = replay_data(np.arange(last + 1), loss)
    assert data["every"] == every
    np.testing.assert_array_equal(losses(data), np.arange(0, last + 1, every))


def test_losses_between_measurements_are_not_interpolated():
    assert replay_data(np.array([0, 11, 22]), np.ones((3, 2)))["loss"] is None


@pytest.mark.parametrize(("until", "found"), [(None, 9), (4, 4), (40, 9)])
def test_a_replay_ends_at_the_divergence(until, found):
    assert replay_data(np.arange(10), np.ones((10, 1)), until=until)["until"] == found


def test_replay_data_is_small(done):
    data = replay_data(done.steps, done.loss) | stops_data(all_stops(done))
    assert len(json.dumps(data, allow_nan=False)) < 6_000


def test_the_replay_of_a_race_has_the_losses_of_each_run(done):
    other = np.full_like(done.loss, np.nan)
    other[:3] = 2.0
    data = race_replay_data(done.steps, [Raced("run", "Cosine", done.loss), Raced("run_4", "Linear", other)], until=2)
    assert (data["last"], data["until"], data["loss"]) == (500, 2, None)
    assert [(run["group"], run["label"]) for run in data["race"]] == [("run", "Cosine"), ("run_4", "Linear")]
    np.testing.assert_allclose(losses(data["race"][0]), done.loss.mean(axis=1), rtol=1e-6)
    np.testing.assert_array_equal(losses(data["race"][1])[:5], [2, 2, 2, np.nan, np.nan])


def test_the_replay_of_a_race_has_no_losses_where_they_were_not_measured_at_each_step(done):
    [run] = race_replay_data(done.steps[::2], [Raced("run", "Cosine", done.loss[::2])])["race"]
    assert run["loss"] is None
