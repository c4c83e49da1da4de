-- One row a kept raw event. (lane, offset, line, index) is its identity, the rest of the key follows from it, so a
-- replay replaces rows by themselves. weight is what the event stands for in raw counts (1000 = 1.0, 0 = context).
-- dropped counts what the client lost before this beacon: it is the beacon's, the same on each of its events.
CREATE TABLE IF NOT EXISTS $database.events $on_cluster
(
    site LowCardinality(String),
    environment LowCardinality(String),
    source LowCardinality(String),
    protocol LowCardinality(String),
    session_id String CODEC(ZSTD(1)),
    opened_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    beacon_id String CODEC(ZSTD(1)),
    seq UInt32,
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    sent_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String),
    name LowCardinality(String),
    value Nullable(Float64) CODEC(ZSTD(1)),
    unit LowCardinality(String),
    metric_id String CODEC(ZSTD(1)),
    view_id String CODEC(ZSTD(1)),
    route LowCardinality(String),
    url String CODEC(ZSTD(1)),
    navigation_type LowCardinality(String),
    status UInt16,
    attrs Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    device LowCardinality(String),
    browser LowCardinality(String),
    os LowCardinality(String),
    country LowCardinality(String),
    connection LowCardinality(String),
    release LowCardinality(String),
    user_hash String CODEC(ZSTD(1)),
    previous_session String CODEC(ZSTD(1)),
    dropped Map(LowCardinality(String), UInt64) CODEC(ZSTD(1)),
    weight UInt64,
    late Bool,
    lane UInt32,
    `offset` UInt64 CODEC(Delta, ZSTD(1)),
    line UInt32,
    `index` UInt32,
    inserted_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD(1)),
    INDEX session session_id TYPE bloom_filter GRANULARITY 4,
    INDEX measurement metric_id TYPE bloom_filter GRANULARITY 4,
    INDEX person user_hash TYPE bloom_filter GRANULARITY 4
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY toYYYYMMDD(ts)
ORDER BY (site, kind, name, ts, lane, `offset`, line, `index`)
TTL toDateTime(ts) + INTERVAL 30 DAY
SETTINGS ttl_only_drop_parts = 1;
