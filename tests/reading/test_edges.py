"""Arguments at the edges of what the libraries take: no wrong curve without a notice."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from schedules import read_code
from tests.reading.test_library_rates import theirs

MAINS = (
    *("StepLR(optimizer, 7)", "CosineAnnealingLR(optimizer, 40, 0.01)", "ExponentialLR(optimizer, 0.9)"),
    *("CosineAnnealingWarmRestarts(optimizer, 9)", "LinearLR(optimizer, 1.0, 0.0, 30)", "PolynomialLR(optimizer, 20, 2.0)"),
)
LINES = {
    "torch": (
        "StepLR(optimizer, <1|2|{i}|500>, gamma=<0.0|0.5|1.0|1.5>)",
        "MultiStepLR(optimizer, <[]|[0]|[0, 5, 5]|[{i}, 3, 3]|[500]>, gamma=<0.1|1.0|2.0>)",
        "ConstantLR(optimizer, <0.5|1.0|0.001>, <0|1|{i}|300>)",
        "LinearLR(optimizer, <1.0|0.1|1e-8>, <1.0|0.0|0.5>, <0|1|{i}|300>)",
        "ExponentialLR(optimizer, <0.0|0.5|1.0|1.01|0.9999999>)",
        "PolynomialLR(optimizer, <0|1|{i}|300>, <0.5|1|3>)",
        "CosineAnnealingLR(optimizer, <1|2|3|{i}|300>, <0|0.1|0.05|0.5>)",
        "CosineAnnealingWarmRestarts(optimizer, <1|2|{i}|300>, <1|2|3>, <0|0.05|0.1>)",
        "CyclicLR(optimizer, <0|0.1|0.01>, <0.1|0.3>, <1|3|{i}|300>, <None|1|7>, '<triangular|exp_range>', <1.0|0.9>)",
        "SWALR(optimizer, <0.05|0.2|0.1>, <0|1|{i}>, '<cos|linear>')",
        *(f"SequentialLR(optimizer, [LinearLR(optimizer, 0.1, 1.0, <1|5|{{i}}>), {main}], [<1|5|{{j}}>])" for main in MAINS),
        *(f"ChainedScheduler([LinearLR(optimizer, 0.1, 1.0, <1|5|{{i}}>), {main}])" for main in MAINS),
    ),
    "timm": (
        (
            "CosineLRScheduler(optimizer, <1|2|{i}|200>, <0|0.05|0.1>, warmup_t=<0|1|{j}|100>, warmup_lr_init=<0|0.05|0.2>, "
            "warmup_prefix=<True|False>, cycle_limit=<1|2|3>, cycle_decay=<1.0|0.5>, k_decay=<1.0|0.5>)"
        ),
        "TanhLRScheduler(optimizer, <2|{i}|200>, warmup_t=<0|1|{j}>, warmup_prefix=<True|False>, cycle_limit=<1|2>)",
        "StepLRScheduler(optimizer, <1|{i}|200>, <1.0|0.5|0.0>, warmup_t=<0|{j}|300>, warmup_prefix=<True|False>)",
        "MultiStepLRScheduler(optimizer, <[1]|[0, 4]|[{i}]|[10, 20]>, 0.5, warmup_t=<0|5|{j}|200>, warmup_prefix=<True|False>)",
        "PolyLRScheduler(optimizer, <2|{i}|200>, <0.5|1.0|3.0>, warmup_t=<0|1|{j}|100>, warmup_prefix=<True|False>)",
    ),
    "transformers": (
        "get_scheduler('<linear|cosine|cosine_with_restarts|polynomial>', optimizer, <0|1|{i}|150>, <1|2|{j}|100>)",
        "get_scheduler('<inverse_sqrt|constant_with_warmup>', optimizer, <0|1|{i}|300>)",
        "get_wsd_schedule(optimizer, <0|1|{i}>, <0|1|{j}>, num_stable_steps=<0|1|{i}>, min_lr_ratio=<0|0.5|1.0>)",
        "get_cosine_with_min_lr_schedule_with_warmup(optimizer, <0|{i}|150>, <1|{j}|100>, min_lr=<0.0|0.05|0.1>)",
        (
            "get_cosine_with_min_lr_schedule_with_warmup_lr_rate(optimizer, <0|1|2|{i}>, <2|{j}|100>, min_lr_rate=<0.0|0.5>, "
            "warmup_lr_rate=<None|0.1|0.9>)"
        ),
    ),
}
LINES |= {
    "optax": (
        "optax.linear_schedule(<0.0|0.1|0.5>, <0.1|0.5>, <0|1|{i}|300>, <0|1|{j}>)",
        "optax.exponential_decay(0.1, <1|{i}|300>, <0.5|1.0|1.5|0.999999>, <0|5|{j}>, <True|False>, <None|0.05|0.1|0.2>)",
        "optax.warmup_cosine_decay_schedule(<0.0|0.1|0.2>, <0.1|0.3>, <0|1|{i}>, <100|300>, <0.0|0.05>)",
        "optax.piecewise_constant_schedule(0.1, <None|{5: 0.5}|{5: 0.5, 9: 2.0}|{{i}: 0.0}|{0: 0.5}>)",
    ),
    "keras": (
        "ExponentialDecay(0.1, <1|{i}|300>, <0.5|1.0|1.5>, <True|False>)",
        "PiecewiseConstantDecay([{i}], <[0.1, 0.2]|[0.1, 0.0]|[0.0, 0.1]|[0.1, 0.05]>)",
        "PolynomialDecay(<0.1|0.00001>, <1|{i}|300>, <0.0|0.0001|0.1>, <1.0|2.0>, <True|False>)",
        "CosineDecay(<0.0|0.1|0.3>, <1|{i}>, <0.0|1.0>, warmup_target=0.1, warmup_steps=<0|1|{j}|300>)",
        "CosineDecayRestarts(0.1, <1|{i}|300>, <1.0|2.0>, <1.0|0.5>, <0.0|0.5>)",
    ),
}
SAID = {"reading.knots", "reading.close", "reading.negative"}
DRAWS = 10


def drawn(line: str, draw: Random) -> str:
    """A line with numbers for i and j, and a choice made for each `<a|b>`."""
    line = line.replace("{i}", str(draw.randint(3, 60))).replace("{j}", str(draw.randint(3, 60)))
    while "<" in line:
        before, _, rest = line.partition("<")
        options, _, after = rest.partition(">")
        line = before + draw.choice(options.split("|")) + after
    return line


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("library", "line"), [(library, line) for library, lines in LINES.items() for line in lines])
def test_a_curve_is_exact_or_a_notice_says_why_not(library, line):
    exact = 0
    for seed in range(DRAWS):
        draw = Random(f"{line} {seed}")
        call, run = drawn(line, draw), draw.choice((3, 20, 100, 170))
        reading = read_code(f"optimizer = SGD(p, lr=0.1, momentum=0.9)\n{call}", {"total_steps": run})
        if reading.schedule is None:
            assert reading.notices[-1].level == "refused"
            continue
        assert reading.complete, call
        rates = theirs(library, call, 0.1, run)
        away = float(np.max(np.abs(reading.schedule.lrs() - rates)) / max(rates.max(), 1e-300))
        assert away <= 1e-9 or SAID & {each.sentence.key for each in reading.notices}, f"{call}, {run} steps: {away:.3g} away"
        exact += away <= 1e-9
    assert exact > 0, line
