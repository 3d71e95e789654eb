"""Networks, trained by PyTorch: the only place that imports it, and only when a network is first trained.

The network of a problem lies in the file of the same name, which offers `data()` and `build(seed)`.
"""

from schedules.training.nets.loop import train

__all__ = ["train"]
