"""Python in any style: what is read, the lines of notices, and what is asked for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from schedules import Cosine, Linear, MultiFactor, Schedule, Step, Steps, read_code
from schedules.reading import LONGEST, Reading
from schedules.units import Units
from schedules.words import say

SGD = "opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"


def said(reading: Reading) -> dict[str, int]:
    """The keys of notices, with their lines."""
    return {each.sentence.key.removeprefix("reading."): each.line for each in reading.notices}


def asked(reading: Reading) -> set[str]:
    return {each.name for each in reading.missing}


def test_aliases_of_modules_classes_and_assigned_names():
    for text in (
        "from torch.optim.lr_scheduler import StepLR as S\n" + SGD + "s = S(opt, 30)",
        "import torch.optim.lr_scheduler as L\n" + SGD + "s = L.StepLR(opt, 30)",
        "from torch.optim.lr_scheduler import *\n" + SGD + "s = StepLR(opt, 30)",
        "Decay = torch.optim.lr_scheduler.StepLR\n" + SGD + "s = Decay(opt, step_size=30)",
        SGD + "s = getattr(torch.optim.lr_scheduler, 'StepLR')(opt, 30)",
        "make = partial(torch.optim.lr_scheduler.StepLR, step_size=30)\n" + SGD + "s = make(opt)",
        SGD + "settings = {'step_size': 30}\ns = StepLR(opt, **settings)",
        SGD + "arguments = [opt, 30]\ns = StepLR(*arguments)",
        "def build(optimizer, size=30):\n    return StepLR(optimizer, size)\n" + SGD + "s = build(opt)",
    ):
        reading = read_code(text, {"total_steps": 90})
        assert reading.library == "torch" and reading.complete, text
        assert reading.schedule == Schedule(policy=Step(every=Steps(30)), peak_lr=0.1, total_steps=90), text


def test_defaults_of_options_and_classes_are_used_and_said():
    text = (
        "p.add_argument('--lr', type=float, default=0.3)\n"
        "@dataclass\nclass Config:\n    size: int = 20\n"
        "opt = SGD(model.parameters(), lr=args.lr)\ns = StepLR(opt, cfg.size)\n"
    )
    reading = read_code(text, {"total_steps": 60})
    assert reading.schedule is not None and reading.schedule.peak_lr == 0.3
    assert reading.schedule.policy == Step(every=Steps(20))
    assert [(each.line, each.level) for each in reading.notices] == [(1, "info"), (4, "info")]


def test_a_name_that_is_assigned_twice_is_said():
    reading = read_code("size = 10\nsize = 20\n" + SGD + "s = StepLR(opt, size)", {"total_steps": 60})
    assert reading.schedule is not None and reading.schedule.policy == Step(every=Steps(20))
    assert said(reading) == {"reassigned": 4}


def test_groups_with_rates_of_their_own_are_reported():
    text = "opt = AdamW([{'params': a, 'lr': 1e-4}, {'params': b}], lr=1e-3)\ns = CosineAnnealingLR(opt, 50)"
    reading = read_code(text)
    assert reading.groups == (1e-4, 1e-3)
    assert reading.schedule is not None and reading.schedule.peak_lr == 1e-4
    assert said(reading) == {"groups": 1}


def test_a_decided_branch_is_read_and_an_undecided_one_is_asked():
    text = SGD + "if {}:\n    s = StepLR(opt, 30)\nelse:\n    s = CosineAnnealingLR(opt, 100)"
    for test, name in (("True", "StepLR"), ("kind == 'cos'", "StepLR"), ("1 > 2", "CosineAnnealingLR")):
        lead = "kind = 'step'\n" if "kind" in test else ""
        given = test.replace("== 'cos'", "== 'step'")
        assert read_code(lead + text.format(given)).name == name
    reading = read_code(text.format("args.flag"))
    assert asked(reading) >= {"scheduler"}
    options = next(each.options for each in reading.missing if each.name == "scheduler")
    assert set(options) == {"line 3: StepLR", "line 5: CosineAnnealingLR"}
    for option in options:
        assert read_code(text.format("args.flag"), {"scheduler": option, "total_steps": 9}).name == option.partition(": ")[2]


@pytest.mark.parametrize("many", [False, True])
def test_a_scheduler_that_is_stepped_once_per_epoch_is_in_updates(many):
    loader = "for i, (x, y) in enumerate(tqdm(train_loader)):" if many else "for x in train_loader:"
    text = f"{SGD}s = StepLR(opt, 30)\nfor epoch in range(90):\n    {loader}\n        opt.step()\n    s.step()\n"
    reading = read_code(text)
    assert reading.stepped == "epoch" and asked(reading) == {"len(train_loader)"}
    reading = read_code(text, {"len(train_loader)": 40})
    assert reading.complete and reading.schedule is not None
    expected = Schedule(policy=Step(every=Steps(1_200)), peak_lr=0.1, total_steps=3_600, update_every=40)
    assert np.array_equal(reading.schedule.lrs(), expected.lrs())


def test_the_length_of_the_run_is_that_of_its_loops():
    text = SGD + "s = StepLR(opt, 7)\nfor epoch in range(3):\n    for x in loader:\n        opt.step()\n        s.step()\n"
    reading = read_code(text, {"len(loader)": 50})
    assert reading.schedule is not None and reading.schedule.total_steps == 150 and reading.stepped == "update"
    reading = read_code(SGD + "s = StepLR(opt, 7)\nfor k in range(80):\n    opt.step()\n    s.step()\n")
    assert reading.complete and reading.schedule is not None and reading.schedule.total_steps == 80


def test_a_scheduler_beside_an_accumulated_step_is_stepped_per_micro_batch():
    loop = "for i, x in enumerate(range(4000)):\n    loss.backward()\n    if (i + 1) % 4 == 0:\n        opt.step()\n"
    reading = read_code(SGD + "s = CosineAnnealingLR(opt, 1000)\n" + loop + "    s.step()\n")
    assert (reading.stepped, reading.accumulation, said(reading)) == ("micro_batch", 4, {"micro_batch": 7})
    reading = read_code(SGD + "s = CosineAnnealingLR(opt, 1000)\n" + loop + "        s.step()\n")
    assert reading.stepped == "update" and not reading.notices
    assert reading.schedule is not None and reading.schedule.total_steps == 1_000


def test_a_scheduler_that_is_stepped_first_skips_a_rate():
    reading = read_code(SGD + "s = CosineAnnealingLR(opt, 50)\nfor k in range(50):\n    s.step()\n    opt.step()\n")
    assert said(reading) == {"before_optimizer": 4}
    assert reading.schedule is not None
    cosine = Schedule(policy=Cosine(), peak_lr=0.1, total_steps=51, horizon=Steps(50))
    np.testing.assert_allclose(reading.schedule.lrs(), cosine.lrs()[1:], atol=1e-15)


TEXTS = {
    "a notebook": ("In [3]: opt = SGD(p, lr=0.1)\nIn [4]: s = StepLR(opt, 30)\n%time\n!pip install x", 2),
    "a shell": (">>> opt = SGD(p, lr=0.1)\n>>> s = StepLR(opt,\n...            30)\n>>> s.x\n[0.1]", 2),
    "a diff": ("@@ -1,2 +1,2 @@\n opt = SGD(p, lr=0.1)\n-s = StepLR(opt, 10)\n+s = StepLR(opt, 30)", 4),
    "fences": ("Try this:\n```python\nopt = SGD(p, lr=0.1)\ns = StepLR(opt, 30)\n```\nIt works (for me).", 4),
    "indented": ("        opt = SGD(p, lr=0.1)\n        s = StepLR(opt, 30)", 2),
    "broken": ("opt = SGD(p, lr=0.1)\n    s = StepLR(opt, 30)\n  else:", 2),
    "cut off": ("opt = SGD(p, lr=0.1)\ns = StepLR(opt, 30,", 2),
    "cut off in an argument": ("opt = SGD(p, lr=0.1)\ns = StepLR(opt, 30, gamma=", 2),
    "Windows": ("opt = SGD(p, lr=0.1)\r\ns = StepLR(opt,\t30)\r\n", 2),
    "spaces that do not break": ("opt\u00a0=\u00a0SGD(p,\u00a0lr=0.1)\ns = StepLR(opt, 30)", 2),
    "smart quotes": ("opt = SGD(p, lr=0.1)\ns = StepLR(opt, 30)\nprint(\u201cdone\u201d)", 2),
    "prose": ("With opt = SGD(p, lr=0.1) I use\nStepLR(opt, 30) and it fails, why?", 2),
}


@pytest.mark.parametrize("name", TEXTS)
def test_copied_text_is_read_with_its_lines(name):
    text, line = TEXTS[name]
    reading = read_code(text, {"total_steps": 90})
    assert reading.schedule == Schedule(policy=Step(every=Steps(30)), peak_lr=0.1, total_steps=90)
    assert reading.line == line


def test_a_missing_name_is_asked_for_and_filled():
    text = SGD + "s = OneCycleLR(opt, max_lr=0.1, epochs=10, steps_per_epoch=len(train_loader))"
    reading = read_code(text)
    assert [(each.name, each.kind, each.line) for each in reading.missing] == [("len(train_loader)", "count", 2)]
    assert not reading.complete and reading.schedule is not None
    filled = read_code(text, {"len(train_loader)": 50})
    assert filled.complete and filled.schedule is not None and filled.schedule.total_steps == 500


def test_a_run_whose_loop_has_an_unknown_length_is_as_long_as_a_plan_in_updates():
    text = """o = SGD(p, lr=0.1)
