"""Bytewax dataflows, run in an environment of their own (no import from this repository): `get_flow(...)`.

``windowed`` is the manual's way: `fold_window`, an event an item. ``by_hand`` is what a speed-minded user writes: each
batch from Kafka is folded to partials first, and a stateful operator merges them. Both keep their state in
Bytewax's recovery store (SQLite), a snapshot a second.
"""

# mypy: ignore-errors
import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bytewax.operators as op
import msgspec
from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.operators.windowing import EventClock, TumblingWindower, fold_window

LOG_GAMMA = math.log(1.01 / 0.99)
MINUTE_MS = 60_000
CLOSE_AFTER_MS = 60_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PageEvent(msgspec.Struct, gc=False):
    """What the job needs of an event."""

    series: str
    ts: int
    value: float | None = None


class Partial(msgspec.Struct):
    """What is known of one series in one window."""

    n: int = 0
    sum: float = 0.0
    min: float = math.inf
    max: float = -math.inf
    zeros: int = 0
    buckets: dict[int, int] = {}

    def add(self, value: float | None) -> None:
        """One more event."""
        self.n += 1
        if value is None:
            return
        self.sum += value
        if value < self.min:
            self.min = value
        if value > self.max:
            self.max = value
        if value > 0:
            bucket = math.ceil(math.log(value) / LOG_GAMMA)
            self.buckets[bucket] = self.buckets.get(bucket, 0) + 1
        else:
            self.zeros += 1

    def merge(self, other: "Partial") -> None:
        """All events of another."""
        self.n += other.n
        self.sum += other.sum
        self.min = min(self.min, other.min)
        self.max = max(self.max, other.max)
        self.zeros += other.zeros
        for bucket, n in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + n


decode = msgspec.json.Decoder(PageEvent).decode
encode = msgspec.json.encode


class Progress:
    """How many events were read, where another process can see it."""

    def __init__(self, file: str) -> None:
        self._events = 0
        self._file = os.open(file, os.O_RDWR | os.O_CREAT)

    def add(self, events: int) -> None:
        """So many more."""
        self._events += events
        os.pwrite(self._file, self._events.to_bytes(8, "little"), 0)


def get_flow(way: str, bootstrap: str, topic: str, out: str, progress_file: str) -> Dataflow:
    """The dataflow ``windowed`` or ``by_hand``."""
    flow = Dataflow(f"bench_{way}")
    progress = Progress(progress_file)
    read = kop.input("read", flow, brokers=[bootstrap], topics=[topic], batch_size=2_000)
    rows = (windowed if way == "windowed" else by_hand)(read.oks, progress)
    kop.output("write", rows, brokers=[bootstrap], topic=out)
    return flow


def windowed(messages, progress):
    """An event an item, fold_window."""

    def events(batch):
        progress.add(len(batch))
        return [(e.series, e) for e in [decode(m.value) for m in batch]]

    def folded(partial, event):
        partial.add(event.value)
        return partial

    def merged(one, other):
        one.merge(other)
        return one

    keyed = op.flat_map_batch("decode", messages, events)
    clock = EventClock(
        lambda e: EPOCH + timedelta(milliseconds=e.ts), wait_for_system_duration=timedelta(milliseconds=CLOSE_AFTER_MS)
    )
    minute = TumblingWindower(length=timedelta(minutes=1), align_to=EPOCH)
    closed = fold_window("windows", keyed, clock, minute, Partial, folded, merged, ordered=False)
    return op.map("row", closed.down, lambda kv: KafkaSinkMessage(kv[0].encode(), encode(kv[1])))


def by_hand(messages, progress):
    """Partials of a batch, merged by a stateful operator."""

    def partials(batch):
        progress.add(len(batch))
        found: dict[tuple[str, int], Partial] = {}
        for message in batch:
            event = decode(message.value)
            key = (event.series, event.ts // MINUTE_MS)
            partial = found.get(key)
            if partial is None:
                partial = found[key] = Partial()
            partial.add(event.value)
        return [(series, (start, partial)) for (series, start), partial in found.items()]

    keyed = op.flat_map_batch("decode", messages, partials)
    rows = op.stateful_batch("windows", keyed, Open)
    return op.map("row", rows, lambda kv: KafkaSinkMessage(kv[0].encode(), encode(kv[1])))


class Open(StatefulBatchLogic):
    """The open windows of a series; one is closed by an event that is long enough after its end."""

    def __init__(self, resumed) -> None:
        self.windows: dict[int, Partial] = resumed or {}

    def on_batch(self, values):
        """Merge, and let go what is over."""
        for start, partial in values:
            known = self.windows.get(start)
            if known is None:
                self.windows[start] = partial
            else:
                known.merge(partial)
        over = max(self.windows) - 1 - CLOSE_AFTER_MS // MINUTE_MS
        closed = [start for start in self.windows if start < over]
        return [(start, self.windows.pop(start)) for start in closed], StatefulBatchLogic.RETAIN

    def snapshot(self):
        """A copy, for the recovery store."""
        return {start: msgspec.structs.replace(p, buckets=dict(p.buckets)) for start, p in self.windows.items()}


if __name__ == "__main__":
    raise SystemExit(f"run by: python -m bytewax.run {Path(__file__).name}:get_flow(...)")
