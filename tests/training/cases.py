"""Runs and traces shared by the tests of verdicts and advice."""

from __future__ import annotations

import numpy as np

from schedules import POLICIES, Run, Schedule
from schedules.training.optimizers import Optimizer
from schedules.training.optimizers.momentum import Momentum
from schedules.training.optimizers.sgd import SGD
from schedules.training.predicted import predict
from schedules.training.problems import NetworkProblem, Problem
from schedules.training.problems._base import Effort
from schedules.training.problems.bowl import Bowl
from schedules.training.problems.language_model import LanguageModel
from schedules.training.problems.moons import Moons
from schedules.training.runs import NetworkTrace, Trace
from tests.boxes import sample

CONSTANT, COSINE = POLICIES["constant"](), POLICIES["cosine"]()


def descent(momentum: float) -> Optimizer:
    """Plain gradient descent if the momentum is 0, else the heavy ball."""
    return Momentum(momentum=momentum) if momentum else SGD()


def run(policy=CONSTANT, peak=0.18, steps=500, problem=None, *, momentum=0.0, seeds=8, **more) -> Run:
    schedule = Schedule(policy=policy, peak_lr=peak, total_steps=steps, **more)
    return Run(schedule=schedule, problem=problem or Bowl(), optimizer=descent(momentum), seeds=seeds)


def own(run: Run) -> Run:
    """The run that trains at the same rates, with a schedule whose peak is 1,024 times lower."""
    lower = run.schedule.peak_lr / 1024
    return run.replace(schedule=run.schedule.replace(peak_lr=lower), rate_scale=run.rate_scale * 1024)


def bowls(count: int, rng: np.random.Generator, seeds: int = 8) -> list[Run]:
    """Random runs on the bowl that vary every input of a verdict; a quarter constant, a quarter cosine, half any policy."""
    runs = []
    for i in range(count):
        momentum = float(rng.choice([0, 0, 0.5, 0.9]))
        slug = ("constant", "cosine", *rng.choice(list(POLICIES), 2))[i % 4]
        schedule = Schedule(
            policy=sample(POLICIES[slug], rng),
            peak_lr=10 ** rng.uniform(-4, -0.1) * (1 + momentum),
            total_steps=int(10 ** rng.uniform(2, 3)),
            warmup=float(rng.choice([0, 0, 0.05, 0.3])),
            cooldown=float(rng.choice([0, 0, 0.2])),
            horizon=float(rng.choice([1, 1, 1, 0.4, 2])),
        )
        problem = Bowl(
            condition=10 ** rng.uniform(0, 4),
            noise=float(rng.choice([0, 10 ** rng.uniform(-2, 0.3), 10 ** rng.uniform(-2, 0.3), 1])),
            start_x=rng.uniform(0.2, 4) * rng.choice([-1, 1]),
            start_y=rng.uniform(0.1, 2),
        )
        runs.append(Run(schedule=schedule, problem=problem, optimizer=descent(momentum), seeds=seeds))
    return runs


SIZES = (2, 2, 3, 3, 6, 6, 12, 12, 25, 50)
SHAPES = ("constant", "cosine", "linear", "factor", "square_root", "step", "cyclic", "warm_restarts")


def spectra(count: int, rng: np.random.Generator) -> list[Run]:
    """Random runs on bowls of 2 to 50 dimensions and every spectrum, under eight policies; sorted by what can share a batch."""
    runs = []
    for i in range(count):
        schedule = Schedule(
            policy=sample(POLICIES[SHAPES[i % len(SHAPES)]], rng),
            peak_lr=10 ** rng.uniform(-3.5, -0.1),
            total_steps=int(rng.integers(200, 1_001)),
            warmup=float(rng.choice([0, 0, 0.1])),
        )
        problem = Bowl(
            condition=10 ** rng.uniform(0, 4),
            noise=float(rng.choice([0, 1, rng.uniform(0, 1), rng.uniform(0, 1)])),
            dimensions=int(rng.choice(SIZES)),
            spectrum=str(rng.choice(["even", "easy", "hard"])),
            start_x=10 ** rng.uniform(-1, 0.6) * rng.choice([-1, 1]),
            start_y=10 ** rng.uniform(-1, 0.3),
        )
        runs.append(Run(schedule=schedule, problem=problem, seeds=8))
    return sorted(runs, key=lambda run: (run.problem.dimensions, run.problem.spectrum))


class Net(NetworkProblem):
    """A stand-in for a network, for traces with given losses."""

    title, chance = "A network", 2.3
    effort = Effort(step=0, row=1_000, loss=1_000, measurement=0, seen=1_000)


class Regression(Net):
    """A stand-in for a network that fits numbers, so that it has no chance level."""

    title, chance = "A network that fits numbers", 0.0


