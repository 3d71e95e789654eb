"""NeMo: nemo.core.optim.lr_scheduler. The arguments of the base classes are included.

Counting, read in nemo/core/optim/lr_scheduler.py at 0165f08:

* Warm-ups are (k + 1) / (W + 1) for k <= W, and min_lr holds for k > max_steps.
* Ratios are rounded down.
* SquareAnnealing, SquareRootAnnealing and NoamHoldAnnealing have a floor by max.
* SquareRootAnnealing, and PolynomialHoldDecayAnnealing without a hold, count their decay from step 0: they jump after the
  warm-up.
* CosineAnnealing with constant_steps has the ramp k / W, and stays at min_lr for these steps at the end.
* NoamAnnealing: step 0 has the rate of step 1, and min_lr does not cut the ramp.
* T5InverseSquareRootAnnealing ignores the peak.
"""

from __future__ import annotations

from typing import Any

from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, CallError, Read, rate, steps
from schedules.libraries._phases import end_rate, lasting, run_length, sampled
from schedules.policies import Policy
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.inverse_time import InverseTime
from schedules.policies.linear import Linear
from schedules.policies.noam import Noam
from schedules.policies.polynomial import Polynomial
from schedules.schedule import Schedule
from schedules.words import say

LONGEST_RUN = 10_000_000
"""Most steps of a schedule."""


def share(call: Call, name: str, most: int | None) -> int:
    """A length given in steps or as a share of `most`, which is rounded down."""
    count, ratio = f"{name}_steps", f"{name}_ratio"
    if call.has(count) and call.has(ratio):
        raise CallError(say("reading.one_of_two", call=call.name, first=count, second=ratio))
    if call.has(ratio):
        return int(call.number(ratio) * (call.count("max_steps", least=1) if most is None else most))
    return call.count(count, 0)


def read_plan(call: Call, policy: Policy, most: int, **fields: Any) -> Read:
    """Read a policy that ends at step `most`."""
    return Read(Schedule(policy=policy, peak_lr=call.peak(), total_steps=most, **({"horizon": steps(most)} | fields)), most)


def ramp(call: Call, most: int) -> dict[str, Any]:
    """The fields of a warm-up in front of a decay to step `most`."""
    length = share(call, "warmup", most)
    if length >= most:
        raise CallError(say("reading.warmup_too_long", name="warmup_steps", total=most))
    return {"warmup": steps(length), "warmup_progress": "from_one_to_next"} if length else {}


def running_ramp(call: Call, most: int) -> dict[str, Any]:
    """The fields of a warm-up during which the clock of the decay runs."""
    length = share(call, "warmup", most)
    if not length:
        return {}
    return {"warmup": steps(length + 1), "warmup_over": True, "warmup_progress": "from_one_to_last"}


def dropping(call: Call, policy: Policy, **fields: Any) -> Read:
    """Read a policy whose rate drops to min_lr after max_steps; without max_steps it never does."""
    peak = call.peak()
    low = end_rate(call, "min_lr", peak)
    if not call.has("max_steps"):
        length = share(call, "warmup", None)
        return lasting(policy, peak, length, warmup_progress="from_one_to_next", **fields)
    most = call.count("max_steps", least=1)
    drop = {"horizon": steps(most + 1), "after": "drop", "cooldown_floor": low}
    return read_plan(call, policy, most, **drop, **ramp(call, most), **fields)


def warmup_policy(call: Call) -> Read:
    return dropping(call, Constant())


def square_annealing(call: Call) -> Read:
    most, peak = call.count("max_steps", least=1), call.peak()
    return read_plan(call, Polynomial(power=2), most, lowest=end_rate(call, "min_lr", peak, 1e-5), **ramp(call, most))


def square_root_annealing(call: Call) -> Read:
    most, peak = call.count("max_steps", least=1), call.peak()
    low = end_rate(call, "min_lr", peak)
    return read_plan(call, Polynomial(power=0.5), most, lowest=low, **running_ramp(call, most))


def cosine_annealing(call: Call) -> Read:
    """With constant steps the ramp is k / W, and the cosine ends so many steps earlier."""
    most, peak = call.count("max_steps", least=1), call.peak()
    policy = Cosine(floor=end_rate(call, "min_lr", peak))
    held = share(call, "constant", most)
    if not held:
        return read_plan(call, policy, most, **ramp(call, most))
    length = share(call, "warmup", most)
    if length + held >= most:
        raise CallError(say("reading.warmup_too_long", name="warmup_steps", total=most - held))
    return read_plan(call, policy, most, horizon=steps(most - held), warmup=steps(length))


