"""Run and Trace: the specification of a training run, and its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from schedules.core import tokens
from schedules.core.numbers import FloatArray
from schedules.core.params import nested, number
from schedules.core.spec import Spec, declared
from schedules.feedback import FEEDBACK, Feedback
from schedules.feedback.none import Planned
from schedules.policies.cosine import Cosine
from schedules.schedule import Schedule
from schedules.theory.loss_laws import LossLaw, Parts
from schedules.training.optimizers import OPTIMIZERS, Optimizer
from schedules.training.optimizers.sgd import SGD
from schedules.training.problems import PROBLEMS, AnalyticProblem, Problem, analytic
from schedules.training.problems.bowl import Bowl
from schedules.words import Sentence


@declared
class Run(Spec):
    """A schedule, a problem, an optimizer and seeds: the unit of links and caches.

    `Run()` is the first screen: a noisy bowl under a cosine with 10 % warm-up.
    """

    title = "Run"

    schedule: Schedule = nested(default=Schedule(policy=Cosine(), peak_lr=0.18, warmup=0.1), base=Schedule, flat=True)
    problem: Problem = nested(default=Bowl(), base=Problem, registry=PROBLEMS, doc="The problem to train on.")
    optimizer: Optimizer = nested(
        default=SGD(), base=Optimizer, registry=OPTIMIZERS, doc="The update rule, from the gradient to a step.", more=True
    )
    feedback: Feedback = nested(
        default=Planned(), base=Feedback, registry=FEEDBACK, doc="A rule that looks at the loss and acts on the planned rate."
    )
    seeds: int = number(
        default=8,
        low=1,
        high=2_500,
        scale="log",
        integer=True,
        unit="seeds",
        doc="Repetitions with their own noise, and on some problems their own start; the verdict is about most of them.",
        more=True,
    )
    first_seed: int = number(
        default=0,
        low=0,
        high=1_000_000,
        integer=True,
        doc="Number of the first seed; the others follow it. Another block of seeds has fresh noise.",
        more=True,
        hidden=True,
    )

    rate_scale: float = number(
        default=1.0,
        low=1e-14,
        high=1e14,
        scale="log",
        label="Rate scale",
        doc="Factor from the schedule's rates to the problem's; 1 where the problem trains at the schedule's rates.",
        more=True,
        hidden=True,
    )
    step_scale: float = number(
        default=1.0,
        low=1e-7,
        high=1e7,
        scale="log",
        label="Step scale",
        doc="Steps of the schedule for each step of the problem; 1 where the problem trains as many steps as the schedule has.",
        more=True,
        hidden=True,
    )

    @property
    def own(self) -> bool:
        """True if the schedule has a person's own numbers: the problem trains its shape at other rates or in other steps."""
        return self.rate_scale != 1 or self.step_scale != 1 or self.schedule.total_steps > self.problem.max_steps

    @property
    def trained_steps(self) -> int:
        """Steps that the problem trains: N_toy = round(N / step_scale), at least 1 and at most the problem's `max_steps`."""
        return int(min(max(round(self.schedule.total_steps / self.step_scale), 1), self.problem.max_steps))

    @property
    def trained_peak(self) -> float:
        """The peak rate at which the problem trains."""
        return self.rate_scale * self.schedule.peak_lr

    def planned_step(self, step: npt.ArrayLike) -> FloatArray:
        """The step of the schedule that a step of the problem reads, i N / N_toy; same shape, not rounded."""
        return np.asarray(step, dtype=np.float64) * self.schedule.total_steps / self.trained_steps

    def rates_at(self, step: npt.ArrayLike) -> FloatArray:
        """The rates at which the problem trains at these of its steps, also after its last one; same shape."""
        return self.rate_scale * self.schedule(self.planned_step(step))

    def cycle_ends(self) -> tuple[int, ...]:
        """The first steps of the problem after which the policy has completed a cycle; see `Schedule.cycle_ends`."""
        ends = self.schedule.cycle_ends()
        return tuple(dict.fromkeys(-(-end * self.trained_steps // self.schedule.total_steps) for end in ends))

    def trained_rates(self) -> FloatArray:
        """The rates at which the problem trains, shape (trained_steps,): the schedule's own rates while both scales are 1."""
        return self.rates_at(np.arange(self.trained_steps))

    @property
    def seed_numbers(self) -> range:
        """The numbers of the run's seeds; a seed has the same noise and the same start in every run."""
        return range(self.first_seed, self.first_seed + self.seeds)


def beside(run: Run, ghost: Schedule | Run) -> Run:
    """The run of a ghost, without a feedback rule: a schedule is read with the scales of the run, a run with its own."""
    schedule, scales = (ghost.schedule, ghost) if isinstance(ghost, Run) else (ghost, run)
    scaled = {"rate_scale": scales.rate_scale, "step_scale": scales.step_scale}
    return run.replace(schedule=schedule, feedback=Planned(), **scaled)


def usual_peak(problem: Problem, optimizer: Optimizer) -> float:
    """A reasonable peak: the problem's default, or that of the optimizer if it requires another scale."""
    proposed = optimizer.slug == problem.default_optimizer or optimizer.typical is None
    return problem.default_peak if proposed else optimizer.typical or problem.default_peak


def with_field(run: Run, key: str, value: Any) -> Run:
    """The run with one field changed; `key` as in links: `peak_lr`, `policy.floor`, `optimizer.momentum`, `problem.noise`.

    Raises:
        ValueError: the value is out of bounds, with the name of the field and its allowed range.
        KeyError: there is no such field.
    """
    holder, _, name = key.rpartition(".")
    if holder == "policy":
        policy = run.schedule.policy
        return run.replace(schedule=run.schedule.replace(policy=_changed(policy, name, value)))
    if holder in ("problem", "optimizer", "feedback"):
        return run.replace(**{holder: _changed(getattr(run, holder), name, value)})
    if any(param.name == key for param in Schedule.params):
        return run.replace(schedule=run.schedule.replace(**{key: value}))
    return _changed(run, key, value)


S = TypeVar("S", bound=Spec)


def _changed(spec: S, name: str, value: Any) -> S:
    if all(param.name != name for param in spec.params):
        raise KeyError(f"{type(spec).__name__} has no field {name!r}")
    return spec.replace(**{name: value})


def to_token(run: Run) -> str:
    """Encode the run as short readable text for links: `1~policy-factor~peak_lr-0.1`. Defaults of `Run()` are omitted."""
    return tokens.encode(run)


def from_token(text: str) -> tuple[Run, tuple[Sentence, ...]]:
    """Decode text into a run, with a notice for everything that was repaired; never raises.

    Old links have momentum as a field of SGD, the default optimizer, instead of an optimizer of its own; they are translated.
    """
    if "~optimizer-" not in text:
        text = text.replace("~optimizer.momentum-", "~optimizer-momentum~optimizer.momentum-")
    return tokens.decode(text, Run)


class Track(NamedTuple):
    """The parameters along a run, shape (K, P, S), and the problem that evaluates loss, gradient and curvature there."""

    problem: AnalyticProblem
    path: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class NetworkTrace:
    """The part of a trace that only networks have; NaN after a seed has overflowed.

    Attributes:
        batch_loss: the loss on each step's batch, shape (T, S).
        test_loss: the mean test loss, shape (K, S); None without a test set.
        accuracy: classifiers only: share of test images classified correctly, shape (K, S).
        train_accuracy: classifiers only: share of training images classified according to their labels, shape (K, S).
        answers: final outputs of each seed's network, shape (Q, S): the predicted digits of test images (see
            `schedules.training.images.shown`), or the values of a fitted curve; None for a run that was cut before its end.
    """

    batch_loss: FloatArray
    test_loss: FloatArray | None = None
    accuracy: FloatArray | None = None
    train_accuracy: FloatArray | None = None
    answers: FloatArray | None = None

    def cut(self, step: int, measurements: int, *, at_end: bool) -> NetworkTrace:
        """The part up to a step, with this many measurements; the answers are kept only if the step is the last one."""
        return NetworkTrace(
            batch_loss=self.batch_loss[:step],
            test_loss=None if self.test_loss is None else self.test_loss[:measurements],
            accuracy=None if self.accuracy is None else self.accuracy[:measurements],
            train_accuracy=None if self.train_accuracy is None else self.train_accuracy[:measurements],
            answers=self.answers if at_end else None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The part of a trace that only predicted runs have.

    Attributes:
        parts: the loss in two parts, shape (K,) each: what the sum of the rates has reached, and what a high rate adds.
        second: the loss by a second law, shape (K,).
        cosine: the loss of cosine to 10 % at the end of a run of the same length and warm-up.
        second_cosine: the same by the second law.
        law: the law, with its measured errors.
        outside: why the run is outside of what the law was fitted to: it is "short", "rises" after the warm-up, has another
            "warmup", or its rates are "low" for most of the run. The error of the law is known only where this is empty.
        climb: steps of the warm-up, or until the rate first stops rising where that is later.
    """

    parts: Parts
    second: FloatArray
    cosine: float
    second_cosine: float
    law: LossLaw
    outside: tuple[str, ...] = ()
    climb: int = 0

    def difference(self, loss: float) -> float:
        """A loss at the end minus that of cosine to 10 %; 0 if the law cannot resolve the difference."""
        over = loss - self.cosine
        return 0.0 if abs(over) < self.law.tolerance else over


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The result of one Run, over its S seeds and its T trained steps.

    Attributes:
        run: the run.
        rates: the rate of each step, shape (T,); under a feedback rule the mean over the seeds.
        steps: the steps at which the loss was measured, shape (K,); 0 is before the first update. Most problems measure
            every step (K = T + 1), the more expensive ones every few steps.
        loss: loss above the best attainable one, on networks the loss itself, shape (K, S); NaN after a seed has overflowed.
        path: parameters at these steps, shape (K, P, S); None for networks and other problems with many parameters.
        overflow_at: the first step at which a seed's loss passed 1e30 or was not finite, shape (S,); -1 if it never did.
        network: what only networks have; None for analytic problems.
        prediction: what only predicted runs have; None for runs that were trained.
        row_rates: under a feedback rule: the rate each step of each seed used, shape (T, S).
        sharpness: on request: the eigenvalue of largest magnitude of the Hessian of the training loss, shape (J, S); NaN after
            a seed has overflowed.
        sharpness_steps: the steps before which it was measured, shape (J,).
        probe: on request (see `schedules.training.probe`): the loss of each seed some steps after the end, with the rate
            decayed to zero and with the rate held, shape (2, S).
        end_state: on request: the parameters and the optimizer's arrays after the last step, shape (P, S) each.
        continuation: on request (see `schedules.training.probe`): the loss of each seed a fifth of the run later, with the
            rate decayed to zero and with the last rate held, and after as many more steps at that rate, shape (3, S); each is
            a mean over a twentieth of the run, but the first.
        next_rate: the planned rate of the step after the last; None under a feedback rule, or if it was not recorded.
        snapshots: on request, and without a path: the parameters of seed 0 at these steps, shape (K, P).
    """

    run: Run
    rates: FloatArray
    steps: npt.NDArray[np.int64]
    loss: FloatArray
    overflow_at: npt.NDArray[np.int64]
    path: FloatArray | None = None
    network: NetworkTrace | None = None
    sharpness: FloatArray | None = None
    sharpness_steps: npt.NDArray[np.int64] | None = None
    row_rates: FloatArray | None = None
    probe: FloatArray | None = None
    end_state: tuple[FloatArray, ...] | None = None
    continuation: FloatArray | None = None
    snapshots: npt.NDArray[np.float32] | None = None
    next_rate: float | None = None
    prediction: Prediction | None = None

    @property
    def track(self) -> Track | None:
        """The parameters along the run, from which limit, noise and angles follow; None if they were not recorded."""
        return None if self.path is None else Track(analytic(self.run.problem), self.path)

    @property
    def splits(self) -> bool:
        """True if the loss can be split over seeds into noise and distance still to go; if not, a probe is needed."""
        return self.path is not None and self.run.problem.convex and self.run.seeds > 1
