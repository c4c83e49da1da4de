"""One file a format: (body, request) to beacons and refused events; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.draft import Decoded, Request
from ingest.formats import alerts, faro, metrics, otlp_logs, otlp_metrics, otlp_traces, react, rum, web_vitals
from ingest.formats.answers import Accepted, no_content, taken

Decode = Callable[[bytes, Request], Decoded]

FARO: Final = "/collect"
_KEYED: Final = "/collect/"
"""Faro's route may be followed by the app's key, as Grafana's own receivers have it."""


@dataclass(frozen=True, slots=True)
class Route:
    """How a format is read, and what its client is told when all is well."""

    decode: Decode
    accepted: Accepted = no_content


ROUTES: Final[dict[str, Route]] = {
    "/api/v1/rum": Route(rum.decode),
    "/api/v1/metrics": Route(metrics.decode),
    "/api/v1/metrics/react": Route(react.decode),
    "/api/v1/alerts": Route(alerts.decode),
    "/api/v1/vitals": Route(web_vitals.decode),
    FARO: Route(faro.decode, taken),
    "/v1/traces": Route(otlp_traces.decode, otlp_traces.accepted),
    "/v1/logs": Route(otlp_logs.decode, otlp_logs.accepted),
    "/v1/metrics": Route(otlp_metrics.decode, otlp_metrics.accepted),
}
"""Where each format is posted."""


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
