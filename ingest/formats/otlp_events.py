"""What attributes say by OpenTelemetry's semantic conventions: a web vital, a request, an exception."""

from collections.abc import Collection
from typing import Final

from ingest.formats.otlp_beacons import TAKEN
from ingest.formats.otlp_values import Attributes, real
from ingest.routes import route_of
from ingest.values import unit_of
from schemas.event import AttrValue, Event, Kind
from schemas.limits import TEXT_LENGTH
from schemas.measures import VITALS

URL: Final = ("url.full", "http.url")
_METHOD: Final = ("http.request.method", "http.method")
_STATUS: Final = ("http.response.status_code", "http.status_code")
_PATH: Final = ("url.path", "http.target")
_VITAL_PREFIXES: Final = ("browser.web_vital.", "web_vital.", "")
_EXCEPTION: Final = {"exception.message": "message", "exception.stacktrace": "stack"}


def event(kind: Kind, name: str, value: float | None, attrs: Attributes, url: str = "", ts: int = 0) -> Event:
    """An event of these attributes, without those that are personal or became the beacon's."""
    kept: dict[str, AttrValue] = {key: told for key, told in attrs.items() if key not in TAKEN}
    unit = unit_of(kind, name) if value is not None else ""
    return Event(ts=ts, kind=kind, name=name[:TEXT_LENGTH], value=value, unit=unit, url=url, attrs=kept)


def on_page(kind: Kind, name: str, value: float | None, attrs: Attributes) -> Event:
    """The same of what happens on a page: a url in the attributes is the page's."""
    url = text(attrs, URL)
    made = event(kind, name, value, without(attrs, *URL), url)
    made.route = route_of(url)
    return made


def text(attrs: Attributes, names: Collection[str]) -> str:
    """The first of these attributes that is told."""
    for name in names:
        if attrs.get(name) not in (None, ""):
            return str(attrs[name])
    return ""


def without(attrs: Attributes, *names: str) -> Attributes:
    """The attributes but these, which an event has in fields of its own."""
    return {key: told for key, told in attrs.items() if key not in names}


def web_vital(name: str, attrs: Attributes) -> Event | None:
    """A web vital, of whichever convention: `browser.web_vital.*`, `web_vital.*`, `lcp.*`, or plain `name` and `value`.

    ``name`` is the span's or the event's. None where it is no vital.
    """
    found = _vital_named(name, attrs)
    if found is None:
        return None
    vital, prefix = found
    fields = {field: f"{prefix}{field}" for field in ("name", "value", "id", "delta", "rating", "navigation_type")}
    value = real(attrs.get(fields["value"]))
    rest = without(attrs, *fields.values())
    told = {field: attrs[fields[field]] for field in ("rating", "delta") if fields[field] in attrs}
    made = on_page("vital", vital, value, {**told, **rest, **told})
    made.metric_id = text(attrs, [fields["id"]])
    made.navigation_type = text(attrs, [fields["navigation_type"]])
    return made


def _vital_named(name: str, attrs: Attributes) -> tuple[str, str] | None:
    for prefix in _VITAL_PREFIXES:
        named, valued = attrs.get(f"{prefix}name"), f"{prefix}value" in attrs
        if isinstance(named, str) and valued and (prefix or named.upper() in VITALS):
            return named.upper(), prefix
    if name.upper() in VITALS and f"{name.lower()}.value" in attrs:
        return name.upper(), f"{name.lower()}."
    return None


def is_request(attrs: Attributes) -> bool:
    """Whether these attributes are of an HTTP request."""
    return bool(text(attrs, _METHOD)) and bool(text(attrs, (*URL, *_PATH)))


def http_request(attrs: Attributes, duration: float | None) -> Event:
    """A request, named by its method and its route: the server's own, else its path's template."""
    method, url = text(attrs, _METHOD)[:16].upper(), text(attrs, (*URL, *_PATH))
    route = text(attrs, ["http.route"]) or route_of(url)
    made = event("request", f"{method} {route}", duration, without(attrs, *URL, *_PATH, *_METHOD, *_STATUS), url)
    status = real(text(attrs, _STATUS))
    if status is not None and 0 <= status <= 999:
        made.status = int(status)
    return made


def is_exception(name: str, attrs: Attributes) -> bool:
    """Whether a span's event or a log record tells of an exception."""
    return name == "exception" or "exception.type" in attrs or "exception.message" in attrs


def exception(attrs: Attributes) -> Event:
    """An error with its type, message and stack."""
    name = text(attrs, ["exception.type"]) or "Error"
    told = {ours: attrs[theirs] for theirs, ours in _EXCEPTION.items() if theirs in attrs}
    rest = without(attrs, "exception.type", "exception.escaped", *_EXCEPTION)
    return on_page("error", name, None, {**told, **rest, **told})
