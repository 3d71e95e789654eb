"""The digits network: results of a small training, and agreement with a plain PyTorch loop."""

import hashlib
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import schedules
from schedules import POLICIES, Run, Schedule
from schedules.training.engine import simulate
from schedules.training.jobs import Stopped
from schedules.training.nets import digits, loop, train
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.optimizers.sgd import SGD
from schedules.training.problems.digits import Digits
from schedules.training.verdict.judge import judge
from schedules.training.verdict.rules import Kind
from tests.training.cases import descent

pytestmark = pytest.mark.network

DATA = Path(schedules.__file__).parent / "training" / "data"

COLUMNS = {
    ("constant", 0.003): ((1.984, 0.137), (0.307, 0.081)),
    ("constant", 0.2): ((0.239, 0.226), (0.892, 0.072)),
    ("constant", 0.8): ((2.204, 0.294), (0.137, 0.132)),
    ("cosine", 0.003): ((2.177, 0.095), (0.208, 0.055)),
    ("cosine", 0.2): ((0.273, 0.140), (0.890, 0.046)),
    ("cosine", 0.8): ((1.970, 0.683), (0.218, 0.272)),
}
"""(mean, standard deviation) of the final loss and of the final test accuracy, over 64 seeds of plain SGD."""
WIDTH = 4 * np.sqrt(1 / 8 + 1 / 64)
"""Four standard errors of the difference between a mean over 8 seeds and one over 64: another machine rounds differently, which
at 0.8 changes whether a seed fails for one in ten."""


def ends(trace):
    """Final loss and test accuracy of each seed; a seed that overflowed counts as chance level."""
    overflowed = trace.overflow_at >= 0
    return np.where(overflowed, Digits.chance, trace.loss[-1]), np.where(overflowed, 0.1, trace.network.accuracy[-1])


def setting(policy="cosine", peak=0.2, steps=110, seeds=1, **more):
    schedule = Schedule(policy=POLICIES[policy](), peak_lr=peak, total_steps=steps)
    return Run(problem=Digits(), schedule=schedule, seeds=seeds, **more)


@cache
def column(policy, peak):
    return train([setting(policy, peak, seeds=8)])[0]


@pytest.mark.parametrize(("policy", "peak"), COLUMNS)
def test_a_small_rate_stalls_a_medium_rate_trains_and_a_large_rate_fails(policy, peak):
    for found, (mean, deviation) in zip(ends(column(policy, peak)), COLUMNS[policy, peak], strict=True):
        assert found.mean() == pytest.approx(mean, abs=WIDTH * deviation)


@pytest.mark.parametrize("policy", ["constant", "cosine"])
def test_small_medium_and_large_rates_get_three_different_verdicts(policy):
    """At chance level the loss is ln 10 = 2.3 and the accuracy one in ten."""
    stalled, trained, failed = (column(policy, peak) for peak in (0.003, 0.2, 0.8))
    kinds = [judge(trace, None).kind for trace in (stalled, trained, failed)]
    assert kinds == [Kind.STALLED, Kind.IMPROVING, Kind.DIVERGED]
    assert ends(stalled)[0].mean() > 0.75 * Digits.chance
    assert ends(stalled)[1].mean() < 0.45
    assert ends(trained)[0].mean() < 0.25 * Digits.chance
    assert ends(trained)[1].mean() > 0.8
    assert np.median(ends(failed)[0]) > 0.99 * Digits.chance
    assert np.median(ends(failed)[1]) < 0.15


@pytest.mark.parametrize(
    ("peak", "momentum", "fails"), [(3e-4, 0, False), (0.003, 0.9, False), (0.5, 0.5, True), (0.3, 0.9, True)]
)
def test_a_seed_at_chance_level_has_failed(monkeypatch, peak, momentum, fails):
    """A slow seed may end at as high a loss. Some failed seeds still classify a few digits, and are at chance level on the
    others.
    """
    import torch

    answers, measure = {}, loop._Net.evaluate

    def watched(net):
        with torch.no_grad():
            answers[net] = len(set(net._net(net.data.inputs).argmax(dim=1).tolist()))
        return measure(net)

    monkeypatch.setattr(loop._Net, "evaluate", watched)
    trace = train([setting("constant", peak, seeds=8, optimizer=descent(momentum))])[0]
    silent = np.array([count == 1 for count in answers.values()])
    failed = np.array([end is None for end in judge(trace, None).ends])
    assert silent.any() == failed.any() == fails
    assert failed[silent].all()
    assert (ends(trace)[1][failed] < 0.4).all()


def test_the_network_has_the_declared_number_of_parameters():
    assert sum(p.numel() for p in digits.build(Digits(), 0).parameters()) == Digits.size == 3_350


