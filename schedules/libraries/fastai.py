"""fastai: fastai.callback.schedule.

Counting, read in fastai/callback/schedule.py at 0a049e8:

* Batch k of N reads the share k / N, in single precision, and pieces need not be whole steps. fit_one_cycle and fit_flat_cos
  end at lr / div_final one step after the run. fine_tune runs two of fit_one_cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np

from schedules.core.numbers import FloatArray
from schedules.core.quantities import Steps
from schedules.libraries._base import Library
from schedules.libraries._call import TOTAL_STEPS, Call, CallError, Read, Reader, Value, planned, steps
from schedules.libraries._curves import fitted, joined
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.delayed_exponential import DelayedExponential
from schedules.policies.one_cycle import OneCycle
from schedules.policies.polynomial import Polynomial
from schedules.policies.range_test import RangeTest
from schedules.policies.warm_restarts import WarmRestarts
from schedules.schedule import Schedule
from schedules.words import say

DEFAULT = 1e-3
"""Rate of a Learner that is given none."""
SHAPES: dict[str, Callable[[FloatArray, float], FloatArray]] = {
    "SchedLin": lambda x, power: x,
    "SchedCos": lambda x, power: (1 - np.cos(np.pi * x)) / 2,
    "SchedNo": lambda x, power: 0.0 * x,
    "SchedPoly": lambda x, power: x**power,
}


def batches(call: Call, epochs: float) -> int:
    """Batches of so many epochs; the batches of one epoch are asked for."""
    each = call.findings.ask("len(dls.train)", "count", call.line)
    return max(1, round(epochs * each))


def highest(call: Call, name: str) -> float:
    """The rate of a call: its own, the Learner's, or the default, which is said."""
    if call.has(name):
        return call.rate(name)
    if call.findings.peak is not None:
        return call.peak()
    call.note("default", level="info", name=name, value=DEFAULT)
    return DEFAULT


def one_cycle(call: Call) -> Read:
    """The end is a share of the peak, not of the start, and belongs to the step after the last one."""
    peak, div, final = highest(call, "lr_max"), call.number("div", 25.0), call.number("div_final", 1e5)
    return _cycle(call, "n_epoch", peak, call.number("pct_start", 0.25), (1 / div, 1 / final))


def constant(call: Call) -> Read:
    return planned(Constant(), highest(call, "lr"), batches(call, call.count("n_epoch", least=1)))


def flat_cosine(call: Call) -> Read:
    return _cycle(
        call, "n_epoch", highest(call, "lr"), call.number("pct_start", 0.75), (1.0, 1 / call.number("div_final", 1e5))
    )


def _cycle(call: Call, epochs: str, peak: float, share: float, ends: tuple[float, float]) -> Read:
    if not 0 < share < 1 or not all(0 < end <= 1 for end in ends):
        raise CallError(say("reading.between", name="pct_start", low=0, high=1, value=share))
    policy = OneCycle(climb=share, start=ends[0], end=max(ends[1], 1e-10), finish="one_step_after")
    return planned(policy, peak, batches(call, call.count(epochs, least=1)))


def fine_tune(call: Call) -> Read:
    """Frozen epochs up to the rate, then the other epochs at half of it; the rates of the last group of parameters."""
    rate, frozen = call.rate("base_lr", 2e-3), call.count("freeze_epochs", 1)
    share, div = call.number("pct_start", 0.3), call.number("div", 5.0)
    main: dict[str, Value] = {"n_epoch": call.count("epochs", least=1), "lr_max": rate / 2, "pct_start": share, "div": div}
    second = call.read(call.other("fit_one_cycle", main))
    if not frozen:
        return second
    first = call.read(call.other("fit_one_cycle", {"n_epoch": frozen, "lr_max": rate, "pct_start": 0.99}))
    length = first.planned or 1
    return fitted(call, joined([first, second], [length]), length + (second.planned or 1))


def restarts(call: Call) -> Read:
    """Cosines to zero."""
    count, length, growth = call.count("n_cycles", least=1), call.count("cycle_len", least=1), call.number("cycle_mult", 2.0)
    cycle = batches(call, length)
    total = cycle * (count if growth == 1 else (growth**count - 1) / (growth - 1))
    policy = WarmRestarts(first_cycle=steps(cycle), cycle_mult=growth)
    return planned(policy, highest(call, "lr_max"), round(total))


def range_test(call: Call) -> Read:
    start, end, count = call.rate("start_lr", 1e-7), call.rate("end_lr", 10.0), call.count("num_it", 100, least=2)
    return planned(RangeTest(start=start / end), end, count)


def annealed(call: Call) -> Read:
    """A curve over the run, which has to be known."""
    total, rates = _total(call), _shape(call)
    start, end = (float(each) for each in rates(np.array([0.0, 1.0])))
    return fitted(call, lambda k: rates(k / total), total, _annealed(call, start, end, total))