s = CosineAnnealingLR(o, T_max={plan})
for epoch in range({epochs}):
    for x in loader:
        o.step()
        s.step()
"""
    reading = read_code(text.format(plan="3 * 39_062", epochs=3))
    assert reading.complete and reading.schedule is not None and reading.schedule.total_steps == 117_186
    assert said(reading)["as_long_as_the_plan"] == 6
    known = read_code(text.format(plan=117_186, epochs=3), {"len(loader)": 39_062})
    assert known.schedule == reading.schedule and "as_long_as_the_plan" not in said(known)
    for plan, epochs in ((90, 90), (90, "EPOCHS"), ("3 * len(loader)", 3)):  # perhaps in epochs, or of the same unknown length
        assert "len(loader)" in asked(read_code(text.format(plan=plan, epochs=epochs)))
    rate = read_code(text.format(plan=9_000, epochs=3).replace("lr=0.1", "lr=args.lr"))
    assert asked(rate) == {"args.lr"}


def test_unknown_contents_are_noted_for_schedulers_and_optimizers_only():
    text = "loss = model(**batch).loss\no = SGD(p, lr=0.1, **extra)\ns = CosineAnnealingLR(o, T_max=80, **more)\n"
    noted = [(each.line, str(each.sentence)) for each in read_code(text).notices if each.sentence.key == "reading.unpacked"]
    assert noted == [(k, str(say("reading.unpacked", name=name))) for k, name in ((2, "extra"), (3, "more"))]


def test_arithmetic_with_missing_names():
    text = SGD + "total = EPOCHS * (len(loader) // 4)\ns = CosineAnnealingLR(opt, T_max=int(0.5 * total))"
    assert asked(read_code(text)) == {"EPOCHS", "len(loader)"}
    reading = read_code(text, {"EPOCHS": 6, "len(loader)": 41})
    assert reading.schedule is not None and reading.schedule.total_steps == 30


@pytest.mark.parametrize(
    ("call", "key"),
    [
        ("CosineAnnealingLR(opt, T_max=0)", "count"),
        ("StepLR(opt, step_size=float('nan'))", "not_a_number"),
        ("StepLR(opt, step_size=-3)", "count"),
        ("StepLR(opt, '30')", "not_a_number"),
        ("CosineAnnealingLR(opt, T_max='100')", "not_a_number"),
        ("LinearLR(opt, start_factor=0.0)", "between_above"),
        ("LinearLR(opt, end_factor=1.5)", "between"),
        ("ConstantLR(opt, factor=2)", "between"),
        ("OneCycleLR(opt, max_lr=0.1)", "one_cycle_length"),
        ("OneCycleLR(opt, max_lr=0.1, total_steps=10, pct_start=0.1)", "divides_by_zero"),
        ("CosineAnnealingWarmRestarts(opt, T_0=0)", "count"),
        ("SequentialLR(opt, [StepLR(opt, 3), StepLR(opt, 4)], milestones=[1, 2])", "milestones"),
        ("ReduceLROnPlateau(opt, factor=1.0)", "between"),
        ("OneCycleLR(opt, max_lr=0.1, total_steps=10.0)", "only_int"),
    ],
)
def test_what_torch_refuses_is_refused_with_the_reason(call, key):
    reading = read_code(SGD + "s = " + call)
    assert reading.schedule is None
    assert said(reading)[key] == 2 and reading.notices[-1].level == "refused"


def test_an_optimizer_without_a_scheduler_keeps_its_rate():
    reading = read_code(SGD + "for i in range(10):\n    opt.step()\n")
    assert reading.schedule is None and said(reading) == {"only_optimizer": 1}
    assert "stays at 0.1" in str(reading.notices[0].sentence)


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("len(loader)", "How many steps?"),
        ("args.num_epochs", "How many epochs?"),
        ("steps_per_epoch", "How many steps?"),
        ("args.batch_size", "How many examples in a batch?"),
        ("dist.get_world_size()", "How many devices?"),
        ("args.gradient_accumulation_steps", "How many micro-batches in an update?"),
    ],
)
def test_a_missing_count_is_asked_for_in_the_unit_of_its_name(name, question):
    (missing,) = read_code(SGD + f"s = CosineAnnealingLR(opt, T_max=1000 * {name})").missing
    assert missing.kind == "count" and str(missing.sentence) == f"{question} {name} is not in the text."


def test_a_rate_that_is_scaled_by_the_batch_needs_the_batch():
    (missing,) = read_code("CosineAnnealingLR(SGD(p, lr=0.1 * batch_size / 256), T_max=10)").missing
    assert (missing.kind, str(missing.sentence)) == ("count", "How many examples in a batch? batch_size is not in the text.")


def test_a_text_of_an_option_is_a_number():
    text = "parser.add_argument('--t', type=int, default='100')\n" + SGD + "s = CosineAnnealingLR(opt, T_max=args.t)"
    assert read_code(text).schedule.total_steps == 100


def test_an_unknown_argument_names_the_nearest_one():
    reading = read_code(SGD + "s = StepLR(opt, 30, gama=0.5)", {"total_steps": 60})
    assert said(reading) == {"unknown_nearest": 2}
    assert "gamma" in str(reading.notices[0].sentence)


def test_a_name_in_two_libraries_is_told_apart_or_asked_for():
    keras = read_code("cb = keras.callbacks.ReduceLROnPlateau(monitor='val_loss', patience=3)")
    assert (keras.library, keras.feedback.counting) == ("keras", "keras")
    torch = read_code(SGD + "s = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, 'min', patience=3)")
    assert (torch.library, torch.feedback.counting) == ("torch", "torch")
    assert "library" in asked(read_code("s = ReduceLROnPlateau(factor=0.5, patience=3)"))
    assert read_code("s = ReduceLROnPlateau(factor=0.5, patience=3)", {"library": "keras"}).library == "keras"


def test_trainer_arguments_give_units_and_a_warmup_that_is_rounded_up():
    text = (
        "TrainingArguments('out', learning_rate=2e-5, num_train_epochs=3, per_device_train_batch_size=16,\n"
        "    gradient_accumulation_steps=2, warmup_ratio=0.1, lr_scheduler_type='cosine', bf16=True, save_steps=500)"
    )
    assert asked(read_code(text)) == {"len(train_dataset)"}
    reading = read_code(text, {"len(train_dataset)": 10_000})
    units = Units(samples=10_000, batch=16, accumulation=2, epochs=3)
    assert reading.units == units and reading.schedule is not None
    assert reading.schedule.total_steps == units.total_steps == 939
    assert reading.schedule.warmup == Steps(94) and reading.schedule.peak_lr == 2e-5
    default = read_code("TrainingArguments('out', max_steps=1000)")
    assert default.schedule == Schedule(policy=Linear(), peak_lr=5e-5, total_steps=1_000, horizon=Steps(1_000))


def test_many_milestones_become_levels():
    at = list(range(5, 205, 5))
    reading = read_code(f"{SGD}s = MultiStepLR(opt, {at}, gamma=0.9)", {"total_steps": 250})
    assert reading.complete and reading.schedule is not None and not isinstance(reading.schedule.policy, MultiFactor)
    theirs = 0.1 * 0.9 ** np.searchsorted(at, np.arange(250), side="right")
    np.testing.assert_allclose(reading.schedule.lrs(), theirs, rtol=1e-12)


def test_a_curve_that_no_schedule_has_is_drawn_with_its_error():
    text = SGD + "s = LambdaLR(opt, lambda k: 1 / (1 + math.sin(k / 9) ** 2))"
    reading = read_code(text, {"total_steps": 200})
    assert said(reading) == {"knots": 2}
    theirs = 0.1 / (1 + np.sin(np.arange(200) / 9) ** 2)
    assert reading.schedule is not None and np.max(np.abs(reading.schedule.lrs() - theirs)) < 2e-3


NANOGPT = """def get_lr(it):
    if it < warmup_iters:
        return learning_rate * (it + 1) / (warmup_iters + 1)
    if it > lr_decay_iters:
        return min_lr
    decay_ratio = (it - warmup_iters) / (lr_decay_iters - warmup_iters)
    assert 0 <= decay_ratio <= 1
    coeff = 0.5 * (1.0 + math.cos(math.pi * decay_ratio))
    return min_lr + coeff * (learning_rate - min_lr)
