"""Reading a line, a script and mutated texts: the time of `read_code`, with the longest of all mutated texts."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from time import process_time

from schedules import read_code
from tests.bench.timing import ValueLine, clock
from tests.reading.lines import LINES
from tests.reading.test_mutated_texts import mutated
from tests.reading.test_scripts import SCRIPTS, written

LINE = "scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(torch.optim.SGD(net.parameters(), lr=0.1), T_max=200)"


def rows(texts: int = 100_000, repeats: int = 20) -> Iterator[ValueLine]:
    """Time reading a line and the scripts of the tests, and read `texts` mutated texts of all libraries."""
    read_code(LINE)
    yield ValueLine("one line", 1e3 * min(clock(lambda: read_code(LINE)) for _ in range(repeats)), "ms", "under 5 ms")
    scripts = [written(script, Random(0)) for library in SCRIPTS.values() for script in library]
    each = [clock(lambda text=text: read_code(text)) for text in scripts]  # type: ignore[misc]
    yield ValueLine("a script, median", 1e3 * sorted(each)[len(each) // 2], "ms", "under 20 ms", f"of {len(each)}")
    longest, failed = 0.0, 0
    for seed in range(texts):
        draw = Random(seed)
        if seed % 2:
            text = written(draw.choice(draw.choice(list(SCRIPTS.values()))), draw)
        else:
            text = draw.choice(LINES[draw.choice(list(LINES))])(draw).text
        text = mutated(draw, text)
        begin = process_time()
        reading = read_code(text)
        longest = max(longest, process_time() - begin)
        failed += any(notice.sentence.key == "reading.failed" for notice in reading.notices)
    yield ValueLine("longest of all mutated texts", 1e3 * longest, "ms", "under 200 ms", f"of {texts:,}; {failed} failed")
