"""The collector's own metrics."""

from typing import Final

from schemas import metric_catalogue as names
from schemas.instruments import counter, gauge, histogram

RECEIVED: Final = counter(names.COLLECTOR_RECEIVED)
ACKED: Final = counter(names.COLLECTOR_ACKED)
REJECTED: Final = counter(names.COLLECTOR_REJECTED)
UNKNOWN: Final = counter(names.COLLECTOR_UNKNOWN)
EVENTS: Final = counter(names.COLLECTOR_EVENTS)
EVENTS_DROPPED: Final = counter(names.COLLECTOR_EVENTS_DROPPED)
CLAMPED: Final = counter(names.COLLECTOR_CLAMPED)
ACK_SECONDS: Final = histogram(names.COLLECTOR_ACK_SECONDS)
BLOCKS: Final = counter(names.COLLECTOR_BLOCKS)
BLOCKS_FAILED: Final = counter(names.COLLECTOR_BLOCKS_FAILED)
INFLIGHT_BYTES: Final = gauge(names.COLLECTOR_INFLIGHT_BYTES)
DEAD_LETTERS: Final = counter(names.COLLECTOR_DEAD_LETTERS)
DEAD_LETTERS_OVER: Final = counter(names.COLLECTOR_DEAD_LETTERS_OVER)
BOTS: Final = counter(names.COLLECTOR_BOTS)
SITES: Final = gauge(names.COLLECTOR_SITES)
SITES_LOADS: Final = counter(names.COLLECTOR_SITES_LOADS)
LEDGER_ROWS_LOST: Final = counter(names.COLLECTOR_LEDGER_ROWS_LOST)
PRODUCERS: Final = counter(names.COLLECTOR_PRODUCERS)
