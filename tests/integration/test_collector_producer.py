"""The producer against a real Kafka: it is replaced when the broker refuses to go on with it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka import TopicPartition

from ingest.background import Background
from ingest.producer import DurableProducer, NotDurableError
from schemas.topics import BEACONS, topic_name
from tests.lab.topic_contents import committed_records

pytestmark = pytest.mark.integration

LANES = 2


@pytest.fixture
async def producer(kafka: str) -> AsyncIterator[DurableProducer]:
    failed = asyncio.Event()
    background = Background(on_failure=failed.set)
    made = DurableProducer(kafka, "test", "zstd", background)
    made.start()
    yield made
    await made.stop(timeout_s=10)
    await background.stop()
    assert not failed.is_set()


async def values(kafka: str, topic: str) -> list[bytes]:
    return [r.value for r in await committed_records(kafka, topic, LANES)]


async def test_a_gap_in_the_sequence_ends_a_producer_and_a_new_one_goes_on(
    producer: DurableProducer, kafka: str, generation: int
) -> None:
    topic = topic_name(BEACONS, generation)
    await producer.send(topic, 0, b"before")
    current = producer._current
    assert current is not None
    # what is left when a batch was numbered and then given up
    current.producer._txn_manager.increment_sequence_number(TopicPartition(topic, 0), 7)
    with pytest.raises(NotDurableError, match="OutOfOrderSequenceNumber"):
        await producer.send(topic, 0, b"refused")
    await producer.send(topic, 0, b"after")
    assert producer._current is not current
    assert await values(kafka, topic) == [b"before", b"after"]


async def test_a_lane_that_the_topic_does_not_have_is_not_durable(
    producer: DurableProducer, kafka: str, generation: int
) -> None:
    topic = topic_name(BEACONS, generation)
    with pytest.raises(NotDurableError):
        await producer.send(topic, LANES, b"nowhere")
    await producer.send(topic, LANES - 1, b"here")
    assert await values(kafka, topic) == [b"here"]


async def test_a_record_over_the_limit_is_not_durable_and_the_next_is(
    producer: DurableProducer, kafka: str, generation: int
) -> None:
    topic = topic_name(BEACONS, generation)
    with pytest.raises(NotDurableError, match="MessageSizeTooLarge"):
        await producer.send(topic, 0, b"x" * 5_000_000)
    await producer.send(topic, 0, b"small")
    assert await values(kafka, topic) == [b"small"]


async def test_a_block_with_the_longest_line_after_it_is_taken(
    producer: DurableProducer, kafka: str, generation: int
) -> None:
    topic = topic_name(BEACONS, generation)
    largest = bytes(n % 251 for n in range(512 * 1024 + 1024 * 1024))
    await producer.send(topic, 0, largest)
    assert await values(kafka, topic) == [largest]
