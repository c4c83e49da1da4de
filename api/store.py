"""ClickHouse as the API sees it: a question, its rows, or a problem that says what to do."""

import asyncio
from typing import Any, Final

import clickhouse_connect
import structlog
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError, Error

from api.config import ApiConfig
from api.problems import Fault, ProblemError

_NO_TABLES: Final = {46, 60, 81}
"""UNKNOWN_FUNCTION, UNKNOWN_TABLE, UNKNOWN_DATABASE."""
_TOO_SLOW: Final = {159, 160, 241}
"""TIMEOUT_EXCEEDED, TOO_SLOW, MEMORY_LIMIT_EXCEEDED."""

log = structlog.get_logger()


class Store:
    """One HTTP client, made at the first question: ClickHouse may come later than the API."""

    def __init__(self, config: ApiConfig) -> None:
        self._config = config
        self._client: AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def rows(self, sql: str, parameters: dict[str, object] | None = None) -> list[dict[str, Any]]:
        """The rows by column name.

        Raises:
            ProblemError: ClickHouse does not answer, has no tables, or took too long.
        """
        seconds = self._config.query_timeout_s
        try:
            async with asyncio.timeout(seconds + 2):
                client = await self._opened()
                result = await client.query(sql, parameters, settings=_settings(seconds))
        except TimeoutError as error:
            raise ProblemError(Fault.TOO_SLOW, f"no answer within {seconds} s") from error
        except ClickHouseError as error:
            raise _problem(error) from error
        return list(result.named_results())

    async def answers(self) -> bool:
        """Whether ClickHouse is there."""
        try:
            await self.rows("SELECT 1")
        except ProblemError:
            return False
        return True

    async def close(self) -> None:
        """Close the HTTP client."""
        if self._client is not None:
            await self._client.close()

    async def _opened(self) -> AsyncClient:
        async with self._opening:
            if self._client is None:
                self._client = await clickhouse_connect.get_async_client(
                    dsn=self._config.clickhouse_url,
                    username=self._config.user,
                    password=self._config.password,
                    connect_timeout=2,
                    send_receive_timeout=self._config.query_timeout_s + 1,
                )
            return self._client


def _settings(seconds: float) -> dict[str, Any]:
    # A row's key holds its window, so its versions never stand in two partitions.
    return {"max_execution_time": int(seconds), "do_not_merge_across_partitions_select_final": 1}


def _problem(error: ClickHouseError) -> ProblemError:
    code = error.code if isinstance(error, Error) else None
    log.warning("query_failed", code=code, error=str(error)[:500])
    if code in _NO_TABLES:
        return ProblemError(Fault.NO_TABLES, f"ClickHouse says {code}")
    if code in _TOO_SLOW:
        return ProblemError(Fault.TOO_SLOW, f"ClickHouse says {code}")
    return ProblemError(Fault.UNAVAILABLE, "no connection" if code is None else f"ClickHouse says {code}")
