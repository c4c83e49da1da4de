"""Follows `rum.salts`: reads it to its end, then writes what the book finds missing."""

import secrets
import time
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from ingest.producer import DurableProducer, NotDurableError
from ingest.salts import SALT_BYTES, SaltBook
from schemas.topics import SALTS

_log: Final = structlog.get_logger()
_POLL_MS: Final = 1_000
_EAGER_MS: Final = 50
_PARTITION: Final = TopicPartition(SALTS, 0)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


async def follow(bootstrap: str, book: SaltBook, producer: DurableProducer) -> None:
    """Keep the book up to date until cancelled; starts anew after an error."""
    retrying = AsyncRetrying(
        retry=retry_if_exception_type((KafkaError, NotDurableError, OSError)),
        wait=wait_exponential_jitter(multiplier=0.2, max=3, jitter=0.2),
    )
    async for attempt in retrying:
        with attempt:
            await _follow_once(bootstrap, book, producer)


async def read_salts(bootstrap: str) -> SaltBook:
    """The salts as they are now.

    Raises:
        KafkaError: Kafka does not answer, or has no such topic.
    """
    book = SaltBook([])
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, request_timeout_ms=10_000)
    await consumer.start()
    try:
        consumer.assign([_PARTITION])
        end = (await consumer.end_offsets([_PARTITION]))[_PARTITION]
        consumer.seek(_PARTITION, (await consumer.beginning_offsets([_PARTITION]))[_PARTITION])
        while await consumer.position(_PARTITION) < end:
            for record in (await consumer.getmany(_PARTITION, timeout_ms=_POLL_MS)).get(_PARTITION, []):
                book.read((record.key or b"").decode("utf-8", "replace"), record.value)
    finally:
        await consumer.stop()
    return book


async def _follow_once(bootstrap: str, book: SaltBook, producer: DurableProducer) -> None:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False, request_timeout_ms=10_000
    )
    await consumer.start()
    try:
        consumer.assign([_PARTITION])
        await consumer.seek_to_beginning(_PARTITION)
        end = (await consumer.end_offsets([_PARTITION]))[_PARTITION]
        while True:
            read_to_end = await consumer.position(_PARTITION) >= end
            settled = read_to_end and book.is_complete(_now_ms()) and not book.is_preparing()
            wait_ms = _POLL_MS if settled else _EAGER_MS
            found = await consumer.getmany(_PARTITION, timeout_ms=wait_ms)
            for record in found.get(_PARTITION, []):
                book.read((record.key or b"").decode("utf-8", "replace"), record.value)
            if read_to_end and not found:
                await _publish(book, producer)
    finally:
        await consumer.stop()


async def _publish(book: SaltBook, producer: DurableProducer) -> None:
    for key, value in book.to_publish(_now_ms(), lambda: secrets.token_bytes(SALT_BYTES)):
        await producer.send(SALTS, 0, value, key=key.encode())
        _log.info("salt destroyed" if value is None else "salt published", key=key)
