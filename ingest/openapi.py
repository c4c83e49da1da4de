"""The OpenAPI document of the beacon routes: bodies from their records, answers from ingest/problems.py."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from ingest.draft import Decoded
from ingest.formats import ROUTES, Route
from ingest.problems import CONTENT_TYPE, reasons_by_status
from schemas.drop_reasons import DropReason

_PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "RFC 9457; `code` is the reason, `events` tell of the first ten bad events",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": [reason.value for reason in DropReason]},
        "events": {"type": "array", "maxItems": 10, "items": {"type": "object"}},
        "events_total": {"type": "integer", "minimum": 1},
    },
}
_REF: Final = "#/components/schemas/{name}"
_FORM: Final = "application/x-www-form-urlencoded"


def document(base: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the beacon routes beside those of ``base``, which FastAPI made."""
    records = [body for route in ROUTES.values() for body in route.bodies]
    schemas, components = msgspec.json.schema_components(records, ref_template=_REF)
    told = dict(zip(map(str, records), schemas, strict=True))
    paths = {path: _operations(path, route, told) for path, route in ROUTES.items()}
    merged = dict(base)
    merged["paths"] = {**base.get("paths", {}), **paths}
    known = base.get("components", {})
    merged["components"] = {**known, "schemas": {**known.get("schemas", {}), **components, "Problem": _PROBLEM}}
    return merged


def _operations(path: str, route: Route, told: Mapping[str, Any]) -> dict[str, Any]:
    return {method.lower(): _operation(path, method, route, told) for method in route.methods}


def _operation(path: str, method: str, route: Route, told: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "summary": "Send beacons",
        "operationId": f"{method.lower()}{path.replace('/', '_')}",
        "responses": {
            str(route.accepted({}, Decoded()).status): {"description": "Kafka has acknowledged it"},
            **_problems(),
        },
    }
    form = {name: {"type": kind} for name, kind in route.parameters.items()}
    if method == "GET":
        made["parameters"] = [{"name": name, "in": "query", "schema": kind} for name, kind in form.items()]
    elif form:
        made["requestBody"] = _body(_FORM, {"type": "object", "properties": form})
    else:
        shapes = [told[str(body)] for body in route.bodies]
        made["requestBody"] = _body("application/json", {"anyOf": shapes} if shapes else {"type": "object"})
    return made


def _body(media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {media: {"schema": schema}}}


def _problems() -> dict[str, Any]:
    media = {CONTENT_TYPE.decode(): {"schema": {"$ref": _REF.format(name="Problem")}}}
    return {
        str(status): {"description": ", ".join(reason.value for reason in reasons), "content": media}
        for status, reasons in reasons_by_status().items()
    }