"""


def test_a_function_that_returns_the_rate_is_read():
    values = {"warmup_iters": 20, "learning_rate": 6e-4, "lr_decay_iters": 150, "min_lr": 6e-5}
    assert asked(read_code(NANOGPT)) == {*values, "total_steps"}
    reading = read_code(NANOGPT, {**values, "total_steps": 200})
    assert reading.complete and reading.schedule is not None and isinstance(reading.schedule.policy, Cosine)
    scope = {"math": math, **values}
    exec(NANOGPT, scope)
    theirs = [scope["get_lr"](k) for k in range(200)]
    np.testing.assert_allclose(reading.schedule.lrs(), theirs, atol=6e-13)


def test_a_class_of_the_text_is_the_call_of_its_base():
    text = (
        "class Warmup(torch.optim.lr_scheduler.SequentialLR):\n"
        "    def __init__(self, optimizer, warmup, total):\n"
        "        ramp = LambdaLR(optimizer, lambda k: k / max(1, warmup))\n"
        "        super().__init__(optimizer, [ramp, CosineAnnealingLR(optimizer, total - warmup)], milestones=[warmup])\n"
    )
    reading = read_code(text + SGD + "s = Warmup(opt, 10, 100)")
    assert reading.complete
    assert reading.schedule is not None
    assert np.array_equal(reading.schedule.lrs(), Schedule(policy=Cosine(), total_steps=100, warmup=0.1).lrs())


def test_the_default_of_a_lookup_is_used_and_said():
    reading = read_code("s = optax.cosine_decay_schedule(kwargs.get('rate', 0.2), decay_steps=kwargs.get('steps', 50))")
    assert reading.complete and reading.schedule is not None
    assert (reading.schedule.peak_lr, reading.schedule.total_steps) == (0.2, 50)
    assert set(said(reading)) == {"default"}


HOSTILE = {
    "a long sum": "x = " + "+".join(["a"] * 5_000),
    "brackets": "x = " + "(" * 9_000,
    "nested calls": "StepLR(" * 90 + "1" + ")" * 90,
    "nested lists": "x = [[i for i in range(10000)] for j in range(10000)]",
    "powers": "StepLR(SGD(p, lr=9**9**9), 10**10**10)",
    "functions that call each other": "".join(
        f"def f{i}(a):\n" + f"  x = f{i + 1}(a)\n" * 10 + "  return StepLR(a, 3)\n" for i in range(50)
    ),
    "a function that calls itself": "def f(x):\n  return f(x - 1) + f(x - 2)\nLambdaLR(SGD(p, lr=.1), f)",
    "a long composition": f"SequentialLR(o, [{', '.join(['StepLR(o, 3)'] * 400)}], {[10 * i for i in range(1, 400)]})",
    "many arguments": "x = {" + ",".join(f"'a{i}': {i}" for i in range(1_200)) + "}\nStepLR(SGD(p, lr=.1), **x)",
    "a long function": "LambdaLR(SGD(p, lr=.1), lambda s: " + "+".join(["s**2"] * 1_500) + ")",
    "attributes": "a" + ".b" * 9_000 + " = 3",
    "a long run": SGD + "for s in range(10**9):\n  opt.step()\n  z.step()\nz = LambdaLR(opt, lambda s: 1 / (1 + s))",
    "nested functions": "".join(" " * i + f"def f{i}():\n" for i in range(60)) + " " * 60 + "StepLR(o, 3)",
    "many schedulers": "\n".join(f"s{i} = StepLR(opt, {i + 1})" for i in range(600)),
    "surrogates": "s = StepLR(opt, '\ud800')",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_gets_a_schedule_or_a_sentence(name):
    text = HOSTILE[name]
    assert len(text) <= LONGEST
    reading = read_code(text)
    assert reading.schedule is not None or reading.notices
    assert "failed" not in said(reading)


@pytest.mark.parametrize(("line", "ramp"), [("ConstantWithWarmupScheduler('20ba')", 20), ("ConstantScheduler()", 0)])
def test_a_constant_of_composer_needs_no_length_of_the_run(line, ramp):
    text = f"from composer.optim import *\nopt = SGD(p, lr=0.1)\ns = {line}"
    assert asked(read_code(text)) == {"total_steps"}
    reading = read_code(text, {"total_steps": 60})
    assert reading.complete and reading.schedule is not None
    np.testing.assert_allclose(reading.schedule.lrs(), 0.1 * np.minimum(1, np.arange(60) / max(1, ramp) + (not ramp)))


def test_a_share_of_the_run_is_that_of_the_length_that_is_given():
    text = "from composer.optim import *\nopt = SGD(p, lr=0.1)\ns = CosineAnnealingScheduler('0.5dur')"
    reading = read_code(text, {"total_steps": 60})
    assert reading.complete and reading.schedule is not None
    expected = Schedule(policy=Cosine(), peak_lr=0.1, total_steps=60, horizon=Steps(30))
    np.testing.assert_allclose(reading.schedule.lrs(), expected.lrs(), atol=1e-15)
