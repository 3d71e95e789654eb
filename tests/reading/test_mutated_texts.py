"""Mutated configurations and calls: reading returns, with a schedule that has finite rates or with a notice."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from schedules.reading import LONGEST, read_code
from tests.reading.lines import LINES

PIECES = (
    *(
        "nan",
        "inf",
        "-1",
        "0",
        "1e400",
        "10**10",
        "''",
        '"',
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        "=",
        "\n",
        "\t",
        "  ",
        "\\",
        "#",
        "$",
        "*a",
        "&a",
    ),
    *(
        "null",
        "auto",
        "???",
        "true",
        "--",
        "-",
        "%",
        "\x00",
        "é",
        "\u2028",
        "lambda x:",
        "100ba",
        "1dur",
        "<<",
        "!!python/object:os.system",
    ),
    *(
        "dict(type=",
        "type: StepLR",
        "lr: ",
        "1_000",
        "0x10",
        "999999999999",
        "0.999999999999",
        "${lr}",
        "((",
        "|",
        ">",
        "@",
        "`",
    ),
)
TEXTS = 1_200
"""Mutated texts in all."""


def mutated(draw: Random, text: str) -> str:
    for _ in range(draw.randint(1, 6)):
        at = draw.randint(0, len(text))
        end = min(len(text), at + draw.randint(0, 12))
        kind = draw.random()
        if kind < 0.4:
            text = text[:at] + draw.choice(PIECES) + text[end:]
        elif kind < 0.6:
            text = text[:at] + text[end:]
        elif kind < 0.8:
            text = text[:at] + text[at:end] * draw.randint(2, 4) + text[end:]
        else:
            other = draw.randint(0, len(text))
            text = text[:at] + text[other : other + 30] + text[at:]
    return text


@pytest.mark.parametrize("library", LINES)
def test_a_mutated_text_raises_nothing(library):
    draws = LINES[library]
    for seed in range(max(1, TEXTS // len(LINES))):
        draw = Random(f"{library} {seed}")
        text = mutated(draw, draws[seed % len(draws)](draw).text)
        reading = read_code(text)
        if reading.schedule is None:
            assert reading.notices, text
        else:
            assert np.isfinite(reading.schedule(np.linspace(0, reading.schedule.total_steps, 50).round())).all(), text
        assert all(str(notice.sentence) for notice in reading.notices), text
        assert all(str(missing.sentence) for missing in reading.missing), text


HOSTILE = {
    "deep lists": "a: " + "[" * 9_000,
    "deep mappings": "a: " + "{b: " * 4_000,
    "nested sequences": "- " * 9_000,
    "nested keys": "? " * 9_000,
    "many aliases": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "an alias of itself": "a: &a [*a, *a]\nscheduler: {type: StepLR, step_size: *a}",
    "a tag": "scheduler: !!python/object/apply:os.system ['true']",
    "merged keys": "a: &a {<<: {b: 1}, type: StepLR}\nscheduler: {<<: [*a, *a], step_size: 3}",
    "many keys": "\n".join(f"k{i}: {i}" for i in range(1_200)) + "\nlr_decay_style: cosine",
    "many flags": "python train.py " + " ".join(f"--f{i} {i}" for i in range(1_500)) + " --lr-decay-style cosine",
    "variables that double": "A=xx\n"
    + "".join("A=$A$A\n" for _ in range(60))
    + "python pretrain_gpt.py --lr $A --train-iters 10",
    "powers in the shell": "python pretrain_gpt.py --lr 1 --train-iters $((9**9**9))",
    "deep TOML": "a" + ".a" * 5_000 + " = 1",
    "deep TOML arrays": "a = " + "[" * 9_000,
    "a document of nothing": "---\n...\n---\n",
    "a byte order mark": "\ufeffscheduler: {type: StepLR, step_size: 3}",
    "null characters": "scheduler: \x00",
    "the longest": "a" * LONGEST,
    "too long": "a" * (LONGEST + 1),
    "unpaired surrogates": "a: '\ud800'",
    "dots": "." * 9_000,
    "long flags": "--" + "a" * 19_000,
    "quotes": '"' * 15_000,
    "dollars": "$(( " * 4_000,
    "JSON that ends early": '{"scheduler": {"type": "WarmupLR", "params": {',
    "huge numbers": '{"scheduler": {"type": "WarmupLR", "params": {"warmup_num_steps": 1e308, "warmup_max_lr": 1e308}}}',
    "not a number": "scheduler: {type: WarmupLR, params: {warmup_num_steps: .nan, warmup_max_lr: .inf}}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_one_sentence(name):
    reading = read_code(HOSTILE[name])
    assert reading.schedule is not None or reading.notices
