"""The command `python -m schedules FILE`: what the schedule in a training script or a configuration does.

python -m schedules train.py
python -m schedules train.py --set "len(loader)=500" --set total_steps=10000
cat train.py | python -m schedules -
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from schedules.core.numbers import format_number
from schedules.core.tokens import encode
from schedules.reading import Reading, read_code
from schedules.real_run import RealRun
from schedules.schedule import Schedule
from schedules.training.own_numbers import adopt
from schedules.training.runs import Run, to_token


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the schedule of a file; returns 0, 1 if there is none, and 2 where values are missing."""
    parser = argparse.ArgumentParser(prog="python -m schedules", description="Print what the schedule in a file does.")
    parser.add_argument("file", help="a training script or a configuration; - reads the standard input")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a value for a missing name")
    given = parser.parse_args(arguments)
    values: dict[str, float | str] = {}
    for each in given.set:
        name, equals, value = each.rpartition("=")
        if not equals or not name.strip():
            parser.error(f"--set takes NAME=VALUE, got {each!r}")
        values[name.strip()] = _value(value.strip())
    try:
        text = sys.stdin.read() if given.file == "-" else Path(given.file).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        print(f"{given.file}: {error.strerror}", file=sys.stderr)
        return 1
    reading = read_code(text, values)
    print("\n".join(lines(reading)))
    return 0 if reading.complete else 1 if reading.schedule is None else 2


def lines(reading: Reading) -> Iterator[str]:
    """The lines that the command prints: the call, phases, rates, notices, missing values, and a link to Your run."""
    schedule = reading.schedule
    if schedule is not None:
        yield f"line {reading.line}: {reading.library} {reading.name}"
        yield f"peak {format_number(schedule.peak_lr, 6)}, {schedule.total_steps} steps"
        for phase in schedule.phases():
            yield f"  {phase.name:8} steps {phase.start} to {phase.end - 1}"
        for step in checked_steps(schedule):
            yield f"  step {step:>9}  rate {format_number(float(schedule(step)), 6)}"
    for notice in reading.notices:
        yield f"line {notice.line}: {notice.sentence}" if notice.line else str(notice.sentence)
    for missing in reading.missing:
        value = missing.options[0] if missing.options else f"{missing.used or 0:g}"
        yield f'line {missing.line}: {missing.sentence} --set "{missing.name}={value}"'
    if schedule is not None:
        units = f"&units={encode(reading.units)}" if reading.units else ""
        run = to_token(adopt(Run(schedule=schedule, feedback=reading.feedback)))
        yield f"link: your_run?run={run}{units}&real={encode(RealRun())}"


def checked_steps(schedule: Schedule) -> list[int]:
    """The steps that people check: the first two, the last of the warm-up and the one after it, and the last two."""
    end = next((phase.end for phase in schedule.phases() if phase.name == "warmup"), 0)
    steps = {0, 1, *((end - 1, end) if end else ()), schedule.total_steps - 2, schedule.total_steps - 1}
    return sorted(step for step in steps if 0 <= step < schedule.total_steps)


def _value(text: str) -> float | str:
    try:
        return float(text.replace("_", ""))
    except ValueError:
        return text


if __name__ == "__main__":
    sys.exit(main())
