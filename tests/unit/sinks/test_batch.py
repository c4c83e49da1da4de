"""A batch keeps the newest version of each row and the offsets behind it."""

from aiokafka import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.session import SessionRow
from sinks.clickhouse.batch import Batch
from sinks.clickhouse.session_rows import SESSION_ROWS

PARTITION = TopicPartition("rum.sessions", 0)


def session(name: str, version: int) -> SessionRow:
    return SessionRow("shop", name, 1, 1, version, 1, 1, views=version)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9))))
def test_the_highest_version_of_each_row_stays(seen: list[tuple[str, int]]) -> None:
    batch = Batch(SESSION_ROWS)
    for name, version in seen:
        batch.add(session(name, version))
    highest = {name: max(v for n, v in seen if n == name) for name, _ in seen}
    assert {row.session_id: row.version for row in batch.rows} == highest


def test_what_is_committed_is_the_offset_after_the_last_record() -> None:
    batch = Batch(SESSION_ROWS)
    batch.read(PARTITION, 7, 10, 0.0)
    batch.read(PARTITION, 9, 10, 0.0)
    assert batch.offsets == {PARTITION: 10}


def test_a_batch_is_full_at_either_limit_and_not_one_before() -> None:
    batch = Batch(SESSION_ROWS)
    batch.read(PARTITION, 0, 99, 0.0)
    batch.add(session("a", 1))
    assert not batch.full(2, 100)
    assert batch.full(1, 100)
    assert batch.full(2, 99)


def test_a_batch_waits_from_its_first_record_and_an_empty_one_for_ever() -> None:
    batch = Batch(SESSION_ROWS)
    assert not batch.waited(1e9, 0.5)
    batch.read(PARTITION, 0, 1, 10.0)
    batch.read(PARTITION, 1, 1, 10.4)
    assert not batch.waited(10.49, 0.5)
    assert batch.waited(10.5, 0.5)