def noam_annealing(call: Call) -> Read:
    """The floor does not cut the ramp: where it would, the curve is drawn through knots."""
    factor = call.peak() * call.number("d_model") ** -0.5
    length = share(call, "warmup", None)
    if not length:
        raise CallError(say("reading.needs", call=call.name, name="warmup_steps"))
    peak, low = factor * length**-0.5, call.rate("min_lr", 0.0)

    def at(step: int) -> float:
        count = max(1, step)
        value: float = factor * min(count**-0.5, count * length**-1.5)
        return max(value, low) if count > length else value

    read = Read(Schedule(policy=Noam(climb=length, first=1), peak_lr=peak))
    if not low or length * (peak / low) ** 2 > LONGEST_RUN:
        return read
    if low <= peak / length:
        return Read(read.schedule.replace(lowest=rate(low)))
    return sampled(call, at, run_length(call))


def noam_hold_annealing(call: Call) -> Read:
    """A decay of the power decay_rate after the hold; min_lr cuts it off, and holds after max_steps."""
    most, peak = call.count("max_steps", least=1), call.peak()
    length, hold, power = share(call, "warmup", most), share(call, "hold", most), call.number("decay_rate", 0.5)
    if not length:
        raise CallError(say("reading.needs", call=call.name, name="warmup_steps"))
    low = end_rate(call, "min_lr", peak)
    drop = {"horizon": steps(most + 1), "after": "drop", "cooldown_floor": low, "lowest": low}
    policy = InverseTime(timescale=length, power=power)
    return read_plan(call, policy, most, hold=steps(hold), **drop, **ramp(call, most))


def warmup_annealing(call: Call) -> Read:
    most, peak = call.count("max_steps", least=1), call.peak()
    return read_plan(call, Linear(end=end_rate(call, "min_lr", peak)), most, **ramp(call, most))


def inverse_square_root_annealing(call: Call) -> Read:
    length = share(call, "warmup", call.count("max_steps", least=1))
    return dropping(call, InverseTime(timescale=length + 1, power=0.5))


def t5_annealing(call: Call) -> Read:
    """The rate is one over the root of the step, whatever the optimizer's rate is."""
    most = call.count("max_steps", least=1)
    held = share(call, "constant", most)
    if not held:
        raise CallError(say("reading.needs", call=call.name, name="constant_steps"))
    fields = {"horizon": steps(most + 1), "after": "drop", "cooldown_floor": rate(call.rate("min_lr", 0.0))}
    policy = InverseTime(timescale=held, power=0.5)
    return Read(Schedule(policy=policy, peak_lr=held**-0.5, total_steps=most, hold=steps(held), **fields), most)


def polynomial(call: Call) -> Read:
    """With a hold the decay begins after it; without one NeMo's hold variant counts the decay from step 0."""
    most, peak = call.count("max_steps", least=1), call.peak()
    policy = Polynomial(power=call.number("power", 1.0), floor=end_rate(call, "min_lr", peak))
    if call.switch("cycle"):
        call.note("left_out", name="cycle")
    if call.name == "PolynomialDecayAnnealing":
        return read_plan(call, policy, most, **ramp(call, most))
    hold, length = share(call, "hold", most), share(call, "warmup", most)
    if call.has("hold_steps") or call.has("hold_ratio"):
        return read_plan(call, policy, most, hold=steps(hold), **ramp(call, most))
    return read_plan(call, policy, most, horizon=steps(most - length), **running_ramp(call, most))


def hold_and_anneal(call: Call) -> Read:
    """A hold to the last but decay steps, then one minus the root of the rest, or a line, which min_lr cuts off."""
    most, peak = call.count("max_steps", least=1), call.peak()
    length, hold, low = share(call, "warmup", most), share(call, "hold", most), end_rate(call, "min_lr", peak)
    begun = length + hold if call.has("hold_steps") or call.has("hold_ratio") else 0
    decay = most - max(length, begun)
    call.note("unverified", call=call.name)
    shape = "one_minus_sqrt" if call.name.endswith("Root") else "linear"
    if not begun or decay < 1:
        raise CallError(say("reading.needs", call=call.name, name="hold_steps"))
    fields = {"cooldown": steps(decay), "cooldown_shape": shape, "lowest": low}
    if shape == "linear":
        fields = fields | {"cooldown_floor": low, "lowest": rate(0.0)}
    return read_plan(call, Constant(), most, **fields, **ramp(call, most))


