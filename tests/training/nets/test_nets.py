"""The contract of every network."""

import threading
from dataclasses import fields
from importlib import import_module

import numpy as np
import pytest

from schedules import Run, Schedule
from schedules.policies.constant import Constant
from schedules.training.images import SHOWN, TRAINED, handwritten
from schedules.training.jobs import Jobs, Stopped
from schedules.training.nets import train
from schedules.training.optimizers import OPTIMIZERS
from schedules.training.optimizers.sgd import SGD
from schedules.training.problems import PROBLEMS
from schedules.training.runs import NetworkTrace
from schedules.training.verdict.stops import cut
from tests.boxes import corners
from tests.waiting import until

pytestmark = pytest.mark.network

NETS = [slug for slug, cls in PROBLEMS.items() if cls.as_job]
every_net = pytest.mark.parametrize("slug", NETS)


def lesson(slug):
    return import_module(f"schedules.training.nets.{slug}")


def setting(slug, steps=8, seeds=2, **changes):
    schedule = Schedule(peak_lr=0.02, total_steps=steps, warmup=0.25)
    return Run(problem=PROBLEMS[slug](), schedule=schedule, seeds=seeds).replace(**changes)


def measured(trace):
    """The arrays of a trace that have a last axis of seeds, by name."""
    of_network = {field.name: getattr(trace.network, field.name) for field in fields(NetworkTrace)}
    found = {"loss": trace.loss, "sharpness": trace.sharpness, "overflow_at": trace.overflow_at} | of_network
    return {name: values for name, values in found.items() if values is not None}


def same(a, b):
    ours, theirs = (measured(trace) | {"rates": trace.rates, "steps": trace.steps} for trace in (a, b))
    return ours.keys() == theirs.keys() and all(np.array_equal(ours[name], theirs[name], equal_nan=True) for name in ours)


@every_net
def test_class_facts_are_valid(slug):
    cls = PROBLEMS[slug]
    assert all(param.symbol for param in cls.params)
    assert 1 <= cls.default_steps <= cls().max_steps
    assert 1 <= cls.default_seeds <= cls().max_seeds
    assert cls.default_optimizer in OPTIMIZERS
    assert Schedule(peak_lr=cls.default_peak).peak_lr == cls.default_peak
    assert cls.drawing in ("images", "fit") and not cls.axes
    assert not cls.convex


@every_net
def test_the_size_is_the_number_of_parameters(slug):
    for problem in corners(PROBLEMS[slug], most=8):
        assert sum(p.numel() for p in lesson(slug).build(problem, 0).parameters()) == problem.size


@every_net
def test_chance_level_is_the_loss_of_the_best_constant_prediction(slug):
    """On the training set: a constant prediction, the class frequencies or the mean target."""
    import torch

    problem = PROBLEMS[slug]()
    data = lesson(slug).data(problem, 0)
    targets = data.targets[: data.trained]
    if targets.is_floating_point():
        answer = targets.mean().expand_as(targets)
    else:
        answer = (torch.bincount(targets) / len(targets)).log().expand(len(targets), 10)
    assert data.loss(answer, targets).item() == pytest.approx(problem.chance, rel=0.02)


@every_net
def test_each_seed_has_different_initial_weights_of_the_declared_scale(slug):
    weights = [lesson(slug).build(PROBLEMS[slug](), seed)[-1].weight.detach().numpy() for seed in (0, 1, 0)]
    assert np.array_equal(weights[0], weights[2])
    assert not np.array_equal(weights[0], weights[1])


@every_net
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_runs_at_the_corners_of_its_box(slug, optimizer):
    for corner in corners(OPTIMIZERS[optimizer], most=3):
        trace = train([setting(slug, steps=3, seeds=1, optimizer=corner)], sharpness_every=0)[0]
        assert trace.sharpness is None
        finite = trace.overflow_at[0] < 0
        assert np.isfinite(trace.network.batch_loss).all() == np.isfinite(trace.loss).all() == finite
        assert finite or np.isfinite(trace.loss[trace.steps < trace.overflow_at[0]]).all()


