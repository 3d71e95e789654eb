"""Every policy compared with the torch scheduler of the same name, step by step.

The tolerance is 1e-12 of the largest rate: torch computes most of these by recursion, so its error grows with the steps and is
not small relative to a rate near zero.
"""

from __future__ import annotations

import numpy as np
import pytest
from torch.optim import lr_scheduler as torch_schedulers

from schedules import Cosine, Cyclic, Factor, Linear, MultiFactor, Polynomial, RangeTest, Schedule, Step, WarmRestarts
from tests.policies.torch_rates import torch_rates


def assert_agree(schedule: Schedule, make) -> None:
    theirs = torch_rates(make, schedule.peak_lr, schedule.total_steps)
    assert np.ptp(theirs) > 0, "the reference rate is constant, so the comparison shows nothing"
    assert np.abs(schedule.lrs() - theirs).max() <= 1e-12 * theirs.max()


@pytest.mark.parametrize("after_the_end", [0, 1, 2.5])
@pytest.mark.parametrize(("T_max", "peak_lr", "eta_min"), [(300, 0.1, 0.0), (301, 3.0, 0.3), (7, 1e-4, 1e-5), (1, 0.5, 0.1)])
def test_cosine(T_max, peak_lr, eta_min, after_the_end):
    steps = max(2, round((1 + after_the_end) * T_max))
    schedule = Schedule(
        policy=Cosine(floor=eta_min / peak_lr), peak_lr=peak_lr, total_steps=steps, horizon=T_max / steps, after="continue"
    )
    assert_agree(schedule, lambda opt: torch_schedulers.CosineAnnealingLR(opt, T_max=T_max, eta_min=eta_min))


@pytest.mark.parametrize("T_mult", [1, 2, 3])
@pytest.mark.parametrize(("T_0", "peak_lr", "eta_min"), [(10, 0.1, 0.001), (7, 2.0, 0.0), (64, 3e-4, 1e-6), (1, 1.0, 0.0)])
def test_warm_restarts(T_0, T_mult, peak_lr, eta_min):
    steps = 1_300
    policy = WarmRestarts(first_cycle=T_0 / steps, cycle_mult=T_mult, floor=eta_min / peak_lr)
    schedule = Schedule(policy=policy, peak_lr=peak_lr, total_steps=steps)

    def make(opt):
        return torch_schedulers.CosineAnnealingWarmRestarts(opt, T_0=T_0, T_mult=T_mult, eta_min=eta_min)

    if T_0 == T_mult == 1:  # every update is a restart
        assert np.array_equal(schedule.lrs(), torch_rates(make, peak_lr, steps))
    else:
        assert_agree(schedule, make)


@pytest.mark.parametrize(
    ("milestones", "gamma"), [([15, 30], 0.5), ([100], 0.1), ([50, 50, 200], 0.3), ([0, 40, 399], 0.9), ([0, 0, 1], 0.0)]
)
def test_multi_factor(milestones, gamma):
    steps = 400
    policy = MultiFactor(milestones=[m / steps for m in milestones], gamma=gamma)
    schedule = Schedule(policy=policy, peak_lr=0.5, total_steps=steps)
    if gamma == 0:  # the milestone at zero makes all rates zero
        assert not schedule.lrs().any()
        assert not torch_rates(lambda opt: torch_schedulers.MultiStepLR(opt, milestones, gamma), 0.5, steps).any()
    else:
        assert_agree(schedule, lambda opt: torch_schedulers.MultiStepLR(opt, milestones=milestones, gamma=gamma))


@pytest.mark.parametrize("gamma", [0.01, 0.5, 0.9, 0.99, 0.9999, 0.999999])
def test_factor(gamma):
    schedule = Schedule(policy=Factor(gamma=gamma), peak_lr=2.0, total_steps=2_000)
    assert_agree(schedule, lambda opt: torch_schedulers.ExponentialLR(opt, gamma=gamma))


@pytest.mark.parametrize("half_life", [1, 7.5, 100, 3e4])
def test_half_life(half_life):
    schedule = Schedule(policy=Factor(by="half_life", half_life=half_life), peak_lr=2.0, total_steps=2_000)
    assert_agree(schedule, lambda opt: torch_schedulers.ExponentialLR(opt, gamma=0.5 ** (1 / half_life)))


