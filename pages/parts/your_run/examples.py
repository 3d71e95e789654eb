"""Examples of the first screen: texts to read, each with what happens in the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from schedules.lessons.chapter import Exhibit, exhibits
from schedules.real_run import RealRun
from schedules.units import Units

TORCH = """from torch.optim.lr_scheduler import CosineAnnealingLR

optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
scheduler = CosineAnnealingLR(optimizer, T_max=len(loader) * 90)
"""
TRANSFORMERS = """args = TrainingArguments(
    learning_rate=5e-5,
    lr_scheduler_type="cosine",
    warmup_ratio=0.03,
    max_steps=117_188,
    weight_decay=0.01,
)
"""
DEEPSPEED = """{
  "optimizer": {"type": "AdamW", "params": {"lr": 1e-5}},
  "scheduler": {
    "type": "WarmupDecayLR",
    "params": {"warmup_min_lr": 0, "warmup_max_lr": 1e-5, "warmup_num_steps": 500, "total_num_steps": 10000}
  }
}
"""
DEVICES = """from torch.optim.lr_scheduler import LinearLR

# accelerate launch --num_processes 4 train.py
optimizer = AdamW(model.parameters(), lr=2e-4)
scheduler = LinearLR(optimizer, start_factor=1.0, end_factor=0.1, total_iters=10_000)
scheduler = accelerator.prepare(scheduler)
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A text, the values that are filled in for it, and the run's units and mix-up."""

    text: str
    values: Mapping[str, float | str] = field(default_factory=dict)
    units: Units | None = None
    real: RealRun = field(default_factory=RealRun)


EXAMPLES: Mapping[str, Example] = {
    "torch": Example(TORCH),
    "transformers": Example(TRANSFORMERS),
    "deepspeed": Example(DEEPSPEED),
    "devices": Example(
        DEVICES, {"total_steps": 10_000.0}, Units(devices=4, batch=1, samples=40_000, epochs=1), RealRun(mix_up="per_device")
    ),
}
"""The examples in their order; the last one is drawn on the first screen (Lightricks/LTX-Video-Trainer, issue 67)."""
FIRST = "devices"


@cache
def published() -> tuple[Exhibit, ...]:
    """The published runs of the chapter whose rates a mix-up explains."""
    return tuple(each for each in exhibits() if each.mix_up)
