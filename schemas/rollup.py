"""Series and rollup rows: what a lane knows of one window of one series (design sections 6 and 7)."""

from typing import Final, NamedTuple

import msgspec

OTHER: Final = "__other__"
"""The value of a dimension that stands for all values beyond a cap."""


class Series(NamedTuple):
    """A rollup's dimensions; ``name`` is what the metric is of (initiator, endpoint, component), empty for vitals."""

    site: str
    environment: str
    source: str
    metric: str
    name: str
    route: str
    navigation_type: str
    device: str
    browser: str
    country: str
    release: str


class RollupRow(msgspec.Struct, omit_defaults=True, gc=False):
    """The whole partial of one window in one lane: absolute, so a higher version replaces it.

    ``window_start`` in ms, ``window_seconds`` its length; the window is [start, end). ``n`` counts events;
    ``weight``, ``good``, ``needs_improvement``, ``poor``, ``zeros`` and the buckets are fixed-point weights
    (1000 = 1.0); ``sum`` is value x weight in SUM_SCALE. ``lane`` carries the generation.
    """

    site: str
    environment: str
    source: str
    metric: str
    name: str
    route: str
    navigation_type: str
    device: str
    browser: str
    country: str
    release: str
    window_start: int
    window_seconds: int
    lane: int
    version: int
    n: int
    weight: int
    sum: int = 0
    good: int = 0
    needs_improvement: int = 0
    poor: int = 0
    zeros: int = 0
    buckets: dict[int, int] = {}

    @property
    def series(self) -> Series:
        """The row's dimensions."""
        return Series(
            self.site,
            self.environment,
            self.source,
            self.metric,
            self.name,
            self.route,
            self.navigation_type,
            self.device,
            self.browser,
            self.country,
            self.release,
        )


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(RollupRow)


def rollup_key(row: RollupRow) -> bytes:
    """The Kafka key of a row within its lane's partition: a JSON list, readable in any tool."""
    return _encoder.encode(
        (
            row.window_start,
            row.site,
            row.environment,
            row.source,
            row.metric,
            row.name,
            row.route,
            row.navigation_type,
            row.device,
            row.browser,
            row.country,
            row.release,
        )
    )


def encode_rollup(row: RollupRow) -> bytes:
    """The row as JSON; bucket keys are JSON strings."""
    return _encoder.encode(row)


def decode_rollup(value: bytes) -> RollupRow:
    """The row of a `rum.rollups` record.

    Raises:
        msgspec.DecodeError: not a rollup row.
    """
    return _decoder.decode(value)
