"""The valley that needs a warm-up, compared with a table measured once by independent code over 400 seeds.

Tolerances are sampling error, at 3.5 standard deviations (one false alarm in 2,000 comparisons), of OTHERS seeds there and
SEEDS here:

* a share p: sqrt(p (1 - p) (1 / OTHERS + 1 / SEEDS)), where p is the table's, shrunk towards 1/2 by two successes and two
  failures (Agresti & Coull 1998) so that 0 and 1 have a width too;
* a median m, whatever the distribution: the share of our losses below m is 1/2 within sqrt(1/4 (1 / OTHERS + 1 / SEEDS)).

The table is rounded, so half a unit of its last digit is added.
"""

from functools import lru_cache

import numpy as np
import pytest

from schedules import Run, Schedule
from schedules.policies.constant import Constant
from schedules.training.engine import simulate
from schedules.training.problems.valley import Valley

SEEDS, OTHERS, SIGMAS = 1_000, 400, 3.5
STEPS = 400
WARMUPS = (0, 20, 40, 80, 160)
SHARE_FINITE = {
    (0.1, 0.2): (1.00, 1.00, 1.00, 1.00, 1.00),
    (0.1, 0.5): (0.00, 0.20, 0.96, 1.00, 1.00),
    (0.1, 0.7): (0.00, 0.00, 0.76, 1.00, 1.00),
    (0.05, 0.7): (0.00, 0.00, 0.59, 0.99, 1.00),
}
MEDIAN_LOSS = {
    (0.1, 0.2): (6.4e-4, 7.2e-4, 7.6e-4, 8.8e-4, 1.2e-3),
    (0.1, 0.5): (None, None, 1.3e-4, 1.3e-4, 1.5e-4),
    (0.1, 0.7): (None, None, None, 1.3e-4, 1.4e-4),
    (0.05, 0.7): (None, None, None, 3.3e-5, 3.7e-5),
}


@lru_cache(maxsize=8)  # a run holds 13 MB
def trained(peak, warmup, start_u=4.0, noise=0.1, first_step=0):
    """A run of the table. With first_step = 1 the ramp is (k + 1) / W, as in the table's code; else it starts at 1 / W."""
    schedule = Schedule(
        policy=Constant(),
        peak_lr=peak,
        total_steps=STEPS,
        warmup=warmup / STEPS,
        warmup_start=0 if first_step or not warmup else 1 / warmup,
        cooldown=0.2,
        first_step=first_step,
    )
    (trace,) = simulate([Run(schedule=schedule, problem=Valley(start_u=start_u, noise=noise), seeds=SEEDS)])
    return trace


def finite(trace):
    return np.mean(trace.overflow_at < 0)


def final(trace):
    return trace.loss[-1, trace.overflow_at < 0]


def band(share, ours=SEEDS):
    drawn = (OTHERS * share + 2) / (OTHERS + 4)
    return SIGMAS * np.sqrt(drawn * (1 - drawn) * (1 / OTHERS + 1 / ours))


def test_both_warm_up_ramps_start_at_one_over_w():
    for first_step in (0, 1):
        rates = trained(0.5, 20, first_step=first_step).rates
        assert rates[0] == pytest.approx(0.5 / 20, rel=1e-12)
        assert rates[40] == 0.5


@pytest.mark.parametrize("first_step", [0, 1])
@pytest.mark.parametrize(("noise", "peak"), SHARE_FINITE)
def test_share_of_finite_seeds_matches_the_table(noise, peak, first_step):
    for warmup, share in zip(WARMUPS, SHARE_FINITE[noise, peak], strict=True):
        if (peak, warmup, first_step) == (0.5, 20, 0):
            continue  # the share is between 0 and 1, so the two ramps differ: see the next test
        found = finite(trained(peak, warmup, noise=noise, first_step=first_step))
        assert found == pytest.approx(share, abs=band(share) + 0.005), f"warm-up {warmup}"


def test_the_slower_ramp_leaves_more_seeds_finite():
    """From 1 / W to 1 in W steps stays below (k + 1) / W. The seeds are the same, so the error is that of the paired
    difference.
    """
    ours, theirs = (trained(0.5, 20, first_step=first).overflow_at < 0 for first in (0, 1))
    gained = ours.astype(float) - theirs
    assert gained.mean() > SIGMAS * gained.std() / np.sqrt(SEEDS)


@pytest.mark.parametrize("first_step", [0, 1])
@pytest.mark.parametrize(("noise", "peak"), MEDIAN_LOSS)
def test_median_loss_matches_the_table(noise, peak, first_step):
    for warmup, median in zip(WARMUPS, MEDIAN_LOSS[noise, peak], strict=True):
        if median is None:
            continue
        losses = final(trained(peak, warmup, noise=noise, first_step=first_step))
        rounding = 0.5 * 10.0 ** (np.floor(np.log10(median)) - 1)
        width = SIGMAS * np.sqrt(0.25 * (1 / OTHERS + 1 / len(losses)))
        assert np.mean(losses < median - rounding) < 0.5 + width, f"warm-up {warmup}"
        assert np.mean(losses < median + rounding) > 0.5 - width, f"warm-up {warmup}"


