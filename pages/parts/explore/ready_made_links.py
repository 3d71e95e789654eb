"""Named settings of Explore as links: the buttons under the charts and the four considerations of the chapter."""

from __future__ import annotations

from typing import NamedTuple


class Link(NamedTuple):
    """The query parameters of a setting."""

    run: str
    pin: str = ""

    def query(self) -> dict[str, str]:
        """The query parameters as a dict, without empty ones."""
        return {"run": self.run} | ({"pin": self.pin} if self.pin else {})


BUTTONS: dict[str, Link] = {
    "first_screen": Link("1"),
    "too_small": Link("1~peak_lr-0.001"),
    "slow": Link("1~peak_lr-0.01"),
    "too_large": Link("1~peak_lr-0.22"),
    "no_decay": Link("1~policy-constant"),
}

CONSIDERATIONS: dict[str, dict[str, Link]] = {
    "size": {
        f"{kappa:,}": Link(f"1~policy-constant~peak_lr-0.1~warmup-0~problem.condition-{kappa}~problem.noise-0")
        for kappa in (1, 10, 100, 1_000)
    },
    "decay": {"": Link("1~policy-factor~warmup-0")},
    "warmup": {
        "": Link("1~policy-constant~peak_lr-0.5~total_steps-400~warmup-0.2~warmup_start-0.0125~cooldown-0.2~problem-valley")
    },
    "restarts": {
        "": Link(
            "1~policy-warm_restarts~policy.first_cycle-0.2~policy.cycle_mult-1~peak_lr-0.16~total_steps-1000~warmup-0"
            "~problem-double_well~seeds-100",
            pin="1~peak_lr-0.16~total_steps-1000~warmup-0",
        )
    },
}
"""Links by consideration and label; the label of a consideration's only link is empty."""

NETWORKS: dict[str, dict[str, Link]] = {
    "warmup": {
        "network": Link("1~policy-linear~peak_lr-0.04~total_steps-200~warmup-0~problem-post_norm~optimizer-adam~seeds-4")
    },
    "restarts": {"overfit": Link("1~peak_lr-0.1~total_steps-300~warmup-0~problem-few_digits")},
}
"""Links by consideration and name: the same effect on a network, which takes some seconds to train."""
