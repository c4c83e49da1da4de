"""The load, a process of its own: `python -m benchmarks.collector.load FILE PORT SECONDS [--rate N] [--fresh]`.

FILE holds whole requests, each after its length in four bytes. Without a rate every connection sends its next request
when it has its answer; with one, requests are due at fixed times and latency counts from these, so that a subject
that stalls is not spared what would have come meanwhile. Prints one line of JSON.
"""

import argparse
import asyncio
import json
from collections import Counter, deque
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import uvloop

from benchmarks.result import percentile

_TURN_S: Final = 0.002


def write_requests(path: Path, requests: list[bytes]) -> None:
    """Keep them for the load's process."""
    path.write_bytes(b"".join(len(told).to_bytes(4, "little") + told for told in requests))


def read_requests(path: Path) -> list[bytes]:
    """What ``write_requests`` wrote."""
    told, found, at = path.read_bytes(), [], 0
    while at < len(told):
        size = int.from_bytes(told[at : at + 4], "little")
        found.append(told[at + 4 : at + 4 + size])
        at += 4 + size
    return found


class Load:
    """What is sent next, and what came of it."""

    def __init__(self, requests: list[bytes], fresh: bool, closed: bool) -> None:
        self.requests, self.fresh, self.closed = requests, fresh, closed
        self.loop = asyncio.get_running_loop()
        self.number, self.over = 0, False
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.due: deque[float] = deque()
        self.idle: list[Connection] = []

    def next(self) -> bytes:
        """The next request of the corpus."""
        self.number = (self.number + 1) % len(self.requests)
        return self.requests[self.number]

    def answered(self, status: str, due: float) -> None:
        """One is done."""
        self.statuses[status] += 1
        self.latencies.append(self.loop.time() - due)

    def free(self, connection: "Connection") -> None:
        """A connection can send again."""
        if self.over:
            connection.end()
        elif self.closed:
            connection.send(self.loop.time())
        elif self.due:
            connection.send(self.due.popleft())
        else:
            self.idle.append(connection)


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, load: Load, due: float | None = None) -> None:
        self._load, self._due, self._first, self._answer = load, 0.0, due, b""
        self.ended = load.loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        if self._first is None:
            self._load.free(self)
        else:
            self.send(self._first)

    def send(self, due: float) -> None:
        """Send the next request; it was due then."""
        self._due = due
        self._transport.write(self._load.next())

    def data_received(self, data: bytes) -> None:
        """Part of an answer; 204 has no body, others tell their length."""
        answer = self._answer + data if self._answer else data
        head = answer.find(b"\r\n\r\n")
        if head < 0:
            self._answer = answer
            return
        if not answer.startswith(b"HTTP/1.1 204"):
            told = answer[:head].lower()
            place = told.find(b"content-length:")
            length = int(told[place + 15 : told.find(b"\r\n", place) if b"\r\n" in told[place:] else None])
            if len(answer) < head + 4 + length:
                self._answer = answer
                return
        self._answer = b""
        self._load.answered(answer[9:12].decode(), self._due)
        self._due = 0.0
        if self._load.fresh:
            self._transport.close()
        else:
            self._load.free(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Count what has no answer."""
        if self._due:
            self._load.answered("closed", self._due)
        self.ended.set_result(None)

    def end(self) -> None:
        """Hang up."""
        self._transport.close()


async def run(args: argparse.Namespace) -> dict[str, Any]:
    """Send for so many seconds."""
    load = Load(read_requests(args.file), args.fresh, args.rate is None)
    loop = load.loop
    began = loop.time()
    until = began + args.seconds
    if args.fresh:
        await asyncio.gather(*(_fresh(load, args.port, until) for _ in range(args.connections)))
    else:
        made = [
            await loop.create_connection(lambda: Connection(load), "127.0.0.1", args.port)
            for _ in range(args.connections)
        ]
        sent = 0
        while (now := loop.time()) < until:
            if args.rate is not None:
                while (due := began + sent / args.rate) <= now:
                    sent += 1
                    if load.idle:
                        load.idle.pop().send(due)
                    else:
                        load.due.append(due)
            await asyncio.sleep(_TURN_S if args.rate is not None else 0.05)
        load.over = True
        for connection in load.idle:
            connection.end()
        await asyncio.wait([connection.ended for _, connection in made], timeout=5)
    seconds = loop.time() - began
    return {
        "seconds": seconds,
        "statuses": load.statuses,
        "waiting": len(load.due),
        **{f"p{q}": percentile(load.latencies, q / 100) for q in (50, 99)},
    }


async def _fresh(load: Load, port: int, until: float) -> None:
    while (now := load.loop.time()) < until:
        _, once = await load.loop.create_connection(partial(Connection, load, now), "127.0.0.1", port)
        await once.ended


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--fresh", action="store_true")
    print(json.dumps(uvloop.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()
