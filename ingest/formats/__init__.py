"""One file a format: (body, request) to beacons and refused events; pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.draft import Decoded, Request
from ingest.formats import (
    alerts,
    boomerang,
    faro,
    metrics,
    otlp_logs,
    otlp_metrics,
    otlp_traces,
    plain,
    react,
    rum,
    rum_batch,
    web_vitals,
)
from ingest.formats.answers import Accepted, no_content, taken
from ingest.formats.boomerang_parameters import PARAMETERS

Decode = Callable[[bytes, Request], Decoded]

FARO: Final = "/collect"
_KEYED: Final = "/collect/"
"""Faro's route may be followed by the app's key, as Grafana's own receivers have it."""


@dataclass(frozen=True, slots=True)
class Route:
    """How a format is read, what its client is told when all is well, and the methods; a GET's body is its query.

    For the OpenAPI document: ``bodies`` are the records of JSON bodies, ``parameters`` the types of a form's.
    """

    decode: Decode
    accepted: Accepted = no_content
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
    FARO: Route(faro.decode, taken),
    "/v1/traces": Route(otlp_traces.decode, otlp_traces.accepted),
    "/v1/logs": Route(otlp_logs.decode, otlp_logs.accepted),
    "/v1/metrics": Route(otlp_metrics.decode, otlp_metrics.accepted),
}
"""Where each format is sent."""


def route_at(path: str) -> tuple[Route, str] | None:
    """The route of a path, and the site key that the path names (empty: none)."""
    route = ROUTES.get(path)
    if route is not None:
        return route, ""
    if path.startswith(_KEYED):
        key = path.removeprefix(_KEYED).rstrip("/")
        if "/" not in key:
            return ROUTES[FARO], key
    return None
