"""Questions of Compare as links: who wins on a noisy bowl, momentum or Adam in a valley, how long a cool-down."""

from __future__ import annotations

from collections.abc import Mapping

PRESETS: Mapping[str, Mapping[str, str]] = {
    "shapes": {},
    "optimizers": {
        "on": "1~peak_lr-0.05~total_steps-400~problem-valley",
        "a": "1~warmup-0",
        "b": "1~warmup-0~optimizer-momentum",
        "c": "1~warmup-0~optimizer-adam",
    },
    "cooldowns": {
        "on": "1~peak_lr-0.05",
        "a": "1~policy-constant~warmup-0~cooldown-0.1",
        "b": "1~policy-constant~warmup-0~cooldown-0.2",
        "c": "1~policy-constant~warmup-0~cooldown-0.4",
        "d": "1~policy-constant~warmup-0~cooldown-0.7",
        "e": "1~policy-linear~warmup-0",
    },
}
"""The query parameters of each question's comparison."""
