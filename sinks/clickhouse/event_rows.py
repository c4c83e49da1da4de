"""`rum.samples` to `events`: one row a kept event, with what its beacon's events share."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

import msgspec
import pyarrow as pa

from schemas.block import split_lines
from schemas.event import AttrValue, Event
from schemas.sample import SampleLine, decode_sample
from schemas.topics import SAMPLES
from sinks.clickhouse.rows import RowKind

_TIME: Final = pa.timestamp("ms", "UTC")
_SAMPLE: Final = {
    "lane": pa.uint32(),
    "offset": pa.uint64(),
    "line": pa.uint32(),
    "opened_at": _TIME,
    "weight": pa.uint64(),
    "late": pa.bool_(),
}
_BEACON: Final = {
    **dict.fromkeys(("beacon_id", "site", "session_id", "protocol", "environment", "source"), pa.string()),
    **dict.fromkeys(("device", "browser", "os", "country", "connection", "release"), pa.string()),
    **dict.fromkeys(("user_hash", "previous_session"), pa.string()),
    "received_at": _TIME,
    "sent_at": _TIME,
    "seq": pa.uint32(),
}
_EVENT: Final = {
    **dict.fromkeys(("kind", "name", "unit", "metric_id", "view_id", "route", "url", "navigation_type"), pa.string()),
    "ts": _TIME,
    "value": pa.float64(),
    "status": pa.uint16(),
}
_SCHEMA: Final = pa.schema(
    {
        **_SAMPLE,
        **_BEACON,
        **_EVENT,
        "index": pa.uint32(),
        "attrs": pa.map_(pa.string(), pa.string()),
        "dropped": pa.map_(pa.string(), pa.uint64()),
    }
)


def decode(line: bytes) -> SampleLine:
    """The sample of one line.

    Raises:
        msgspec.DecodeError: not a sample, or its ``index`` does not fit its events.
    """
    sample = decode_sample(line)
    if sample.index is not None and len(sample.index) != len(sample.beacon.events):
        raise msgspec.ValidationError(f"index has {len(sample.index)} places for {len(sample.beacon.events)} events")
    return sample


def identity(sample: SampleLine) -> Hashable:
    """The beacon's place in `rum.beacons` and which of its events these are: a beacon may come in parts."""
    return (sample.lane, sample.offset, sample.line, None if sample.index is None else tuple(sample.index))


def build(samples: Sequence[SampleLine]) -> pa.Table:
    """One row an event, by columns. Texts in ``attrs`` stay as they are, numbers and booleans become JSON text.

    Raises:
        pyarrow.ArrowException, OverflowError: a number does not fit its column.
    """
    of = [(sample, index, event) for sample in samples for index, event in _kept(sample)]
    columns: dict[str, list[object]] = {name: [getattr(s, name) for s, _, _ in of] for name in _SAMPLE}
    columns |= {name: [getattr(s.beacon, name) for s, _, _ in of] for name in _BEACON}
    columns |= {name: [getattr(e, name) for _, _, e in of] for name in _EVENT}
    columns["index"] = [index for _, index, _ in of]
    columns["attrs"] = [[(k, text_of(v)) for k, v in e.attrs.items()] for _, _, e in of]
    columns["dropped"] = [list(s.beacon.dropped.items()) for s, _, _ in of]
    return pa.table([pa.array(columns[f.name], f.type) for f in _SCHEMA], schema=_SCHEMA)


def text_of(value: AttrValue) -> str:
    """An attribute as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def _kept(sample: SampleLine) -> Iterator[tuple[int, Event]]:
    events = sample.beacon.events
    if sample.index is None:
        yield from enumerate(events)
    else:
        yield from zip(sample.index, events, strict=True)


EVENT_ROWS: Final = RowKind(
    topic=SAMPLES,
    table="events",
    split=split_lines,
    decode=decode,
    identity=identity,
    version=lambda _: 0,
    build=build,
    poll=50,
)
