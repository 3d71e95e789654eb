"""Parts of training scripts in many styles: reading gives the rates of the library that runs the same code.

A script has choices such as `<3|5>`. It is executed with a small model and a loader, and read without them: what reading
asks for is answered from the executed names.
"""

from __future__ import annotations

import argparse
import functools
import math
import re
import types
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

from schedules import read_code
from tests.reading.test_library_rates import names

TORCH = (
    # functions that build a schedule
    """
def build(optimizer, warmup, total):
    def lr_lambda(current_step):
        if current_step < warmup:
            return float(current_step) / float(max(1, warmup))
        progress = float(current_step - warmup) / float(max(1, total - warmup))
        return max(0.0, 0.5 * (1.0 + math.cos(math.pi * <0.5|0.5|0.7> * 2.0 * progress)))
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda)
optimizer = torch.optim.AdamW(model.parameters(), lr=<3e-4|1e-3>)
scheduler = build(optimizer, <10|25>, <100|140>)
""",
    """
def make(optimizer, num_epochs, warmup_epochs, steps_per_epoch):
    cosine = CosineAnnealingLR(optimizer, (num_epochs - warmup_epochs) * steps_per_epoch)
    linear = LinearLR(optimizer, total_iters=warmup_epochs * steps_per_epoch, start_factor=<0.001|0.1>)
    return SequentialLR(optimizer, [linear, cosine], milestones=[warmup_epochs * steps_per_epoch])
optim = torch.optim.SGD(params=model.parameters(), lr=<0.1|0.05>, momentum=0.9)
scheduler = make(optim, num_epochs=<10|8>, warmup_epochs=<1|2>, steps_per_epoch=<12|17>)
""",
    """
warmup_epochs = <5|10>
total_epochs = <100|60>
lr = <1e-3|2e-4>
optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=1e-5)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total_epochs-warmup_epochs)
""",
    """
optimizer = torch.optim.SGD(model.parameters(), lr=<0.1|0.3>)
total_steps = len(train_loader) * <5|4>
warmup_steps = int(total_steps * <0.1|0.06>)
def lr_lambda(step: int) -> float:
    if step < warmup_steps:
        return float(step + 1) / float(max(1, warmup_steps))
    progress = float(step - warmup_steps) / float(max(1, total_steps - warmup_steps))
    return 0.5 * (1.0 + np.cos(np.pi * progress))
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda)
""",
    """
total_iters = <4|6> * len(train_loader)
warmup_iters = <1|2> * len(train_loader)
optimizer = optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4)
def lr_lambda(current_step):
    if current_step < warmup_iters:
        return float(current_step) / float(max(1, warmup_iters))
    return max(0.0, (1.0 - (current_step - warmup_iters) / (total_iters - warmup_iters)) ** <0.9|2>)
scheduler = optim.lr_scheduler.LambdaLR(optimizer, lr_lambda)
""",
    """
def lambda_rule(epoch):
    lr_l = 1.0 - max(0, epoch + 1 - <50|30>) / float(<50|70> + 1)
    return lr_l
optimizer = torch.optim.Adam(model.parameters(), lr=<0.0002|0.001>, betas=(0.5, 0.999))
scheduler = lr_scheduler.LambdaLR(optimizer, lr_lambda=lambda_rule)
""",
    """
min_lr_ratio = <0.1|0.05>
warmup_steps, total_steps = <20|10>, <150|90>
def lr_lambda(current_step: int) -> float:
    if warmup_steps > 0 and current_step < warmup_steps:
        return max(1e-12, float(current_step + 1) / float(max(1, warmup_steps)))
    denominator = max(1, total_steps - warmup_steps)
    progress = min(1.0, max(0.0, (current_step - warmup_steps) / denominator))
    cosine = 0.5 * (1.0 + math.cos(math.pi * progress))
    return min_lr_ratio + (1.0 - min_lr_ratio) * cosine
optimizer = torch.optim.AdamW(model.parameters(), lr=<3e-4|6e-4>)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda)
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<1.0|0.5>)
scheduler = LambdaLR(
    optimizer, lambda step: min((step + 1) ** (-0.5), (step + 1) * <40|20> ** (-1.5))
)
""",
    """
decay = <0.95|0.99>
optimizer = torch.optim.Adam(model.parameters(), lr=<0.01|0.1>)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=lambda e: decay ** e)
""",
    """
optimizer = torch.optim.SGD(model.parameters(), lr=<0.1|0.01>, momentum=0.9, weight_decay=5e-4)
scheduler = optim.lr_scheduler.MultiStepLR(optimizer, milestones=list(range(<25|10>, 100, <25|15>)), gamma=<0.5|0.2>)
""",
    """
epochs = <80|100>
milestones = [int(epochs * fraction) for fraction in (<3/4, 7/8|0.5, 0.75>)]
optimizer = torch.optim.SGD(model.parameters(), <0.1|0.2>, momentum=0.9)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=milestones, gamma=0.1)
""",
    """
parser = argparse.ArgumentParser()
parser.add_argument('--lr', '--learning-rate', default=<0.1|0.05>, type=float)
parser.add_argument('--epochs', type=int, default=<90|60>, help='number of epochs')
parser.add_argument('--step-size', default=<30|20>, type=int)
args = parser.parse_args([])
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
scheduler = StepLR(optimizer, step_size=args.step_size, gamma=0.1)
""",
    """
CONFIG = {'training': {'learning_rate': <1e-3|3e-3>, 'epochs': <10|6>, 'pct': <0.3|0.2>}}
optimizer = optim.AdamW(model.parameters(), lr=CONFIG['training']['learning_rate'])
scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=CONFIG['training']['learning_rate'],
    epochs=CONFIG['training']['epochs'], steps_per_epoch=<11|9>, pct_start=CONFIG['training']['pct'])
""",
    """
class Config:
    lr = <1e-3|2e-3>
    num_steps = <100|150>
cfg = Config()
optimizer = optim.AdamW(model.parameters(), lr=cfg.lr, eps=1e-8)
scheduler = optim.lr_scheduler.OneCycleLR(optimizer, cfg.lr, cfg.num_steps+<100|10>,
            pct_start=<0.05|0.1>, cycle_momentum=False, anneal_strategy='linear')
""",
    """
lr = <0.1|0.4>
optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9, nesterov=True)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, steps_per_epoch=len(train_loader), epochs=<5|3>)
""",
    """
optimizer = optim.AdamW([
    {'params': model[0].parameters(), 'lr': <1e-4|2e-4>},
    {'params': model[1].parameters(), 'lr': 1e-3},
], weight_decay=1e-3)
scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=[<1e-4|2e-4>, 1e-3], epochs=<3|4>,
                                          steps_per_epoch=len(train_loader))
""",
    """
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.CyclicLR(optimizer, base_lr=<0|0.001>, max_lr=<0.1|0.05>,
                                              step_size_up=<20|15>, step_size_down=<40|None>, mode="<triangular|triangular2>")
""",
    """
import torch.optim as O
opt = O.Adam(model.parameters(), <1e-3|5e-4>)
scheduler = O.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=<10|20>, T_mult=<2|1>, eta_min=<1e-5|1e-6>)
""",
    """
from torch.optim.lr_scheduler import ExponentialLR as Decay
scheduler = Decay(torch.optim.SGD(model.parameters(), lr=<0.1|1.0>), <0.9|0.97>)
""",
    """
scheduler_kwargs = {'T_max': <50|75>, 'eta_min': <1e-5|0>}
optimizer_kwargs = dict(lr=<1e-3|0.02>, weight_decay=0.01)
optimizer = torch.optim.AdamW(model.parameters(), **optimizer_kwargs)
scheduler = CosineAnnealingLR(optimizer, **scheduler_kwargs)
""",
    """
make_scheduler = functools.partial(torch.optim.lr_scheduler.PolynomialLR, power=<0.9|2.0>, total_iters=<80|120>)
optimizer = torch.optim.SGD(model.parameters(), lr=<0.01|0.1>)
scheduler = make_scheduler(optimizer)
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<5e-4|1e-3>)
scheduler1 = ConstantLR(optimizer, factor=<0.1|0.5>, total_iters=<20|10>)
scheduler2 = ExponentialLR(optimizer, gamma=<0.9|0.99>)
scheduler = SequentialLR(optimizer, schedulers=[scheduler1, scheduler2], milestones=[<20|10>])
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=0.05)
scheduler1 = ConstantLR(optimizer, factor=0.1, total_iters=<20|15>)
scheduler2 = ExponentialLR(optimizer, gamma=<0.9|0.95>)
scheduler = ChainedScheduler([scheduler1, scheduler2], optimizer=optimizer)
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<1e-3|2e-4>)
warm = LinearLR(optimizer, start_factor=1e-8, end_factor=1.0, total_iters=<10|20>)
stable = ConstantLR(optimizer, factor=1.0, total_iters=<50|60>)
decay = LinearLR(optimizer, start_factor=1.0, end_factor=<0.1|0.01>, total_iters=<30|40>)
scheduler = SequentialLR(optimizer, [warm, stable, decay], milestones=[<10|20>, <70|80>])
""",
    """
lr, min_lr = <1e-3|3e-4>, 1e-5
optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
if <True|False>:
    scheduler = CosineAnnealingLR(optimizer, T_max=<60|80>, eta_min=lr * 0.1)
else:
    scheduler = StepLR(optimizer, <20|30>, gamma=0.5)
""",
    """
num_epochs = <30|40>
optimizer = torch.optim.SGD(model.parameters(), lr=<0.1|0.2>)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=[lambda epoch: <0.65|0.9> ** epoch])
""",
    """
optimizer = torch.optim.Adagrad(model.parameters(), lr=<0.1|0.2>)
scheduler = MultiplicativeLR(optimizer, lr_lambda=lambda epoch: <0.95|0.98>)
""",
    """
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
def adjust(epoch):
    if epoch < <30|20>:
        return 1.0
    elif epoch < <60|70>:
        return 0.1
    return 0.01
scheduler = LambdaLR(optimizer, adjust)
""",
    """
base, swa = <0.1|0.05>, <0.02|0.01>
optimizer = torch.optim.SGD(model.parameters(), lr=base)
scheduler = SWALR(optimizer, anneal_strategy="<linear|cos>", anneal_epochs=<20|30>, swa_lr=swa)
""",
    """
steps = <100|120>
rate = lambda k: (k / 10 if k < 10 else 1.0) * (1 if k < <60|70> else max(0.0, 1 - (k - <60|70>) / (steps - <60|70>)))
optimizer = torch.optim.Adam(model.parameters(), lr=<1e-2|1e-3>)
scheduler = LambdaLR(optimizer, rate)
""",
)
TRANSFORMERS = (
    """
num_epochs = <3|4>
num_training_steps = num_epochs * len(train_loader)
optimizer = torch.optim.AdamW(model.parameters(), lr=<5e-5|2e-5>)
scheduler = get_scheduler(
    name="<linear|cosine>", optimizer=optimizer, num_warmup_steps=<0|12>, num_training_steps=num_training_steps
)
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<5e-5|1e-4>)
total_steps = len(train_loader) * <3|2>
scheduler = get_linear_schedule_with_warmup(
    optimizer,
    num_warmup_steps=int(total_steps * <0.1|0.06>),
    num_training_steps=total_steps,
)
""",
    """
train_cfg = {"lr": <1e-4|3e-5>, "epochs": <2|3>, "warmup_ratio": <0.1|0.2>}
optimizer = torch.optim.AdamW(model.parameters(), lr=train_cfg["lr"], weight_decay=0.01)
num_training_steps = train_cfg["epochs"] * len(train_loader)
warmup_steps = int(train_cfg["warmup_ratio"] * num_training_steps)
scheduler = get_cosine_schedule_with_warmup(optimizer, num_warmup_steps=warmup_steps, num_training_steps=num_training_steps)
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<1e-3|1e-4>)
scheduler = get_polynomial_decay_schedule_with_warmup(optimizer, <10|5>, <100|80>, lr_end=<1e-7|1e-6>, power=<1.0|2.0>)
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<1e-3|1e-4>)
scheduler = get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, num_warmup_steps=<10|0>, num_training_steps=<100|90>,
                                                               num_cycles=<2|3>)
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<1e-3|1e-4>)
scheduler = get_scheduler("cosine_with_min_lr", optimizer, num_warmup_steps=<10|5>, num_training_steps=100,
                          scheduler_specific_kwargs={"min_lr_rate": <0.1|0.05>})
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<1e-3|1e-4>)
scheduler = get_wsd_schedule(optimizer, num_warmup_steps=<10|5>, num_stable_steps=<40|60>, num_decay_steps=<20|10>,
                             min_lr_ratio=<0.0|0.1>, decay_type="<1-sqrt|linear>")
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<1e-3|1e-4>)
scheduler = get_inverse_sqrt_schedule(optimizer, num_warmup_steps=<10|25>)
""",
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<1e-3|1e-4>)
scheduler = get_constant_schedule_with_warmup(optimizer, num_warmup_steps=<10|25>, last_epoch=-1)
""",
)
TIMM = (
    """
