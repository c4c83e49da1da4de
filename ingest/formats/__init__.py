"""One file a format: (body, request) to beacons and refused events; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.draft import Decoded, Request
from ingest.formats import alerts, boomerang, metrics, plain, react, rum, rum_batch, web_vitals
from ingest.formats.boomerang_parameters import PARAMETERS

Decode = Callable[[bytes, Request], Decoded]


@dataclass(frozen=True, slots=True)
class Route:
    """What takes a route's bodies, the status of a good answer, and the methods; a GET's body is its query.

    For the OpenAPI document: ``bodies`` are the records of JSON bodies, ``parameters`` the types of a form's.
    """

    decode: Decode
    accepted: int = 204
    methods: tuple[str, ...] = ("POST",)
    bodies: tuple[Any, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


_BOOMERANG: Final = Route(boomerang.decode, methods=("POST", "GET"), parameters=PARAMETERS)

ROUTES: Final[dict[str, Route]] = {
    "/api/v1/rum": Route(rum.decode, bodies=(rum_batch.Batch, plain.Body)),
    "/api/v1/metrics": Route(metrics.decode, bodies=(metrics.Metric,)),
    "/api/v1/metrics/react": Route(react.decode, bodies=(react.Render,)),
    "/api/v1/alerts": Route(alerts.decode, bodies=(alerts.Alert,)),
    "/api/v1/vitals": Route(web_vitals.decode, bodies=(web_vitals.Metric, list[web_vitals.Metric])),
    "/boomerang": _BOOMERANG,
    "/boomerang/": _BOOMERANG,
}
"""Where each format is sent."""
