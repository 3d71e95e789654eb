"""A million steps of each policy, compared with stepping PyTorch's scheduler for the same curve.

Each policy is also timed at its slowest settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from time import process_time
from typing import Any

from schedules import POLICIES, Schedule, WarmRestarts
from schedules.export.torch_code import pytorch_code
from schedules.policies import Policy
from tests.bench.timing import RatioLine, ValueLine, clock, medians
from tests.boxes import corners

AROUND: dict[str, dict[str, Any]] = {
    "alone": {},
    "warm-up": {"warmup": 0.5, "warmup_shape": "cosine"},
    "cool-down": {"cooldown": 1.0, "cooldown_shape": "mirror_cosine"},
    "both": {"warmup": 0.5, "warmup_shape": "cosine", "cooldown": 0.5, "cooldown_shape": "mirror_cosine"},
    "past a short plan": {"horizon": 1e-4, "after": "continue", "warmup": 0.5},
    "restarts": {
        **{"horizon": 1e-3, "after": "restart", "update_every": 2, "first_step": -1, "warmup": 0.01},
        **{"cooldown": 1.0, "cooldown_shape": "mirror_cosine"},
    },
}
"""Schedule fields tried around each policy: the most expensive combinations."""

SHORT_CYCLES = [
    WarmRestarts(first_cycle=0, cycle_mult=growth, peak_decay=decay, shrinks="both")
    for growth in (1, 1.00001, 1.0000001)
    for decay in (1, 0.9)
]
"""Cycles of about one update: not at corners of the box, and more expensive than the corners."""


def rows(steps: int = 1_000_000, stepped: int = 5_000, repeats: int = 5, most: int = 16) -> Iterator[RatioLine]:
    """Time every registered policy at its defaults, through a Schedule of `steps` steps.

    The rival is the code that Explore offers to copy: torch's scheduler for this curve, or LambdaLR if there is none. Only
    `scheduler.step()` and reading the rate are timed, over `stepped` steps, and multiplied by `steps / stepped`: torch's time
    per step does not depend on the number of steps.
    """
    for policy in POLICIES.values():
        long, short = (Schedule(policy=policy(), total_steps=n) for n in (steps, stepped))
        against = type(torch_scheduler(short)[1]).__name__
        ours, rival = medians(_at_once(long), _by_steps(short), repeats=repeats)
        yield RatioLine(
            name=policy.title,
            ours=ours,
            rival=rival * steps / stepped,
            against=against,
            expected="100 to 3,000 times",
            note=f"rival from {stepped:,} steps",
        )
    for policy in POLICIES.values():
        yield hardest(policy, steps, repeats, most)


def hardest(policy: type[Policy], steps: int, repeats: int, most: int = 16) -> ValueLine:
    """The slowest of at most `most` corners with each of the fields `AROUND`: all are timed once, the slowest three again."""
    made = [*corners(policy, most), *(SHORT_CYCLES if policy is WarmRestarts else ())]
    tried = [(name, Schedule(policy=corner, total_steps=steps, **around)) for corner in made for name, around in AROUND.items()]
    tried.sort(key=lambda one: _once(one[1]), reverse=True)
    slowest, name = max((median(_once(schedule) for _ in range(repeats)), name) for name, schedule in tried[:3])
    return ValueLine(f"{policy.title}, hardest", 1_000 * slowest, "ms", "under 50 ms", f"of {len(tried)} settings: {name}")


def torch_scheduler(schedule: Schedule) -> tuple[Any, Any]:
    """Return a new torch optimizer and the torch scheduler that steps it through this schedule."""
    import torch

    left: dict[str, Any] = {}
    setup, _, _ = pytorch_code(schedule).partition("\nfor step")
    exec(setup, left)
    if "scheduler" not in left:  # the code for a constant rate has none
        left["scheduler"] = torch.optim.lr_scheduler.LambdaLR(left["optimizer"], lambda _: 1.0)
    left["optimizer"].step()  # torch warns if the scheduler steps first
    return left["optimizer"], left["scheduler"]


def torch_rates(optimizer: Any, scheduler: Any, steps: int) -> list[float]:
    """The rate of each step."""
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return rates


def _once(schedule: Schedule) -> float:
    begin = process_time()
    schedule.lrs()
    return process_time() - begin


def _at_once(schedule: Schedule) -> Callable[[], float]:
    return lambda: clock(schedule.lrs)


def _by_steps(schedule: Schedule) -> Callable[[], float]:
    def timing() -> float:
        pair = torch_scheduler(schedule)
        return clock(lambda: torch_rates(*pair, schedule.total_steps))

    return timing
