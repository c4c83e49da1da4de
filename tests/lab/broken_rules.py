"""Rules, each with the one line that breaks it and the test that must catch that (`make breaks`, docs/testing.md)."""

from typing import Final

from tests.lab.broken_counting import COUNTING
from tests.lab.broken_lane import LANE
from tests.lab.broken_rule import FAULTS, INTEGRATION, UNIT, Break
from tests.lab.broken_sessions import SESSIONS

LAWS_IN_SQL: Final = FAULTS + "test_ledger_laws.py::"
DOOR: Final = UNIT + "ingest/test_door_ledger.py::"
VIEW: Final = INTEGRATION + "test_sink_ledger.py::test_each_law_has_a_column_that_is_0_when_it_holds"

BREAKS: Final = (
    # the door
    Break(
        "2xx only when Kafka has the block (P1)",
        "ingest/lanes.py",
        "            appended_at = await self._producer.send(self._topic, number, value, headers=headers)\n",
        "            appended_at = 0 * self._loop.create_task("
        "self._producer.send(self._topic, number, value, headers=headers)).cancel()\n",
        INTEGRATION + "test_collector.py::test_a_2xx_is_in_kafka_in_the_lane_of_its_session",
    ),
    Break(
        "what was handed over is unknown at its deadline, never refused",
        "ingest/blocks.py",
        "_tell(entry, Ended(Outcome.UNKNOWN))",
        "_tell(entry, Ended(Outcome.NOT_SENT))",
        UNIT + "ingest/test_blocks.py::test_at_its_deadline_a_waiter_is_told_whether_the_line_can_be_in_kafka",
    ),
    Break(
        "one block of a lane is under way at a time",
        "ingest/blocks.py",
        "if self.under_way is not None or not self._waiting:",
        "if not self._waiting:",
        UNIT + "ingest/test_blocks.py::test_the_next_block_waits_for_the_linger_and_for_the_block_under_way",
    ),
    Break(
        "a body has a cap",
        "ingest/body.py",
        "        if size > self._cap:\n            raise _too_large(self._cap)\n        return b",
        "        return b",
        UNIT + "ingest/test_body.py::test_one_byte_more_is_too_large",
    ),
    Break(
        "event time is clamped to the last day",
        "ingest/event_time.py",
        "        self._clamped[PAST] += 1\n        return earliest",
        "        self._clamped[PAST] += 1\n        return int(ts)",
        UNIT + "ingest/test_event_time.py::test_with_sent_at_an_event_is_clamped_to_the_last_day",
    ),
    Break(
        "e-mails never reach Kafka",
        "ingest/scrub.py",
        "text = _EMAIL.sub(EMAIL, text)",
        "text = text.strip()",
        UNIT + "ingest/test_scrub.py",
    ),
    # the ledger
    Break(
        "a beacon on its way counts as unknown",
        "ingest/door_ledger.py",
        "count.unknown += 1",
        "count.unknown += 0",
        DOOR + "test_what_is_handed_over_is_unknown_until_it_is_told_otherwise",
    ),
    Break(
        "a beacon counts in the minute in which the lane counts it",
        "ingest/door_ledger.py",
        "min(beacon.received_at, at)",
        "beacon.received_at",
        DOOR + "test_an_acked_beacon_counts_where_the_lane_counts_it_whatever_the_clocks_say",
    ),
    Break(
        "a closed minute is not opened again",
        "ingest/door_ledger.py",
        "minute = max(at - at % MINUTE_MS, self._floor)",
        "minute = at - at % MINUTE_MS",
        DOOR + "test_a_closed_minute_is_never_opened_again",
    ),
    Break(
        "rows have rising versions whatever the clock does",
        "ingest/door_ledger.py",
        "self._version = max(self._version + 1, now)",
        "self._version = now",
        DOOR + "test_only_what_changed_is_said_again_whole_and_with_a_higher_version",
    ),
    Break(
        "rows that Kafka did not take are said again",
        "ingest/door_ledger.py",
        "self._changed[key] = None if key in self._counts else row",
        "self._changed.pop(key, row)",
        DOOR + "test_rows_that_did_not_reach_kafka_are_said_again_even_when_their_minute_is_closed",
    ),
    Break(
        "a life replaces no rows of a former one",
        "ingest/collector.py",
        'life = f"{config.collector_id}/{uuid.uuid4().hex[:12]}"',
        'life = f"{config.collector_id}/{uuid.UUID(int=0).hex[:12]}"',
        LAWS_IN_SQL + "test_collectors_that_are_killed_leave_a_ledger_whose_laws_hold",
    ),
    Break(
        "a refusal stands in the ledger",
        "ingest/door.py",
        "self._collector.ledger.rejected(site, at, refusal.reason)",
        "str(refusal.reason) + site + str(at)",
        LAWS_IN_SQL + "test_what_is_refused_at_the_door_and_in_the_lane_adds_up_to_what_came",
    ),
    Break(
        "what is acked and not found in Kafka shows",
        "sinks/clickhouse/schema/0008_ledger_laws.sql",
        "greatest(acked_events - kafka_events - 1000 * unread, 0) AS lost",
        "greatest(acked_events - kafka_events - 2000 * (unread + 1), 0) AS lost",
        VIEW,
    ),
    Break(
        "only a collector that died explains what no door row has",
        "sinks/clickhouse/schema/0008_ledger_laws.sql",
        "WHERE part = 'life' AND outcomes['running'] > 0",
        "WHERE part = 'life'",
        VIEW,
    ),
    Break(
        "a replay says beforehand what it adds",
        "processors/dead_letters/replay.py",
        "await enter(partition, receipt.announced(lines, now))",
        "receipt.announced(lines, now)",
        LAWS_IN_SQL + "test_a_replay_as_often_as_one_likes_leaves_the_laws_whole",
    ),
    *SESSIONS,
    *COUNTING,
    *LANE,
    # sinks
    Break(
        "the highest version of a row is written",
        "sinks/clickhouse/batch.py",
        "self._kind.version(row) >= self._kind.version(known)",
        "self._kind.version(row) <= self._kind.version(known)",
        UNIT + "sinks/test_batch.py::test_the_highest_version_of_each_row_stays",
    ),
    Break(
        "offsets are committed after the rows are written (F7)",
        "sinks/clickhouse/feed.py",
        "        await self._writer.write(self._kind, batch)\n        ours =",
        "        asyncio.get_running_loop().call_later(5, lambda: asyncio.ensure_future("
        "self._writer.write(self._kind, batch)))\n        ours =",
        FAULTS + "test_sink_faults.py::test_killing_the_sink_changes_nothing",
    ),
    Break(
        "the sink reads committed transactions alone",
        "sinks/clickhouse/worker.py",
        'isolation_level="read_committed"',
        'isolation_level="read_uncommitted"',
        INTEGRATION + "test_sink_clickhouse.py::test_what_was_aborted_never_arrives",
    ),
    Break(
        "a replayed row changes no gauge",
        "sinks/prometheus/windows.py",
        "            cell.add(known, -1)\n",
        "            cell.add(known, 0)\n",
        UNIT + "sinks/test_windows.py::test_taking_back_and_putting_in_is_the_same_as_merging_the_newest",
    ),
    Break(
        "gauges keep the routes with most page views",
        "sinks/prometheus/fold.py",
        "return sorted(views, key=lambda k: (-views[k], k))",
        "return sorted(views, key=lambda k: (views[k], k))",
        UNIT + "sinks/test_fold.py::test_the_routes_with_most_page_views_stay",
    ),
)