@every_net
def test_a_seed_in_a_batch_equals_that_seed_alone(slug):
    run = setting(slug)
    first, again = train([run])[0], train([setting(slug, steps=2), run])[1]
    assert same(first, again)
    alone = train([run.replace(seeds=1)])[0]
    assert measured(alone).keys() == measured(first).keys() > {"loss", "batch_loss", "answers"}
    for name, values in measured(alone).items():
        assert np.array_equal(values[..., 0], measured(first)[name][..., 0]), name
    assert len(set(first.loss[0])) == 2


def test_every_thread_trains_with_one_thread_of_pytorch():
    """The number belongs to the thread that calls: a test, a script and a job end with the same digits."""
    import torch

    before = torch.get_num_threads()
    job = threading.Thread(target=train, args=([setting(NETS[0], steps=1)],))
    job.start()
    job.join()
    try:
        torch.set_num_threads(2)
        train([setting(NETS[0], steps=1)])
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


@every_net
def test_first_seed_shifts_the_seeds(slug):
    both, second = train([setting(slug), setting(slug, seeds=1, first_seed=1)])
    assert np.array_equal(both.loss[:, 1:], second.loss) and np.array_equal(both.network.answers[:, 1:], second.network.answers)


@every_net
def test_each_step_uses_exactly_the_scheduled_rate(slug, monkeypatch):
    used, step = [], SGD.step

    def watched(*call):
        used.append(float(call[3][0]))
        step(*call)

    monkeypatch.setattr(SGD, "step", watched)
    run = setting(slug)
    trace = train([run])[0]
    assert used == np.repeat(run.schedule.lrs(), 2).tolist(), "the seeds take turns"
    assert trace.rates.tolist() == run.schedule.lrs().tolist()


@every_net
def test_a_trace_has_the_documented_shapes(slug):
    trace = train([setting(slug, steps=25)])[0]
    problem, data = trace.run.problem, lesson(slug).data(trace.run.problem, 0)
    assert trace.steps.tolist() == problem.measured_at(25).tolist()
    K = len(trace.steps)
    assert trace.network.batch_loss.shape == (25, 2)
    assert trace.overflow_at.tolist() == [-1, -1]
    assert trace.network.answers.shape == (len(data.shown), 2)
    assert trace.path is None
    names = not data.targets.is_floating_point()
    assert (trace.network.accuracy is not None) == (trace.network.train_accuracy is not None) == names
    assert (trace.network.test_loss is not None) == (len(data.inputs) > data.trained)
    for name, values in measured(trace).items():
        if name in ("loss", "test_loss", "accuracy", "train_accuracy"):
            assert values.shape == (K, 2) and np.isfinite(values).all()
    if names:
        assert ((trace.network.accuracy >= 0) & (trace.network.accuracy <= 1)).all()
        assert set(trace.network.answers.ravel()) <= set(range(10))
    checks = [*range(0, 25, problem.sharpness_every)] if problem.sharpness_every else None
    assert (None if trace.sharpness_steps is None else trace.sharpness_steps.tolist()) == checks
    assert checks is None or np.isfinite(trace.sharpness).all()


@every_net
def test_overflow_is_recorded_and_later_values_are_nan(slug, monkeypatch):
    """One step is made 1e38 times larger."""
    step, shares = SGD.step, []

    def throws(self, theta, grad, *rest):
        rate, memory, t = rest
        step(self, theta, grad, rate * (1e38 if t == 7 else 1), memory, t)

    monkeypatch.setattr(SGD, "step", throws)
    trace = train([setting(slug, steps=12)], progress=shares.append, sharpness_every=4)[0]
    assert trace.overflow_at.tolist() == [8, 8]
    assert np.isfinite(trace.network.batch_loss).all(axis=1).tolist() == [t < 8 for t in range(12)]
    assert np.isfinite(trace.loss).all(axis=1).tolist() == [t < 8 for t in trace.steps]
    assert np.isfinite(trace.sharpness).all(axis=1)[:2].all()
    assert np.isnan(trace.network.answers).all()
    assert shares == sorted(shares)
    assert shares[-1] == 1


