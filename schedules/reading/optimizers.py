"""Optimizers in a text: their learning rate and their other arguments, as given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schedules.libraries._call import Value

ADAM = ("lr", "betas", "eps", "weight_decay", "amsgrad")
OPTIMIZERS: Mapping[str, tuple[tuple[str, ...], float]] = {
    "SGD": (("lr", "momentum", "dampening", "weight_decay", "nesterov"), 1e-3),
    "Adam": (ADAM, 1e-3),
    "AdamW": (ADAM, 1e-3),
    "NAdam": (ADAM, 2e-3),
    "RAdam": (ADAM, 1e-3),
    "Adamax": (ADAM, 2e-3),
    "RMSprop": (("lr", "alpha", "eps", "weight_decay", "momentum"), 1e-2),
    "Adagrad": (("lr", "lr_decay", "weight_decay"), 1e-2),
    "Adadelta": (("lr", "rho", "eps", "weight_decay"), 1.0),
    "LBFGS": (("lr",), 1.0),
}
"""Arguments after the parameters, and the default rate, by the optimizer's name in torch.optim 2.13."""


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer as the text has it: its name, its arguments by name, and its line. `lr` is the rate, or its default."""

    name: str
    arguments: Mapping[str, Value]
    line: int

    @property
    def lr(self) -> Value:
        """The rate: given, or the optimizer's default."""
        return self.arguments.get("lr", OPTIMIZERS[self.name][1])


def optimizer_of(name: str, positional: list[Value], keywords: Mapping[str, Value], line: int) -> Optimizer | None:
    """The optimizer of a call, whose first positional argument is the parameters; None if the name is no optimizer's."""
    if name not in OPTIMIZERS:
        return None
    arguments = dict(zip(OPTIMIZERS[name][0], positional[1:], strict=False)) | dict(keywords)
    return Optimizer(name, {key: value for key, value in arguments.items() if key != "params"}, line)
