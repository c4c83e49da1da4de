"""The Faust worker: membership, assignment and delivery; the lanes do the rest (design section 6)."""

import asyncio
import gc
import io
import logging
import os
from typing import Any, Final, NoReturn

import faust
import structlog
from aiokafka.structs import TopicPartition
from faust.types import EventT
from faust.types.tuples import TP
from prometheus_client import start_http_server

from processors import instruments
from processors.config import ProcessorConfig
from processors.ownership import Ownership
from schemas import topics
from schemas.instruments import REGISTRY

log = structlog.get_logger()

EXIT_LANE_FAILED: Final = 70
_FINISH_SECONDS: Final = 20.0
_LAG_SECONDS: Final = 2.0
_STREAM_BUFFER_BLOCKS: Final = 64
_GC_OBJECTS: Final = 100_000
_GC_SURVIVALS: Final = 50
"""State holds millions of objects in no cycle; looking at them all as often as Python does by itself is in vain."""


def make_app(config: ProcessorConfig) -> faust.App:
    """The Faust app with one agent over `rum.beacons`. It keeps no state and acknowledges only after a commit."""
    config.data.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        f"{config.app_id}-g{config.generation}",
        broker=f"aiokafka://{config.bootstrap}",
        datadir=config.data / "faust",
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        stream_buffer_maxsize=_STREAM_BUFFER_BLOCKS,
        stream_wait_empty=False,
        broker_session_timeout=config.session_timeout_s,
        broker_heartbeat_interval=config.session_timeout_s / 3,
        broker_commit_interval=1.0,
        consumer_max_fetch_size=4 * 1024 * 1024,
        web_enabled=False,
        worker_redirect_stdouts=False,
    )
    topic_name = topics.topic_name(topics.BEACONS, config.generation)
    topic = app.topic(topic_name, value_type=bytes, value_serializer="raw", key_serializer="raw")
    stream_now: list[Any] = []

    async def ack(event: EventT) -> None:
        await stream_now[-1].ack(event)

    def is_assigned(partition: int) -> bool:
        return TP(topic_name, partition) in app.consumer.assignment()

    ownership = Ownership(config, ack, is_assigned, _die)

    async def blocks(stream: Any) -> None:
        stream_now[:] = [stream]
        async for event in stream.noack().events():
            try:
                await ownership.deliver(event)
            except Exception as error:  # noqa: BLE001 - Faust would acknowledge the block and go on
                _die(error)

    async def revoked(_app: faust.App, revoked: set[TP], **_: Any) -> None:
        log.info("partitions revoked", partitions=sorted(tp.partition for tp in revoked))
        await ownership.drop_all()

    async def finish(_app: faust.App, **_: Any) -> None:
        await asyncio.wait_for(ownership.finish(), _FINISH_SECONDS)

    async def lag() -> None:
        for partition, committed in ownership.committed().items():
            end = app.consumer.highwater(TopicPartition(topic_name, partition))
            if end is not None:
                instruments.LAG_BLOCKS.labels(str(partition)).set(max(end - 1 - committed, 0))

    app.agent(topic)(blocks)
    app.timer(_LAG_SECONDS)(lag)
    app.on_partitions_revoked.connect(revoked)
    app.on_before_shutdown.connect(finish)
    return app


def _die(error: BaseException) -> NoReturn:
    """Crash-only: end this process now, unwritten work unwritten; the supervisor starts it anew."""
    log.error("lane failed, worker ends", error=type(error).__name__, detail=str(error), exc_info=error)
    logging.shutdown()
    os._exit(EXIT_LANE_FAILED)


def run(config: ProcessorConfig) -> None:
    """Run a worker until SIGTERM or SIGINT, then commit what is open and end within 30 s."""
    gc.freeze()
    gc.set_threshold(_GC_OBJECTS, _GC_SURVIVALS, _GC_SURVIVALS)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = make_app(config)
    if config.metrics_port:
        start_http_server(config.metrics_port, addr="127.0.0.1", registry=REGISTRY)
    worker = faust.Worker(
        app,
        loop=loop,
        loglevel="WARNING",
        redirect_stdouts=False,
        override_logging=False,
        quiet=True,
        stdout=io.StringIO(),  # Faust draws a spinner there
    )
    worker.execute_from_commandline()
