"""What the API needs to know; read from the environment by `rumstream.settings` alone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ApiConfig:
    """The read side. ``demo_url`` is where the empty page sends the reader; ``query_timeout_s`` bounds a query."""

    clickhouse_url: str
    host: str = "127.0.0.1"
    port: int = 8001
    database: str = "rum"
    user: str = "default"
    password: str = ""
    demo_url: str = "http://127.0.0.1:8000/demo"
    query_timeout_s: float = 10.0
