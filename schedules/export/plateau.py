"""A constant rate under reduce-on-plateau as a PyTorch script, with PyTorch's own scheduler."""

from __future__ import annotations

from schedules.export._source import written
from schedules.export.pytorch import TRAINING
from schedules.export.torch_builtins import Call
from schedules.feedback import Feedback
from schedules.feedback.plateau import Plateau
from schedules.policies.constant import Constant
from schedules.schedule import Schedule
from schedules.words import say

LOOKING = """\
    losses.append(loss.item())
    if len(losses) == look_every:
        scheduler.step(sum(losses) / look_every)
        losses.clear()
"""


def plateau_code(
    schedule: Schedule,
    feedback: Feedback,
    optimizer: str = "torch.optim.SGD(model.parameters(), lr=peak_lr)",
    torch_class: str = "",
) -> str | None:
    """A complete script; None where PyTorch's scheduler is not this rule, or where the planned rate is not constant.

    The script looks at the mean loss of the batches since the last look, for the exact loss of a toy problem is not to be had.
    """
    plain = Schedule(policy=Constant(), peak_lr=schedule.peak_lr, total_steps=schedule.total_steps)
    if not isinstance(feedback, Plateau) or feedback.counting != "torch" or schedule.lrs().tolist() != plain.lrs().tolist():
        return None
    rule = Call(
        "ReduceLROnPlateau",
        {
            "factor": written(feedback.factor),
            "patience": written(feedback.patience),
            "threshold": written(feedback.threshold),
            "threshold_mode": written("rel" if feedback.measure == "share" else "abs"),
            "cooldown": written(feedback.cooldown),
            "min_lr": f"{written(feedback.floor)} * peak_lr" if feedback.floor else "0.0",
            "eps": "0.0",
        },
    )
    training = TRAINING.format(
        optimizer=optimizer,
        scheduler=f"scheduler = {rule}\nlosses = []\n",
        model=say("code.model"),
        batch=say("code.batch"),
        loss=say("code.loss"),
    )
    constants = {"peak_lr": schedule.peak_lr, "total_steps": schedule.total_steps, "look_every": feedback.every}
    head = "\n".join(f"{name} = {written(value)}" for name, value in constants.items())
    imports = "import torch\nfrom torch.optim.lr_scheduler import ReduceLROnPlateau\n"
    made = f"{torch_class}\n\n\n" if torch_class else ""
    return f"{imports}\n{head}\n\n\n{made}{training}{LOOKING}"
