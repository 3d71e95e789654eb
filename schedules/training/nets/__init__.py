"""Networks trained by PyTorch. Only this package imports it, when a network is first trained.

The network of a problem is in the file of the same name, which defines `data()` and `build(seed)`.
"""

from schedules.training.nets.loop import train

__all__ = ["train"]
