"""A million steps of each policy, against stepping PyTorch's scheduler for the same curve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from schedules import POLICIES, Schedule
from schedules.export.pytorch import pytorch_code
from tests.bench.timing import Row, clock, medians


def rows(steps: int = 1_000_000, stepped: int = 5_000, repeats: int = 5) -> Iterator[Row]:
    """Every registered policy at its defaults, through a Schedule of `steps` steps.

    The rival is what Explore offers to copy: the scheduler of torch that gives this curve, or LambdaLR where none does. Only
    `scheduler.step()` and reading the rate are timed, over `stepped` steps, and taken `steps / stepped` times: torch's time per
    step does not depend on how many there are.
    """
    for policy in POLICIES.values():
        long, short = (Schedule(policy=policy(), total_steps=n) for n in (steps, stepped))
        against = type(torch_scheduler(short)[1]).__name__
        ours, rival = medians(_whole(long), _by_steps(short), repeats=repeats)
        yield Row(
            name=policy.title,
            ours=ours,
            rival=rival * steps / stepped,
            against=against,
            expected="100 to 3,000 times",
            note=f"rival from {stepped:,} steps",
        )


def torch_scheduler(schedule: Schedule) -> tuple[Any, Any]:
    """A new optimizer and the scheduler that steps it through this schedule, both of torch."""
    import torch

    left: dict[str, Any] = {}
    setup, _, _ = pytorch_code(schedule).partition("\nfor step")
    exec(setup, left)
    if "scheduler" not in left:  # a constant rate needs none
        left["scheduler"] = torch.optim.lr_scheduler.LambdaLR(left["optimizer"], lambda _: 1.0)
    left["optimizer"].step()  # torch warns where a scheduler is stepped first
    return left["optimizer"], left["scheduler"]


def torch_rates(optimizer: Any, scheduler: Any, steps: int) -> list[float]:
    """The rate of each step."""
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return rates


def _whole(schedule: Schedule) -> Callable[[], float]:
    return lambda: clock(schedule.lrs)


def _by_steps(schedule: Schedule) -> Callable[[], float]:
    def timing() -> float:
        pair = torch_scheduler(schedule)
        return clock(lambda: torch_rates(*pair, schedule.total_steps))

    return timing
