"""Which HTTP status a refusal has, in one table, and how it is said (RFC 9457, Problem Details)."""

from http import HTTPStatus
from typing import Any, Final

import orjson

from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason

CONTENT_TYPE: Final = b"application/problem+json"
RETRY_AFTER_S: Final = 2
_EVENTS_TOLD: Final = 10
_DETAIL_LENGTH: Final = 512

_STATUS: Final[dict[DropReason, HTTPStatus]] = {
    DropReason.MALFORMED: HTTPStatus.BAD_REQUEST,
    DropReason.EMPTY_BODY: HTTPStatus.BAD_REQUEST,
    DropReason.UNKNOWN_KEY: HTTPStatus.UNAUTHORIZED,
    DropReason.ORIGIN: HTTPStatus.FORBIDDEN,
    DropReason.NOT_FOUND: HTTPStatus.NOT_FOUND,
    DropReason.METHOD: HTTPStatus.METHOD_NOT_ALLOWED,
    DropReason.BODY_TIMEOUT: HTTPStatus.REQUEST_TIMEOUT,
    DropReason.LENGTH_REQUIRED: HTTPStatus.LENGTH_REQUIRED,
    DropReason.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    DropReason.UNSUPPORTED_ENCODING: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    DropReason.QUOTA: HTTPStatus.TOO_MANY_REQUESTS,
    DropReason.TRACKING_SIGNAL: HTTPStatus.FORBIDDEN,
    DropReason.BOT: HTTPStatus.FORBIDDEN,
    DropReason.HEADERS_TOO_LARGE: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    DropReason.OVERLOADED: HTTPStatus.SERVICE_UNAVAILABLE,
    DropReason.NOT_DURABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
_TITLES: Final[dict[DropReason, str]] = {
    DropReason.MALFORMED: "The body is not what this route takes",
    DropReason.EMPTY_BODY: "The body is empty",
    DropReason.UNKNOWN_KEY: "The site key is not known",
    DropReason.ORIGIN: "This origin may not send for this site",
    DropReason.NOT_FOUND: "There is nothing at this path",
    DropReason.METHOD: "The path takes another method",
    DropReason.BODY_TIMEOUT: "The body came too slowly",
    DropReason.LENGTH_REQUIRED: "The request has no length",
    DropReason.TOO_LARGE: "The body is too large",
    DropReason.UNSUPPORTED_ENCODING: "The content encoding is not supported",
    DropReason.QUOTA: "The site is over its quota",
    DropReason.TRACKING_SIGNAL: "The visitor asks not to be tracked",
    DropReason.BOT: "Bots are not taken",
    DropReason.HEADERS_TOO_LARGE: "The headers are too large",
    DropReason.OVERLOADED: "The collector holds all it can",
    DropReason.NOT_DURABLE: "Kafka has not acknowledged in time",
}
_RETRY: Final = {DropReason.QUOTA, DropReason.OVERLOADED, DropReason.NOT_DURABLE}


def status_of(reason: DropReason) -> int:
    """The HTTP status of a reason that can end a request.

    Raises:
        KeyError: the reason is one of a single event or of another room.
    """
    return int(_STATUS[reason])


def reasons_by_status() -> dict[int, list[DropReason]]:
    """Every status a request can be refused with, and why."""
    told: dict[int, list[DropReason]] = {}
    for reason, status in _STATUS.items():
        told.setdefault(int(status), []).append(reason)
    return told


def retry_after_s(refusal: Refusal) -> int | None:
    """Seconds after which the client may try the same again; None where it is no use."""
    return refusal.retry_after_s or (RETRY_AFTER_S if refusal.reason in _RETRY else None)


def problem(refusal: Refusal) -> bytes:
    """The problem JSON: ``code`` is the reason; ``events`` tells of the first ten bad events."""
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES[refusal.reason],
        "status": status_of(refusal.reason),
        "detail": _plain(refusal.detail),
        "code": refusal.reason.value,
    }
    if refusal.events:
        told["events"] = [
            {"at": e.place, "code": e.reason.value, "detail": _plain(e.detail)} for e in refusal.events[:_EVENTS_TOLD]
        ]
        told["events_total"] = len(refusal.events)
    return orjson.dumps(told)


def _plain(text: str) -> str:
    """Text that came from outside: cut, and without what JSON can't carry."""
    return text[:_DETAIL_LENGTH].encode("utf-8", "replace").decode()