@every_net
def test_traces_on_the_way_are_the_beginning_of_the_final_ones(slug):
    """Also beside a shorter run with a probe, which goes on after its last step; watching changes no number."""
    run, probed = setting(slug, steps=24), setting(slug, schedule=Schedule(policy=Constant(), peak_lr=0.02, total_steps=12))
    seen = []
    final = train([run, probed], probed=[probed], watch=lambda steps, traces: seen.append((steps, traces())))
    assert [steps for steps, _ in seen] == list(range(1, 25))
    for steps, traces in seen:
        for trace, complete in zip(traces, final, strict=True):
            measured = complete.steps[complete.steps < steps]
            assert trace.steps.tolist() == measured.tolist()
            assert same(trace, cut(complete, int(measured[-1])))
    unseen = train([run, probed], probed=[probed])
    assert all(map(same, final, unseen)) and np.array_equal(final[1].probe, unseen[1].probe)


@every_net
def test_progress_is_reported_at_every_step(slug):
    shares = []
    train([setting(slug, steps=5)], progress=shares.append)
    assert shares == pytest.approx(np.arange(1, 11) / 10)


@every_net
def test_a_stop_request_ends_training_at_the_next_step(slug):
    asked = []

    def stop():
        asked.append(len(asked))
        return len(asked) == 3

    with pytest.raises(Stopped):
        train([setting(slug, steps=1_000, seeds=64)], stop=stop)
    assert len(asked) == 3


@every_net
def test_a_cancelled_training_leaves_no_thread(slug):
    jobs, before = Jobs(), set(threading.enumerate())
    job = jobs.submit("long", lambda progress, stop: train([setting(slug, steps=1_000, seeds=64)], progress, stop))
    until(lambda: job.poll().progress > 0)
    job.cancel()
    until(lambda: job.poll().state == "cancelled")
    until(lambda: set(threading.enumerate()) <= before)


@every_net
def test_measuring_the_sharpness_does_not_change_the_training(slug):
    plain, watched = (train([setting(slug, steps=4, seeds=1)], sharpness_every=every)[0] for every in (0, 2))
    assert np.array_equal(plain.network.batch_loss, watched.network.batch_loss)
    assert watched.sharpness.shape == (2, 1)
    assert watched.sharpness_steps.tolist() == [0, 2]


# Few digits, wrong labels


def few(images=200, wrong=0.2, seed=0):
    problem = PROBLEMS["few_digits"](images=images, wrong=wrong)
    return lesson("few_digits").data(problem, seed)


def test_few_digits_has_the_declared_numbers_of_images_and_wrong_labels():
    """Images are identified by their pixels: no two of the digits are equal."""
    gray, truth = handwritten()
    everything = lesson("digits").digits()
    names = {image.tobytes(): int(label) for image, label in zip(everything.inputs.numpy(), truth, strict=True)}
    assert len(names) == len(gray)
    for images, wrong in ((50, 0.0), (200, 0.2), (TRAINED, 0.5)):
        data = few(images, wrong)
        right = np.array([names[image.tobytes()] for image in data.inputs.numpy()]) == data.targets.numpy()
        assert data.trained == images == len(data.inputs) - 360
        assert (~right[:images]).sum() == int(wrong * images + 0.5)
        assert right[images:].all()
        tested = {image.tobytes() for image in everything.inputs[TRAINED:].numpy()}
        assert not tested & {image.tobytes() for image in data.inputs[:images].numpy()}


def test_few_digits_are_drawn_anew_for_each_seed():
    first, again, other = few(), few(), few(seed=1)
    assert np.array_equal(first.inputs, again.inputs) and np.array_equal(first.targets, again.targets)
    assert not np.array_equal(first.inputs[:200], other.inputs[:200])
    assert np.array_equal(first.inputs[200:], other.inputs[200:])
    more, fewer_wrong = few(images=400), few(wrong=0.1)
    assert np.array_equal(more.inputs[:200], first.inputs[:200])
    assert ((first.targets != few(wrong=0).targets) >= (fewer_wrong.targets != few(wrong=0).targets)).all()


def test_the_predictions_shown_are_for_the_test_images():
    run = setting("digits", steps=110, seeds=2, schedule=Schedule(policy=Constant(), peak_lr=0.2, total_steps=110))
    trace = train([run])[0]
    _, labels = handwritten()
    right = (trace.network.answers == labels[TRAINED : TRAINED + SHOWN, None]).mean()
    assert right == pytest.approx(trace.network.accuracy[-1].mean(), abs=0.2)
    assert right > 0.6
