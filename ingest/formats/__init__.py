"""One file a format: (body, request) to beacons and refused events; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.draft import Decoded, Request
from ingest.formats import alerts, boomerang, metrics, react, rum, web_vitals

Decode = Callable[[bytes, Request], Decoded]


@dataclass(frozen=True, slots=True)
class Route:
    """What takes a route's bodies, the status of a good answer, and the methods; a GET's body is its query."""

    decode: Decode
    accepted: int = 204
    methods: tuple[str, ...] = ("POST",)


_BOOMERANG: Final = Route(boomerang.decode, methods=("POST", "GET"))

ROUTES: Final[dict[str, Route]] = {
    "/api/v1/rum": Route(rum.decode),
    "/api/v1/metrics": Route(metrics.decode),
    "/api/v1/metrics/react": Route(react.decode),
    "/api/v1/alerts": Route(alerts.decode),
    "/api/v1/vitals": Route(web_vitals.decode),
    "/boomerang": _BOOMERANG,
    "/boomerang/": _BOOMERANG,
}
"""Where each format is sent."""
