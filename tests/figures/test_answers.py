"""Figures of a network's answers: test images with the predicted class under each, and a fitted curve."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from schedules.figures.colors import PALETTES, resolve
from schedules.figures.fit import fit_figure
from schedules.figures.images import COLUMNS, images_figure
from schedules.training.images import SHOWN, TRAINED, handwritten, shown
from schedules.training.problems.edge import inputs, points


def valid(figure):
    json.dumps(figure, allow_nan=False)
    for scheme in PALETTES:
        go.Figure(resolve(figure, scheme))
    assert figure["layout"]["meta"]["alt"].endswith(".")
    assert figure["layout"]["title"]["text"]
    return figure


def test_the_images_shown_are_the_first_of_the_test_set():
    images, labels = shown()
    everything = handwritten()
    assert len(images) == len(labels) == SHOWN
    assert np.array_equal(images, everything.images[TRAINED : TRAINED + SHOWN])
    assert np.array_equal(labels, everything.labels[TRAINED : TRAINED + SHOWN])


@pytest.mark.parametrize("count", [1, 3, 10, 11, 20])
def test_every_image_is_in_its_tile_above_its_predicted_class(count):
    images, labels = (part[:count] for part in shown())
    answers = labels.astype(float)
    answers[0] = (labels[0] + 1) % 10
    figure = valid(images_figure(images, labels, answers))
    sheet, words = figure["data"][0]["z"], figure["layout"]["annotations"]
    assert len(words) == count
    for i, (image, word) in enumerate(zip(images, words, strict=True)):
        top, left = i // COLUMNS * 12, i % COLUMNS * 9
        assert [row[left : left + 8] for row in sheet[top : top + 8]] == image.tolist()
        assert left <= word["x"] < left + 8 and top + 8 <= word["y"] < top + 12
        assert word["text"].startswith(str(int(answers[i])))
        assert (word["font"]["color"] == "@limit") == (i == 0)
    assert str(labels[0]) in words[0]["text"][1:]
    assert f"{count - 1} of these {count}" in figure["layout"]["meta"]["caption"]
    assert figure["layout"]["yaxis"]["range"][0] > figure["layout"]["yaxis"]["range"][1], "the first row is the upper one"


def test_a_diverged_network_has_no_predictions():
    images, labels = shown()
    figure = valid(images_figure(images, labels, np.full(SHOWN, np.nan)))
    assert {word["text"] for word in figure["layout"]["annotations"]} == {"–"}


def test_a_fit_shows_the_points_and_the_curve_of_each_finite_seed():
    at = inputs()
    curves = np.stack([np.sin(at), np.cos(at), np.full(len(at), np.nan)], axis=1)
    figure = valid(fit_figure(points(), at, curves))
    *lines, dots = figure["data"]
    assert [line["y"][0] for line in lines] == pytest.approx([np.sin(-1), np.cos(-1)], rel=1e-4)
    assert [line["showlegend"] for line in lines] == [True, False]
    assert dots["mode"] == "markers"
    assert dots["y"] == pytest.approx(points()[1].tolist(), rel=1e-4)
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < points()[1].min() and points()[1].max() < high


def test_a_fit_without_finite_seeds_still_shows_the_points():
    figure = valid(fit_figure(points(), inputs(), np.full((len(inputs()), 2), np.nan)))
    assert len(figure["data"]) == 1
