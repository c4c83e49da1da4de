"""The collector without HTTP: a body and what is known of its request in, an acknowledged beacon or a refusal out."""

import asyncio
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from typing import Final

from prometheus_client import Counter

from ingest.admission import Budget
from ingest.assumed_rates import weigh
from ingest.background import Background
from ingest.blocks import Ended, Outcome
from ingest.config import CollectorConfig
from ingest.dead_letters import DeadLetters
from ingest.door_ledger import DoorLedger
from ingest.draft import Decoded, Request
from ingest.excerpts import shown_body, shown_excerpt
from ingest.formats import Decode
from ingest.instruments import ACKED, CLAMPED, EVENTS, EVENTS_DROPPED
from ingest.lanes import Lanes
from ingest.ledger_topic import LedgerTopic
from ingest.normalise import Knowledge, normalise
from ingest.producer import DurableProducer
from ingest.refusal import Refusal, Refused
from ingest.salt_topic import follow
from ingest.salts import SaltBook
from schemas.dead_letter import DeadLetter
from schemas.drop_reasons import DropReason
from schemas.event import Beacon, Protocol, encode_beacon
from schemas.limits import MESSAGE_BYTES

LINE_BYTES: Final = MESSAGE_BYTES // 4
"""Largest line of a block: shared fields are repeated in every event, so a line can be longer than its body."""

_PROBE_S: Final = 1.0


@cache
def _counters(protocol: Protocol) -> tuple[Counter, Counter]:
    """Of beacons and of events; looking a label up costs more than counting."""
    return ACKED.labels(protocol), EVENTS.labels(protocol)


class Unknown(Refusal):
    """NOT_DURABLE, but the beacon was handed over: it may still reach Kafka."""


class Collector:
    """Decode, normalise, write, wait. One per process."""

    def __init__(self, config: CollectorConfig, salts: SaltBook, background: Background) -> None:
        self._config = config
        self._loop = asyncio.get_running_loop()
        self.budget = Budget(config.inflight_bytes)
        self._producer = DurableProducer(config.bootstrap, config.collector_id, config.compression, background)
        self._lanes = Lanes(config, self._producer, self.budget, background)
        self._dead_letters = DeadLetters(config, self._producer, background)
        life = f"{config.collector_id}/{uuid.uuid4().hex[:12]}"
        self.ledger = DoorLedger(life, time.time_ns() // 1_000_000)
        self._ledger_topic = LedgerTopic(config, self.ledger, self._producer, background)
        self._salts = salts
        self._background = background

    def start(self) -> None:
        """Connect in the background; until Kafka answers, beacons are refused when their deadline passes."""
        self._producer.start()
        self._lanes.start()
        self._dead_letters.start()
        self._ledger_topic.start()
        self._background.start(follow(self._config.bootstrap, self._salts, self._producer))

    async def stop(self, timeout_s: float) -> None:
        """Have acknowledged what is under way, as far as that is possible in this time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s / 3):
                await self._lanes.drain()
                await self._dead_letters.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s / 3):
                await self._ledger_topic.end()
        await self._producer.stop(timeout_s / 3)

    async def is_ready(self) -> bool:
        """True when Kafka acknowledges and the salts are known. Asks Kafka if it was not heard of within a second."""
        asked = self._loop.time()
        if self._lanes.last_heard() < asked - _PROBE_S:
            self._lanes.tick(0)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._config.ack_deadline_s / 2):
                    while self._lanes.last_heard() < asked:
                        await self._lanes.block_ended()
        heard = self._lanes.last_heard() >= asked - _PROBE_S and not self._lanes.is_stuck(self._loop.time())
        return heard and self._salts.is_complete(time.time_ns() // 1_000_000)

    async def take(self, decode: Decode, request: Request, body: bytes, since: float) -> Decoded:
        """What the body was, once every beacon of it is in Kafka. ``since``: the loop's time when it was whole.

        Raises:
            Unknown: the deadline passed after the hand-over; the ledger has it.
            Refusal: anything else; nothing of it is in Kafka, and the ledger is to be told.
        """
        try:
            decoded = decode(body, request)
        except Refusal as refusal:
            self._bury(request, refusal, body)
            raise
        if request.site.quota is not None:
            number = sum(len(made.beacon.events) for made in decoded.drafts)
            request.site.quota.take_events(number, self._loop.time(), request.site.id)
        decoded.drafts = weigh(decoded.drafts, request.site)
        lines = [(made.beacon, self._line(decoded, index, request, body)) for index, made in enumerate(decoded.drafts)]
        if decoded.refused:
            self._count_refused(request, decoded.refused, decoded.drafts[0].beacon.protocol)
        for reason, number in decoded.clamped.items():
            CLAMPED.labels(reason).inc(number)
        await self._write(lines, since)
        return decoded

    def _line(self, decoded: Decoded, index: int, request: Request, body: bytes) -> bytes:
        made = decoded.drafts[index]
        normalise(made, Knowledge(request, body, self._salts))
        line = encode_beacon(made.beacon)
        if len(line) > LINE_BYTES:
            raise Refusal(DropReason.TOO_LARGE, f"the beacon becomes {len(line)} bytes, more than {LINE_BYTES}")
        return line

    async def _write(self, lines: list[tuple[Beacon, bytes]], since: float) -> None:
        handed = self.ledger.handed_over([beacon for beacon, _ in lines])
        sent: list[asyncio.Future[Ended]] = []
        overloaded: Refusal | None = None
        for beacon, line in lines:
            try:
                sent.append(self._lanes.submit(beacon.site, beacon.session_id, line, since))
            except Refusal as refusal:
                overloaded = refusal
                break
        ends = [await waiter for waiter in sent]
        if overloaded is None and all(end.outcome is Outcome.ACKED for end in ends):
            protocol = lines[0][0].protocol
            self.ledger.acked(handed, [end.appended_at for end in ends])
            acked, events = _counters(protocol)
            acked.inc()
            events.inc(handed.events)
            return
        detail = f"no acknowledgement within {self._config.ack_deadline_s} s"
        if any(end.outcome is not Outcome.NOT_SENT for end in ends):
            raise Unknown(DropReason.NOT_DURABLE, f"{detail}; it may come later")
        self.ledger.taken_back(handed)
        raise overloaded or Refusal(DropReason.NOT_DURABLE, detail)

    def _bury(self, request: Request, refusal: Refusal, body: bytes) -> None:
        if refusal.events:
            self._count_refused(request, refusal.events, "")
            return
        text = shown_body(body, request)
        self._dead_letters.offer(
            [DeadLetter(refusal.reason, refusal.detail, request.received_at, request.site.id, body=text)]
        )

    def _count_refused(self, request: Request, refused: Iterable[Refused], protocol: str) -> None:
        letters = []
        for event in refused:
            EVENTS_DROPPED.labels(event.reason.value).inc()
            detail = f"{event.place}: {event.detail}"
            site, at = request.site.id, request.received_at
            letters.append(DeadLetter(event.reason, detail, at, site, protocol, shown_excerpt(event.excerpt, request)))
        self._dead_letters.offer(letters)
