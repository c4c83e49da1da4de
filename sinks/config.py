"""What the sinks need to know; read from the environment by `rumstream.settings` alone."""

from dataclasses import dataclass
from typing import Final

_MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class ClickHouseSinkConfig:
    """The sink to ClickHouse.

    ``cluster`` names a ClickHouse cluster whose tables are replicated ("" for one server or the embedded one).
    ``flush_ms`` is the longest a row waits for company; ``batch_rows`` and ``batch_bytes`` (of Kafka values) close a
    batch earlier. Each topic holds at most two batches: one on its way, one filling.
    ``session_timeout_ms`` is how long after a kill -9 the next sink waits for its partitions.
    ``metrics_port`` 0 exposes nothing.
    """

    bootstrap: str
    clickhouse_url: str = "http://127.0.0.1:8123"
    user: str = "default"
    password: str = ""
    database: str = "rum"
    cluster: str = ""
    generation: int = 1
    group: str = "rumstream-clickhouse"
    flush_ms: int = 500
    batch_rows: int = 20_000
    batch_bytes: int = 16 * _MIB
    insert_timeout_s: float = 60.0
    retry_max_s: float = 5.0
    stop_grace_s: float = 8.0
    session_timeout_ms: int = 10_000
    max_poll_interval_ms: int = 300_000
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0


@dataclass(frozen=True)
class PrometheusSinkConfig:
    """The sink to Prometheus. ``lookback_s`` is how far back each start reads."""

    bootstrap: str
    host: str = "127.0.0.1"
    port: int = 9464
    generation: int = 1
    lookback_s: int = 15 * 60
