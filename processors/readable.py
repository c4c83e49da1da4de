"""Records of a lane's state as JSON that a person can read: names instead of places, times as dates."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from processors.core.keys import CAPS, HELD, LEDGER, VISIT, WINDOW
from processors.core.records import Codec, Held, LaneRecord, LedgerMinute, SiteCaps, Tracked, Visit
from processors.partitions import NotThereError
from schemas.rollup import RollupRow
from schemas.sketch import quantiles

_TIMES: Final = frozenset({"opened_at", "first_ts", "last_ts", "window_start", "start", "minute", "watermark"})
_QUANTILES: Final = (0.5, 0.75, 0.95, 0.99)
_CODECS: Final[Mapping[bytes, Codec[Any]]] = {
    VISIT: Codec(Visit),
    WINDOW: Codec(RollupRow),
    HELD: Codec(Held),
    LEDGER: Codec(LedgerMinute),
    CAPS: Codec(SiteCaps),
}
KINDS: Final[Mapping[str, bytes]] = {
    "visits": VISIT,
    "windows": WINDOW,
    "held_lines": HELD,
    "ledger_minutes": LEDGER,
    "site_caps": CAPS,
}


def decode_record(key: bytes, stored: bytes) -> msgspec.Struct:
    """The record under a key.

    Raises:
        NotThereError: the key's first byte is none of `processors.core.keys`.
        StateVersionError: it was written by a newer rumstream.
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
            fields["beacons"] = {beacon: utc(at) for beacon, at in record.beacons.items()}
        case Tracked():
            for field in ("first", "last"):
                ts, seq, value = getattr(record, field)
                fields[field] = {"ts": utc(ts), "seq": seq, "value": value}
        case Held():
            fields["line"] = msgspec.json.decode(record.line)
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