def _annealed(call: Call, start: float, end: float, total: int) -> Iterator[Schedule]:
    policies: dict[str, Callable[[], Policy]] = {
        "SchedCos": lambda: Cosine(floor=end / start),
        "SchedPoly": lambda: Polynomial(k=call.number("power"), floor=end / start),
        "SchedExp": lambda: DelayedExponential(hold=0.0, end=end / start),
        "combined_cos": lambda: OneCycle(
            climb=call.number("pct"),
            start=start / call.rate("middle"),
            end=max(1e-10, end / call.rate("middle")),
            finish="one_step_after",
        ),
    }
    if call.name in policies and start > 0:
        with suppress(ValueError):
            peak = call.rate("middle") if call.name == "combined_cos" else start
            yield Schedule(policy=policies[call.name](), peak_lr=peak, horizon=Steps(total))


def _total(call: Call) -> int:
    return call.findings.run_length(call.line) or max(1, round(call.findings.ask(TOTAL_STEPS, "count", call.line)))


def _shape(call: Call) -> Callable[[FloatArray], FloatArray]:
    """The rate as a function of the share of the run."""
    if call.name == "combined_cos":
        share, middle = call.number("pct"), call.rate("middle")
        first = _between("SchedCos", call.rate("start"), middle, 1.0)
        return _combined([share, 1 - share], [first, _between("SchedCos", middle, call.rate("end"), 1.0)])
    if call.name == "combine_scheds":
        shares, parts = call.numbers("pcts"), call.calls("scheds")
        if len(shares) != len(parts) or abs(sum(shares) - 1) > 1e-9:
            raise CallError(say("reading.shares", name="pcts"))
        return _combined(shares, [_shape(part) for part in parts])
    if call.name not in {*SHAPES, "SchedExp"}:
        raise CallError(say("reading.no_part", name=call.name, call="combine_scheds"))
    start = call.rate("start")
    return _between(call.name, start, call.rate("end", start), call.number("power", 1.0))


def _between(name: str, start: float, end: float, power: float) -> Callable[[FloatArray], FloatArray]:
    if name == "SchedExp":
        if start <= 0 or end <= 0:
            raise CallError(say("reading.zero", name=name))
        return lambda x: np.asarray(start * (end / start) ** x)
    shape = SHAPES[name]
    return lambda x: np.asarray(start + (end - start) * shape(x, power))


def _combined(shares: list[float], parts: list[Callable[[FloatArray], FloatArray]]) -> Callable[[FloatArray], FloatArray]:
    ends = np.cumsum([0.0, *shares])

    def rates(x: FloatArray) -> FloatArray:
        at = np.clip(np.searchsorted(ends, x, side="right") - 1, 0, len(parts) - 1)
        local = (x - ends[at]) / np.diff(ends)[at]
        return np.choose(at, [part(local) for part in parts]) if len(parts) < 32 else np.asarray([])

    return rates


READERS: dict[str, Reader] = {
    **dict.fromkeys((*SHAPES, "SchedExp", "combine_scheds", "combined_cos"), annealed),
    "Learner.fit": constant,
    "fit_one_cycle": one_cycle,
    "fine_tune": fine_tune,
    "fit_flat_cos": flat_cosine,
    "fit_sgdr": restarts,
    "lr_find": range_test,
    "LRFinder": range_test,
}


LIBRARY = Library(
    rank=14,
    version="2.8.12",
    source="github.com/fastai/fastai, fastai/callback/schedule.py",
    signatures={
        "SchedLin": ("start", "end"),
        "SchedCos": ("start", "end"),
        "SchedNo": ("start", "end"),
        "SchedExp": ("start", "end"),
        "SchedPoly": ("start", "end", "power"),
        "combine_scheds": ("pcts", "scheds"),
        "combined_cos": ("pct", "start", "middle", "end"),
        "fit_one_cycle": ("n_epoch", "lr_max", "div", "div_final", "pct_start"),
        "fine_tune": ("epochs", "base_lr", "pct_start", "div"),
        "fit_flat_cos": ("n_epoch", "lr", "div_final", "pct_start"),
        "fit_sgdr": ("n_cycles", "cycle_len", "lr_max", "cycle_mult"),
        "LRFinder": ("start_lr", "end_lr", "num_it", "stop_div"),
        "lr_find": ("start_lr", "end_lr", "num_it", "stop_div"),
    },
    cards={
        "SchedLin": ("linear",),
        "SchedCos": ("cosine",),
        "SchedNo": ("constant",),
        "SchedExp": ("factor", "delayed_exponential"),
        "SchedPoly": ("polynomial",),
        "combine_scheds": ("knots",),
        "combined_cos": ("one_cycle",),
        "fit_one_cycle": ("one_cycle", "one_cycle_fastai"),
        "fine_tune": ("one_cycle", "one_cycle_fastai"),
        "fit_flat_cos": ("cooldown",),
        "fit_sgdr": ("warm_restarts",),
        "LRFinder": ("range_test",),
        "lr_find": ("range_test",),
    },
    keys={
        "div_final": "one_cycle",
        "lr_max": "one_cycle",
        "n_epoch": "plan",
        "cycle_len": "warm_restarts",
    },
    readers=READERS,
    others={"Learner.fit": ("n_epoch", "lr")},
    orders={"fine_tune": ("epochs", "base_lr", "freeze_epochs", "lr_mult", "pct_start", "div")},
    ignored=("wd", "moms", "cbs", "reset_opt", "start_epoch", "callbacks", "verbose", "show_plot", "suggest_funcs"),
)
