r"""Loss laws: the pre-training loss of a language model as a function of its learning rates.

With rates eta_0, eta_1, .. and S(t) = eta_0 + .. + eta_t, the warm-up included, the Multi-Power Law is

    L(t) = L0 + A S(t)^-a - B sum_{k=0..t} (eta_(k-1) - eta_k) [1 - (1 + C eta_k^-g (S(t) - S(k-1)))^-b].

The second term is the loss that is left after the sum of the rates so far. The third counts the rises of the rate, from 0 on
(eta_(-1) = 0, S(-1) = 0, so that a run without a warm-up counts as one that jumps to its peak), minus its falls: it is what a
rate that is still high adds to the loss, and a cool-down takes off. Here that part is called `added`.
The law of Tissue et al. is L(t) = L0 + A S(t)^-a - C (m_W + .. + m_t), m_k = l m_(k-1) + (eta_(k-1) - eta_k), with m = 0 up to
the end of the warm-up W.

The constants were fitted to runs at one peak, 3e-4: no law here spans peaks, knows divergence, or was fitted to a rate that
rises after the warm-up. Rates below `LOWEST_RATE` count as `LOWEST_RATE`.
Index t of a loss is the step whose rate is the last one taken, so the loss after N steps has index N - 1.

Sources: Luo et al. 2025, "A Multi-Power Law for Loss Curve Prediction Across Learning Rate Schedules", arXiv:2503.12811,
constants of github.com/thu-yao-01-luo/MultiPowerLaw, 8da9f19 (MIT); Tissue, Wang & Wang 2024, "Scaling Law with Learning Rate
Annealing", arXiv:2408.11029, constants fitted by this project to the same three training curves for each size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schedules.core.numbers import FloatArray

Indices = npt.NDArray[np.int64]

LOWEST_RATE = 3e-10
"""Rates below this count as this, because the law divides by a power of the rate."""
CALIBRATED_PEAK = 3e-4
"""Peak rate of all runs that the laws were fitted to."""
CALIBRATED_WARMUP = 2_160
"""Warm-up of these runs in steps."""
CALIBRATED_STEPS = (24_000, 72_000)
"""Fewest and most steps of these runs."""
CALIBRATED_FLOOR = 0.1
"""End of a cosine or a cool-down in these runs, over the peak."""
CALIBRATED_LOWEST = CALIBRATED_FLOOR * CALIBRATED_PEAK
"""Lowest rate of these runs after the warm-up."""
CALIBRATION = MappingProxyType(
    {"steps": CALIBRATED_STEPS[0], "warmup": CALIBRATED_WARMUP, "lowest": float(f"{CALIBRATED_LOWEST:.12g}")}
)
"""Fewest steps, warm-up and lowest rate of these runs, for sentences."""
BLOCKS = 600
"""Most groups of changes of the rate in the fast form."""
GROUPED = 10_000
"""Runs of up to this many steps are summed in full in the fast form: groups would save only a few milliseconds."""
FEW_TURNS = 10.0
"""Changes are put into groups if they add up to at most this many times the highest rate, as in five cycles."""


class Parts(NamedTuple):
    """A loss as a sum of two parts, shape (points,) each.

    `reached` is L0 + A S^-a, the loss that the sum of the rates has reached; `added` is what a rate that is still high adds.
    """

    reached: FloatArray
    added: FloatArray

    @property
    def loss(self) -> FloatArray:
        """The loss, shape (points,)."""
        return self.reached + self.added


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiPowerLaw:
    """Constants of the Multi-Power Law for one size of model; the names are those of the formula."""

    base: float
    A: float
    a: float
    B: float
    C: float
    b: float
    g: float

    def exact(self, rates: FloatArray, at: Indices) -> Parts:
        """The law by its full sum, at the steps `at`.

        Args:
            rates: the rate of each step, shape (T,).
            at: indices of steps, each in [0, T).
        """
        eta = _taken(rates)
        total = np.cumsum(eta)
        rises = np.diff(eta, prepend=0.0)
        changes = np.flatnonzero(rises)
        rises, before, scale = rises[changes], (total - eta)[changes], self._scale(eta[changes])
        counts = changes.searchsorted(at, side="right")
        added = [self._added(rises[:n], scale[:n] * (total[t] - before[:n])) for t, n in zip(at, counts, strict=True)]
        return Parts(self._reached(total[at]), np.array(added))

    def fast(self, rates: FloatArray, at: Indices) -> Parts:
        """The law for a chart, within 1e-3 of `exact`.

        In long runs with a few cycles at most the changes of the rate are put into at most `BLOCKS` groups. In other
        runs all of them are summed, in single precision: a rate with many cycles has more turns than there are groups.

        Args:
            rates: the rate of each step, shape (T,).
            at: indices of steps, each in [0, T), increasing.
        """
        eta = _taken(rates)
        total = np.cumsum(eta)
        if len(eta) <= GROUPED or np.abs(np.diff(eta, prepend=0.0)).sum() > FEW_TURNS * eta.max():
            return Parts(self._reached(total[at]), self._summed(eta, total, at))
        groups = _groups(eta, total, at)
        way = total[at][:, None] - groups.before
        x = np.where(groups.last <= at[:, None], self.C * groups.rate**-self.g * way, 0.0)
        left = (1 + x.astype(np.float32)) ** np.float32(-self.b)  # single precision is several times faster
        added = (1.0 - left.astype(np.float64)) @ groups.rise
        return Parts(self._reached(total[at]), self.B * added)

    def _summed(self, eta: FloatArray, total: FloatArray, at: Indices) -> FloatArray:
        """The field `added` of `Parts` by the full sum in single precision, whose logarithms are several times faster."""
        rises = np.diff(eta, prepend=0.0)
        changes = np.flatnonzero(rises)
        before, scale = (total - eta)[changes], self._scale(eta[changes]).astype(np.float32)
        small, room = rises[changes].astype(np.float32), np.empty(len(changes), np.float32)
        left = np.empty(len(at))
        for i, (t, n) in enumerate(zip(at, changes.searchsorted(at, side="right"), strict=True)):
            x = room[:n]
            x[:] = total[t] - before[:n]
            x *= scale[:n]
            x += 1
            np.log(x, out=x)
            x *= np.float32(-self.b)
            np.exp(x, out=x)
            x *= small[:n]
            left[i] = x.sum()
        return np.asarray(self.B * (eta[at] - left))

    def _scale(self, eta: FloatArray) -> FloatArray:
        """C eta^-g; exponential and logarithm are faster than a power."""
        return np.asarray(self.C * np.exp(-self.g * np.log(eta)))

    def _reached(self, total: FloatArray) -> FloatArray:
        return np.asarray(self.base + self.A * total**-self.a)

    def _added(self, rises: FloatArray, x: FloatArray) -> float:
        return self.B * float((rises * (1 - np.exp(-self.b * np.log(1 + x)))).sum())  # a dot product would use every core


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnealingLaw:
    """Constants of the law of Tissue et al. for one size of model; the names are those of the formula."""

    base: float
    A: float
    a: float
    C: float
    l: float = 0.998  # noqa: E741

    def loss(self, rates: FloatArray, warmup: int = 0) -> FloatArray:
        """The loss after each step, shape (T,).

        Args:
            rates: the rate of each step, shape (T,).
            warmup: steps at the start whose changes do not count.
        """
        eta = _taken(rates)
        drops = np.concatenate([[0.0], -np.diff(eta)])
        drops[:warmup] = 0
        momentum = _decaying_sum(drops, self.l)
        gained = (np.cumsum(drops) - self.l * momentum) / (1 - self.l)
        return np.asarray(self.base + self.A * np.cumsum(eta) ** -self.a - self.C * gained)


class _Groups(NamedTuple):
    """Changes of the rate in groups, all drops or all rises, shape (groups,) each.

    `last` is the last step of a group, `rise` the sum of its rises, negative for drops; `before` and `rate` are the means of
    S(k-1) and, geometrically, of eta_k, weighted with the size of the change.
    """

    last: Indices
    rise: FloatArray
    before: FloatArray
    rate: FloatArray


def _taken(rates: FloatArray) -> FloatArray:
    """The rates as the laws read them: at least `LOWEST_RATE`."""
    return np.maximum(np.asarray(rates, dtype=np.float64), LOWEST_RATE)


def _groups(eta: FloatArray, total: FloatArray, at: Indices) -> _Groups:
    """Group the changes: cut at the steps `at`, around jumps, and where an equal share of all change has passed.

    Change counts as the change of the rate and of its logarithm, half each, because the law has powers of both.
    """
    rises, logs = np.diff(eta, prepend=0.0), np.log(eta)
    size = np.abs(rises)
    share = _shares(size) + _shares(np.abs(np.diff(logs, prepend=logs[0])))
    quanta = max(BLOCKS - len(at), BLOCKS // 2) // 4
    passed = np.floor(np.cumsum(share) * quanta)
    cut = np.diff(passed, prepend=0) > 0
    jump = share * quanta > 1
    cut[1:] |= jump[:-1]
    cut[at[at < len(cut) - 1] + 1] = True
    keys = 2 * np.cumsum(cut) + (rises < 0)
    number = int(keys.max()) + 1
    weight = np.bincount(keys, size, number).astype(np.float64)
    held = weight > 0
    mean = np.where(held, weight, 1.0)
    before = np.bincount(keys, size * (total - eta), number) / mean
    rate = np.exp(np.bincount(keys, size * logs, number) / mean)
    last = np.zeros(number, np.int64)
    last[keys] = np.arange(len(eta))
    weight[1::2] *= -1
    return _Groups(last[held], weight[held], before[held], rate[held])


def _shares(values: FloatArray) -> FloatArray:
    """The values over their sum, or zeros."""
    total = values.sum()
    return values / total if total > 0 else values


CHUNK = 4_096
"""Steps in which a decaying sum is taken at once; `l`^-CHUNK must not overflow."""


def _decaying_sum(values: FloatArray, keep: float) -> FloatArray:
    """m_k = keep m_(k-1) + value_k, shape (T,), as scaled cumulative sums of chunks."""
    powers = keep ** np.arange(1.0, CHUNK + 1)
    found, carried = np.empty(len(values)), 0.0
    for start in range(0, len(values), CHUNK):
        part = values[start : start + CHUNK]
        decay = powers[: len(part)]
        found[start : start + CHUNK] = decay * (carried + np.cumsum(part / decay))
        carried = float(found[start + len(part) - 1])
    return found


class Gap(NamedTuple):
    """Loss of cosine minus that of linear WSD at the last logged point: by the law, and as measured."""

    law: float
    measured: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LossLaw:
    """Both laws for one size of model, and the errors of the first one.

    Attributes:
        name: the size as a word, such as "100M".
        law: the Multi-Power Law.
        second: the law of Tissue et al., a second opinion.
        cosine_error: end of the law minus the measured end, for cosine to 10 %.
        wsd_error: the same for WSD with a linear cool-down from step 20,000; the signs differ.
        tolerance: a difference between two schedules that is smaller counts as none.
        gap: difference of cosine and the same WSD run; the law overstates the gain of a cool-down.
    """

    name: str
    law: MultiPowerLaw
    second: AnnealingLaw
    cosine_error: float
    wsd_error: float
    tolerance: float
    gap: Gap

    @property
    def end_error(self) -> float:
        """The larger of the two measured end errors, without sign."""
        return max(abs(self.cosine_error), abs(self.wsd_error))


LOSS_LAWS: Mapping[str, LossLaw] = MappingProxyType(
    {
        "25M": LossLaw(
            name="25M",
            law=MultiPowerLaw(
                base=3.04045406, A=0.52468604, a=0.50786857, B=363.78751622, C=2.06560812, b=0.58279013, g=0.64142257
            ),
            second=AnnealingLaw(base=3.1521, A=0.5206, a=0.5048, C=0.7796),
            cosine_error=0.011,
            wsd_error=-0.010,
            tolerance=0.02,
            gap=Gap(0.048, 0.027),
        ),
        "100M": LossLaw(
            name="100M",
            law=MultiPowerLaw(
                base=2.6514477, A=0.60115152, a=0.45295811, B=437.9464276, C=2.13245612, b=0.59785199, g=0.65523644
            ),
            second=AnnealingLaw(base=2.7824, A=0.5999, a=0.4482, C=0.9370),
            cosine_error=0.011,
            wsd_error=-0.017,
            tolerance=0.03,
            gap=Gap(0.053, 0.026),
        ),
        "400M": LossLaw(
            name="400M",
            law=MultiPowerLaw(
                base=2.37474466, A=0.65421216, a=0.42878731, B=523.42464371, C=2.02462735, b=0.59350493, g=0.63472457
            ),
            second=AnnealingLaw(base=2.5181, A=0.6608, a=0.4148, C=1.1117),
            cosine_error=0.018,
            wsd_error=-0.024,
            tolerance=0.04,
            gap=Gap(0.056, 0.014),
        ),
    }
)
"""The laws by size of model; errors and gaps are those of the runs in `schedules.theory.law_runs`."""
