"""Ultralytics: the keys of its configuration. The default is a line to `lr0 * lrf`; `cos_lr` makes it half a cosine.

Counting, read in ultralytics/engine/trainer.py:

* The decay changes once per epoch.
* Batches up to number max(warmup_epochs * nb, 100) are interpolated from 0, biases from warmup_bias_lr, to the rate of the
  present epoch; the last of them has that rate.
"""

from __future__ import annotations

from typing import Any

from schedules.libraries._base import Configuration, Library
from schedules.libraries._call import Call, Read, steps
from schedules.policies.cosine import Cosine
from schedules.policies.linear import Linear
from schedules.schedule import Schedule


def train(call: Call) -> Read:
    """A line or half a cosine per epoch behind a warm-up per batch; steps are batches."""
    if call.text("optimizer", "auto") == "auto":
        call.note("auto_optimizer")
    batches = max(1, round(call.findings.ask("batches_per_epoch", "count", call.line)))
    end, ramp = call.number("lrf", 0.01), call.number("warmup_epochs", 3.0)
    length = batches * call.count("epochs", least=1)
    fields: dict[str, Any] = {}
    if ramp > 0:
        fields = {"warmup": steps(max(round(ramp * batches), 100)), "warmup_over": True, "warmup_unit": "steps"}
        fields |= {"warmup_target": "curve"}
    policy = Cosine(floor=end) if call.switch("cos_lr") else Linear(end=end)
    peak = call.rate("lr0", 0.01)
    return Read(
        Schedule(policy=policy, peak_lr=peak, total_steps=length, horizon=steps(length), update_every=batches, **fields), length
    )


LIBRARY = Library(
    rank=22,
    version="8.4.190",
    source="github.com/ultralytics/ultralytics, ultralytics/cfg/default.yaml and ultralytics/engine/trainer.py",
    signatures={},
    keys={
        "lrf": "linear",
        "cos_lr": "cosine",
        "lr0": "plan",
        "warmup_epochs": "warmup",
        "warmup_bias_lr": "parameter_groups",
        "warmup_momentum": "warmup",
        "nbs": "accumulation",
        "YOLO": "linear",
    },
    settings={
        "one_cycle": {"1": "cosine"},  # the function of that name: half a cosine from y1 to y2, as in one_cycle(1, lrf, epochs)
        "cos_lr": {
            "True": "cosine",
            "False": "lrf",
        },
    },
    readers={"yolo train": train},
    configurations=tuple(
        Configuration("yolo train", marks)
        for marks in (
            ("lr0",),
            ("lrf",),
            ("cos_lr",),
            ("lr0", "lrf"),
            ("lr0", "epochs"),
            ("lrf", "epochs"),
            ("cos_lr", "epochs"),
        )
    ),
)
