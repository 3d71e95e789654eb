"""Many sessions on Explore, each moving the peak rate every two seconds, on one server.

Measured is the wall time from sending a move to the end of the script; memory and CPU time of the server need Linux.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from os import sysconf
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from schedules.words import say
from tests.bench.timing import RatioLine, ValueLine
from tests.e2e.conftest import ROOT, Server
from tests.waiting import PATIENCE

MOST_USERS, MOST_SECONDS = 200, 300
SLIDER = "peak_lr"
EMPTY = "tests/bench/empty_app.py"
EXPENSIVE = {
    "an expensive study": "run=1~peak_lr-{peak}~total_steps-10000~problem-logistic~problem.batch-64~seeds-128",
    "expensive advice": "run=1~policy-constant~peak_lr-{peak}~total_steps-4000~problem-logistic~problem.batch-64~seeds-24",
    "an expensive range test": "run=1~peak_lr-{peak}~total_steps-1500~problem-moons~seeds-4",
    "the search for a best schedule": "run=1~total_steps-2000~problem.dimensions-50~problem.start_y-{peak}",
    "a network": "run=1~peak_lr-{peak}~total_steps-1100~problem-digits",
    "a map": "run=1~problem.start_y-{peak}&color=loss",
}
"""Expensive links that another session opens; their peak, or start, is different each time."""
PAGES = {"a map": "map"}
"""The page of a link of `EXPENSIVE`, if it is not Explore."""
OPENED = "an expensive range test"
"""The link of `EXPENSIVE` for which the range test is opened too."""


@dataclass(slots=True)
class Load:
    """Measurements of many sessions, and their cost on the server.

    Attributes:
        waits: seconds from sending each move to the end of the script.
        errors: exceptions on the page, moves without effect and lost connections, as texts.
        cpu: seconds of CPU time that the server spent on the moves.
        growth: increase of the server's memory in bytes, since all sessions had opened the page.
    """

    waits: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cpu: float = 0
    growth: int = 0

    def p(self, percent: int) -> float:
        """Percentile of the waits, in seconds."""
        return quantiles(self.waits, n=100, method="inclusive")[percent - 1]


def rows(
    sizes: tuple[int, ...] = (10, 25, 50), interval: float = 2, moves: int = 10, last: int = 20
) -> Iterator[RatioLine | ValueLine]:
    """Run `sizes` sessions one group after the other on the same server, with `moves` moves each; `last` in the last group.

    Every move is to a new peak that no cache contains. The caches are full by the time of the last group, so memory that still
    grows is a leak.
    """
    news = peaks()
    with TemporaryDirectory() as folder:
        server = Server(ROOT / "app.py", Path(folder) / "log.txt")
        try:
            server.wait()
            for users in sizes:
                each = last if users == sizes[-1] else moves
                load = drive(server, users, each, interval, news)
                done = len(load.waits)
                assert done > 1, f"no slider move succeeded: {load.errors[0]}"
                yield RatioLine(
                    name=f"{users} users, p95",
                    ours=load.p(95),
                    rival=1,
                    against="a second",
                    expected="under a second",
                    note=f"p50 {1_000 * load.p(50):.0f} ms, {done:,} moves, {len(load.errors)} errors {load.errors[:1] or ''}",
                )
            for kind in EXPENSIVE:
                idle, busy, asked = beside(server, kind, interval / 4, 3 * moves, news)
                yield RatioLine(
                    name=f"A move beside {kind}, p50",
                    ours=busy.p(50),
                    rival=idle.p(50),
                    against="the same, nobody else",
                    expected="twice at most",
                    note=f"{asked} settings asked for, {len(busy.errors)} errors {busy.errors[:1] or ''}",
                )
            yield cpu_of_moves(server, interval / 20, 6 * moves, news)
            yield ValueLine(f"Server CPU of a move, {users} users", 1_000 * load.cpu / done, "ms", "under 50 ms")
            yield ValueLine(f"Memory after {done:,} more moves", load.growth / 1e6, "MB", "under 50 MB")
        finally:
            server.end()


def cpu_of_moves(server: Server, interval: float, moves: int, news: Iterator[float]) -> RatioLine:
    """The server CPU of one session's moves, and of the same moves on `empty_app`, by turns."""
    spent = [0.0, 0.0]
    with TemporaryDirectory() as folder:
        empty = Server(ROOT / EMPTY, Path(folder) / "log.txt")
        try:
            empty.wait()
            for _ in range(3):
                for i, each in enumerate((server, empty)):
                    spent[i] += drive(each, 1, moves, interval, news).cpu / (3 * moves)
        finally:
            empty.end()
    least = 1 / sysconf("SC_CLK_TCK") / (3 * moves)  # the clock's resolution
    return RatioLine(
        name="Server CPU of a move",
        ours=max(spent[0], least),
        rival=max(spent[1], least),
        against="a fragment with one element",
        expected="5 times at most",
    )


