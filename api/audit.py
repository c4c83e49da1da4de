"""The ledger's laws as metrics: asks `ledger_laws` again and again (promise P3)."""

import asyncio
import time
from typing import Any, Final

from api.problems import ProblemError
from api.store import Store
from schemas import instruments
from schemas import metric_catalogue as names

EVERY_S: Final = 15.0
_SQL: Final = """
SELECT
    sum(acked_events) AS acked, sum(unknown_events) AS unknown, sum(replayed_events) AS replayed,
    sum(kafka_events) AS kafka, sum(abs(missing)) AS sums, sum(lost) AS acked_in_kafka,
    sum(unexplained) AS kafka_explained
FROM {database}.ledger_laws
WHERE minute >= now() - INTERVAL 65 MINUTE AND minute < now() - INTERVAL 5 MINUTE"""
_SIDES: Final = ("acked", "unknown", "replayed", "kafka")
_LAWS: Final = ("sums", "acked_in_kafka", "kafka_explained")

_EVENTS: Final = instruments.gauge(names.LEDGER_EVENTS)
_BROKEN: Final = instruments.gauge(names.LEDGER_BROKEN)
_AUDITED: Final = instruments.gauge(names.LEDGER_AUDITED)


async def audit(store: Store, database: str) -> None:
    """For ever: an hour of minutes that ended more than five minutes ago, so that their rows are in.

    While ClickHouse does not answer the gauges stay as they were and only the time of the audit tells.
    """
    while True:
        try:
            (found,) = await store.rows(_SQL.format(database=database))
        except ProblemError:  # the store has logged it; how long it lasts shows in LEDGER_AUDITED
            pass
        else:
            show(found, time.time())
        await asyncio.sleep(EVERY_S)


def show(found: dict[str, Any], now: float) -> None:
    """Set the gauges; ``now`` in seconds since the epoch."""
    for side in _SIDES:
        _EVENTS.labels(side).set(found[side])
    for law in _LAWS:
        _BROKEN.labels(law).set(found[law])
    _AUDITED.set(now)