LIBRARY = Library(
    rank=10,
    version="3.0.0",
    source="github.com/NVIDIA/NeMo, nemo/core/optim/lr_scheduler.py",
    signatures={
        "WarmupPolicy": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "WarmupHoldPolicy": ("warmup_steps", "warmup_ratio", "hold_steps", "hold_ratio", "max_steps", "min_lr"),
        "SquareAnnealing": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "SquareRootAnnealing": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "CosineAnnealing": ("warmup_steps", "warmup_ratio", "constant_steps", "constant_ratio", "max_steps", "min_lr"),
        "NoamAnnealing": ("d_model", "warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "NoamHoldAnnealing": ("warmup_steps", "warmup_ratio", "hold_steps", "hold_ratio", "max_steps", "min_lr", "decay_rate"),
        "WarmupAnnealing": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "InverseSquareRootAnnealing": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr"),
        "T5InverseSquareRootAnnealing": ("constant_steps", "constant_ratio", "max_steps", "min_lr"),
        "PolynomialDecayAnnealing": ("warmup_steps", "warmup_ratio", "max_steps", "min_lr", "power", "cycle"),
        "PolynomialHoldDecayAnnealing": (
            "warmup_steps",
            "warmup_ratio",
            "hold_steps",
            "hold_ratio",
            "max_steps",
            "min_lr",
            "power",
            "cycle",
        ),
        "WarmupHoldAnnealOneMinusSquareRoot": (
            "warmup_steps",
            "warmup_ratio",
            "hold_steps",
            "hold_ratio",
            "max_steps",
            "min_lr",
        ),
        "WarmupHoldAnnealLinear": ("warmup_steps", "warmup_ratio", "hold_steps", "hold_ratio", "max_steps", "min_lr"),
    },
    cards={
        "WarmupPolicy": ("warmup",),
        "WarmupHoldPolicy": ("warmup",),
        "SquareAnnealing": ("polynomial",),
        "SquareRootAnnealing": ("polynomial",),
        "CosineAnnealing": ("cosine",),
        "NoamAnnealing": ("noam",),
        "NoamHoldAnnealing": ("inverse_time",),
        "WarmupAnnealing": ("linear",),
        "InverseSquareRootAnnealing": ("square_root",),
        "T5InverseSquareRootAnnealing": ("square_root",),
        "PolynomialDecayAnnealing": ("polynomial",),
        "PolynomialHoldDecayAnnealing": ("polynomial",),
        "WarmupHoldAnnealOneMinusSquareRoot": ("cooldown",),
        "WarmupHoldAnnealLinear": ("cooldown",),
    },
    keys={
        "constant_steps": "plan",
        "constant_ratio": "plan",
        "hold_ratio": "cooldown",
        "accumulate_grad_batches": "accumulation",
    },
    readers={
        "WarmupPolicy": warmup_policy,
        "WarmupHoldPolicy": warmup_policy,
        "SquareAnnealing": square_annealing,
        "SquareRootAnnealing": square_root_annealing,
        "CosineAnnealing": cosine_annealing,
        "NoamAnnealing": noam_annealing,
        "NoamHoldAnnealing": noam_hold_annealing,
        "WarmupAnnealing": warmup_annealing,
        "InverseSquareRootAnnealing": inverse_square_root_annealing,
        "T5InverseSquareRootAnnealing": t5_annealing,
        "PolynomialDecayAnnealing": polynomial,
        "PolynomialHoldDecayAnnealing": polynomial,
        "WarmupHoldAnnealOneMinusSquareRoot": hold_and_anneal,
        "WarmupHoldAnnealLinear": hold_and_anneal,
    },
    takes_optimizer=True,
    ignored=("optimizer", "last_epoch", "verbose", "monitor", "reduce_on_plateau", "iters_per_batch", "t_max_epochs"),
    configurations=(
        Configuration(
            "", (), {"trainer.max_steps": "max_steps", "max_steps": "max_steps", "model.optim.sched.max_steps": "max_steps"}
        ),
    ),
)