def test_a_steeper_start_needs_a_longer_warmup():
    """At peak 0.5, u0 = 2 survives without warm-up, u0 = 3 needs 20 steps of it and u0 = 4 needs 80; with far fewer most
    diverge.
    """
    assert finite(trained(0.5, 0, start_u=2)) == 1
    assert finite(trained(0.5, 0, start_u=3)) == 0
    assert finite(trained(0.5, 20, start_u=3)) > 0.96 - band(0.96)
    assert finite(trained(0.5, 10, start_u=3)) < 0.5
    assert finite(trained(0.5, 0, start_u=4)) == 0
    assert finite(trained(0.5, 20, start_u=4)) < 0.5
    assert finite(trained(0.5, 80, start_u=4)) > 1 - band(1)


@pytest.mark.parametrize("start_u", [2, 3, 4, 5])
def test_without_warmup_seeds_diverge_above_four_over_curvature(start_u):
    """Below 2 / curvature the run is stable, a little above it moves to flatter ground, past 4 / curvature it diverges."""
    assert finite(trained(2.0 / start_u**2, 0, start_u=start_u)) == 1
    assert finite(trained(2.7 / start_u**2, 0, start_u=start_u)) == 1
    assert finite(trained(4.5 / start_u**2, 0, start_u=start_u)) == 0


@pytest.mark.parametrize("peak", [0.5, 0.7])
def test_warmup_moves_the_run_to_lower_curvature(peak):
    """Once the peak is reached, at least half of the seeds are where it is stable; the start was four times too steep."""
    trace = trained(peak, 80)
    curvature = Valley().curvature(trace.path[:, :, trace.overflow_at < 0].transpose(1, 0, 2))
    assert curvature[0].min() > 4 * 2 / peak * 0.99
    stable = np.mean(curvature[80] < 2 / peak)
    assert stable - SIGMAS * np.sqrt(0.25 / SEEDS) > 0.5


def test_a_peak_that_needs_warmup_ends_at_a_lower_loss():
    """At low noise the peak with warm-up ends at a fifth or less of the best loss without, at rates with at least 95 %
    survivors.
    """
    cold = [trained(peak, 0, noise=0.05) for peak in (0.1, 0.15, 0.2, 0.21, 0.22, 0.23, 0.24)]
    best = min(np.median(final(trace)) for trace in cold if finite(trace) >= 0.95)
    below = np.mean(final(trained(0.7, 80, noise=0.05)) < best / 5)
    assert below - SIGMAS * np.sqrt(0.25 / SEEDS) > 0.5


def test_warmup_raises_the_final_loss_if_the_run_is_stable_without_it():
    longer = trained(0.2, 160).loss[-1] - trained(0.2, 0).loss[-1]
    assert longer.mean() > SIGMAS * longer.std() / np.sqrt(SEEDS)


def test_noise_helps_warmup_reach_lower_curvature():
    """Without noise the steps settle on steep ground and oscillate later: 80 steps save no seed, 160 most."""
    assert finite(trained(0.5, 80, noise=0.0)) == 0
    assert finite(trained(0.5, 160, noise=0.0)) > 0.5


def test_the_start_is_uniform_and_independent_of_the_noise():
    trace = trained(0.5, 0, start_u=2)
    first = Valley().start(np.arange(SEEDS))[1]
    assert np.all(np.abs(first) <= 0.3)
    ranks = np.sort((first + 0.3) / 0.6)
    assert np.abs(ranks - (np.arange(SEEDS) + 0.5) / SEEDS).max() < 1.95 / np.sqrt(SEEDS)  # Kolmogorov-Smirnov: 1 in 1,000
    u, v, _ = trace.path[0]
    noise = (u * v - 1 - (u - trace.path[1, 0]) / (trace.rates[0] * v)) / 0.1
    assert noise.std() == pytest.approx(1, abs=SIGMAS / np.sqrt(2 * SEEDS))
    for shape in (noise, np.abs(noise)):
        assert abs(np.corrcoef(shape, first)[0, 1]) < SIGMAS / np.sqrt(SEEDS)


def test_starts_of_seeds_differ_only_in_v():
    u, v, w = Valley(start_u=3).start(np.arange(5))
    assert u.tolist() == [3.0] * 5
    assert w.tolist() == [1.0] * 5
    assert len(set(v.tolist())) == 5


def test_loss_matches_values_computed_by_hand():
    np.testing.assert_allclose(Valley().loss(np.array([[3.0, 1.0], [1.0, 1.0], [1.0, 0.0]])), [0.5 * 4 + 0.01, 0], rtol=1e-15)
