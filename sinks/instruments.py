"""The sinks' own counters: made once a process."""

from typing import Final

from schemas import instruments
from schemas import metric_catalogue as names

ROWS: Final = instruments.counter(names.SINK_ROWS)
INSERT_SECONDS: Final = instruments.histogram(names.SINK_INSERT_SECONDS)
RETRIES: Final = instruments.counter(names.SINK_RETRIES)
REFUSED: Final = instruments.counter(names.SINK_REFUSED)
LAG: Final = instruments.gauge(names.SINK_LAG)
