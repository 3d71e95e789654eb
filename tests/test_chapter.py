"""The figures of the chapter, and the rates that its published runs used."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from schedules.figures.chapter import chapter_figure
from schedules.lessons.chapter import CONSTANT, EPOCHS, FIGURES, FRAMEWORKS, MINIBATCHES, changed, exhibits
from schedules.real_run.sentences import departures
from schedules.words import say

BY_SLUG = {figure.slug: figure for figure in FIGURES}
PRINTED = {
    ("pytorch", "square_root"): [0.1, 0.1, 0.0707, 0.0577],
    ("pytorch", "multi_factor"): [0.125] * 30,
    ("pytorch", "cosine"): [0.3, 0.3, 0.2982],
    ("pytorch", "warmup_cosine"): [0.3, 0.0, 0.06, 0.12, 0.18, 0.24, 0.3, 0.2968],
    ("tensorflow", "square_root"): [0.1, 0.0707, 0.0577],
    ("tensorflow", "multi_factor"): [0.25] * 15 + [0.125] * 15,
    ("tensorflow", "warmup_cosine"): [0.0, 0.06, 0.12, 0.18, 0.24, 0.3, 0.2968],
}
"""The first rates of runs, as the published code gives them."""


def stepped(milestones, gamma, rate, plots):
    """Rates of 30 epochs under PyTorch's MultiStepLR, which was stepped for a plot before: its loop in plain Python."""
    rates = []
    for epoch in range(plots + EPOCHS):
        rate = rate * gamma if epoch in milestones else rate
        rates.append(rate)
    return rates[plots:]


def test_the_figures_are_in_the_order_of_the_chapter_with_its_numbers():
    assert list(BY_SLUG) == ["square_root", "factor", "multi_factor", "cosine", "warmup_cosine"]
    firsts = [round(float(figure.plotted[0]), 4) for figure in FIGURES]
    assert firsts == [0.1, 1.8, 0.5, 0.3, 0.0]
    assert [len(figure.plotted) for figure in FIGURES] == [30, 50, 30, 30, 30]
    assert BY_SLUG["factor"].plotted[-1].round(4) == 0.0103, "the floor is not reached"


@pytest.mark.parametrize(("framework", "slug"), PRINTED)
def test_the_runs_used_these_rates(framework, slug):
    used, expected = BY_SLUG[slug].used(framework), PRINTED[framework, slug]
    assert used.rates[: len(expected)].round(4).tolist() == expected
    assert used.at.tolist() == list(range(EPOCHS))


def test_a_scheduler_that_was_plotted_first_is_past_its_milestones():
    assert BY_SLUG["multi_factor"].used("pytorch").rates.tolist() == stepped({15, 30}, 0.5, 0.5, plots=30)
    assert BY_SLUG["multi_factor"].plotted.tolist() == stepped({15, 30}, 0.5, 0.5, plots=0)


def test_mxnet_counts_minibatches():
    total = EPOCHS * MINIBATCHES
    assert total == 7_050
    for slug, steps in (("cosine", 20), ("warmup_cosine", 20)):
        rates = BY_SLUG[slug].used("mxnet").rates
        assert len(rates) == total and np.all(rates[steps:] == rates[-1]) and rates[steps - 1] > rates[-1]
        assert round(float(rates[-1]), 12) == 0.01
    assert np.argmax(BY_SLUG["warmup_cosine"].used("mxnet").rates) == 5
    assert BY_SLUG["square_root"].used("mxnet").rates[-1].round(4) == 0.0012
    multi = BY_SLUG["multi_factor"].used("mxnet")
    assert set(multi.rates) == {0.125} and multi.at[0] == 30 / MINIBATCHES and len(multi.rates) == total - 30


def test_which_runs_used_the_plotted_rates():
    assert [changed(framework) for framework in FRAMEWORKS] == [4, 1, 4]
    for framework in FRAMEWORKS:
        assert BY_SLUG["factor"].used(framework) is None and BY_SLUG["factor"].as_plotted(framework) is None
        for figure in FIGURES:
            said = str(say(f"chapter.{framework}.{figure.slug}"))
            assert said.startswith("As plotted") == bool(figure.as_plotted(framework))


@pytest.mark.parametrize(("framework", "slug"), [pair for pair in PRINTED if pair[0] == "pytorch"])
def test_sentences_state_the_first_rates(framework, slug):
    """Rates before the colon of a sentence, such as "0.3, 0, 0.06", are those of the run."""
    stated = [float(number) for number in re.findall(r"[\d.]+", str(say(f"chapter.{framework}.{slug}")).partition(":")[0])]
    stated = stated[:1] if slug == "multi_factor" else stated
    assert stated == BY_SLUG[slug].used(framework).rates[: len(stated)].round(4).tolist()


def test_used_rates_are_drawn_over_the_plotted_ones_in_grey():
    figure = BY_SLUG["warmup_cosine"]
    drawn = chapter_figure("", figure.plotted, "", used=figure.used("pytorch"), framework="PyTorch", constant=CONSTANT)
    lines = {trace["legendgroup"]: trace for trace in drawn["data"]}
    assert lines["run"]["y"][:3] == [0.3, 0.0, 0.06] and lines["ghost"]["y"][:2] == [0.0, 0.06]
    top = drawn["layout"]["yaxis"]["range"][1]
    assert all(max(trace["y"]) < top for trace in drawn["data"])
    alone = chapter_figure("", BY_SLUG["factor"].plotted, "", framework="PyTorch")
    assert [trace["legendgroup"] for trace in alone["data"]] == ["ghost"], "no run used it"
    assert all(x < y for x, y in pairwise(lines["run"]["x"]))


# Exhibits


def test_exhibits_are_the_runs_that_did_not_use_the_plotted_rates():
    found = {(each.framework, each.figure.slug) for each in exhibits()}
    expected = {(f, figure.slug) for f in FRAMEWORKS for figure in FIGURES if figure.as_plotted(f) is False}
    assert found == expected - {("mxnet", "multi_factor")} and len(found) == 8


@pytest.mark.parametrize("exhibit", exhibits(), ids=lambda each: f"{each.framework}-{each.figure.slug}")
def test_an_exhibit_has_the_rates_of_the_figure_and_of_the_run(exhibit):
    steps = exhibit.intended.total_steps
    assert steps == exhibit.used.total_steps == (EPOCHS * MINIBATCHES if exhibit.framework == "mxnet" else EPOCHS)
    np.testing.assert_allclose(exhibit.used.lrs(), exhibit.figure.used(exhibit.framework).rates, rtol=1e-12)
    plotted = exhibit.intended.lrs()[:: steps // EPOCHS]
    np.testing.assert_allclose(plotted, exhibit.figure.plotted, rtol=1e-12)
    assert not str(exhibit.sentence).startswith("As plotted") and departures(exhibit.intended, exhibit.used)
