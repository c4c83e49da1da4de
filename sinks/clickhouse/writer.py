"""One batch into ClickHouse: tried until it is there, or until it is clear that it never will be."""

import asyncio
import time
from typing import Final, TypeVar

import clickhouse_connect
import structlog
from clickhouse_connect.driver.asyncclient import AsyncClient
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from schemas.drop_reasons import DropReason
from sinks import instruments
from sinks.clickhouse.batch import Batch
from sinks.clickhouse.failures import passes
from sinks.clickhouse.rows import RowKind, table_of
from sinks.config import ClickHouseSinkConfig

T = TypeVar("T")
# A catch-up after days touches a partition a day, and an insert must not be refused for that.
_SETTINGS: Final[dict[str, str]] = {"max_partitions_per_insert_block": "0", "async_insert": "0"}

log = structlog.get_logger()


class Writer:
    """Inserts through one HTTP client, made at the first insert: ClickHouse may be down when the sink starts."""

    def __init__(self, config: ClickHouseSinkConfig) -> None:
        self._config = config
        self._client: AsyncClient | None = None

    async def write(self, kind: RowKind[T], batch: Batch[T]) -> None:
        """Insert the batch's rows, however long ClickHouse is away.

        Raises:
            clickhouse_connect.driver.exceptions.ClickHouseError: the insert was refused for a reason that lasts.
        """
        table, unfit = await asyncio.to_thread(table_of, kind, batch.rows)
        if unfit:
            instruments.REFUSED.labels(DropReason.ROW_UNDECODABLE).inc(unfit)
            log.warning("rows_do_not_fit", table=kind.table, rows=unfit)
        if not table.num_rows:
            return
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(passes),
            wait=wait_random_exponential(multiplier=0.1, max=self._config.retry_max_s),
            before_sleep=lambda state: _again(kind.topic, state),
            reraise=True,
        ):
            with attempt:
                await self._insert(kind, table)
        instruments.ROWS.labels(kind.topic).inc(table.num_rows)

    async def _insert(self, kind: RowKind[T], table: object) -> None:
        started = time.perf_counter()
        async with asyncio.timeout(self._config.insert_timeout_s):
            client = await self._connected()
            await client.insert_arrow(kind.table, table, database=self._config.database, settings=_SETTINGS)
        instruments.INSERT_SECONDS.labels(kind.topic).observe(time.perf_counter() - started)

    async def _connected(self) -> AsyncClient:
        if self._client is None:
            self._client = await clickhouse_connect.get_async_client(
                dsn=self._config.clickhouse_url,
                username=self._config.user,
                password=self._config.password,
                connect_timeout=5,
                send_receive_timeout=self._config.insert_timeout_s,
            )
        return self._client

    async def close(self) -> None:
        """Close the HTTP client."""
        if self._client is not None:
            await self._client.close()


def _again(topic: str, state: RetryCallState) -> None:
    instruments.RETRIES.labels(topic).inc()
    error = state.outcome.exception() if state.outcome else None
    log.warning("insert_failed_trying_again", topic=topic, attempt=state.attempt_number, error=str(error)[:300])
