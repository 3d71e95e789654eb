"""The five figures of the chapter "Learning Rate Scheduling" of "Dive into Deep Learning", and the rates that its runs used.

The published notebooks plot a schedule and then train with the same object. Where that object keeps a state, or is read at
another moment, the run has other rates than the figure:

* PyTorch: the training loop reads a schedule after each epoch, so every epoch has the value of the one before, and the first
  one the rate that the optimizer was made with. `MultiStepLR` was stepped 30 times for the figure, past both milestones.
* TensorFlow: a schedule is read at the start of each epoch. The object with several factors keeps the rate that
  plotting left.
* MXNet: a schedule is read at each minibatch, 235 an epoch. The steps below count minibatches from 0.

The run with a constant rate, 0.3, is the same in all of them. The curve of one factor is plotted, and no run uses it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, get_args

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.spec import Source
from schedules.real_run.mix_ups import with_mix_up
from schedules.real_run.pieces import Piece, UsedCurve
from schedules.recipes import D2L, RECIPES
from schedules.schedule import Schedule
from schedules.units import Units
from schedules.words import Sentence, say

Framework = Literal["pytorch", "tensorflow", "mxnet"]
"""The frameworks that the chapter is published for, with outputs."""
FRAMEWORKS: tuple[Framework, ...] = get_args(Framework)
EPOCHS, MINIBATCHES = 30, 235
"""Epochs of each run, and minibatches of each epoch."""
LAST_MILESTONE = 30
"""The count after which the schedule of several factors no longer changes."""
CONSTANT = 0.3
"""Rate of the chapter's first run."""
NOTEBOOKS = Source(
    "d2l-ai",
    2023,
    "Executed notebooks of the chapter",
    "github.com/d2l-ai/d2l-pytorch-colab, d2l-tensorflow-colab, d2l-en-colab: chapter_optimization/lr-scheduler.ipynb",
)
SOURCES = D2L, NOTEBOOKS
"""Sources of the figures and of what the runs used."""


class Used(NamedTuple):
    """The rates of a published run.

    Attributes:
        rates: shape (K,), one per epoch or per minibatch.
        at: the epoch at which each of them begins to hold, shape (K,).
    """

    rates: FloatArray
    at: FloatArray


@dataclass(frozen=True, slots=True)
class ChapterFigure:
    """One of the figures, by the name of its recipe without "d2l_"."""

    slug: str

    @property
    def schedule(self) -> Schedule:
        """The schedule with the chapter's numbers, one step per epoch."""
        return RECIPES[f"d2l_{self.slug}"].opened

    @property
    def plotted(self) -> FloatArray:
        """The plotted rates, one per epoch."""
        return self.schedule.lrs()

    def used(self, framework: Framework) -> Used | None:
        """The rates that the published run of a framework used; None for the figure that no run belongs to."""
        if self.slug == "factor":
            return None
        if framework == "mxnet":
            return self._by_minibatch()
        rates = self.plotted
        if self.slug == "multi_factor":
            rates = np.full(EPOCHS, self.schedule(LAST_MILESTONE)) if framework == "pytorch" else 0.5 * rates
        elif framework == "pytorch":
            first = 0.1 if self.slug == "square_root" else CONSTANT
            rates = np.concatenate([[first], rates[:-1]])
        return Used(rates, np.arange(EPOCHS, dtype=np.float64))

    def _by_minibatch(self) -> Used:
        """The rates of a run that reads the schedule at each minibatch."""
        steps = np.arange(EPOCHS * MINIBATCHES)
        if self.slug == "multi_factor":  # before that, plotting has changed the rate of the object as well
            steps = steps[LAST_MILESTONE:]
            return Used(np.full(len(steps), self.schedule(LAST_MILESTONE)), steps / MINIBATCHES)
        return Used(self.schedule(steps), steps / MINIBATCHES)

    def as_plotted(self, framework: Framework) -> bool | None:
        """True if the run of a framework used the plotted rates; None for the figure that no run belongs to."""
        found = self.used(framework)
        return None if found is None else np.array_equal(found.rates, self.plotted)


FIGURES = tuple(map(ChapterFigure, ("square_root", "factor", "multi_factor", "cosine", "warmup_cosine")))
"""The figures in the chapter's order."""


def changed(framework: Framework) -> int:
    """Number of runs with a schedule that a framework did not train at the plotted rates."""
    return sum(figure.as_plotted(framework) is False for figure in FIGURES)


CHAPTER_UNITS = Units(samples=60_000, batch=256, epochs=EPOCHS)
"""The chapter's data, batch and epochs: 235 minibatches an epoch, one device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A published run whose rates are not those of its figure.

    Attributes:
        figure: the figure that shows the intended rates.
        framework: the framework of the run.
        intended: the schedule of the figure; a step is an epoch, for MXNet a minibatch.
        used: the rates of the run, in the same steps.
        mix_up: the mix-up that gives these rates, one of `MIX_UPS`; "" if none of them does.
    """

    figure: ChapterFigure
    framework: Framework
    intended: Schedule
    used: UsedCurve
    mix_up: str = ""

    @property
    def sentence(self) -> Sentence:
        """A sentence about the used rates, and why they are used."""
        return say(f"chapter.{self.framework}.{self.figure.slug}")


def exhibits() -> tuple[Exhibit, ...]:
    """The published runs with other rates than plotted, by framework and figure.

    Left out is MXNet's run with several factors: the rates of its first minibatches are not known.
    """
    found = (_exhibit(figure, framework) for framework in FRAMEWORKS for figure in FIGURES if not figure.as_plotted(framework))
    return tuple(exhibit for exhibit in found if exhibit)


def _exhibit(figure: ChapterFigure, framework: Framework) -> Exhibit | None:
    used, schedule = figure.used(framework), figure.schedule
    several = figure.slug == "multi_factor"
    if used is None or (framework == "mxnet" and several):
        return None
    piece, mix_up = Piece(schedule=schedule, start=0, end=EPOCHS), ""
    if framework == "mxnet":
        mix_up = "epochs_as_steps"
        schedule = schedule.scaled(steps=MINIBATCHES).replace(total_steps=EPOCHS * MINIBATCHES, update_every=MINIBATCHES)
        curve = with_mix_up(schedule, CHAPTER_UNITS, mix_up)
    elif several and framework == "pytorch":
        mix_up = "used_before"
        curve = with_mix_up(schedule, CHAPTER_UNITS, mix_up)
    elif several:
        curve = UsedCurve((replace(piece, scale=0.5),))
    else:  # read after each epoch
        curve = UsedCurve((replace(piece, end=1, scale=0, base=float(used.rates[0])), replace(piece, start=1, origin=1)))
    return Exhibit(figure=figure, framework=framework, intended=schedule, used=curve, mix_up=mix_up)
