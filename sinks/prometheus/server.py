"""The sink's process: reads rollups, answers /metrics and /healthz."""

import asyncio
import signal
import time

import structlog
import uvicorn
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from schemas.instruments import REGISTRY
from sinks.config import PrometheusSinkConfig
from sinks.prometheus.gauges import RumGauges
from sinks.prometheus.reader import Reader
from sinks.prometheus.windows import Windows

log = structlog.get_logger()


def run(config: PrometheusSinkConfig) -> None:
    """Serve the gauges until SIGTERM or SIGINT.

    Raises:
        aiokafka.errors.KafkaError: Kafka can't be reached at the start, or refuses.
        SystemExit: the port is taken.
    """
    windows = Windows()
    reader = Reader(config, windows, now_ms)
    REGISTRY.register(RumGauges(windows, now_ms, lambda: reader.caught_up))
    asyncio.run(_serve(config, reader))


def now_ms() -> int:
    """The wall clock in ms."""
    return time.time_ns() // 1_000_000


def app(reader: Reader) -> Starlette:
    """The two routes. /healthz is 503 until the past has been read."""

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"caught_up": reader.caught_up}, 200 if reader.caught_up else 503)

    return Starlette(routes=[Route("/metrics", metrics), Route("/healthz", healthz)])


async def _serve(config: PrometheusSinkConfig, reader: Reader) -> None:
    # uvicorn raises the signal again after it has shut down: with these, that ends the process with 0.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: None)
    server = uvicorn.Server(
        uvicorn.Config(app(reader), host=config.host, port=config.port, log_config=None, access_log=False)
    )
    serving, reading = asyncio.create_task(server.serve()), asyncio.create_task(reader.run())
    await asyncio.wait({serving, reading}, return_when=asyncio.FIRST_COMPLETED)
    if reading.done():
        server.should_exit = True
        await serving
        await reading
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await serving
    log.info("sink_stopped")
