-- One row a visit: absolute, a higher version replaces it. Times of events, not of arrival.
CREATE TABLE IF NOT EXISTS $database.sessions $on_cluster
(
    site LowCardinality(String),
    session_id String CODEC(ZSTD(1)),
    opened_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    lane UInt32,
    version UInt64 CODEC(ZSTD(1)),
    started_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    ended_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    environment LowCardinality(String),
    source LowCardinality(String),
    protocol LowCardinality(String),
    release LowCardinality(String),
    device LowCardinality(String),
    browser LowCardinality(String),
    os LowCardinality(String),
    country LowCardinality(String),
    connection LowCardinality(String),
    user_hash String CODEC(ZSTD(1)),
    previous_session String CODEC(ZSTD(1)),
    entry_route LowCardinality(String),
    exit_route LowCardinality(String),
    views UInt32,
    events UInt32,
    errors UInt32,
    duplicates UInt32,
    engaged_ms UInt64,
    worst_vital LowCardinality(String),
    worst_rating LowCardinality(String),
    weight UInt64,
    inserted_at DateTime('UTC') DEFAULT now() CODEC(Delta, ZSTD(1)),
    INDEX session session_id TYPE bloom_filter GRANULARITY 4,
    INDEX person user_hash TYPE bloom_filter GRANULARITY 4
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY toYYYYMMDD(opened_at)
ORDER BY (site, opened_at, session_id, lane)
TTL toDateTime(opened_at) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;
