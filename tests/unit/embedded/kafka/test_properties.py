"""The node's settings: one machine, 127.0.0.1 only, everything under one folder."""

from pathlib import Path

import pytest

from embedded.kafka.config import KafkaConfig
from embedded.kafka.properties import server_properties

CONFIG = KafkaConfig(data=Path("/data"), cache=Path("/cache"), port=9092, message_bytes=12_345)


@pytest.fixture
def settings() -> dict[str, str]:
    return dict(line.split("=", 1) for line in server_properties(CONFIG, controller_port=9093).splitlines())


def test_it_listens_on_127_0_0_1_only(settings: dict[str, str]) -> None:
    for key in ("listeners", "advertised.listeners"):
        assert [place.split("//")[1] for place in settings[key].split(",")] == ["127.0.0.1:9092", "127.0.0.1:9093"]


def test_all_records_are_under_the_data_folder(settings: dict[str, str]) -> None:
    assert settings["log.dirs"] == "/data/records"
    assert "metadata.log.dir" not in settings


def test_one_node_is_enough_for_every_internal_topic(settings: dict[str, str]) -> None:
    copies = {
        key: value
        for key, value in settings.items()
        if key.endswith(("replication.factor", "min.isr", "insync.replicas"))
    }
    assert len(copies) >= 6
    assert set(copies.values()) == {"1"}


def test_records_of_the_configured_size_fit(settings: dict[str, str]) -> None:
    assert settings["message.max.bytes"] == "12345"


def test_no_topic_appears_by_a_typing_error(settings: dict[str, str]) -> None:
    assert settings["auto.create.topics.enable"] == "false"
