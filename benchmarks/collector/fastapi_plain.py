"""The collector that a careful day's work gives: FastAPI, pydantic, `send_and_wait`; an app of uvicorn's."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from fastapi import FastAPI, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.requests import Request

TOPIC: Final = "bench.plain"
BATCH_BYTES: Final = 1024 * 1024


class View(BaseModel):
    """A page view."""

    view_id: str
    url: str = ""
    navigation_type: str = ""


class Event(BaseModel):
    """An event."""

    t: float
    k: str
    n: str = ""
    v: float | None = None
    id: str = ""
    view: int = 0
    a: dict[str, str | float | bool | None] = {}


class Batch(BaseModel):
    """A beacon of the SDK."""

    beacon_id: str
    session_id: str
    seq: int = 0
    sent_at: float = 0
    release: str = ""
    environment: str = ""
    views: list[View] = []
    events: list[Event]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.producer = AIOKafkaProducer(
        bootstrap_servers=os.environ["BENCH_KAFKA"],
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        max_batch_size=BATCH_BYTES,
        max_request_size=2 * BATCH_BYTES,
    )
    await app.state.producer.start()
    yield
    await app.state.producer.stop()


app: Final = FastAPI(lifespan=_lifespan, strict_content_type=False)


@app.exception_handler(RequestValidationError)
async def refused(request: Request, error: Any) -> Response:  # noqa: ARG001 - FastAPI's signature
    """Bad input."""
    return Response(status_code=400)


@app.post("/api/v1/rum", status_code=204)
async def rum(batch: Batch) -> None:
    """Keep a beacon."""
    await app.state.producer.send_and_wait(TOPIC, batch.model_dump_json().encode(), key=batch.session_id.encode())