def test_each_step_uses_exactly_the_scheduled_rate(monkeypatch):
    used = []
    step = SGD.step

    def watched(*call):
        *_, rate, _, t = call
        used.append((t, float(rate[0])))
        step(*call)

    monkeypatch.setattr(SGD, "step", watched)
    run = setting(steps=40, seeds=2).replace(schedule=Schedule(peak_lr=0.3, total_steps=40, warmup=0.25, cooldown=0.1))
    trace = train([run])[0]
    planned = run.schedule.lrs().tolist()
    assert used == [step for step in enumerate(planned) for _ in range(2)], "the seeds train in turns"
    assert trace.rates.tolist() == planned


def test_pooling_is_the_same_with_and_without_a_gradient():
    import torch

    for layer in (layer for layer in digits.build(Digits(), 0) if isinstance(layer, torch.nn.MaxPool2d)):
        x = torch.randn(5, 6, 8, 8, generator=torch.Generator().manual_seed(0))
        pooled = layer(x)
        assert torch.equal(pooled, torch.nn.functional.max_pool2d(x, 2))
        with torch.no_grad():
            assert torch.equal(layer(x), pooled)


def test_training_matches_a_plain_pytorch_loop():
    """torch.optim.SGD trains the same network on the same batches; float32 rounding of 1e-7 per step grows."""
    import torch

    run = setting(steps=40, optimizer=descent(0.9), peak=0.05)
    net, data = digits.build(Digits(), 0), digits.digits()
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0, momentum=0.9)
    losses = []
    for rate, batch in zip(run.schedule.lrs(), loop._batches(0, 64, data.trained), strict=False):
        for group in optimizer.param_groups:
            group["lr"] = rate
        chosen = torch.from_numpy(batch)
        loss = torch.nn.functional.cross_entropy(net(data.inputs[chosen]), data.targets[chosen])
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    trace = train([run])[0]
    assert trace.network.batch_loss[:, 0] == pytest.approx(losses, rel=1e-4)
    right = net(data.inputs[data.trained :]).argmax(dim=1) == data.targets[data.trained :]
    assert trace.network.accuracy[-1, 0] == pytest.approx(right.double().mean().item(), abs=0.01)


def same(a, b):
    pairs = [(getattr(a, name), getattr(b, name)) for name in ("rates", "steps", "loss", "overflow_at")]
    pairs += [(getattr(a.network, name), getattr(b.network, name)) for name in ("accuracy", "batch_loss")]
    return all(np.array_equal(x, y, equal_nan=True) for x, y in pairs)


def test_a_network_run_in_a_batch_equals_that_run_alone():
    run = setting(steps=30, seeds=3)
    first, again = train([run])[0], train([setting("constant", steps=7), run])[1]
    assert same(first, again)
    alone = train([run.replace(seeds=1)])[0]
    assert np.array_equal(alone.loss[:, 0], first.loss[:, 0])
    assert np.array_equal(alone.network.batch_loss[:, 0], first.network.batch_loss[:, 0])
    assert len(set(first.loss[0])) == 3, "each seed starts from its own weights"


def test_a_longer_run_continues_through_more_epochs():
    short, long = (train([setting("constant", 0.1, steps=steps)])[0] for steps in (30, 50))
    assert np.array_equal(long.network.batch_loss[:30], short.network.batch_loss)


def test_an_epoch_uses_each_image_at_most_once_in_a_new_order():
    batches = np.stack(list(islice(loop._batches(3, 64, 1437), 44)))
    epochs = batches.reshape(2, 22 * 64)
    assert all(len(set(epoch)) == 22 * 64 for epoch in epochs.tolist())
    assert (epochs >= 0).all()
    assert (epochs < 1437).all()
    assert not np.array_equal(*epochs)
    assert not np.array_equal(batches[0], next(loop._batches(4, 64, 1437)))


@pytest.mark.parametrize("steps", [1, 2, 11, 23, 110, 1_100])
def test_loss_is_measured_at_the_start_at_half_time_and_at_the_end(steps):
    at = Digits().measured_at(steps)
    assert at[0] == 0
    assert at[-1] == steps
    assert steps // 2 in at
    assert (np.diff(at) > 0).all()
    assert (np.diff(at) <= Digits.measure_every).all()


def test_a_trace_has_the_documented_shapes():
    trace = train([setting(steps=25, seeds=2)])[0]
    K = len(trace.steps)
    assert trace.loss.shape == trace.network.accuracy.shape == (K, 2)
    assert trace.network.batch_loss.shape == (25, 2)
    assert trace.overflow_at.tolist() == [-1, -1]
    assert trace.path is None
    assert ((trace.network.accuracy >= 0) & (trace.network.accuracy <= 1)).all()


