"""What a topic of a generation holds: all committed records, or the newest row of each key."""

from collections.abc import Iterator

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from schemas.ledger import LedgerRow, decode_ledger
from schemas.rollup import RollupRow, decode_rollup
from schemas.sample import decode_sample
from schemas.session import SessionRow, decode_session
from schemas.topics import LEDGER, ROLLUPS, SAMPLES, SESSIONS, topic_name


async def committed_records(bootstrap: str, topic: str, lanes: int) -> list[ConsumerRecord]:
    """Every committed record of a topic, from its beginning to its end as of now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, lane) for lane in range(lanes)]
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        for partition in partitions:
            consumer.seek(partition, begins[partition])
        records: list[ConsumerRecord] = []
        for partition in partitions:
            while await consumer.position(partition) < ends[partition]:
                for found in (await consumer.getmany(timeout_ms=500)).values():
                    records += found
        return records
    finally:
        await consumer.stop()


async def transactions_are_over(bootstrap: str, names: list[str], lanes: int) -> bool:
    """Whether all there is can be read: a commit is acknowledged before its markers are written."""
    ends = []
    for isolation in ("read_committed", "read_uncommitted"):
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level=isolation, enable_auto_commit=False)
        await consumer.start()
        try:
            ends.append(await consumer.end_offsets([TopicPartition(n, lane) for n in names for lane in range(lanes)]))
        finally:
            await consumer.stop()
    return bool(ends[0] == ends[1])


async def newest_rollups(bootstrap: str, generation: int, lanes: int) -> dict[tuple[int, bytes], RollupRow]:
    """(lane, key) to the newest row that counts something, its version taken off."""
    records = await committed_records(bootstrap, topic_name(ROLLUPS, generation), lanes)
    newest = {(r.partition, r.key): decode_rollup(r.value) for r in _rising(records)}
    for row in newest.values():
        row.version = 0
    return {key: row for key, row in newest.items() if row.n}


async def newest_sessions(bootstrap: str, generation: int, lanes: int) -> dict[tuple[int, bytes], SessionRow]:
    """(lane, key) to the newest row, its version taken off."""
    records = await committed_records(bootstrap, topic_name(SESSIONS, generation), lanes)
    newest = {(r.partition, r.key): decode_session(r.value) for r in _rising(records)}
    for row in newest.values():
        row.version = 0
    return newest


async def newest_ledger(bootstrap: str, generation: int, lanes: int) -> dict[tuple[int, bytes], LedgerRow]:
    """(lane, key) to the newest row, its version taken off."""
    records = await committed_records(bootstrap, topic_name(LEDGER, generation), lanes)
    newest = {(r.partition, r.key): decode_ledger(r.value) for r in _rising(records)}
    for row in newest.values():
        row.version = 0
    return newest


async def sample_lines(bootstrap: str, generation: int, lanes: int) -> list[tuple[int, bytes]]:
    """Every kept line with its lane, sorted: a line that was written twice is there twice."""
    records = await committed_records(bootstrap, topic_name(SAMPLES, generation), lanes)
    lines = [(r.partition, line) for r in records for line in r.value.split(b"\n")]
    for _, line in lines:
        decode_sample(line)
    return sorted(lines)


def _rising(records: list[ConsumerRecord]) -> Iterator[ConsumerRecord]:
    """The records in the order of their offsets."""
    yield from sorted((r for r in records if r.value is not None), key=lambda r: (r.partition, r.offset))
