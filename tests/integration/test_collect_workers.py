"""Several collectors on one port, as real processes: each takes beacons, a dead one comes back, all end in peace."""

import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.lab.collector import batch, beacons_in, post
from tests.lab.servers import answers, running, unused_port, wait_until

pytestmark = pytest.mark.integration
LANES = 2
RUM = "/api/v1/rum"


def _workers(parent: int) -> list[psutil.Process]:
    return [p for p in psutil.Process(parent).children() if "--shares-port" in p.cmdline()]


def _listening(parent: int, port: int) -> set[int]:
    return {
        worker.pid
        for worker in _workers(parent)
        for told in worker.net_connections("tcp")
        if told.status == psutil.CONN_LISTEN and told.laddr.port == port
    }


async def test_workers_share_a_port_and_a_dead_one_comes_back(kafka: str, generation: int, tmp_path: Path) -> None:
    port, log = unused_port(), tmp_path / "log"
    told = {"KAFKA_BOOTSTRAP": kafka, "GENERATION": generation, "LANES": LANES, "COLLECTOR_PORT": port}
    env = {f"RUMSTREAM_{name}": str(value) for name, value in told.items()}
    sent: list[str] = []

    def send(number: int) -> None:
        for _ in range(number):
            sent.append(f"beacon-{len(sent)}")
            body = batch(sent[-1], f"session-{len(sent)}", int(time.time() * 1000))
            assert post(port, RUM, body).status == 204

    def all_listen() -> bool:
        return len(_listening(process.pid, port)) == 2 and answers(f"http://127.0.0.1:{port}/readyz")

    with running(["rumstream", "collect", "--workers", "2"], log, env) as process:
        wait_until(all_listen, f"two workers, see {log}", process)
        wait_until(lambda: all(answers(f"http://127.0.0.1:{port}/readyz") for _ in range(20)), "both", process)
        send(20)
        before = _listening(process.pid, port)
        psutil.Process(min(before)).send_signal(signal.SIGKILL)
        wait_until(lambda: all_listen() and _listening(process.pid, port) != before, "the dead one again", process)
        wait_until(lambda: all(answers(f"http://127.0.0.1:{port}/readyz") for _ in range(20)), "both", process)
        send(20)
        workers = _workers(process.pid)
        process.terminate()
        assert process.wait(20) == 0
        assert not [worker for worker in workers if worker.is_running()]
    assert sorted(beacon.beacon_id for _, beacon in await beacons_in(kafka, generation, LANES)) == sorted(sent)
