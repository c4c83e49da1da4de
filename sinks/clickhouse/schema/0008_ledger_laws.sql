-- Both sides of the ledger beside one another. events: of a collector's acked and unknown beacons, and of a replay.
ALTER TABLE $database.ledger $on_cluster
    ADD COLUMN IF NOT EXISTS events Map(LowCardinality(String), UInt64) CODEC(ZSTD(1));

-- One received minute of one site: what the collectors said, what the lanes found in Kafka, and what does not fit.
--   received = acked + rejected + unknown, and the sum of each writer's outcomes is what it accepted     -> missing
--   acked is in Kafka                                                                                    -> lost
--   what is in Kafka beyond acked was unknown, or replayed, or the collector died (open_lives)           -> unexplained
-- unread: lines in Kafka that no lane could read, so that nobody knows whose events they held (at most 1,000 a line).
-- open_lives: collectors that ended without saying so, or have not said all of this minute yet.
CREATE VIEW IF NOT EXISTS $database.ledger_laws $on_cluster AS
SELECT
    s.minute AS minute, s.site AS site, received, acked, rejected, unknown,
    acked_events, unknown_events, replayed_events, kafka_events,
    toInt64(ifNull(u.lines, 0)) AS unread,
    toInt64(ifNull(o.lives, 0)) AS open_lives,
    missing,
    greatest(acked_events - kafka_events - 1000 * unread, 0) AS lost,
    if(open_lives > 0, 0, greatest(kafka_events - acked_events - unknown_events - replayed_events, 0)) AS unexplained,
    abs(missing) + lost + unexplained AS broken
FROM
(
    SELECT
        l.minute AS minute, l.site AS site,
        sumIf(toInt64(l.accepted), part = 'collector') AS received,
        sumIf(toInt64(outcomes['acked']), part = 'collector') AS acked,
        sumIf(toInt64(outcomes['unknown']), part = 'collector') AS unknown,
        sumIf(
            toInt64(arraySum(mapValues(outcomes))) - toInt64(outcomes['acked']) - toInt64(outcomes['unknown']),
            part = 'collector'
        ) AS rejected,
        sumIf(toInt64(events['acked']), part = 'collector') AS acked_events,
        sumIf(toInt64(events['unknown']), part = 'collector') AS unknown_events,
        sumIf(toInt64(l.accepted), part = 'replay') AS replayed_events,
        sumIf(
            toInt64(arraySum(mapValues(outcomes))) - toInt64(outcomes['line_undecodable'])
                - toInt64(outcomes['schema_unknown']) - toInt64(outcomes['block_undecodable']),
            part = 'lane'
        ) AS kafka_events,
        sum(abs(toInt64(l.accepted) - toInt64(arraySum(mapValues(outcomes))))) AS missing
    FROM $database.ledger AS l FINAL
    WHERE part IN ('collector', 'lane', 'replay')
    GROUP BY minute, site
) AS s
LEFT JOIN
(
    -- a line arrives in Kafka in the minute it was received in, or in the next
    SELECT minute, sum(n) AS lines
    FROM
    (
        SELECT
            arrayJoin([l.minute, l.minute - INTERVAL 1 MINUTE]) AS minute,
            outcomes['line_undecodable'] + outcomes['schema_unknown'] + outcomes['block_undecodable'] AS n
        FROM $database.ledger AS l FINAL
        WHERE part = 'lane' AND l.site = ''
    )
    GROUP BY minute
) AS u ON u.minute = s.minute
LEFT JOIN
(
    -- a life's last word holds for all that was received until ten seconds before it; what it did not say any more is
    -- of this minute and the two that follow
    SELECT
        toStartOfMinute(toDateTime(intDiv(version, 1000) - 10, 'UTC')) + INTERVAL arrayJoin([0, 1, 2]) MINUTE AS minute,
        count() AS lives
    FROM $database.ledger FINAL
    WHERE part = 'life' AND outcomes['running'] > 0
    GROUP BY minute
) AS o ON o.minute = s.minute;
