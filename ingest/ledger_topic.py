"""The door's ledger on its way to `rum.ledger`, every few seconds and at the end; no answer waits for it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import structlog

from ingest.background import Background
from ingest.config import CollectorConfig
from ingest.door_ledger import DoorLedger
from ingest.instruments import LEDGER_ROWS_LOST
from ingest.producer import DurableProducer, NotDurableError
from schemas.lanes import lane_of
from schemas.ledger import LedgerRow, encode_ledger, ledger_key
from schemas.topics import LEDGER, topic_name

_log: Final = structlog.get_logger()


class LedgerTopic:
    """Writes what has changed. A writer that fails says the same rows again: they are absolute."""

    def __init__(
        self, config: CollectorConfig, ledger: DoorLedger, producer: DurableProducer, background: Background
    ) -> None:
        self._every_s = config.ledger_s
        self._lanes = config.lanes
        self._topic = topic_name(LEDGER, config.generation)
        self._ledger = ledger
        self._producer = producer
        self._background = background
        self._one = asyncio.Lock()
        self._ending = False

    def start(self) -> None:
        """Begin to write."""
        self._background.start(self._write())

    async def end(self) -> None:
        """Write the rest, and that this life ended in peace; to be called when nothing is counted any more."""
        self._ending = True
        await self._flush(ended=True)

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self._flush(ended=False)

    async def _flush(self, ended: bool) -> None:
        async with self._one:
            if self._ending and not ended:
                return  # whoever waited here meanwhile: nothing may follow the last word
            rows = self._ledger.changed(time.time_ns() // 1_000_000)
            LEDGER_ROWS_LOST.inc(self._ledger.take_lost())
            try:
                await self._send(rows)
                await self._send([self._ledger.life(ended)])
            except NotDurableError as error:
                self._ledger.not_written(rows)
                _log.warning("the ledger was not written, it will be later", error=str(error))

    async def _send(self, rows: Sequence[LedgerRow]) -> None:
        sent = [
            self._producer.send(
                self._topic, lane_of(row.site, row.writer, self._lanes), encode_ledger(row), ledger_key(row)
            )
            for row in rows
        ]
        for outcome in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
