"""What was refused, kept for those who want to know why: scrubbed, cut, and never more than a bounded rate."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Final

import structlog

from ingest.background import Background
from ingest.config import CollectorConfig
from ingest.instruments import DEAD_LETTERS, DEAD_LETTERS_OVER
from ingest.producer import DurableProducer, NotDurableError
from ingest.scrub import scrub_bounded
from ingest.token_bucket import TokenBucket
from schemas.block import block_headers
from schemas.dead_letter import DeadLetter, encode_dead_letter
from schemas.lanes import lane_of
from schemas.topics import DEAD_LETTER, topic_name

_log: Final = structlog.get_logger()
_BODY_LENGTH: Final = 2_048
_DETAIL_LENGTH: Final = 256
_TOGETHER: Final = 100


class DeadLetters:
    """Letters on their way to `rum.dead-letter`; no answer waits for them."""

    def __init__(self, config: CollectorConfig, producer: DurableProducer, background: Background) -> None:
        self._loop = asyncio.get_running_loop()
        self._lanes = config.lanes
        self._topic = topic_name(DEAD_LETTER, config.generation)
        self._headers = block_headers(config.collector_id)
        self._producer = producer
        self._bucket = TokenBucket(config.dead_letters_per_s, config.dead_letters_burst, self._loop.time())
        self._limit = config.dead_letters_burst
        self._waiting: deque[DeadLetter] = deque()
        self._some = asyncio.Event()
        self._none = asyncio.Event()
        self._none.set()
        self._over = False
        self._background = background

    def start(self) -> None:
        """Begin to write."""
        self._background.start(self._write())

    def offer(self, letters: Iterable[DeadLetter]) -> None:
        """Take unscrubbed letters; those over the limit are counted, and said once until there is room again."""
        for letter in letters:
            if len(self._waiting) >= self._limit or not self._bucket.take(self._loop.time()):
                DEAD_LETTERS_OVER.inc()
                if not self._over:
                    self._over = True
                    _log.warning("dead letters over the limit are only counted", limit=self._limit)
                continue
            self._over = False
            letter.detail = scrub_bounded(letter.detail, _DETAIL_LENGTH)
            letter.body = scrub_bounded(letter.body, _BODY_LENGTH)
            self._waiting.append(letter)
            self._some.set()
            self._none.clear()

    async def drain(self) -> None:
        """Returns when every letter has been written or given up."""
        await self._none.wait()

    async def _write(self) -> None:
        while True:
            await self._some.wait()
            batch = [self._waiting[i] for i in range(min(_TOGETHER, len(self._waiting)))]
            await asyncio.gather(*(self._send(letter) for letter in batch))
            for _ in batch:
                self._waiting.popleft()
            if not self._waiting:
                self._some.clear()
                self._none.set()

    async def _send(self, letter: DeadLetter) -> None:
        partition = lane_of(letter.site, letter.body, self._lanes)
        try:
            await self._producer.send(self._topic, partition, encode_dead_letter(letter), headers=self._headers)
            DEAD_LETTERS.inc()
        except NotDurableError as error:
            DEAD_LETTERS_OVER.inc()
            _log.warning("a dead letter was not written", error=str(error))