def peaks() -> Iterator[float]:
    """Distinct peaks between 0.01 and 0.49, evenly spread on a log scale."""
    for n in count(1):
        yield round(10 ** (-2 + 1.69 * (n * 0.6180339887 % 1)), 6)


def drive(server: Server, users: int, moves: int, interval: float, news: Iterator[float]) -> Load:
    """Let sessions open the page of a local server one after the other, and then move the slider concurrently.

    Args:
        server: a running server, on a loopback port.
        users: number of sessions; at most MOST_USERS.
        moves: number of moves of each session.
        interval: seconds between the moves of one session; all take at most MOST_SECONDS unless the server is late.
        news: the peaks to move to.
    """
    if users > MOST_USERS or moves * interval > MOST_SECONDS:
        raise ValueError(f"at most {MOST_USERS} sessions for {MOST_SECONDS} seconds")
    return asyncio.run(_drive(server, users, moves, interval, news))


async def _drive(server: Server, users: int, moves: int, interval: float, news: Iterator[float]) -> Load:
    load, pid = Load(), server.process.pid
    async with AsyncExitStack() as doors:
        visitors = []
        for _ in range(users):
            visitors.append(Visitor(await doors.enter_async_context(_line(server)), load))
            await visitors[-1].run()
        cpu, memory, begin = processor_seconds(pid), resident(pid), perf_counter()
        stays = (visitor.stay(begin + interval * i / users, moves, interval, news) for i, visitor in enumerate(visitors))
        await asyncio.gather(*stays)
        load.cpu, load.growth = processor_seconds(pid) - cpu, resident(pid) - memory
    return load


def _line(server: Server) -> connect:
    address = server.url.replace("http", "ws", 1)  # local only: Server binds to loopback
    stream = f"{address}/_stcore/stream"
    return connect(stream, subprotocols=[Subprotocol("streamlit")], max_size=None, compression=None, proxy=None)


def beside(server: Server, kind: str, interval: float, moves: int, news: Iterator[float]) -> tuple[Load, Load, int]:
    """Measure one session's moves alone, and while another session opens links of this kind, one after the other.

    Returns:
        both measurements, and the number of links opened.
    """
    return drive(server, 1, moves, interval, news), *asyncio.run(_beside(server, kind, interval, moves, news))


async def _beside(server: Server, kind: str, interval: float, moves: int, news: Iterator[float]) -> tuple[Load, int]:
    load, asked = Load(), 0
    async with AsyncExitStack() as doors:
        mover = Visitor(await doors.enter_async_context(_line(server)), load)
        await mover.run()
        work = asyncio.create_task(mover.stay(perf_counter(), moves, interval, news))
        while not work.done():
            async with _line(server) as line:  # the query is a link only at a session's start
                watcher = Visitor(line, load)
                watcher.request.query_string = EXPENSIVE[kind].format(peak=next(news))
                watcher.request.page_name = PAGES.get(kind, "")
                asked += 1
                await watcher.run()
                if kind == OPENED:
                    await watcher.open_finder()
                while watcher.polled and not work.done():
                    answer = await asyncio.to_thread(_get, f"{server.url}/{watcher.polled}")
                    await asyncio.sleep(answer["wait"])
                    if answer["ended"]:
                        watcher.polled = ""
                        await watcher.run()
        await work
    return load, asked


