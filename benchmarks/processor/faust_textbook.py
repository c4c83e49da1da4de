"""Faust as its manual has it: one record an event, one update of a windowed Table an event, RocksDB and changelog.

`python -m benchmarks.processor.faust_textbook BOOTSTRAP TOPIC LANES FOLDER`: a process of its own. Event time is the
record's timestamp.
"""

import sys
from datetime import timedelta
from typing import Any, Final

import faust

from schemas.sketch import bucket_of

GROUP: Final = "bench-faust"


class PageEvent(faust.Record, serializer="json"):  # type: ignore[misc, call-arg]
    """What the job needs of an event."""

    series: str
    value: float | None = None


def make_app(bootstrap: str, topic_name: str, lanes: int, folder: str) -> faust.App:
    """Count, sum, min, max and sketch of every series and minute."""
    app = faust.App(
        GROUP,
        broker=f"aiokafka://{bootstrap}",
        datadir=folder,
        store="rocksdb://",
        topic_partitions=lanes,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=1.0,
        web_enabled=False,
        worker_redirect_stdouts=False,
    )
    topic = app.topic(topic_name, key_type=str, value_type=PageEvent)
    windows = app.Table("windows", default=dict, partitions=lanes, options={"driver": "rocksdict"}).tumbling(
        timedelta(minutes=1), expires=timedelta(hours=1)
    )

    async def count(stream: Any) -> None:
        async for event in stream:
            windows[event.series] = one_more(windows[event.series].value(), event.value)

    app.agent(topic)(count)
    return app


def one_more(window: dict[str, Any], value: float | None) -> dict[str, Any]:
    """The window with one more event."""
    if not window:
        window = {"n": 0, "sum": 0.0, "min": None, "max": None, "buckets": {}}
    window["n"] += 1
    if value is not None:
        window["sum"] += value
        window["min"] = value if window["min"] is None else min(window["min"], value)
        window["max"] = value if window["max"] is None else max(window["max"], value)
        bucket = str(bucket_of(value)) if value > 0 else "zero"
        window["buckets"][bucket] = window["buckets"].get(bucket, 0) + 1
    return window


if __name__ == "__main__":
    faust_app = make_app(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
    faust.Worker(faust_app, loglevel="WARNING").execute_from_commandline()
