"""From a question about vitals to one SQL statement with parameters: values are never pasted into it."""

from dataclasses import dataclass
from typing import Final

from api.problems import Fault, ProblemError
from api.times import parse_ms
from schemas.limits import TEXT_LENGTH
from schemas.measures import MEASURES

HOUR_MS: Final = 3_600_000
METRICS: Final = tuple(MEASURES)
DIMENSIONS: Final = (
    "metric",
    "window",
    "route",
    "device",
    "browser",
    "country",
    "release",
    "navigation_type",
    "environment",
    "name",
)
MAX_ROWS: Final = 10_000
_LEVELS: Final = ((48 * HOUR_MS, "rollups_1m"), (60 * 24 * HOUR_MS, "rollups_1h"))
_FRESHNESS: Final = {"rollups_1m": "inserted_at", "rollups_1h": "refreshed_at", "rollups_1d": "refreshed_at"}
QUANTILES: Final = {"p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True)
class VitalsQuery:
    """A checked question. Windows that begin in [from_ms, to_ms) count; ``metric`` empty means all of them."""

    site: str
    from_ms: int
    to_ms: int
    metric: str = ""
    by: tuple[str, ...] = ()
    source: str = "browser"
    limit: int = 1_000

    @property
    def table(self) -> str:
        """Minutes up to two days, hours up to sixty, days beyond."""
        span = self.to_ms - self.from_ms
        return next((table for longest, table in _LEVELS if span <= longest), "rollups_1d")

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What rows are told apart by: the metric always, then what was asked for."""
        return ("metric", *(d for d in self.by if d != "metric"))


def vitals_query(
    site: str,
    now_ms: int,
    metric: str = "",
    since: str = "",
    until: str = "",
    by: str = "",
    source: str = "browser",
    limit: int = 1_000,
) -> VitalsQuery:
    """Check what was asked. ``since`` defaults to an hour before ``until``, ``until`` to now.

    Raises:
        ProblemError: something is missing or wrong; it says what and where.
    """
    if not site or len(site) > TEXT_LENGTH:
        raise ProblemError(Fault.INVALID, f"name a site, at most {TEXT_LENGTH} characters", "site")
    if metric and metric not in METRICS:
        raise ProblemError(Fault.INVALID, f"{metric[:40]!r} is not one of {', '.join(METRICS)}", "metric")
    if source not in ("browser", "server", "lab"):
        raise ProblemError(Fault.INVALID, f"{source[:40]!r} is not one of browser, server, lab", "source")
    if not 1 <= limit <= MAX_ROWS:
        raise ProblemError(Fault.INVALID, f"between 1 and {MAX_ROWS}", "limit")
    to_ms = parse_ms(until, "to") if until else now_ms
    from_ms = parse_ms(since, "from") if since else max(0, to_ms - HOUR_MS)
    if from_ms >= to_ms:
        raise ProblemError(Fault.INVALID, "`from` must be before `to`", "from")
    return VitalsQuery(site, from_ms, to_ms, metric, _dimensions(by), source, limit)


def _dimensions(by: str) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(part.strip() for part in by.split(",") if part.strip()))
    for dimension in asked:
        if dimension not in DIMENSIONS:
            raise ProblemError(Fault.INVALID, f"{dimension[:40]!r} is not one of {', '.join(DIMENSIONS)}", "by")
    return asked


def vitals_sql(query: VitalsQuery, database: str) -> tuple[str, dict[str, object]]:
    """The statement and its parameters. It asks for one row more than the limit, to know whether it was cut."""
    columns = ", ".join("toUnixTimestamp(r.window_start) AS window" if d == "window" else d for d in query.dimensions)
    groups = ", ".join(query.dimensions)
    order = "window, weight DESC" if "window" in query.by else "weight DESC"
    quantiles = ", ".join(f"rum_quantile(buckets, zeros, {q}) AS {name}" for name, q in QUANTILES.items())
    only = "AND metric = {metric:String}" if query.metric else ""
    # Everything pasted below is one of our own constants or a dimension checked against DIMENSIONS.
    sql = f"""
SELECT {groups}, {quantiles}, n, weight, good, needs_improvement, poor, updated_at
FROM (
    SELECT {columns}, sum(r.n) AS n, sum(r.weight) AS weight, sum(r.good) AS good,
        sum(r.needs_improvement) AS needs_improvement, sum(r.poor) AS poor, sum(r.zeros) AS zeros,
        sumMap(r.buckets) AS buckets,
        toUnixTimestamp64Milli(toDateTime64(max(r.{_FRESHNESS[query.table]}), 3)) AS updated_at
    FROM {database}.{query.table} AS r FINAL
    WHERE site = {{site:String}} AND source = {{source:String}} {only}
        AND r.window_start >= toDateTime({{start:UInt32}}, 'UTC')
        AND r.window_start < toDateTime({{stop:UInt32}}, 'UTC')
    GROUP BY {groups}
)
ORDER BY {order}, {groups} LIMIT {{rows:UInt32}}"""  # noqa: S608
    parameters: dict[str, object] = {
        "site": query.site,
        "source": query.source,
        "metric": query.metric,
        "start": _floor(query) // 1000,
        "stop": -(-query.to_ms // 1000),
        "rows": query.limit + 1,
    }
    return sql, parameters


def _floor(query: VitalsQuery) -> int:
    # A window belongs to the answer when the time asked for touches it.
    step = {"rollups_1m": 60_000, "rollups_1h": HOUR_MS, "rollups_1d": 24 * HOUR_MS}[query.table]
    return query.from_ms - query.from_ms % step
