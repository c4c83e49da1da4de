"""The parts of one machine: the same commands as in production, with the ports they take."""

import sys
from typing import Final

from rumstream.settings import LOCAL, Settings, reachable, variable
from rumstream.supervisor.part import Part
from rumstream.supervisor.ports import Port
from rumstream.supervisor.readiness import http_ok, kafka_answers

_INTAKE, _BETWEEN, _SERVERS = 0, 1, 2
_COMMAND: Final = (sys.executable, "-m", "rumstream")


def parts(settings: Settings) -> list[Part]:
    """Everything `up` runs, servers first. An existing Kafka or ClickHouse is used instead of an embedded one."""
    found: list[Part] = []
    if not settings.kafka_bootstrap:
        ready = kafka_answers(settings.bootstrap)
        found.append(Part("kafka", (*_COMMAND, "kafka"), ready=ready, stop_stage=_SERVERS))
    if not settings.clickhouse_url:
        ready = http_ok(f"{settings.clickhouse}/ping")
        found.append(Part("clickhouse", (*_COMMAND, "clickhouse"), ready=ready, stop_stage=_SERVERS))
    servers = {part.name for part in found}
    found.append(Part("topics", (*_COMMAND, "topics", "create"), needs=_only(servers, "kafka"), stop_stage=_BETWEEN))
    found.append(Part("migrate", (*_COMMAND, "migrate"), needs=_only(servers, "clickhouse"), stop_stage=_BETWEEN))
    found += _pipeline(settings)
    return found


def _only(there: set[str], *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if name in there)


def _pipeline(settings: Settings) -> list[Part]:
    host = reachable(settings.host)
    processors = [
        Part(
            _worker_name(settings, number),
            (*_COMMAND, "process"),
            needs=("topics",),
            ready=http_ok(f"http://{LOCAL}:{settings.processor_metrics_port + number}/metrics"),
            env={
                variable("worker_id"): str(number),
                variable("processor_metrics_port"): str(settings.processor_metrics_port + number),
            },
            stop_stage=_BETWEEN,
        )
        for number in range(settings.workers)
    ]
    return [
        *processors,
        Part(
            "sink-clickhouse",
            (*_COMMAND, "sink", "clickhouse"),
            needs=("topics", "migrate"),
            ready=http_ok(f"http://{LOCAL}:{settings.sink_metrics_port}/metrics"),
            stop_stage=_BETWEEN,
        ),
        Part(
            "sink-prometheus",
            (*_COMMAND, "sink", "prometheus"),
            needs=("topics",),
            ready=http_ok(f"http://{host}:{settings.prometheus_port}/metrics"),
            stop_stage=_BETWEEN,
        ),
        Part(
            "api",
            (*_COMMAND, "api"),
            needs=("migrate",),
            ready=http_ok(f"http://{host}:{settings.api_port}/healthz"),
            stop_stage=_BETWEEN,
        ),
        Part(
            "collector",
            (*_COMMAND, "collect"),
            needs=("topics",),
            ready=http_ok(f"http://{host}:{settings.collector_port}/readyz"),
            stop_stage=_INTAKE,
        ),
    ]


def _worker_name(settings: Settings, number: int) -> str:
    return "processor" if settings.workers == 1 else f"processor-{number}"


def ports(settings: Settings) -> list[Port]:
    """Every port that the parts will take."""
    host = settings.host
    found = [
        Port(settings.collector_port, host, "collector_port", "the collector"),
        Port(settings.api_port, host, "api_port", "the API"),
        Port(settings.prometheus_port, host, "prometheus_port", "the gauges for Prometheus"),
        Port(settings.sink_metrics_port, LOCAL, "sink_metrics_port", "the ClickHouse sink's metrics"),
    ]
    found += [
        Port(settings.processor_metrics_port + n, LOCAL, "processor_metrics_port", f"processor {n}'s metrics")
        for n in range(settings.workers)
    ]
    if not settings.clickhouse_url:
        found.append(Port(settings.clickhouse_port, LOCAL, "clickhouse_port", "the embedded ClickHouse"))
    if not settings.kafka_bootstrap:
        found.append(Port(settings.kafka_port, LOCAL, "kafka_port", "the embedded Kafka"))
    return found
