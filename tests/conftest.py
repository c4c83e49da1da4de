"""Real servers for integration tests, and no network for unit tests."""

import asyncio
import itertools
from collections.abc import Iterator

import pytest
import pytest_socket
from hypothesis import settings

from tests.lab.servers import answers, create_topics, kafka_answers, running, unused_port, wait_until

# A slow machine is no failure: what takes long is found by the test's own time limit.
settings.register_profile("rumstream", deadline=None)
settings.load_profile("rumstream")

WITH_NETWORK = {"integration", "browser", "fault"}
LANES = 2


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A unit test talks to nobody."""
    if WITH_NETWORK.isdisjoint(m.name for m in item.iter_markers()):
        pytest_socket.disable_socket(allow_unix_socket=True)
    else:
        pytest_socket.enable_socket()


def pytest_runtest_teardown() -> None:
    """Fixtures of other tests may talk again."""
    pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Bootstrap address of a real Kafka."""
    folder, port = tmp_path_factory.mktemp("kafka"), unused_port()
    with running(["embedded.kafka", "--data", str(folder / "data"), "--port", str(port)], folder / "log") as process:
        address = f"127.0.0.1:{port}"
        wait_until(lambda: asyncio.run(kafka_answers(address)), f"Kafka, see {folder / 'log'}", process)
        yield address


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real ClickHouse."""
    folder, port = tmp_path_factory.mktemp("clickhouse"), unused_port()
    arguments = ["embedded.clickhouse", "--data", str(folder / "data"), "--port", str(port)]
    with running(arguments, folder / "log") as process:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/ping"), f"ClickHouse, see {folder / 'log'}", process)
        yield url


_generations = itertools.count(2)


@pytest.fixture(scope="module")
def module_generation(kafka: str) -> int:
    """The same for all tests of a module."""
    number = next(_generations)
    asyncio.run(create_topics(kafka, number, LANES))
    return number


@pytest.fixture
def generation(kafka: str) -> int:
    """A generation of topics of this test's own, with LANES lanes."""
    number = next(_generations)

    asyncio.run(create_topics(kafka, number, LANES))
    return number
