"""Rules, each with the one line that breaks it and the test that must catch that (`make breaks`, docs/testing.md)."""

from typing import Final, NamedTuple


class Break(NamedTuple):
    """``old`` stands once in ``file``; with ``new`` in its place the ``rule`` is broken and ``test`` must fail."""

    rule: str
    file: str
    old: str
    new: str
    test: str


class Unbroken(NamedTuple):
    """A rule whose line is still to be named, and the test that should catch its break."""

    rule: str
    test: str


UNIT, FAULTS, INTEGRATION = "tests/unit/", "tests/faults/", "tests/integration/"
LAWS_IN_SQL = FAULTS + "test_ledger_laws.py::"
RECOVERY = FAULTS + "test_lane_recovery.py::"
CORE = UNIT + "processors/"
SKETCH = UNIT + "schemas/test_sketch.py::"
DOOR = UNIT + "ingest/test_door_ledger.py::"
VIEW = INTEGRATION + "test_sink_ledger.py::test_each_law_has_a_column_that_is_0_when_it_holds"

BREAKS: Final = (
    # sketch
    Break(
        "a bucket is within 1 % of its values",
        "schemas/sketch.py",
        "return LOWEST + min(bisect_left(BOUNDS, value), _LAST)",
        "return LOWEST + min(bisect_left(BOUNDS, value) + 1, _LAST)",
        SKETCH + "test_a_bucket_stands_for_each_of_its_values_within_alpha",
    ),
    Break(
        "a rank that a weight reaches exactly is that value",
        "schemas/sketch.py",
        "        if seen >= rank:\n            return bucket_value(key)",
        "        if seen > rank:\n            return bucket_value(key)",
        SKETCH + "test_a_rank_that_a_weight_reaches_exactly_is_still_that_value",
    ),
    Break(
        "zeros are counted before every bucket",
        "schemas/sketch.py",
        "    seen = zeros\n",
        "    seen = 0\n",
        SKETCH + "test_zeros_come_before_every_bucket",
    ),
    Break(
        "merging adds weights",
        "schemas/sketch.py",
        "into[key] = into.get(key, 0) + weight",
        "into[key] = max(into.get(key, 0), weight)",
        SKETCH + "test_merging_is_associative_and_commutative_and_the_empty_sketch_changes_nothing",
    ),
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
    # the core
    Break(
        "reports that add add up, in any order (decision 4)",
        "processors/core/corrections.py",
        "later, value = (ts, seq, weight) > (known.ts, known.seq, known.weight), _sum(known.value, value)",
        "later, value = (ts, seq, weight) > (known.ts, known.seq, known.weight), value or 0.0",
        CORE + "test_corrections.py::test_parts_in_any_order_and_any_split_add_up_once_however_often_they_are_sent",
    ),
    Break(
        "the sum of reports that add is in fixed point",
        "processors/core/corrections.py",
        "(round((one or 0.0) * SUM_SCALE) + round((other or 0.0) * SUM_SCALE)) / SUM_SCALE",
        "(one or 0.0) + (other or 0.0)",
        CORE + "test_corrections.py::test_parts_in_any_order_and_any_split_add_up_once_however_often_they_are_sent",
    ),
    Break(
        "a site is sampled at its own rate",
        "processors/core/sampler.py",
        "rate := config.sample_rates.get(turn.beacon.site, config.sample_rate)",
        "rate := config.sample_rate",
        CORE + "test_sampler.py::test_a_site_with_a_rate_of_its_own_is_drawn_and_weighed_by_it",
    ),
    Break(
        "a session weighs what its lightest beacon does",
        "processors/core/sessioniser.py",
        "        segment.weight = beacon.weight\n",
        "        segment.weight = segment.weight\n",
        CORE + "test_sessions.py::test_a_session_weighs_what_its_lightest_beacon_does_in_any_order",
    ),
    # around the lane
    Break(
        "what a dead owner did not commit never was",
        "processors/changelog.py",
        'consumer = partition_reader(bootstrap, "read_committed")',
        'consumer = partition_reader(bootstrap, "read_uncommitted")',
        RECOVERY + "test_what_a_dead_owner_sent_without_a_commit_never_was",
    ),
    Break(
        "a store older than half the life of a tombstone is wiped (F48)",
        "processors/changelog.py",
        "if now_ms - stamp.at > STATE_DELETE_RETENTION_MS // 2:",
        "if now_ms - stamp.at > STATE_DELETE_RETENTION_MS * 2:",
        RECOVERY + "test_a_disk_that_may_have_missed_tombstones_brings_nothing_back",
    ),
    Break(
        "a store of another life is not believed (F49)",
        "processors/changelog.py",
        "if stamp is not None and found.birth != stamp.birth:",
        "if stamp is not None and not found.birth:",
        RECOVERY + "test_a_state_topic_made_anew_is_filled_from_the_blocks_and_no_old_disk_is_believed",
    ),
    Break(
        "a block is acknowledged only after its commit (F5)",
        "processors/ownership.py",
        "                for done in await lane.checkpoint():\n                    await self._ack(done)",
        "                for done in lane._release():\n                    await self._ack(done)\n"
        "                await lane.checkpoint()",
        RECOVERY + "test_a_block_is_acknowledged_after_its_commit_and_never_without",
    ),
    Break(
        "a tick header of a stranger stops no lane",
        "processors/source.py",
        " and len(tick) <= _TICK_DIGITS",
        "",
        UNIT + "processors/test_source.py::test_a_tick_that_is_no_time_is_none",
    ),
    Break(
        "a dead letter that was cut is never replayed",
        "processors/dead_letters/replay.py",
        "if not letter.whole:",
        "if not letter.body:",
        UNIT + "processors/test_replay.py::test_what_cannot_be_replayed_is_said_by_its_cause",
    ),
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

UNBROKEN: Final = (
    Unbroken("the watermark never falls", CORE + "test_core_laws.py::test_any_order_of_arrival_gives_the_same_windows"),
    Unbroken(
        "received_at is clamped to the broker's time (F18)",
        CORE + "test_sessions.py::test_a_collector_clock_ahead_of_the_broker_moves_no_watermark",
    ),
    Unbroken(
        "event time is clamped to the day before (F18)",
        CORE + "test_boundaries.py::test_an_event_happened_in_the_day_before_it_was_received",
    ),
    Unbroken(
        "a window begins with its first millisecond",
        CORE + "test_boundaries.py::test_a_window_begins_with_its_first_millisecond",
    ),
    Unbroken(
        "a window can change for the longest session and ten minutes (F16)",
        CORE + "test_sessions.py::test_a_window_can_change_until_the_longest_session_and_ten_minutes_are_over",
    ),
    Unbroken(
        "a session ends after 30 min without an event",
        CORE + "test_sessions.py::test_a_session_ends_after_thirty_minutes_without_an_event",
    ),
    Unbroken(
        "a session ends 4 h after it was opened",
        CORE + "test_sessions.py::test_a_session_ends_four_hours_after_it_was_opened",
    ),
    Unbroken(
        "opened_at never changes",
        CORE + "test_sessions.py::test_opened_at_never_changes_when_an_earlier_event_arrives_later",
    ),
    Unbroken(
        "a correction opens no session of its own (F50)",
        CORE + "test_sessions.py::test_the_final_report_two_hours_later_counts_once_in_the_window_of_its_page_view",
    ),
    Unbroken(
        "the old value is taken out of its bucket",
        CORE + "test_corrections.py::test_any_reports_in_any_order_leave_the_windows_of_one_report",
    ),
    Unbroken(
        "the latest report counts, by time, beacon number, value",
        CORE + "test_windows.py::test_equal_times_are_told_apart_by_the_beacon_number",
    ),
    Unbroken(
        "a measurement counts where its earliest report says",
        CORE + "test_boundaries.py::test_a_measurement_counts_where_its_earliest_report_says",
    ),
    Unbroken(
        "a beacon id seen again is a duplicate (F15)",
        CORE + "test_sessions.py::test_a_beacon_repeated_a_hundred_times_counts_once",
    ),
    Unbroken(
        "a hashed beacon id is a retry within 10 s only",
        CORE + "test_sessions.py::test_a_hashed_beacon_id_is_a_retry_only_within_ten_seconds",
    ),
    Unbroken(
        "a report weighs 1 / client rate", CORE + "test_windows.py::test_a_client_sample_rate_of_a_quarter_weighs_four"
    ),
    Unbroken("zeros are counted apart", CORE + "test_windows.py::test_zero_is_a_value_and_absence_is_not"),
    Unbroken("a value at the limit is still good", CORE + "test_windows.py::test_a_value_at_the_limit_is_still_good"),
    Unbroken(
        "a raw event weighs 1 / (client rate x site rate)",
        CORE + "test_sampler.py::test_each_event_is_expected_to_weigh_what_the_client_said",
    ),
    Unbroken(
        "held-back events are released with weight 0",
        CORE + "test_sampler.py::test_totals_from_raw_events_are_unbiased",
    ),
    Unbroken(
        "an error or a poor vital keeps its session from then on",
        CORE + "test_sampler.py::test_from_its_error_or_poor_vital_on_a_session_is_kept",
    ),
    Unbroken(
        "what is held back is bounded", CORE + "test_sampler.py::test_a_session_holds_back_a_bounded_number_of_lines"
    ),
    Unbroken(
        "routes beyond the cap fold to __other__, totals exact (F34)",
        CORE + "test_extremes.py::test_a_million_urls_open_no_more_series_than_the_cap_and_totals_are_exact",
    ),
    Unbroken(
        "a window has a bounded number of series",
        CORE + "test_caps.py::test_a_million_combinations_open_a_bounded_number_of_series",
    ),
    Unbroken(
        "a session tracks a bounded number of ids",
        CORE + "test_extremes.py::test_a_session_of_a_million_events_is_counted_whole_and_remembered_in_part",
    ),
    Unbroken(
        "one measurement is one record however often it is reported (F37)",
        CORE + "test_extremes.py::test_a_million_updates_of_one_measurement_leave_as_much_state_as_the_first_thousands",
    ),
    Unbroken(
        "each accepted event becomes exactly one thing",
        CORE + "test_core_laws.py::test_every_accepted_event_becomes_exactly_one_thing",
    ),
    Unbroken(
        "a closed minute of the ledger is not opened again",
        CORE + "test_ledger.py::test_a_closed_minute_is_never_opened_again",
    ),
    Unbroken(
        "what has run out is gone for every step, deleted or not",
        CORE + "test_core_laws.py::test_forgetting_leaves_nothing_and_changes_no_row",
    ),
    Unbroken(
        "what is forgotten before it was emitted is emitted last",
        CORE + "test_boundaries.py::test_what_is_forgotten_before_it_was_emitted_is_emitted_last",
    ),
    Unbroken(
        "what was not emitted is emitted after a restart",
        CORE + "test_boundaries.py::test_what_was_not_emitted_before_a_crash_is_emitted_after_it",
    ),
    Unbroken(
        "a record of a newer state version is refused by name",
        CORE + "test_boundaries.py::test_a_record_of_a_newer_state_version_is_refused_by_name",
    ),
    Unbroken(
        "a line that can't be decoded is a dead letter and the lane goes on",
        CORE + "test_windows.py::test_a_line_that_cannot_be_decoded_is_a_dead_letter_and_the_lane_goes_on",
    ),
    Unbroken(
        "a block at or below the state's offset is skipped (F5)",
        FAULTS + "test_killed_in_checkpoint.py::"
        "test_killed_at_any_place_of_a_checkpoint_the_rows_are_those_of_a_quiet_run",
    ),
    Unbroken(
        "the local store is written after the commit (F3, F4)",
        RECOVERY + "test_a_commit_that_the_local_store_never_heard_of_counts_once",
    ),
    Unbroken(
        "state is read after the former owner is fenced (F47)",
        RECOVERY + "test_a_former_owner_can_commit_nothing_from_the_moment_the_state_is_read",
    ),
    Unbroken(
        "the source offset is in the same transaction as the rows",
        RECOVERY + "test_with_its_disk_without_it_and_with_one_from_before_the_rows_are_the_same",
    ),
    Unbroken(
        "lost blocks are counted and said (F49)",
        RECOVERY + "test_blocks_that_retention_took_first_are_counted_and_the_lane_goes_on",
    ),
    Unbroken(
        "a gap in the blocks stops the worker",
        RECOVERY + "test_a_block_that_is_known_is_only_acknowledged_and_a_missing_one_stops_the_worker",
    ),
)
"""Of the core and the lane. To name a break: move it up as a Break with its line."""
