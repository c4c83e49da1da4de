"""Rules around the lane: Kafka, the local store, who owns it; each with its break."""

from typing import Final

from tests.lab.broken_rule import FAULTS, UNIT, Break

RECOVERY: Final = FAULTS + "test_lane_recovery.py::"

LANE: Final = (
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
        "a block at or below the state's offset is skipped (F5)",
        "processors/lane.py",
        "        if block.offset <= self.memory.offset:\n            return\n",
        "        if block.offset <= self.memory.offset:\n            return self._step(block)\n",
        RECOVERY + "test_a_block_that_is_known_is_only_acknowledged_and_a_missing_one_stops_the_worker",
    ),
    Break(
        "a gap in the blocks stops the worker",
        "processors/lane.py",
        "if block.offset != self.memory.offset + 1:",
        "if block.offset < self.memory.offset + 1:",
        RECOVERY + "test_a_block_that_is_known_is_only_acknowledged_and_a_missing_one_stops_the_worker",
    ),
    Break(
        "the local store is written after the commit (F3, F4)",
        "processors/lane.py",
        "        at = await self._producer.commit(",
        "        self._store.write(changes)\n        at = await self._producer.commit(",
        RECOVERY + "test_what_a_dead_owner_sent_without_a_commit_never_was",
    ),
    Break(
        "a commit that the local store missed is read from the state (F4)",
        "processors/changelog.py",
        "            changes.append((record.key, record.value))\n",
        "            changes += [(record.key, record.value)] * (stamp is None)\n",
        RECOVERY + "test_a_commit_that_the_local_store_never_heard_of_counts_once",
    ),
    Break(
        "state is read after the former owner is fenced (F47)",
        "processors/lane.py",
        "        await self._producer.start()\n        record = await restore(\n"
        "            config.bootstrap, self._topic(topics.STATE), partition, config.generation, self._store, "
        "int(began * 1000)\n        )\n",
        "        record = await restore(\n"
        "            config.bootstrap, self._topic(topics.STATE), partition, config.generation, self._store, "
        "int(began * 1000)\n        )\n        await self._producer.start()\n",
        RECOVERY + "test_a_former_owner_can_commit_nothing_from_the_moment_the_state_is_read",
    ),
    Break(
        "the source offset is in the same transaction as the rows",
        "processors/lane.py",
        "        record.bad_runs = self._bad_share.record()\n",
        "        record.bad_runs, record.offset = self._bad_share.record(), self._committed\n",
        RECOVERY + "test_with_its_disk_without_it_and_with_one_from_before_the_rows_are_the_same",
    ),
    Break(
        "lost blocks are counted and said (F49)",
        "processors/lane.py",
        "instruments.LOST_BLOCKS.inc(found - needed)",
        "instruments.LOST_BLOCKS.inc(0)",
        RECOVERY + "test_blocks_that_retention_took_first_are_counted_and_the_lane_goes_on",
    ),
    Break(
        "the stamp of a local store is of the batch that it is written with",
        "processors/store.py",
        "            batch.put(_STAMP_KEY, msgspec.msgpack.encode(stamp))\n"
        "        self._db.write(batch, self._writes)\n",
        "            self._db.put(_STAMP_KEY, msgspec.msgpack.encode(stamp))\n"
        "        self._db.write(batch, self._writes)\n",
        FAULTS + "test_killed_store.py::test_a_store_that_was_killed_holds_whole_batches_and_the_stamp_of_the_last",
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
)
