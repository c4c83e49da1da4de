"""Starting, watching and ending real processes."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError

from schemas.topics import topics

START_SECONDS = 90.0


def unused_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """Poll a condition, not the clock.

    Raises:
        AssertionError: it did not come in time, or the process ended before.
    """
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        assert time.monotonic() < deadline, f"{what} not ready after {START_SECONDS} s"
        assert process is None or process.poll() is None, f"{what} ended with {process and process.returncode}"
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as response:  # noqa: S310 - our own http:// addresses
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def answers_tcp(port: int) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(arguments: list[str], log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, ended by SIGTERM when the test is over."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], stdout=out, stderr=out, env={**os.environ, **(env or {})}
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def kafka_answers(bootstrap: str) -> bool:
    host, _, port = bootstrap.partition(":")
    with socket.socket() as s:
        if s.connect_ex((host, int(port))):
            return False
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2_000)
    try:
        await admin.start()
    except KafkaConnectionError:
        return False
    else:
        return True
    finally:
        await admin.close()


async def create_topics(bootstrap: str, generation: int, lanes: int) -> None:
    """All topics of a generation, those that are there left alone."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        have = set(await admin.list_topics())
        wanted = [t for t in topics(generation) if t.name not in have]
        await admin.create_topics(
            [NewTopic(t.name, lanes if t.per_lane else 1, 1, topic_configs=t.config) for t in wanted]
        )
    finally:
        await admin.close()
