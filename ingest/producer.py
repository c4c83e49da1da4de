"""Kafka's acknowledgement: an idempotent producer that is replaced when it can't be trusted any more.

aiokafka numbers the batches of a partition and retries until the broker has them in order. A batch that is given up
leaves a gap in the numbers, and the broker refuses every later one (OutOfOrderSequenceNumber): such a producer never
recovers, so after any failed record a new one, with a new id, takes its place (Kafka's own Java client does the same).
"""

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from ingest.background import Background
from ingest.instruments import PRODUCERS
from schemas.block import Headers
from schemas.limits import BLOCK_BYTES, MESSAGE_BYTES

_log: Final = structlog.get_logger()
_REQUEST_TIMEOUT_MS: Final = 10_000
_BATCH_BYTES: Final = BLOCK_BYTES + 64 * 1024
_FAILURES: Final = (KafkaError, AssertionError, OSError)
"""AssertionError: aiokafka's answer to a partition that the topic does not have."""


class NotDurableError(Exception):
    """Kafka did not acknowledge the record; it may be there or not."""


class _Incarnation:
    """One producer, and a future that is done once it is given up."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.producer = producer
        self.given_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class DurableProducer:
    """Sends records and waits for the broker (acks=all, idempotent, not transactional)."""

    def __init__(self, bootstrap: str, client_id: str, compression: str, background: Background) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._compression = compression
        self._current: _Incarnation | None = None
        self._changed = asyncio.Event()
        self._background = background
        self._closing: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to connect, in the background and for as long as it takes."""
        self._background.start(self._keep())

    async def send(
        self, topic: str, partition: int, value: bytes | None, key: bytes | None = None, headers: Headers | None = None
    ) -> int:
        """Write one record; its time in ms (the broker's where the topic says so) once the broker has acknowledged it.

        It waits however long that takes.

        Raises:
            NotDurableError: it was given up.
        """
        while (current := self._current) is None:
            await self._changed.wait()
        try:
            sent = await current.producer.send(topic, value=value, key=key, partition=partition, headers=headers)
            await asyncio.wait((sent, current.given_up), return_when=asyncio.FIRST_COMPLETED)
            if not sent.done():
                raise NotDurableError("the producer was replaced")
            return int(sent.result().timestamp)
        except _FAILURES as error:
            self._give_up(current, error)
            raise NotDurableError(f"{type(error).__name__}: {error}") from error

    async def stop(self, timeout_s: float) -> None:
        """Flush and close, as far as that is possible in this time."""
        if self._current:
            self._let_go(self._current.producer)
            self._current = None
        if self._closing:
            await asyncio.wait(self._closing, timeout=timeout_s)

    def _give_up(self, incarnation: _Incarnation, error: BaseException) -> None:
        if self._current is not incarnation:
            return
        _log.warning("kafka producer failed and is replaced", error=f"{type(error).__name__}: {error}")
        self._current = None
        self._changed.clear()
        incarnation.given_up.set_result(None)
        self._let_go(incarnation.producer)
        self._background.start(self._keep())

    def _let_go(self, producer: AIOKafkaProducer) -> None:
        task = self._background.start(self._close(producer))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _keep(self) -> None:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_FAILURES),
            wait=wait_exponential_jitter(multiplier=0.2, max=3, jitter=0.2),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                if attempt.retry_state.attempt_number == 2:
                    _log.warning("kafka does not answer, trying on", bootstrap=self._bootstrap)
                self._current = _Incarnation(await self._connected())
        PRODUCERS.inc()
        self._changed.set()

    async def _connected(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            compression_type=self._compression,
            max_batch_size=_BATCH_BYTES,
            max_request_size=MESSAGE_BYTES,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    @staticmethod
    async def _close(producer: AIOKafkaProducer) -> None:
        with suppress(*_FAILURES):
            await producer.stop()