optimizer = torch.optim.AdamW(model.parameters(), lr=<1e-3|5e-4>, weight_decay=0.05)
scheduler = CosineLRScheduler(optimizer, t_initial=<60|80>, lr_min=1e-6, warmup_t=<5|10>, warmup_lr_init=1e-6,
                              warmup_prefix=<True|False>)
""",
    """
optimizer = torch.optim.SGD(model.parameters(), lr=<0.1|0.5>)
scheduler, num_epochs = create_scheduler_v2(optimizer, sched='<cosine|step|poly>', num_epochs=<50|90>, warmup_epochs=<3|5>,
                                            warmup_lr=1e-4, min_lr=<1e-5|0>)
""",
    """
optimizer = torch.optim.SGD(model.parameters(), lr=<0.1|0.5>)
scheduler = StepLRScheduler(optimizer, decay_t=<20|15>, decay_rate=<0.1|0.5>, warmup_t=<5|0>, warmup_lr_init=1e-4)
""",
    """
optimizer = torch.optim.SGD(model.parameters(), lr=<0.1|0.5>)
scheduler = PolyLRScheduler(optimizer, t_initial=<50|70>, power=<0.9|2.0>, lr_min=1e-5, warmup_t=<3|5>, t_in_epochs=False)
""",
    """
