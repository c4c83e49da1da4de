"""A real collector process, the bytes to talk to it, and what of it reached Kafka."""

import json
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.block import split_lines
from schemas.event import Beacon, decode_beacon
from schemas.topics import BEACONS, topic_name
from tests.lab.servers import answers, running, unused_port, wait_until
from tests.lab.topic_contents import committed_records


@dataclass(frozen=True)
class Collector:
    """Where it listens, and its process."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def counts(self) -> dict[str, float]:
        """Its own counters, by name and labels as exposed."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as response:  # noqa: S310 - our own http://
            lines = [line for line in response.read().decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@contextmanager
def collecting(
    kafka: str, generation: int, lanes: int, log: Path, port: int = 0, ready: bool = True, **settings: object
) -> Iterator[Collector]:
    """A collector of these topics; ``settings`` are rumstream's, in lower case."""
    port = port or unused_port()
    told = {"kafka_bootstrap": kafka, "generation": generation, "lanes": lanes, "collector_port": port, **settings}
    env = {f"RUMSTREAM_{name.upper()}": str(value) for name, value in told.items()}
    with running(["rumstream", "collect"], log, env) as process:
        path = "readyz" if ready else "healthz"
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/{path}"), f"the collector, see {log}", process)
        yield Collector(port, process)


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The problem JSON."""
        assert self.headers["content-type"] == "application/problem+json"
        told: dict[str, Any] = json.loads(self.body)
        assert told["status"] == self.status
        return told


def exchange(port: int, request: bytes, hang_up: bool = False, timeout_s: float = 15) -> Answer:
    """Send these very bytes and read one answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
        connection.sendall(request)
        if hang_up:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65_536)
            assert piece, "the connection was closed without an answer"
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            piece = connection.recv(65_536)
            assert piece, "the answer was cut short"
            body += piece
    return Answer(int(lines[0].split()[1]), headers, body)


def post_bytes(path: str, body: bytes, *headers: str, length: bool = True) -> bytes:
    """A POST request as bytes."""
    told = [f"POST {path} HTTP/1.1", "Host: x", *headers, *([f"Content-Length: {len(body)}"] if length else [])]
    return "\r\n".join([*told, "", ""]).encode() + body


def post(port: int, path: str, body: Any, *headers: str) -> Answer:
    """Post JSON (or these very bytes)."""
    return exchange(port, post_bytes(path, body if isinstance(body, bytes) else json.dumps(body).encode(), *headers))


def batch(beacon_id: str, session_id: str, now_ms: int, events: int = 1, **more: Any) -> dict[str, Any]:
    """A beacon of the SDK with so many vitals."""
    view = {"view_id": f"{session_id}-view", "url": "http://shop.example/product/9?q=1", "navigation_type": "navigate"}
    told = [{"t": now_ms, "k": "vital", "n": "LCP", "v": 100 + n, "id": f"v6-{n}", "view": 0} for n in range(events)]
    head = {"v": 1, "beacon_id": beacon_id, "session_id": session_id, "sent_at": now_ms, "views": [view]}
    return {**head, "events": told, **more}


async def beacons_in(kafka: str, generation: int, lanes: int) -> list[tuple[int, Beacon]]:
    """(lane, beacon) of every line in Kafka."""
    records = await committed_records(kafka, topic_name(BEACONS, generation), lanes)
    return [(r.partition, decode_beacon(line)) for r in records for line in split_lines(r.value)]
