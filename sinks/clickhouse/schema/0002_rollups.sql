-- One row a lane, window and series: absolute, so that a higher version replaces it and a replay changes nothing.
-- Weights are fixed point (1000 = 1.0); sum is value x weight x 10000 / 1000; bucket k holds (g^(k-1), g^k].
CREATE TABLE IF NOT EXISTS $database.rollups_1m $on_cluster
(
    site LowCardinality(String),
    environment LowCardinality(String),
    source LowCardinality(String),
    metric LowCardinality(String),
    name LowCardinality(String),
    route LowCardinality(String),
    window_start DateTime('UTC') CODEC(Delta, ZSTD(1)),
    navigation_type LowCardinality(String),
    device LowCardinality(String),
    browser LowCardinality(String),
    country LowCardinality(String),
    release LowCardinality(String),
    lane UInt32,
    version UInt64 CODEC(ZSTD(1)),
    window_seconds UInt32,
    n UInt64,
    weight UInt64,
    sum Int64 CODEC(ZSTD(1)),
    good UInt64,
    needs_improvement UInt64,
    poor UInt64,
    zeros UInt64,
    buckets Map(Int32, UInt64) CODEC(ZSTD(1)),
    inserted_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1)),
    INDEX inserted inserted_at TYPE minmax GRANULARITY 4
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY toYYYYMMDD(window_start)
ORDER BY (site, environment, source, metric, name, route, window_start, navigation_type, device, browser, country,
          release, lane)
TTL window_start + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1;

-- The same over an hour, lanes merged. Each refresh appends the hours that changed and replaces their older rows.
CREATE TABLE IF NOT EXISTS $database.rollups_1h $on_cluster
(
    site LowCardinality(String),
    environment LowCardinality(String),
    source LowCardinality(String),
    metric LowCardinality(String),
    name LowCardinality(String),
    route LowCardinality(String),
    window_start DateTime('UTC') CODEC(Delta, ZSTD(1)),
    navigation_type LowCardinality(String),
    device LowCardinality(String),
    browser LowCardinality(String),
    country LowCardinality(String),
    release LowCardinality(String),
    n UInt64,
    weight UInt64,
    sum Int64 CODEC(ZSTD(1)),
    good UInt64,
    needs_improvement UInt64,
    poor UInt64,
    zeros UInt64,
    buckets Map(Int32, UInt64) CODEC(ZSTD(1)),
    refreshed_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    INDEX refreshed refreshed_at TYPE minmax GRANULARITY 4
)
ENGINE = ${replicated}ReplacingMergeTree(refreshed_at)
PARTITION BY toYYYYMM(window_start)
ORDER BY (site, environment, source, metric, name, route, window_start, navigation_type, device, browser, country,
          release)
TTL window_start + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS $database.rollups_1d $on_cluster AS $database.rollups_1h
ENGINE = ${replicated}ReplacingMergeTree(refreshed_at)
PARTITION BY toYear(window_start)
ORDER BY (site, environment, source, metric, name, route, window_start, navigation_type, device, browser, country,
          release);

-- An hour is recomputed when a row of it was inserted since the last refresh that wrote, less ten minutes: an insert
-- takes its time from its start and becomes visible at its end. Ten minutes after the last insert nothing is newer
-- than the last refresh, so quiet hours cost nothing. The first refresh takes everything there is.
CREATE MATERIALIZED VIEW IF NOT EXISTS $database.refresh_rollups_1h $on_cluster
REFRESH EVERY 1 MINUTE APPEND TO $database.rollups_1h AS
WITH changed AS
(
    SELECT DISTINCT toStartOfHour(window_start) AS start
    FROM $database.rollups_1m
    WHERE inserted_at >= (SELECT max(refreshed_at) - INTERVAL 10 MINUTE FROM $database.rollups_1h)
)
SELECT
    site, environment, source, metric, name, route, start AS window_start,
    navigation_type, device, browser, country, release,
    n, weight, sum, good, needs_improvement, poor, zeros, buckets, now64(3) AS refreshed_at
FROM
(
    SELECT
        site, environment, source, metric, name, route, toStartOfHour(r.window_start) AS start,
        navigation_type, device, browser, country, release,
        sum(r.n) AS n, sum(r.weight) AS weight, sum(r.sum) AS sum, sum(r.good) AS good,
        sum(r.needs_improvement) AS needs_improvement, sum(r.poor) AS poor, sum(r.zeros) AS zeros,
        sumMap(r.buckets) AS buckets
    FROM $database.rollups_1m AS r FINAL
    WHERE r.window_start >= (SELECT if(count() = 0, now() + INTERVAL 1 DAY, min(start)) FROM changed)
        AND toStartOfHour(r.window_start) IN (SELECT start FROM changed)
    GROUP BY site, environment, source, metric, name, route, start, navigation_type, device, browser, country, release
);

-- Days from hours, the same way.
CREATE MATERIALIZED VIEW IF NOT EXISTS $database.refresh_rollups_1d $on_cluster
REFRESH EVERY 10 MINUTE APPEND TO $database.rollups_1d AS
WITH changed AS
(
    SELECT DISTINCT toStartOfDay(window_start) AS start
    FROM $database.rollups_1h
    WHERE refreshed_at >= (SELECT max(refreshed_at) - INTERVAL 10 MINUTE FROM $database.rollups_1d)
)
SELECT
    site, environment, source, metric, name, route, start AS window_start,
    navigation_type, device, browser, country, release,
    n, weight, sum, good, needs_improvement, poor, zeros, buckets, now64(3) AS refreshed_at
FROM
(
    SELECT
        site, environment, source, metric, name, route, toStartOfDay(r.window_start) AS start,
        navigation_type, device, browser, country, release,
        sum(r.n) AS n, sum(r.weight) AS weight, sum(r.sum) AS sum, sum(r.good) AS good,
        sum(r.needs_improvement) AS needs_improvement, sum(r.poor) AS poor, sum(r.zeros) AS zeros,
        sumMap(r.buckets) AS buckets
    FROM $database.rollups_1h AS r FINAL
    WHERE r.window_start >= (SELECT if(count() = 0, now() + INTERVAL 1 DAY, min(start)) FROM changed)
        AND toStartOfDay(r.window_start) IN (SELECT start FROM changed)
    GROUP BY site, environment, source, metric, name, route, start, navigation_type, device, browser, country, release
);
