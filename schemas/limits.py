"""Every limit that more than one room must agree on, in one place.

Units are in the names or beside the value. A limit that one room alone knows lives in that room's config.
"""

from typing import Final

BODY_WIRE_BYTES: Final = 64 * 1024
"""Largest request body on the wire; browsers refuse to beacon more (sendBeacon, keepalive fetch)."""

BODY_INFLATED_BYTES: Final = 1024 * 1024
"""Largest request body after decompression."""

EVENTS_PER_BEACON: Final = 1_000
ATTRS_PER_EVENT: Final = 32
TEXT_LENGTH: Final = 256
"""Characters of a name, route, id or attribute value; longer ones are cut."""

URL_LENGTH: Final = 1_024
STACK_LENGTH: Final = 4_096

BLOCK_BYTES: Final = 512 * 1024
"""A block is closed when it has reached this size, before compression."""

MESSAGE_BYTES: Final = 4 * 1024 * 1024
"""Largest Kafka record of any of our topics: a block and the beacon that overfilled it, or the state of a visit
that remembers IDS_PER_SESSION ids of both kinds."""

DEAD_LETTER_BYTES: Final = MESSAGE_BYTES // 2
"""Longest body of a processor's dead letter, as JSON: every line that the collector writes fits whole."""

TIMING_CAP_MS: Final = 60_000.0
"""Longest duration believed; longer ones are refused as outliers."""

CLS_CAP: Final = 100.0
MEMORY_CAP_MB: Final = 1_000_000.0

CLIENT_CLOCK_MS: Final = 24 * 3_600_000
"""An event's time is clamped to [received_at - this, received_at]."""

WEIGHT_ONE: Final = 1_000
"""Fixed point of weights: 1000 is 1.0."""

WEIGHT_MAX: Final = 10_000 * WEIGHT_ONE
"""A client sample rate below 1/10,000 is taken as 1/10,000."""

SUM_SCALE: Final = 10_000
"""Fixed point of sums: a value of 1.0 at weight 1.0 adds this."""

IDS_PER_SESSION: Final = 10_000
"""Beacon ids and metric ids a visit remembers of each; counting goes on beyond it."""

PAGES_PER_SESSION: Final = 1_000
"""Urls a visit of a client without metric ids tells apart."""

GAUGE_SERIES: Final = 5_000
"""Most series the Prometheus sink exposes."""
