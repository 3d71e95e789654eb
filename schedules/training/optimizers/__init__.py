"""Optimizers: one file each, found by discovery."""

from schedules.training.optimizers._base import OPTIMIZERS, Optimizer, optimizer

OPTIMIZERS.discover(__name__)

__all__ = ["OPTIMIZERS", "Optimizer", "optimizer"]
