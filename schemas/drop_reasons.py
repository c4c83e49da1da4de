"""Why something was not counted: one closed set for all rooms; each is counted by its name."""

from enum import StrEnum, unique


@unique
class DropReason(StrEnum):
    """The reason travels as a metric label, as a dead letter's ``reason`` and as a problem's ``code``."""

    # the whole request: collector
    MALFORMED = "malformed"
    EMPTY_BODY = "empty_body"
    UNKNOWN_KEY = "unknown_key"
    ORIGIN = "origin"
    NOT_FOUND = "not_found"
    METHOD = "method"
    BODY_TIMEOUT = "body_timeout"
    LENGTH_REQUIRED = "length_required"
    TOO_LARGE = "too_large"
    UNSUPPORTED_ENCODING = "unsupported_encoding"
    QUOTA = "quota"
    TRACKING_SIGNAL = "tracking_signal"
    BOT = "bot"
    HEADERS_TOO_LARGE = "headers_too_large"
    OVERLOADED = "overloaded"
    NOT_DURABLE = "not_durable"
    # single events: collector
    EVENT_MALFORMED = "event_malformed"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_METRIC = "unknown_metric"
    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    OUTLIER = "outlier"
    TOO_MANY_EVENTS = "too_many_events"
    # lines and blocks: processor
    BLOCK_UNDECODABLE = "block_undecodable"
    LINE_UNDECODABLE = "line_undecodable"
    SCHEMA_UNKNOWN = "schema_unknown"
    # accepted events that no window counts: processor
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    LATE = "late"
    UNMEASURED = "unmeasured"
    # records a sink can't read
    ROW_UNDECODABLE = "row_undecodable"
