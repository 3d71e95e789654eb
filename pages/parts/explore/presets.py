"""Presets: named settings of Explore as links, by the consideration of the chapter that they demonstrate.

Where a loss is predicted they are replaced by shapes, which keep length, warm-up and size.
"""

from __future__ import annotations

from typing import NamedTuple

from schedules import Schedule
from schedules.policies.constant import Constant
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.policies.warm_restarts import WarmRestarts
from schedules.theory.loss_laws import CALIBRATED_FLOOR


class Link(NamedTuple):
    """The query parameters of a setting; `show` is what the charts show besides."""

    run: str
    pin: str = ""
    show: str = ""

    def query(self) -> dict[str, str]:
        """The query parameters as a dict, without empty ones."""
        return {name: value for name, value in self._asdict().items() if value}


CONDITIONS = (1, 10, 100, 1_000)
PRESETS: dict[str, dict[str, Link]] = {
    "size": {
        "first_screen": Link("1"),
        "too_small": Link("1~peak_lr-0.001"),
        "slow": Link("1~peak_lr-0.01"),
        "too_large": Link("1~peak_lr-0.22"),
    }
    | {
        f"condition_{kappa}": Link(f"1~policy-constant~peak_lr-0.1~warmup-0~problem.condition-{kappa}~problem.noise-0")
        for kappa in CONDITIONS
    },
    "decay": {
        "no_decay": Link("1~policy-constant"),
        "slow_decay": Link("1~policy-factor~policy.gamma-0.998~warmup-0"),
        "fast_decay": Link("1~policy-factor~policy.gamma-0.95~warmup-0"),
        "factor": Link("1~policy-factor~warmup-0", show="best"),
    },
    "warmup": {
        "steep_start": Link(
            "1~policy-constant~peak_lr-0.5~total_steps-400~warmup-0.2~warmup_start-0.0125~cooldown-0.2~problem-valley"
        ),
        "deep_network": Link("1~policy-linear~peak_lr-0.04~total_steps-200~warmup-0~problem-post_norm~optimizer-adam~seeds-4"),
    },
    "restarts": {
        "two_valleys": Link(
            "1~policy-warm_restarts~policy.first_cycle-0.2~policy.cycle_mult-1~peak_lr-0.16~total_steps-1000~warmup-0"
            "~problem-double_well~seeds-100",
            pin="1~peak_lr-0.16~total_steps-1000~warmup-0",
        ),
        "overfitting": Link("1~peak_lr-0.1~total_steps-300~warmup-0~problem-few_digits", show="accuracy"),
    },
}
"""Links by consideration and name, in the order of the menus."""
SHAPE_MENU = "shapes"
"""The menu in their place where a loss is predicted."""
SHAPES = {
    "cosine": Schedule(policy=Cosine(floor=CALIBRATED_FLOOR)),
    "linear": Schedule(policy=Linear()),
    "constant": Schedule(policy=Constant()),
    "wsd_20": Schedule(policy=Constant(), cooldown=0.2),
    "wsd_10": Schedule(policy=Constant(), cooldown=0.1),
    "restarts": Schedule(policy=WarmRestarts()),
}
"""Shapes by name, for a predicted loss."""


def all_presets() -> list[Link]:
    """The links of all presets."""
    return [link for links in PRESETS.values() for link in links.values()]
