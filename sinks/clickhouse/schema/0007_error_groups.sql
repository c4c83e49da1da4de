-- Errors by fingerprint and day. Every error is kept raw whatever the sample rate, so the raw events count right:
-- errors is weighted by the client's sample rate, sessions are those that were seen. A day is recomputed when an
-- error of it came in since the last refresh, less ten minutes, as in 0002.
CREATE TABLE IF NOT EXISTS $database.error_groups_1d $on_cluster
(
    site LowCardinality(String),
    environment LowCardinality(String),
    day Date,
    fingerprint String CODEC(ZSTD(1)),
    type LowCardinality(String),
    message String CODEC(ZSTD(1)),
    stack String CODEC(ZSTD(1)),
    route LowCardinality(String),
    releases Array(LowCardinality(String)),
    first_seen DateTime64(3, 'UTC'),
    last_seen DateTime64(3, 'UTC'),
    n UInt64,
    errors Float64,
    sessions UInt64,
    refreshed_at DateTime64(3, 'UTC')
)
ENGINE = ${replicated}ReplacingMergeTree(refreshed_at)
PARTITION BY toYYYYMM(day)
ORDER BY (site, environment, day, fingerprint)
TTL day + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS $database.refresh_error_groups $on_cluster
REFRESH EVERY 1 MINUTE APPEND TO $database.error_groups_1d AS
WITH changed AS
(
    SELECT DISTINCT toDate(ts) AS day
    FROM $database.events
    WHERE kind = 'error'
        AND inserted_at >= (SELECT max(refreshed_at) - INTERVAL 10 MINUTE FROM $database.error_groups_1d)
)
SELECT *, now64(3) AS refreshed_at
FROM
(
    SELECT
        site, environment, toDate(e.ts) AS day, e.attrs['fingerprint'] AS fingerprint,
        argMax(e.name, e.ts) AS type,
        argMax(e.attrs['message'], e.ts) AS message,
        argMax(e.attrs['stack'], e.ts) AS stack,
        argMax(e.route, e.ts) AS route,
        arraySort(groupUniqArray(20)(e.release)) AS releases,
        min(e.ts) AS first_seen, max(e.ts) AS last_seen,
        count() AS n, sum(e.weight) / 1000 AS errors,
        uniqExact(e.session_id, e.opened_at) AS sessions
    FROM $database.events AS e FINAL
    WHERE e.kind = 'error' AND toDate(e.ts) IN (SELECT day FROM changed)
    GROUP BY site, environment, day, fingerprint
);

-- What an analyst reads: all days of a group together. sessions adds the days' sessions.
CREATE VIEW IF NOT EXISTS $database.error_groups $on_cluster AS
SELECT
    site, environment, fingerprint,
    argMax(g.type, g.last_seen) AS type,
    argMax(g.message, g.last_seen) AS message,
    argMax(g.stack, g.last_seen) AS stack,
    argMax(g.route, g.last_seen) AS route,
    arraySort(arrayDistinct(arrayFlatten(groupArray(g.releases)))) AS releases,
    min(g.first_seen) AS first_seen, max(g.last_seen) AS last_seen,
    sum(g.n) AS n, sum(g.errors) AS errors, sum(g.sessions) AS sessions
FROM $database.error_groups_1d AS g FINAL
GROUP BY site, environment, fingerprint;
