-- What became of what, per received minute and site: absolute rows, a higher version replaces. part is "lane"
-- (events found in Kafka: applied, superseded, late, duplicate …) or "collector" (beacons at the door: acked, unknown,
-- refusals by reason). accepted is the sum of the outcomes, always: ledger_balance shows any that is not.
CREATE TABLE IF NOT EXISTS $database.ledger $on_cluster
(
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    site LowCardinality(String),
    part LowCardinality(String),
    writer LowCardinality(String),
    version UInt64 CODEC(ZSTD(1)),
    accepted UInt64,
    outcomes Map(LowCardinality(String), UInt64) CODEC(ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (site, part, minute, writer)
TTL minute + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE VIEW IF NOT EXISTS $database.ledger_balance $on_cluster AS
SELECT
    minute, site, part, accepted, outcomes,
    toInt64(accepted) - toInt64(arraySum(mapValues(outcomes))) AS missing
FROM
(
    SELECT minute, site, part, sum(l.accepted) AS accepted, sumMap(l.outcomes) AS outcomes
    FROM $database.ledger AS l FINAL
    GROUP BY minute, site, part
);

-- Events that came when their window could not change any more: in no rollup, kept raw.
CREATE VIEW IF NOT EXISTS $database.late $on_cluster AS
SELECT
    toStartOfMinute(ts) AS window_start, site, environment, source, kind, name, route,
    count() AS n, sum(e.weight) / 1000 AS weight, max(e.received_at) AS last_received
FROM $database.events AS e FINAL
WHERE e.late
GROUP BY window_start, site, environment, source, kind, name, route;