class Visitor:
    """One session that speaks Streamlit's protocol as a browser does.

    The protocol is not documented; read from streamlit 1.67.0 and compared with what Chromium sends:

    * A message to the server is a BackMsg whose `rerun_script` is a ClientState: empty to open the page, later with the page's
      hash, the query of the latest `page_info_changed`, and a WidgetState for each element that was moved.
    * An element inside a fragment reruns that fragment alone, by the id that its delta came with.
    * An element of components v2 comes as a `bidi_component` delta. Its WidgetState has that message's id, and as `json_value`
      the whole state of the element, here {"move": {"seq": 7, "key": "peak_lr", "value": 0.13, "final": true}}.
    * Messages marked cacheable (10 kB and more) are cached by their hash. The hashes go with every request, and the server then
      answers with a `ref_hash` instead of the same message again.
    """

    def __init__(self, line: ClientConnection, load: Load) -> None:
        self.line, self.load = line, load
        self.request = ClientState()
        self.request.context_info.locale = "en-US"
        self.request.context_info.timezone = "UTC"
        self.slider = ""
        self.moves = 0
        self.finder = ""
        self.polled = ""

    async def stay(self, due: float, moves: int, interval: float, news: Iterator[float]) -> None:
        """Make the moves, the first one at time `due`; a move waits until the previous one is finished."""
        try:
            for _ in range(moves):
                await asyncio.sleep(due - perf_counter())
                self.load.waits.append(await self.move(next(news)))
                due = max(due + interval, perf_counter())
        except (OSError, TimeoutError, WebSocketException) as error:  # visitors' errors are part of the result
            self.load.errors.append(repr(error))

    async def move(self, value: float) -> float:
        """Move the slider; return the seconds to the end of the script. It is an error if the page's address stays the same."""
        before = self.request.query_string
        self.moves += 1
        move = {"seq": self.moves, "key": SLIDER, "value": value, "final": True}
        del self.request.widget_states.widgets[:]
        self.request.widget_states.widgets.add(id=self.slider, json_value=json.dumps({"move": move}))
        seconds = await self.run()
        if self.request.query_string == before:
            self.load.errors.append("a move without effect")
        return seconds

    async def open_finder(self) -> None:
        """Open the range test; its expander is outside the fragment, so the whole page reruns."""
        self.request.widget_states.widgets.add(id=self.finder, bool_value=True)
        self.request.fragment_id = ""
        await self.run()

    async def run(self) -> float:
        """Request a run of the script and read the whole answer; return the seconds."""
        begin = perf_counter()
        await self.line.send(BackMsg(rerun_script=self.request).SerializeToString())
        kept: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while not self.read(ForwardMsg.FromString(await self.line.recv(decode=False)), kept):
                pass
        self.request.cached_message_hashes[:] = kept
        return perf_counter() - begin

    def read(self, message: ForwardMsg, kept: list[str]) -> bool:
        """Process one message; return whether the run has ended with it."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.request.page_script_hash = message.new_session.page_script_hash
        elif kind == "page_info_changed":
            self.request.query_string = message.page_info_changed.query_string
        elif kind == "ref_hash":
            kept.append(message.ref_hash)
        elif kind == "delta":
            self.receive(message)
            if message.metadata.cacheable:
                kept.append(message.hash)
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def receive(self, message: ForwardMsg) -> None:
        """Record the slider, the range test, the polled address and any exception among the elements of the page."""
        element = message.delta.new_element
        component = element.bidi_component
        if component.component_name == "anneal_live" and f'"key":"{SLIDER}"'.encode() in component.bytes:
            self.slider, self.request.fragment_id = component.id, message.delta.fragment_id
        if message.delta.add_block.expandable.label == str(say("explore.finder")):
            self.finder = message.delta.add_block.expandable.id
        if component.component_name in ("anneal_jobs", "anneal_map"):
            self.polled = json.loads(component.bytes)["address"]
        if element.WhichOneof("type") == "exception":
            self.load.errors.append(f"{element.exception.type}: {element.exception.message}")


def _get(address: str) -> dict[str, Any]:
    """The answer of the route that a page polls."""
    with urlopen(address, timeout=PATIENCE) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def resident(pid: int) -> int:
    """Resident memory of a process, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])


def processor_seconds(pid: int) -> float:
    """CPU time that a process has used in all its threads, in seconds."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, after_name[11:13])) / sysconf("SC_CLK_TCK")  # utime and stime, the 14th and 15th fields
