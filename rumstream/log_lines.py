"""Logs of all parts: one line an event on stderr, human on a terminal, JSON otherwise; no value can forge a line."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final, Literal

import structlog
from structlog.typing import Processor

_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F, *range(0x80, 0xA0))}
_CONTROL.update({0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x2028: "\\u2028", 0x2029: "\\u2029"})
_CONTROL.update({code: f"\\u{code:04x}" for code in (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))})
_TALKATIVE: Final = ("aiokafka", "faust", "mode", "httpx", "urllib3", "asyncio", "uvicorn.access")


def configure_logs(level: str, form: Literal["auto", "human", "json"], part: str) -> None:
    """Send structlog's and the standard library's logs to stderr, each line with the ``part`` it comes from."""
    human = form == "human" or (form == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(part),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last_steps(human=human))
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _last_steps(*, human: bool) -> list[Processor]:
    first: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        escape_control_characters,
    ]
    if human:
        return [*first, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [*first, structlog.processors.JSONRenderer(default=str)]


def _named(part: str) -> Processor:
    def add_part(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["part"] = part
        return event

    return add_part


def escape_control_characters(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Every text of the event with control characters spelled out: CR, LF, ESC, C1, and those that turn the direction
    of writing. A traceback becomes one line.

    Source: OWASP Logging Cheat Sheet, log injection.
    """
    return {_escape(key): _escape(value) for key, value in event.items()}


def _escape(value: Any) -> Any:
    match value:
        case str():
            return value.translate(_CONTROL)
        case bytes():
            return repr(value)
        case dict():
            return {_escape(key): _escape(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_escape(item) for item in value]
        case int() | float() | None:
            return value
        case _:
            return str(value).translate(_CONTROL)


def one_line(text: str) -> str:
    """The text with its control characters spelled out."""
    return text.translate(_CONTROL)