optimizer = torch.optim.SGD(model.parameters(), lr=<0.1|0.5>)
scheduler = TanhLRScheduler(optimizer, t_initial=<50|70>, lb=-6.0, ub=<3.0|4.0>, lr_min=1e-5)
""",
    """
optimizer = torch.optim.SGD(model.parameters(), lr=<0.1|0.5>)
scheduler = CosineLRScheduler(optimizer, t_initial=<20|25>, cycle_limit=<3|2>, cycle_decay=<0.5|1.0>, cycle_mul=<1.|2.>)
""",
)
OPTAX = (
    """
learning_rate, warmup_steps, total_steps = <1e-3|3e-4>, <10|20>, <100|150>
warmup_fn = optax.linear_schedule(init_value=0.0, end_value=learning_rate, transition_steps=warmup_steps)
cosine_fn = optax.cosine_decay_schedule(init_value=learning_rate, decay_steps=total_steps - warmup_steps)
schedule = optax.join_schedules(schedules=[warmup_fn, cosine_fn], boundaries=[warmup_steps])
optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(learning_rate=schedule, weight_decay=0.01))
""",
    """
num_iters, accum_k = <1000|800>, <8|4>
total_steps = num_iters // accum_k
schedule = optax.warmup_cosine_decay_schedule(
    init_value=0.0,
    peak_value=<5e-4|1e-3>,
    warmup_steps=int(0.04 * (num_iters // accum_k)),
    decay_steps=int(0.8 * total_steps),
    end_value=1e-4,
)
""",
    """
def create_lr_schedule(base_lr, warmup_steps=<50|20>, total_steps=<200|150>):
    warmup = optax.linear_schedule(init_value=0.0, end_value=base_lr, transition_steps=warmup_steps)
    cosine = optax.cosine_decay_schedule(init_value=base_lr, decay_steps=total_steps - warmup_steps)
    return optax.join_schedules(schedules=[warmup, cosine], boundaries=[warmup_steps])
schedule = create_lr_schedule(<1e-3|0.1>)
""",
    """
lr = <0.1|0.01>
schedule = optax.join_schedules([optax.linear_schedule(0, lr, <10|25>), optax.constant_schedule(lr)], boundaries=[<10|25>])
""",
    """
lr_max, lr_hold, hold = <1e-2|1e-3>, 1e-4, <80|100>
schedule = optax.join_schedules(
    schedules=[
        optax.linear_schedule(1e-5, lr_max, 10),
        optax.cosine_decay_schedule(lr_max, hold - 10, alpha=lr_hold / lr_max),
        optax.constant_schedule(lr_hold),
    ],
    boundaries=[10, hold],
)
""",
    """
schedule = optax.exponential_decay(init_value=<0.1|1e-3>, transition_steps=<10|30>, decay_rate=<0.9|0.5>,
                                   staircase=<True|False>)
""",
    """
schedule = optax.piecewise_constant_schedule(init_value=<1e-3|0.1>, boundaries_and_scales={<30|25>: 0.1, <60|80>: <0.1|0.5>})
""",
    """
schedule = optax.polynomial_schedule(init_value=<1e-2|1.0>, end_value=<1e-4|0.0>, power=<1|2>, transition_steps=<50|70>)
""",
    """
schedule = optax.linear_onecycle_schedule(transition_steps=<100|120>, peak_value=<0.1|0.01>)
""",
)
KERAS = (
    """
lr_schedule = keras.optimizers.schedules.ExponentialDecay(initial_learning_rate=<1e-2|1e-4>, decay_steps=<50|20>,
                                                          decay_rate=<0.9|0.96>, staircase=<True|False>)
schedule = lr_schedule
optimizer = keras.optimizers.SGD(learning_rate=lr_schedule)
""",
    """
STEPS_PER_EPOCH, EPOCHS = <10|12>, <5|4>
schedule = keras.optimizers.schedules.CosineDecay(<1e-3|0.1>, decay_steps=STEPS_PER_EPOCH * EPOCHS, alpha=<0.0|0.1>)
""",
    """
schedule = keras.optimizers.schedules.CosineDecay(
    initial_learning_rate=<0.0|1e-4>, decay_steps=<50|40>, warmup_target=<1e-3|0.01>, warmup_steps=<10|5>)
""",
    """
boundaries = [<30|20>, <60|50>]
values = [<1e-1|1e-2>, 1e-3, 1e-4]
schedule = keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)
""",
    """
schedule = keras.optimizers.schedules.PolynomialDecay(<0.1|1e-3>, <50|80>, end_learning_rate=<1e-5|1e-4>, power=<0.5|1.0>)
""",
    """
initial = <0.1|0.01>
schedule = keras.optimizers.schedules.InverseTimeDecay(initial, decay_steps=<1.0|20>, decay_rate=<0.5|0.1>)
""",
    """
schedule = keras.optimizers.schedules.CosineDecayRestarts(<1e-2|0.1>, <20|15>, t_mul=<2.0|1.0>, m_mul=<0.9|1.0>)
""",
)
SCRIPTS = {"torch": TORCH, "transformers": TRANSFORMERS, "timm": TIMM, "optax": OPTAX, "keras": KERAS}
VARIANTS, STEPS = 8, 130


def written(script: str, draw: Random) -> str:
    """A script with a choice made for each `<a|b>`; choices with the same options are made together."""
    made: dict[str, str] = {}
    return re.sub(r"<([^<>\n]*\|[^<>\n]*)>", lambda m: made.setdefault(m[1], draw.choice(m[1].split("|"))), script)


def executed(library: str, text: str) -> dict[str, Any]:
    """The names of a script after it has run."""
    model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Linear(1, 1))
    scope = {**names(library), "torch": torch, "optim": torch.optim, "model": model, "train_loader": range(37)}
    scope |= {"functools": functools, "argparse": argparse}
    if library == "keras":
        import keras

        scope["keras"] = keras
    exec(text, scope)
    return scope


def rates(library: str, scope: dict[str, Any], steps: int) -> np.ndarray:
    if library in {"optax", "keras"}:
        return np.array([float(scope["schedule"](k)) for k in range(steps)])
    scheduler, found = scope["scheduler"], []
    for k in range(steps):
        if library == "timm":
            scheduler.step(k)
            scheduler.step_update(k)
        found.append(scheduler.optimizer.param_groups[0]["lr"])
        if library != "timm" and k < steps - 1:
            scheduler.optimizer.step()
            scheduler.step()
    return np.array(found)


def outcome(library: str, text: str) -> str:
    """ "exact", "said" where a notice says that the curve is close, or what is wrong."""
    scope = executed(library, text)
    reading, values = read_code(text), {}
    for _ in range(4):
        if reading.complete:
            break
        for each in reading.missing:
            values[each.name] = (
                each.options[0] if each.options else STEPS if each.name == "total_steps" else eval(each.name, scope)
            )
        reading = read_code(text, values)
    if reading.schedule is None:
        return f"refused: {[str(each.sentence) for each in reading.notices]}"
    theirs = rates(library, scope, reading.schedule.total_steps)
    away = float(np.max(np.abs(reading.schedule.lrs() - theirs)) / theirs.max())
    tolerance = 2e-6 if library in {"optax", "keras"} else 1e-9
    if away <= tolerance:
        return "exact"
    said = any(each.sentence.key in {"reading.knots", "reading.close", "reading.negative"} for each in reading.notices)
    return "said" if said else f"{away:.3g} away: {reading.schedule}"


@functools.cache
def outcomes(library: str) -> types.MappingProxyType[str, str]:
    texts = {written(script, Random(f"{i} {n}")) for i, script in enumerate(SCRIPTS[library]) for n in range(VARIANTS)}
    return types.MappingProxyType({text: outcome(library, text) for text in sorted(texts)})


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("library", SCRIPTS)
def test_scripts_are_read_to_the_library_s_rates(library):
    wrong = {text: found for text, found in outcomes(library).items() if found not in {"exact", "said"}}
    assert not wrong, "\n".join(f"{text}{found}\n" for text, found in wrong.items())


@pytest.mark.filterwarnings("ignore")
def test_nearly_all_scripts_are_exact():
    found = [each for library in SCRIPTS for each in outcomes(library).values()]
    assert len(found) >= 300
    assert found.count("exact") >= 0.97 * len(found), f"{found.count('exact')} of {len(found)}"


def test_the_cosine_of_a_script_is_no_line():
    """The comparison finds a schedule that is not the script's."""
    text = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nscheduler = CosineAnnealingLR(optimizer, 50)"
    theirs = rates("torch", executed("torch", text), 50)
    line = read_code(text.replace("CosineAnnealingLR(optimizer, 50)", "PolynomialLR(optimizer, 50)")).schedule
    assert line is not None and math.isclose(line.lrs()[0], theirs[0]) and abs(line.lrs()[10] - theirs[10]) > 1e-3
