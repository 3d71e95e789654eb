"""Optimizers in a text: their learning rate and their other arguments, as given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from schedules.libraries._call import Call, Symbol, Value

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
    "ASGD": (("lr", "lambd", "alpha", "t0", "weight_decay"), 1e-2),
    "LBFGS": (("lr",), 1.0),
    "Rprop": (("lr",), 1e-2),
    "SparseAdam": (("lr", "betas", "eps"), 1e-3),
    "Muon": (("lr", "weight_decay", "momentum"), 1e-3),
}
"""Arguments after the parameters, and the default rate, by the optimizer's name in torch.optim 2.13."""
LIKE = re.compile(
    r"(?:adam|sgd|rmsprop|lion|adagrad|lamb|lars|adafactor|muon|shampoo|sophia|prodigy|optim|learner$)", re.IGNORECASE
)
"""Names that are optimizers, or as fastai's Learner hold one, if they are called with a rate."""
RATE = ("lr", "learning_rate")


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer as the text has it.

    Attributes:
        name: its name.
        arguments: arguments by name, without the parameters; `learning_rate` is `lr`.
        line: its line.
        groups: the rates of its parameter groups in order, where groups have rates of their own.
    """

    name: str
    arguments: Mapping[str, Value]
    line: int
    groups: tuple[Value, ...] = ()

    @property
    def lr(self) -> Value:
        """The rate of the first group: its own, or the optimizer's, or the optimizer's default; None if it has no default."""
        first = self.groups[0] if self.groups else None
        given = first if first is not None else self.arguments.get("lr")
        return given if given is not None else OPTIMIZERS[self.name][1] if self.name in OPTIMIZERS else None


def optimizer_of(name: str, positional: list[Value], keywords: Mapping[str, Value], line: int) -> Optimizer | None:
    """The optimizer of a call; None if the name is no optimizer's, or the rate is a schedule.

    The first positional argument is the parameters, or the rate if it is a number, as in Keras and optax.
    """
    given = next((keywords[each] for each in RATE if each in keywords), None)
    if name not in OPTIMIZERS and not (LIKE.search(name) and (given is not None or _rates(positional))):
        return None
    names = OPTIMIZERS.get(name, (("lr",), 0.0))[0]
    first = positional[:1]
    if (first and isinstance(first[0], (float, Call))) or (
        first and isinstance(first[0], int) and not isinstance(first[0], bool)
    ):
        positional = [None, *positional]
    arguments = dict(zip(names, positional[1:], strict=False)) | dict(keywords)
    if given is not None:
        arguments["lr"] = given
    if isinstance(arguments.get("lr"), Call):
        return None
    groups = positional[0] if positional else keywords.get("params")
    arguments = {key: value for key, value in arguments.items() if key not in {"params", "learning_rate"}}
    return Optimizer(name, arguments, line, _group_rates(groups, arguments.get("lr")))


def _rates(positional: list[Value]) -> bool:
    return (
        bool(positional)
        and isinstance(positional[0], list)
        and any(isinstance(each, dict) and "lr" in each for each in positional[0])
    )


def _group_rates(groups: Value, rate: Value) -> tuple[Value, ...]:
    """The rates of parameter groups, if one of them has its own."""
    if not isinstance(groups, list) or not all(isinstance(each, (dict, Symbol)) for each in groups):
        return ()
    if not any(isinstance(each, dict) and "lr" in each for each in groups):
        return ()
    return tuple(each.get("lr", rate) if isinstance(each, dict) else rate for each in groups)
