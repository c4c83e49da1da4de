"""A store in memory and builders of beacons, for laws of the pure core."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from processors.core.block import Block
from processors.core.config import CoreConfig
from processors.core.emission import unsent_rows
from processors.core.eviction import evict
from processors.core.memory import LaneMemory
from processors.core.records import Codec, HeldBlock, LaneRecord
from processors.core.step import step
from processors.core.turn import Outputs
from schemas.event import Beacon, Event, encode_beacon
from schemas.ledger import LedgerRow, ledger_key
from schemas.rollup import RollupRow, rollup_key
from schemas.session import SessionRow, session_key

NOW = 1_750_000_000_000

Row = TypeVar("Row", RollupRow, SessionRow, LedgerRow)


class DictStore:
    """The state as of the last checkpoint, in memory."""

    def __init__(self) -> None:
        self.records: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        return self.records.get(key)

    def keys(self, low: bytes, high: bytes) -> Iterator[bytes]:
        return iter(sorted(k for k in self.records if low <= k < high))

    def apply(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self.records.pop(key, None)
        else:
            self.records[key] = value


class Lab:
    """A lane without Kafka: blocks in, rows and samples out, with checkpoints and crashes where the test wants."""

    def __init__(self, config: CoreConfig | None = None, hot: int = 20_000) -> None:
        self.config = config or CoreConfig(lane=7)
        self.store = DictStore()
        self.record = LaneRecord(birth="lab")
        self.hot = hot
        self.rollups: dict[bytes, RollupRow] = {}
        self.sessions: dict[bytes, SessionRow] = {}
        self.ledger: dict[bytes, LedgerRow] = {}
        self.samples: list[bytes] = []
        self.dead_letters: list[str] = []
        self.counts: dict[str, int] = {}
        self.restart()

    def restart(self) -> None:
        """As after a kill -9: all since the last checkpoint is gone."""
        self.memory = LaneMemory(self.store, self.record, self.hot)
        self.out = Outputs()

    def feed(self, block: Block) -> None:
        if block.offset <= self.memory.offset:
            return
        _, out = step(self.memory, block, self.config)
        self.out.add(out)

    def checkpoint(self, emit: bool = True) -> None:
        fresh, spent = evict(self.memory, self.out, self.config)
        rows = unsent_rows(self.memory, self.out, self.config) if emit else self.out.last
        for rollup in rows.rollups:
            whole = msgspec.structs.replace(rollup, buckets=dict(rollup.buckets))
            self._newest(self.rollups, rollup_key(rollup), whole)
        for session in rows.sessions:
            self._newest(self.sessions, session_key(session.site, session.session_id, session.opened_at), session)
        for minute in rows.ledger:
            self._newest(
                self.ledger, ledger_key(minute), msgspec.structs.replace(minute, outcomes=dict(minute.outcomes))
            )
        self.samples += self.out.samples
        self.dead_letters += [x.reason for x in self.out.dead_letters]
        for name, n in self.out.counts.items():
            self.counts[name] = self.counts.get(name, 0) + n
        self.record = self.memory.record()
        for key, value in self.memory.encoded_changes():
            self.store.apply(key, value)
        for key in fresh:
            self.store.apply(key, b"")
        for key in spent:
            self.store.apply(key, None)
        self.memory.settle()
        self.out = Outputs()

    @staticmethod
    def _newest(rows: dict[bytes, Row], key: bytes, row: Row) -> None:
        if key not in rows or rows[key].version <= row.version:
            rows[key] = row

    def held(self, key: bytes) -> HeldBlock:
        """What a block's record holds back, as of the last checkpoint."""
        return Codec(HeldBlock).decode(self.store.records[key])

    def windows(self) -> list[RollupRow]:
        """All rows that count something, without their version, in the order of their keys."""
        rows = [r for _, r in sorted(self.rollups.items()) if r.n]
        for row in rows:
            row.version = 0
        return rows

    def minutes(self) -> list[LedgerRow]:
        """All ledger rows without their version, in the order of their keys."""
        rows = [r for _, r in sorted(self.ledger.items())]
        for row in rows:
            row.version = 0
        return rows

    def visits(self) -> list[SessionRow]:
        """All session rows without their version, in the order of their keys."""
        rows = [r for _, r in sorted(self.sessions.items())]
        for row in rows:
            row.version = 0
        return rows


def beacon(events: list[Event], **fields: object) -> Beacon:
    known = {"schema": 1, "beacon_id": "b", "site": "s", "session_id": "v", "received_at": NOW, "protocol": "rum"}
    return Beacon(**{**known, **fields, "events": events})  # type: ignore[arg-type]


def block(offset: int, *beacons: Beacon, appended_at: int = NOW + 40 * 86_400_000) -> Block:
    return Block(offset=offset, appended_at=appended_at, lines=[encode_beacon(b) for b in beacons])


def vital(name: str, value: float, ts: int = NOW, **fields: object) -> Event:
    return Event(ts=ts, kind="vital", name=name, value=value, **fields)  # type: ignore[arg-type]