def finite_until_overflow(trace):
    for seed, overflowed in enumerate(trace.overflow_at):
        end = overflowed if overflowed >= 0 else len(trace.rates) + 1
        assert np.array_equal(np.isfinite(trace.loss[:, seed]), trace.steps < end)
        assert np.array_equal(np.isfinite(trace.network.accuracy[:, seed]), trace.steps < end)
        assert np.array_equal(np.isfinite(trace.network.batch_loss[:, seed]), np.arange(len(trace.rates)) < end)


@pytest.mark.parametrize(("thrown", "overflowed"), [(7, 8), (10, 11), (29, 30)])
def test_overflow_is_recorded_and_later_values_are_nan(monkeypatch, thrown, overflowed):
    """No rate in the box overflows (see below), so one step of each seed is made 1e38 times larger."""
    step, shares = SGD.step, []

    def throws(self, theta, grad, *rest):
        rate, memory, t = rest
        step(self, theta, grad, rate * (1e38 if t == thrown else 1), memory, t)

    monkeypatch.setattr(SGD, "step", throws)
    trace = train([setting(steps=30, seeds=2)], progress=shares.append)[0]
    assert trace.overflow_at.tolist() == [overflowed, overflowed]
    finite_until_overflow(trace)
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("momentum", [0.0, 0.99])
def test_the_largest_rate_does_not_overflow_and_is_recorded(momentum):
    largest = Schedule.param("peak_lr").high
    trace = train([setting("constant", largest, seeds=2, optimizer=descent(momentum))])[0]
    finite_until_overflow(trace)
    assert np.nanmax(trace.network.batch_loss) > 1_000 * trace.loss[0].max()


@pytest.mark.parametrize("slug", OPTIMIZERS)
def test_every_optimizer_trains_a_network(slug):
    trace = train([setting("constant", 0.01, steps=44, optimizer=OPTIMIZERS[slug]())])[0]
    assert trace.loss[-1, 0] < trace.loss[0, 0]


@pytest.mark.parametrize("batch", Digits.param("batch").corners())
def test_every_batch_size_trains(batch):
    run = setting(steps=2).replace(problem=Digits(batch=batch))
    assert np.isfinite(train([run])[0].loss).all()


def test_progress_rises_to_one_over_all_runs():
    shares = []
    train([setting(steps=5, seeds=2), setting(steps=10)], progress=shares.append)
    assert shares == pytest.approx(np.arange(1, 21) / 20)


def test_a_stop_request_ends_training_at_the_next_step():
    asked = []

    def stop():
        asked.append(len(asked))
        return len(asked) == 3

    with pytest.raises(Stopped):
        train([setting(steps=1_100, seeds=8)], stop=stop)
    assert len(asked) == 3


def test_network_trainer_refuses_analytic_problems():
    with pytest.raises(ValueError, match="not a network"):
        train([Run()])
    with pytest.raises(ValueError, match="is a network"):
        simulate([setting()])


def test_the_data_match_their_source_and_credit_it():
    file = DATA / "digits.npz"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e"
    images, labels = np.load(file)["images"], np.load(file)["labels"]
    assert (images.shape, images.dtype, images.min(), images.max()) == ((1797, 8, 8), np.uint8, 0, 16)
    assert (labels.shape, labels.dtype, labels.min(), labels.max()) == ((1797,), np.uint8, 0, 9)
    credit = (DATA / "README.md").read_text(encoding="utf-8")
    for word in ("Alpaydin", "Kaynak", "1998", "UCI", "Optical Recognition of Handwritten Digits", "CC BY 4.0"):
        assert word in credit
    assert "CC BY 4.0" in str(Digits.source)


def test_training_and_test_images_partition_the_data():
    inputs, labels, trained, *_ = digits.digits()
    assert trained == 1_437
    assert tuple(inputs.shape) == (1797, 1, 8, 8)
    assert inputs[:trained].mean().item() == pytest.approx(0, abs=1e-6)
    assert inputs[:trained].std(correction=0).item() == pytest.approx(1, rel=1e-6)
    raw = np.load(DATA / "digits.npz")
    gray = ((inputs - inputs.min()) * 16 / (inputs.max() - inputs.min())).round().to(int).reshape(1797, -1)
    given = sorted(zip(raw["images"].reshape(1797, -1).tolist(), raw["labels"].tolist(), strict=True))
    used = sorted(zip(gray.tolist(), labels.tolist(), strict=True))
    assert used == given
    counts = np.bincount(labels[trained:].numpy(), minlength=10)
    assert counts.min() >= 20, "every digit is in the test"
