"""Spikes of a logged loss, losses that are not finite, and the rate there."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Cosine, Schedule
from schedules.logs import read_log, read_losses
from schedules.logs.losses import DEVIATIONS, RISE

PLAN = Schedule(policy=Cosine(), peak_lr=0.1, total_steps=2_000, warmup=0.7)


def losses(seed=0, n=200):
    rng = np.random.default_rng(seed)
    return 2 + 2 / np.sqrt(1 + np.arange(n)) + 0.02 * rng.standard_normal(n)


def log_of(loss, rates=None, every=10):
    steps = every * np.arange(len(loss))
    rates = PLAN(steps) if rates is None else rates
    rows = zip(steps.tolist(), np.asarray(rates).tolist(), np.asarray(loss).tolist(), strict=True)
    return read_log(("step,lr,loss\n" + "".join(f"{k},{r!r},{x!r}\n" for k, r, x in rows)).encode())


def test_a_spike_is_named_with_the_rate_there():
    loss = losses()
    loss[120:123] = (4.0, 5.9, 3.0)
    found = read_losses(log_of(loss))
    (spike,) = found.spikes
    assert (spike.step, spike.top_step, spike.end, spike.top) == (1_200, 1_210, 1_230, 5.9)
    assert spike.before == pytest.approx(np.median(loss[70:120]))
    assert spike.share == pytest.approx(PLAN(1_200) / PLAN(1_400), rel=1e-3)
    assert spike.trend == "rising"
    assert (
        str(found.sentences[0])
        == f"The loss rose from {spike.before:.3g} to 5.9 at step 1,210; the rate was 86 % of its peak and rising."
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_noisy_falling_loss_has_no_spikes(seed):
    found = read_losses(log_of(losses(seed)))
    assert not found.spikes
    assert [str(sentence) for sentence in found.sentences] == ["The loss has no spikes."]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("height", "spikes"), [(1.05 * RISE, 1), (0.6 * RISE, 0)])
def test_the_thresholds_decide(seed, height, spikes):
    loss = 2 + 0.001 * np.random.default_rng(seed).standard_normal(200)
    loss[100] = 2 * (1 + height)
    assert len(read_losses(log_of(loss)).spikes) == spikes


def test_the_spread_decides_in_noise():
    loss = 2 + 0.5 * np.random.default_rng(0).standard_normal(200)
    loss[100] = 2 + 0.5 * DEVIATIONS / 2
    assert not read_losses(log_of(loss)).spikes
    loss[100] = 2 + 0.5 * DEVIATIONS * 2
    assert len(read_losses(log_of(loss)).spikes) == 1


def test_a_loss_that_stays_high_is_one_spike_without_an_end():
    loss = losses()
    loss[150:] = 9 + 0.1 * np.random.default_rng(0).standard_normal(50)
    (spike,) = read_losses(log_of(loss)).spikes
    assert (spike.step, spike.end) == (1_500, None)


@pytest.mark.parametrize(
    ("rates", "trend"),
    [
        (np.linspace(1, 0.5, 200), "falling"),
        (np.full(200, 0.1), "steady"),
        (np.where(np.arange(200) < 50, 0.1, 0), "zero"),
        (np.where(np.arange(200) < 100, 0.1, 0.9), "up"),
        (np.where(np.arange(200) < 100, 0.9, 0.1), "down"),
    ],
)
def test_the_trend_of_the_rate(rates, trend):
    loss = losses()
    loss[100] = 8
    found = read_losses(log_of(loss, rates))
    assert found.spikes[0].trend == trend
    assert str(found.sentences[0]).startswith("The loss rose from 2")


def test_losses_that_are_not_finite():
    loss = losses()
    loss[150:] = np.nan
    found = read_losses(log_of(loss))
    assert (found.not_finite, found.not_finite_from, found.for_good) == (50, 1_500, True)
    assert str(found.sentences[0]) == "From step 1,500 on the loss is not a finite number."
    assert "of its peak" in str(found.sentences[1])
    loss = losses()
    loss[60] = np.inf
    found = read_losses(log_of(loss))
    assert (found.not_finite, found.for_good) == (1, False)
    assert str(found.sentences[0]) == "The loss is not a finite number at step 600, 1 time in this log."


def test_without_a_logged_rate_the_plan_counts():
    loss = losses()
    loss[120] = 6
    steps = 10 * np.arange(200)
    log = read_log(("step,loss\n" + "".join(f"{k},{x}\n" for k, x in zip(steps, loss, strict=True))).encode())
    assert read_losses(log).spikes[0].trend == "unknown"
    assert read_losses(log, PLAN).spikes[0].rate == pytest.approx(PLAN(1_200))


def test_only_the_highest_spikes_get_a_sentence():
    loss = losses(n=1_000)
    loss[100::100] = np.arange(4, 13)
    found = read_losses(log_of(loss, np.full(1_000, 0.1)))
    assert len(found.spikes) == 9
    assert len(found.sentences) == 4
    assert "12" in str(found.sentences[0]) and str(found.sentences[-1]) == "The loss has 6 more spikes, not as high."


@pytest.mark.parametrize("n", [0, 1, 5])
def test_short_losses_have_no_spikes(n):
    assert not read_losses(log_of(np.full(max(n, 1), 2.0))).spikes
