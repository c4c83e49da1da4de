"""A taken port is said before anything starts, with its number and its variable."""

import socket
import sys
from pathlib import Path

import pytest

from rumstream.settings import Settings
from rumstream.supervisor import up
from rumstream.supervisor.plan import parts, ports
from rumstream.supervisor.ports import Port, complaints

pytestmark = pytest.mark.integration

HOST = "127.0.0.1"


def listener() -> socket.socket:
    taken = socket.socket()
    taken.bind((HOST, 0))
    taken.listen()
    return taken


def test_a_taken_port_is_named_with_its_variable() -> None:
    with listener() as taken:
        number = taken.getsockname()[1]
        [said] = complaints([Port(number, HOST, "api_port", "the API")])
    assert str(number) in said
    assert "RUMSTREAM_API_PORT" in said
    assert "the API" in said


def test_a_free_port_is_not_complained_of() -> None:
    with listener() as taken:
        number = taken.getsockname()[1]
    assert complaints([Port(number, HOST, "api_port", "the API")]) == []


def test_one_port_for_two_parts_names_both_variables() -> None:
    with listener() as taken:
        number = taken.getsockname()[1]
    [said] = complaints([Port(number, HOST, "api_port", "the API"), Port(number, HOST, "kafka_port", "Kafka")])
    assert "RUMSTREAM_API_PORT" in said
    assert "RUMSTREAM_KAFKA_PORT" in said


def test_nothing_starts_when_a_port_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object) -> None:
        raise AssertionError("something was started")

    monkeypatch.setattr(up, "_run", started)
    with listener() as taken:
        number = taken.getsockname()[1]
        with pytest.raises(up.UpError, match=f"{number}.*RUMSTREAM_COLLECTOR_PORT"):
            up.run(Settings(data=tmp_path, collector_port=number))


def test_every_part_that_listens_has_its_port_checked() -> None:
    checked = {port.setting for port in ports(Settings(workers=2))}
    assert checked == {name for name in Settings.model_fields if name.endswith("_port")}
    assert sum(port.setting == "processor_metrics_port" for port in ports(Settings(workers=2))) == 2


def test_existing_servers_are_neither_started_nor_checked_for_ports() -> None:
    settings = Settings(kafka_bootstrap="broker:9092", clickhouse_url="http://store:8123")
    assert not {"kafka", "clickhouse"} & {part.name for part in parts(settings)}
    assert not {"kafka_port", "clickhouse_port"} & {port.setting for port in ports(settings)}


def test_up_runs_the_commands_of_production() -> None:
    for part in parts(Settings()):
        assert part.command[:3] == (sys.executable, "-m", "rumstream")
        assert part.ready or part.name in ("topics", "migrate")