def net_trace(
    losses: list[float], batches: list[float], policy=CONSTANT, *, seeds: int = 3, probe=None, problem: Problem | None = None
) -> Trace:
    """The trace of a network with these measured losses and batch losses, the same for each seed.

    A probe is two losses: with the rate decayed to zero, and with the rate held.
    """
    schedule = Schedule(policy=policy, peak_lr=0.1, total_steps=len(batches))
    steps = np.linspace(0, len(batches), len(losses)).astype(np.int64)
    loss, batch = (np.tile(np.array(values)[:, None], seeds) for values in (losses, batches))
    overflowed = np.where(np.isfinite(loss[-1]), -1, 1)
    made = Run(schedule=schedule, problem=problem or Net(), seeds=seeds)
    probed = probe and np.tile(np.array(probe)[:, None], seeds)
    seen = None if problem else np.full(loss.shape, 0.25)
    network = NetworkTrace(batch, accuracy=seen)
    return Trace(made, schedule.lrs(), steps, loss, overflowed, network=network, probe=probed)


WIGGLE = [0.04, -0.03, 0.05, -0.05, 0.02]


def falling(start: float, end: float, count: int) -> list[float]:
    return np.geomspace(start, end, count).tolist()


NETS = {
    "slow": net_trace(falling(2.41, 2.27, 11), [2.35 + w for w in WIGGLE * 22]),
    "failed": net_trace([2.41, 2.31, *[2.30] * 9], [2.41, 2.6, 7.75, *[2.31] * 107]),
    "failed below its start": net_trace([3.0, 2.31, *[2.30] * 9], [3.0, 2.6, 7.75, *[2.31] * 107]),
    "slow above guessing": net_trace(falling(3.0, 2.52, 11), [2.8 + w for w in WIGGLE * 22]),
    "stuck at guessing": net_trace([2.62, 2.35, *[2.32] * 4, *[2.31] * 5], [2.32 + w for w in WIGGLE * 22]),
    "forgot": net_trace([2.41, *falling(2.3, 1.8, 5), *[2.31] * 5], [2.3 + w for w in WIGGLE * 22]),
    "learned": net_trace(falling(2.41, 0.18, 11), [1 + w for w in WIGGLE * 22], COSINE),
    "bouncing": net_trace([2.41, *[0.5, 0.2, 0.6, 0.3] * 10], [0.4 + w for w in WIGGLE * 22]),
    "overflowed": net_trace([2.41, *[float("nan")] * 10], [2.41, *[float("nan")] * 109]),
    "perfect": net_trace(falling(2.41, 1e-3, 11), [1 + w for w in WIGGLE * 22]),
    "half way": net_trace(falling(2.41, 1.6, 11), [1 + w for w in WIGGLE * 22]),
    "flat": net_trace([2.41, *[2.4] * 10], [2.4 + w for w in WIGGLE * 22]),
    "probed, noise": net_trace(falling(2.41, 0.4, 11), [1 + w for w in WIGGLE * 22], probe=(0.2, 0.38)),
    "probed, no noise": net_trace([2.41, *[0.5, 0.2, 0.6, 0.3] * 10], [0.4 + w for w in WIGGLE * 22], probe=(0.28, 0.3)),
    "above": net_trace([2.41, *[2.44] * 10], [2.4 + w for w in WIGGLE * 22]),
}


WRONG_LABELS = [
    net_trace([0.71, 0.7, *[end] * 9], [0.71, 0.75, 7.75, *[end] * 107], problem=Moons(flipped=0.4))
    for end in (0.674, 0.692, 0.8)
]
"""Networks whose labels cost 0.673 if they are not memorized, where guessing costs 0.693."""


def fitting(*losses: float) -> Trace:
    return net_trace([*losses], [1.0] * (len(losses) - 1), problem=Regression())


BOUNDED = {
    "held up": fitting(1.0, *[90.0, 120.0, 70.0, 150.0] * 10),
    "held up without a wiggle": fitting(1.0, *[70.0] * 40),
    "noise just above the start": fitting(1.0, *[1.1, 3.5, 1.2, 2.6] * 10),
}
"""Networks whose loss a large rate keeps above its initial value."""
UNBOUNDED = {
    "came back": fitting(1.0, *[90.0] * 20, *falling(90, 0.4, 20)),
    "coming back": fitting(1.0, *falling(300, 1.5, 40)),
    "above at times": fitting(1.0, *[0.5, 3.5, 1.2, 2.6] * 10),
    "a little above": fitting(1.0, *[1.02] * 40),
    "overflowed": fitting(1.0, *[90.0] * 20, *[float("nan")] * 20),
}
"""Networks whose loss is not kept above its initial value by noise."""


def language_runs() -> list[Run]:
    """Runs that are predicted: below, above and like cosine, cosine to 10 %, short, restarts, no warm-up, almost no rate."""
    fixed = {"problem": LanguageModel(), "peak": LanguageModel.locked_peak, "seeds": 1, "warmup": 0.09}
    return [
        run(CONSTANT, steps=24_000, cooldown=0.2, **fixed),
        run(CONSTANT, steps=24_000, **fixed),
        run(COSINE, steps=24_000, **fixed),
        run(POLICIES["warm_restarts"](), steps=2_000, **fixed),
        run(POLICIES["warm_restarts"](), steps=24_000, **fixed),
        run(COSINE, steps=24_000, **fixed | {"warmup": 0}),
        run(POLICIES["cosine"](floor=0.1), steps=24_000, **fixed),
        run(POLICIES["factor"](gamma=0.5), steps=24_000, **fixed),
    ]


PREDICTED = predict(language_runs())
"""Their traces."""
