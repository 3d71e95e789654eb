"""The script for reduce-on-plateau runs, and its scheduler makes the same reductions as ours."""

from __future__ import annotations

import numpy as np
import pytest

from schedules import Constant, Cosine, Linear, Schedule
from schedules.core.spec import columns
from schedules.export.torch_plateau import plateau_code
from schedules.feedback import Seen
from schedules.feedback.greedy import Greedy
from schedules.feedback.plateau import Plateau
from tests.boxes import corners

CONSTANT = Schedule(policy=Constant(), peak_lr=0.3, total_steps=40)
PLANNED = (
    CONSTANT,
    CONSTANT.replace(warmup=0.25),
    CONSTANT.replace(warmup=0.25, warmup_start=0.1, cooldown=0.3, cooldown_floor=0.1),
    CONSTANT.replace(policy=Cosine(floor=0.1), warmup=0.1),
    CONSTANT.replace(policy=Linear(), warmup=0.2, update_every=3),
    CONSTANT.replace(policy=Cosine(), horizon=0.3, after="restart", first_step=1),
)


def run(code: str, metric: list[float]) -> tuple[list[float], list[float]]:
    """Execute the script with given losses; return the metrics that its rule received, and the rate of every step."""
    reported, rates = [], []
    patched = code.replace("losses.append(loss.item())", "losses.append(metric[step])")
    patched = patched.replace("    optimizer.step()\n", "    used(optimizer)\n    optimizer.step()\n")
    for rule in ("plateau", "scheduler"):
        patched = patched.replace(f"{rule}.step(sum(", f"watch({rule}, sum(")

    def watch(rule, value):
        reported.append(value)
        rule.step(value)

    exec(patched, {"metric": metric, "watch": watch, "used": lambda opt: rates.append(opt.param_groups[0]["lr"])})
    return reported, rates


@pytest.mark.parametrize("schedule", PLANNED)
@pytest.mark.parametrize("rule", list(corners(Plateau, most=20)), ids=repr)
def test_the_script_reproduces_the_rates_of_the_rule(rule, schedule):
    """With the same losses, our rule gives the script's rate at every step, and its metrics come at the same steps."""
    rule, schedule = rule.replace(every=min(rule.every, 4), wait=min(rule.wait, 5)), schedule.replace(total_steps=120)
    code = plateau_code(schedule, rule)
    if rule.counting == "keras":
        assert code is None
        return
    metric = np.random.default_rng(1).lognormal(0, 0.5, 120) * np.linspace(1, 0.3, 120)
    reported, rates = run(code, metric.tolist())
    assert len(reported) == 120 // rule.every - rule.wait
    feedback, planned = columns([rule]), schedule.lrs()
    state = feedback.begin(1)
    for k, rate in enumerate(rates):
        checked = k // rule.every - rule.wait - 1
        loss = np.array([reported[max(checked, 0)]])
        ours, state = feedback.rate(planned[k : k + 1], state, Seen(k, loss, np.ones(1)))
        assert ours[0] == pytest.approx(rate, rel=1e-12, abs=1e-300)


def test_reductions_of_the_rule_appear_in_the_script():
    """With a constant loss the rate is halved after the warm-up, and again."""
    schedule = CONSTANT.replace(warmup=0.25)
    code = plateau_code(schedule, Plateau(every=5, patience=0))
    _, rates = run(code, [1.0] * 40)
    assert rates[:10] == pytest.approx([0.03 * k for k in range(10)])
    assert rates[10:25:5] == pytest.approx([0.15, 0.075, 0.0375])
    _, later = run(plateau_code(schedule, Plateau(every=5, patience=0, wait=4)), [1.0] * 40)
    assert later[10:30] == pytest.approx([0.3] * 20) and later[30:] == pytest.approx([0.15] * 5 + [0.075] * 5)


@pytest.mark.parametrize("rule", [Greedy(), Plateau(counting="keras")])
def test_rules_unknown_to_pytorch_are_not_exported(rule):
    assert plateau_code(CONSTANT, rule) is None
