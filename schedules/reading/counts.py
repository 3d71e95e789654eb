"""Counts: batch, accumulation, devices, epochs and samples of a run, where the settings of a text have them."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import NamedTuple

from schedules.libraries._call import Call, Findings, Symbol, Value
from schedules.reading.settings import Node, plain
from schedules.reading.values import text_of
from schedules.real_run.axes import one_pass
from schedules.units import Units
from schedules.words import say

KEYS: Mapping[str, tuple[str, ...]] = {
    "batch": (
        *("per_device_train_batch_size", "train_micro_batch_size_per_gpu", "micro_batch_size", "per_gpu_train_batch_size"),
        *("device_batch_size", "local_batch_size", "samples_per_gpu", "train_batch_size", "batch_size", "BATCH_SIZE"),
    ),
    "update": ("global_batch_size", "global_train_batch_size", "total_train_batch_size", "IMS_PER_BATCH"),
    "accumulation": (
        *("gradient_accumulation_steps", "accumulate_grad_batches", "accumulative_counts", "grad_accum_steps", "update_freq"),
        *("gradient_accumulation", "grad_accumulation_steps"),
    ),
    "devices": ("num_processes", "world_size", "num_devices"),
    "node_devices": ("nproc_per_node", "num_gpus", "gpus_per_node", "devices", "gpus"),
    "nodes": ("nnodes", "num_nodes"),
    "epochs": ("num_train_epochs", "max_epochs", "num_epochs", "total_epochs", "epochs"),
    "tokens": ("max_seq_len", "seq_length", "seq_len"),
    "samples": ("train_num_samples", "num_train_samples", "num_examples", "max_train_samples", "max_samples"),
}
"""Keys by what they count, the most particular first; `update` is the samples of an optimizer step on all devices, `tokens`
the length of a sample."""
OF_LIBRARY: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "deepspeed": {"update": ("train_batch_size",)},
    "timm": {"batch": ("b", "batch_size")},
    "ultralytics": {"update": ("batch",)},
}
"""Keys that count something else, or only there, by library."""
LENGTH = re.compile(r"step|iters|epochs|T_max|T_0|milestones")
"""Names of arguments that are lengths in calls of `step`."""
SPLIT = (
    *("tensor_model_parallel_size", "pipeline_model_parallel_size", "context_parallel_size", "tensor_parallel_degree"),
    *("pipeline_parallel_degree", "context_parallel_degree"),
)
"""Keys of the numbers of devices that share one copy of the model and take the same samples."""
NOT_TRAINING = ("val", "eval", "test", "infer", "predict")
"""Beginnings of parts of paths whose batches are not those of training."""
DEEPSPEED = ("train_micro_batch_size_per_gpu", "zero_optimization")
"""Keys by which a configuration of DeepSpeed is known, whatever its scheduler."""


class Count(NamedTuple):
    """A number with its key and line."""

    number: float
    key: str
    line: int


def counts_of(settings: Mapping[str, Node], library: str, findings: Findings) -> dict[str, Count]:
    """Return what a text counts, by the fields of `Units`; numbers outside their bounds are left out.

    The devices are those of all nodes, without those that share a copy of the model. From the samples of an update on all
    devices follows what the text leaves out: the micro-batches, else the devices, else the batch. Numbers that contradict each
    other get a notice.

    Args:
        settings: values by path.
        library: the library of the scheduler.
        findings: findings of the reading; it receives the notices.
    """
    last: dict[str, Node] = {}
    for path, node in settings.items():
        parts = path.replace("-", "_").split(".")
        if not any(part.casefold().startswith(NOT_TRAINING) for part in parts):
            last.setdefault(parts[-1], node)
    of_library = OF_LIBRARY.get("deepspeed" if any(key in last for key in DEEPSPEED) else library, {})
    taken = {key for keys in of_library.values() for key in keys}
    found: dict[str, Count] = {}
    for role, keys in KEYS.items():
        for key in (*of_library.get(role, ()), *(key for key in keys if key not in taken)):
            if key in last and role not in found and (number := _number(plain(last[key]), role)) is not None:
                found[role] = Count(number, key, last[key].line)
    _devices(found, last)
    _share(found, library, findings)
    return found


def _number(value: Value, role: str) -> float | None:
    """The number that a value counts, or None. A list of devices counts its entries; a flag may have words behind it."""
    if isinstance(value, list):
        only = all(isinstance(each, int) for each in value)
        value = len(value) if role == "node_devices" and only else value[0] if value and not only else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    param = Units.param(
        {"update": "samples", "tokens": "samples", "node_devices": "devices", "nodes": "devices"}.get(role, role)
    )
    is_count = role != "epochs"
    inside = param.repair(value) == value if abs(value) < 1e12 else False
    return (int(value) if is_count else float(value)) if inside else None


def _devices(found: dict[str, Count], last: Mapping[str, Node]) -> None:
    each, nodes = found.pop("node_devices", None), found.pop("nodes", None)
    if each and "devices" not in found:
        found["devices"] = each._replace(number=Units.param("devices").repair(each.number * (nodes.number if nodes else 1)))
    if "devices" in found:
        together = 1.0
        for key in SPLIT:
            together *= _number(plain(last[key]), "nodes") or 1 if key in last else 1
        count = found["devices"]
        if together > 1 and count.number % together == 0:
            found["devices"] = count._replace(number=int(count.number // together))


def _share(found: dict[str, Count], library: str, findings: Findings) -> None:
    """Fill in what follows from the samples of an update on all devices."""
    if library == "nanogpt" and {"batch", "accumulation", "devices"} <= found.keys():  # it accumulates over all devices
        found["update"] = found["accumulation"]._replace(number=found["batch"].number * found.pop("accumulation").number)
    update = found.pop("update", None)
    if update is None:
        return
    known = 1.0
    for name in ("batch", "accumulation", "devices"):
        known *= found[name].number if name in found else 1
    free = next((name for name in ("accumulation", "devices") if name not in found), "") if "batch" in found else "batch"
    if (update.number % known if free else update.number != known) or not free:
        if update.number != known:
            sentence = say("reading.batches_differ", name=update.key, given=update.number, counted=known)
            findings.note(update.line, sentence)
        return
    found[free] = update._replace(number=Units.param(free).repair(int(update.number // known)))


def units_of(counts: Mapping[str, Count], total_steps: int) -> Units | None:
    """Return the units of a run of this length, or None if nothing is counted.

    Samples that are not counted follow from the epochs, if these fit the length; else they are as many as one pass takes. A
    schedule with one step for each epoch counts epochs, so the updates of the run are not known.
    """
    if not counts:
        return None
    numbers = {name: int(counts[name].number) for name in ("batch", "accumulation", "devices") if name in counts}
    units = Units(batch=1).replace(**numbers)
    epochs = counts["epochs"].number if "epochs" in counts else 1.0
    each = max(1, round(total_steps / epochs))
    if epochs > 1 and total_steps == epochs and "samples" not in counts:
        return None
    if "samples" in counts:
        units = units.replace(samples=int(counts["samples"].number))
        if Units.steps_in(epochs, units.steps_per_epoch) != total_steps:
            epochs = Units.param("epochs").repair(float(f"{total_steps / units.steps_per_epoch:.6g}"))
        return units.replace(epochs=epochs)
    if epochs == 1 or Units.steps_in(epochs, each) != total_steps:
        return one_pass(units, total_steps) if numbers else None
    samples = Units.param("samples").repair(each * units.batch * units.accumulation * units.devices)
    return units.replace(samples=samples, epochs=epochs)


def say_counts(counts: Mapping[str, Count], units: Units, findings: Findings) -> None:
    """Record the notice of what an update takes, where the text has a batch."""
    if "batch" not in counts:
        return
    total = units.batch * units.accumulation * units.devices
    numbers = {"batch": units.batch, "accumulation": units.accumulation, "devices": units.devices, "total": total}
    key = "update_takes" if "devices" in counts else "update_takes_on_one"
    findings.note(counts["batch"].line, say(f"reading.{key}", **numbers), "info")


def prepared(tree: ast.Module) -> set[str]:
    """Return the names of objects that Accelerate prepares, unless it splits batches: it steps a scheduler once per device.

    Source: github.com/huggingface/accelerate, src/accelerate/scheduler.py, at version 1.15.0.
    """
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="split_batches", value=ast.Constant(value=True)):
                return set()
            case ast.Call(func=ast.Attribute(value=owner, attr="prepare" | "prepare_scheduler"), args=arguments):
                if "accel" in text_of(owner).casefold():
                    names |= {text_of(each) for each in arguments}
    return names


def say_prepared(call: Call) -> None:
    """Note that Accelerate steps the scheduler of a call once per device; the curve is that of one device.

    Where the script multiplies all lengths by the number of devices, any number of devices has this curve.
    """
    devices = [_devices_in(value) for name, value in call.arguments.items() if LENGTH.search(name) and value]
    call.findings.values = {**call.findings.values, **dict.fromkeys(set().union(*devices), 1.0)}
    if devices and all(devices):
        call.note("prepared_lengths", "info")
    else:
        call.note("prepared", name=call.name)


def _devices_in(value: Value) -> set[str]:
    return {atom for atom in value.atoms if atom.endswith("num_processes")} if isinstance(value, Symbol) else set()