@pytest.mark.parametrize("gamma", [0.0, 0.1, 0.316, 0.5, 0.97])
@pytest.mark.parametrize(("step_size", "steps"), [(1, 700), (7, 700), (100, 700), (699, 700), (333, 1_000)])
def test_step(step_size, steps, gamma):
    schedule = Schedule(policy=Step(every=step_size / steps, gamma=gamma), peak_lr=0.3, total_steps=steps)
    assert_agree(schedule, lambda opt: torch_schedulers.StepLR(opt, step_size=step_size, gamma=gamma))


@pytest.mark.parametrize(("start", "end"), [(1, 0), (1 / 3, 1), (1e-4, 1), (0.9, 0.2), (1, 0.01)])
@pytest.mark.parametrize(("total_iters", "steps"), [(300, 300), (300, 400), (1_999, 2_000), (1, 3)])
def test_linear(start, end, total_iters, steps):
    schedule = Schedule(
        policy=Linear(start=start, end=end), peak_lr=0.4, total_steps=steps, horizon=total_iters / steps, after="continue"
    )
    assert_agree(
        schedule,
        lambda opt: torch_schedulers.LinearLR(opt, start_factor=start, end_factor=end, total_iters=total_iters),
    )


@pytest.mark.parametrize("start", [1e-6, 1e-4, 0.3])
def test_range_test(start):
    """One sweep is LinearLR's line, the other ExponentialLR with a factor above one, started at the low end."""
    steps, top = 500, 2.0
    line = Schedule(policy=RangeTest(start=start, shape="linear"), peak_lr=top, total_steps=steps)
    assert_agree(line, lambda opt: torch_schedulers.LinearLR(opt, start_factor=start, total_iters=steps))
    sweep = Schedule(policy=RangeTest(start=start), peak_lr=top, total_steps=steps)
    theirs = torch_rates(lambda opt: torch_schedulers.ExponentialLR(opt, gamma=(1 / start) ** (1 / steps)), start * top, steps)
    assert np.abs(sweep.lrs() - theirs).max() <= 1e-12 * theirs.max()


@pytest.mark.parametrize("power", [0.1, 0.5, 0.9, 1, 2, 3.5, 10])
@pytest.mark.parametrize(("total_iters", "steps"), [(300, 300), (300, 400), (1_999, 2_000), (1, 3)])
def test_polynomial(power, total_iters, steps):
    schedule = Schedule(policy=Polynomial(power=power), peak_lr=0.4, total_steps=steps, horizon=total_iters / steps)
    assert_agree(schedule, lambda opt: torch_schedulers.PolynomialLR(opt, total_iters=total_iters, power=power))


@pytest.mark.parametrize("mode", ["triangular", "triangular2", "exp_range"])
@pytest.mark.parametrize(("up", "down"), [(50, 50), (10, 70), (130, 3), (1, 1), (900, 900)])
@pytest.mark.parametrize("rates", [(0.001, 0.006, 0.9994), (0.0, 2.0, 0.97), (0.25, 0.5, 0.999999)])
def test_cyclic(mode, up, down, rates):
    steps, (base_lr, max_lr, gamma) = 1_200, rates
    policy = Cyclic(up=up / steps, down=down / steps, mode=mode, gamma=gamma, floor=base_lr / max_lr)
    schedule = Schedule(policy=policy, peak_lr=max_lr, total_steps=steps)

    def make(opt):
        return torch_schedulers.CyclicLR(
            opt, base_lr, max_lr, step_size_up=up, step_size_down=down, mode=mode, gamma=gamma, cycle_momentum=False
        )

    assert_agree(schedule, make)


@pytest.mark.parametrize("start_factor", [1e-3, 1 / 3, 1.0])
@pytest.mark.parametrize(("warmup", "steps", "eta_min"), [(5, 20, 0.01), (1, 200, 0.0), (500, 2_000, 0.03), (399, 400, 0.0)])
def test_warm_up_then_cosine(start_factor, warmup, steps, eta_min):
    peak_lr = 0.3
    schedule = Schedule(
        policy=Cosine(floor=eta_min / peak_lr),
        peak_lr=peak_lr,
        total_steps=steps,
        warmup=warmup / steps,
        warmup_start=start_factor,
    )

    def make(opt):
        ramp = torch_schedulers.LinearLR(opt, start_factor=start_factor, total_iters=warmup)
        decay = torch_schedulers.CosineAnnealingLR(opt, T_max=steps - warmup, eta_min=eta_min)
        return torch_schedulers.SequentialLR(opt, [ramp, decay], milestones=[warmup])

    if start_factor == 1 and warmup == steps - 1:  # no ramp, and one update of decay
        assert np.abs(schedule.lrs() - peak_lr).max() <= 1e-12 * peak_lr
    else:
        assert_agree(schedule, make)
