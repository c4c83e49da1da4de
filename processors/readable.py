"""Records of a lane's state as JSON that a person can read: names instead of places, times as dates."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from processors.core.held import unpack
from processors.core.keys import CAPS, HELD, LEDGER, PAGE, VISIT, WINDOW
from processors.core.records import (
    Codec,
    HeldBlock,
    LaneRecord,
    LedgerMinute,
    PageView,
    Segment,
    SiteCaps,
    Tracked,
    Visit,
)
from processors.partitions import NotThereError
from schemas.rollup import RollupRow
from schemas.sketch import quantiles

_TIMES: Final = frozenset({"opened_at", "first_ts", "last_ts", "ts", "window_start", "start", "minute", "watermark"})
_QUANTILES: Final = (0.5, 0.75, 0.95, 0.99)
_CODECS: Final[Mapping[bytes, Codec[Any]]] = {
    VISIT: Codec(Visit),
    PAGE: Codec(PageView),
    WINDOW: Codec(RollupRow),
    HELD: Codec(HeldBlock),
    LEDGER: Codec(LedgerMinute),
    CAPS: Codec(SiteCaps),
}
KINDS: Final[Mapping[str, bytes]] = {
    "visits": VISIT,
    "page_views": PAGE,
    "windows": WINDOW,
    "held_blocks": HELD,
    "ledger_minutes": LEDGER,
    "site_caps": CAPS,
}


def decode_record(key: bytes, stored: bytes) -> msgspec.Struct:
    """The record under a key.

    Raises:
        NotThereError: the key's first byte is none of `processors.core.keys`.
        StateVersionError: it is of another version.
        msgspec.DecodeError: it is damaged.
    """
    codec = _CODECS.get(key[:1])
    if codec is None:
        raise NotThereError(f"key {key.hex()}: no kind of record begins with {key[:1].hex() or 'nothing'}")
    record: msgspec.Struct = codec.decode(stored)
    return record


def readable(record: msgspec.Struct) -> dict[str, Any]:
    """The record's fields; of a window also its quantiles, of the lane how much is unsent. Times in UTC."""
    fields = {field: _value(field, getattr(record, field)) for field in record.__struct_fields__}
    match record:
        case RollupRow():
            found = quantiles(record.buckets, record.zeros, _QUANTILES)
            fields["quantiles"] = {f"p{round(q * 100)}": value for q, value in zip(_QUANTILES, found, strict=True)}
        case Visit():
            fields["beacons"] = {f"{beacon:016x}": utc(at) for beacon, at in record.beacons.items()}
        case Segment():
            fields["pages"] = {f"{page:016x}": worst for page, worst in record.pages.items()}
            fields["held"] = [{"offset": offset, "place": place} for _, offset, place in record.held]
        case Tracked():
            if record.first is not None:
                ts, seq, value = record.first
                fields["first"] = {"ts": utc(ts), "seq": seq, "value": value}
        case HeldBlock():
            fields["lines"] = [msgspec.json.decode(line) for line in unpack(record)]
            del fields["packed"]
        case LaneRecord():
            for field in ("visits", "windows", "ledger"):
                fields[f"unsent_{field}"] = len(fields.pop(field))
        case _:
            pass
    return fields


def utc(ms: int) -> str:
    """A time in ms since the epoch, as ISO 8601 with milliseconds; 0, which stands for none, is empty."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds") if ms else ""


def _value(field: str, value: Any) -> Any:
    match value:
        case msgspec.Struct():
            return readable(value)
        case bytes():
            return value.hex()
        case dict():
            return {str(key): _value("", item) for key, item in value.items()}
        case list() | tuple():
            return [_value("", item) for item in value]
        case int() if field in _TIMES:
            return utc(value)
        case _:
            return value
