"""A schedule with reduce-on-plateau as a PyTorch script, based on ReduceLROnPlateau."""

from __future__ import annotations

from dataclasses import replace

from schedules.export._exported import ExportedSchedule
from schedules.export._script import training_loop
from schedules.export._source import written
from schedules.export.torch_builtins import Call
from schedules.export.torch_code import lambda_rates, remarks, script
from schedules.feedback import Feedback
from schedules.feedback.plateau import Plateau
from schedules.policies.constant import Constant
from schedules.schedule import Schedule, chosen_steps
from schedules.units import Units

CHECKING = """\
    losses.append(loss.item())
    if len(losses) == check_every:
        {rule}.step(sum(losses) / check_every)
        losses.clear()
"""
CHECKING_AFTER_SKIPPED = """\
    if step >= skipped_steps:
        losses.append(loss.item())
    if len(losses) == check_every:
        {rule}.step(sum(losses) / check_every)
        losses.clear()
"""


def plateau_code(
    schedule: Schedule,
    feedback: Feedback,
    optimizer: str = "torch.optim.SGD(model.parameters(), lr=peak_lr)",
    torch_class: str = "",
    *,
    group: Schedule | None = None,
    units: Units | None = None,
) -> str | None:
    """A complete script; None if PyTorch's ReduceLROnPlateau is not the same rule.

    The script measures the mean loss of the batches since the last measurement, because real training has no exact loss. With a
    constant rate the rule acts on the optimizer. With any other schedule the script uses LambdaLR, and the rule acts on a scale
    that multiplies the rate: most schedulers compute the next rate from the last one, and would undo or repeat a reduction.
    """
    if not isinstance(feedback, Plateau) or feedback.counting != "torch":
        return None
    plain = schedule.replace(policy=Constant(), warmup=0.0, cooldown=0.0)
    chosen = chosen_steps(schedule)
    constant = group is None and schedule(chosen).tolist() == plain(chosen).tolist()
    exported = ExportedSchedule(plain if constant else schedule)
    rates = lambda_rates(exported, group)
    floor = written(feedback.floor) if feedback.floor else "0.0"
    rule = Call(
        "ReduceLROnPlateau",
        ({"mode": written("max")} if feedback.mode == "max" else {})
        | {
            "factor": written(feedback.factor),
            "patience": written(feedback.patience),
            "threshold": written(feedback.threshold),
            "threshold_mode": written("rel" if feedback.measure == "share" else "abs"),
            "cooldown": written(feedback.cooldown),
            "min_lr": f"{floor} * peak_lr" if constant and feedback.floor else floor,
            "eps": "0.0",
        },
        "optimizer" if constant else "scale",
    )
    checks = {"check_every": written(feedback.every), "skipped_steps": f"{written(feedback.wait)} * check_every"}
    checking = CHECKING_AFTER_SKIPPED if feedback.wait else CHECKING
    if constant:
        rates = replace(rates, classes=(rule.name,), functions=(), constants=rates.constants | checks)
        statements = [*remarks(schedule), f"scheduler = {rule}", "losses = []"]
        training = training_loop(optimizer, statements, units=units) + checking.format(rule="scheduler")
        return script(rates, training, torch_class, units)
    at = "step" if exported.counted == "step" else "step // update_every"
    used = [f'lambda step: {name}({at}) * scale.param_groups[0]["lr"]' for name in ("factor", rates.group_factor) if name]
    functions = used[0] if group is None else f"[{', '.join(used)}]"
    statements = [
        *remarks(schedule),
        "scale = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)",
        f"plateau = {rule}",
        f"scheduler = LambdaLR(optimizer, {functions})",
        "losses = []",
    ]
    rates = replace(rates, classes=("LambdaLR", rule.name), constants=rates.constants | checks)
    training = training_loop(optimizer, statements, rates.group_peak, units)
    training += checking.format(rule="plateau") + "    scheduler.step()\n"
    return script(rates, training, torch_class, units)
