"""The lane's Kafka transaction: everything a checkpoint says, or nothing (design section 6, Exactly once, 4)."""

import asyncio
from collections.abc import Iterable
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation
from aiokafka.structs import RecordMetadata

from schemas.limits import BLOCK_BYTES, MESSAGE_BYTES

Pair = tuple[bytes | None, bytes | None]

_TRANSACTION_TIMEOUT_MS: Final = 10_000


class LaneProducer:
    """A transactional producer for one lane. To start it fences every other under the same id."""

    def __init__(self, bootstrap: str, transactional_id: str, partition: int) -> None:
        self._partition = partition
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            transactional_id=transactional_id,
            transaction_timeout_ms=_TRANSACTION_TIMEOUT_MS,
            compression_type="snappy",  # docs/decisions/0003
            max_batch_size=BLOCK_BYTES,
            max_request_size=MESSAGE_BYTES + BLOCK_BYTES,
            request_timeout_ms=_TRANSACTION_TIMEOUT_MS,
        )

    async def start(self) -> None:
        """Fence former owners and abort what they left open.

        Raises:
            KafkaError: the broker can't be reached.
        """
        await self._producer.start()

    async def commit(self, parts: Iterable[tuple[str, Iterable[Pair]]]) -> int:
        """Write (topic, records) in order as one transaction; returns the offset of the very last record.

        Raises:
            ProducerFenced: another worker owns the lane now.
            KafkaError: anything else; nothing was committed, or it is unknown whether it was.
        """
        await self._producer.begin_transaction()
        sent: list[asyncio.Future[RecordMetadata]] = []
        try:
            last_count = await self._send(parts, sent)
        except IllegalOperation:
            # a batch before has failed and ended the transaction: its error is the one to tell
            await asyncio.gather(*sent)
            raise
        done = await asyncio.gather(*sent)
        await self._producer.commit_transaction()
        return int(done[-1].offset) + last_count - 1

    async def _send(
        self, parts: Iterable[tuple[str, Iterable[Pair]]], sent: list[asyncio.Future[RecordMetadata]]
    ) -> int:
        """Hand all batches over; returns how many records the last one has."""
        last_count = 0
        for topic, pairs in parts:
            batch = self._producer.create_batch()
            for key, value in pairs:
                if batch.append(key=key, value=value, timestamp=None) is None:
                    sent.append(await self._producer.send_batch(batch, topic, partition=self._partition))
                    batch = self._producer.create_batch()
                    batch.append(key=key, value=value, timestamp=None)
            if last_count := batch.record_count():
                sent.append(await self._producer.send_batch(batch, topic, partition=self._partition))
        return last_count

    async def stop(self) -> None:
        """Close the connections; an open transaction is left to be aborted by the next owner's start."""
        try:
            await self._producer.stop()
        finally:
            await self._producer.client.close()  # a fenced producer's stop raises before it gets there
