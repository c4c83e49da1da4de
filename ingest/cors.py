"""What a page of another origin needs to send and to read the answer (Fetch standard, CORS protocol)."""

import re
from typing import Final

Header = tuple[bytes, bytes]

_MAX_AGE: Final = b"7200"
_METHODS: Final = b"POST, GET, OPTIONS"
_EXPOSED: Final = b"retry-after, x-faro-session-status"
_USUAL: Final = b"content-type, content-encoding, idempotency-key, x-api-key, x-faro-session-id"
_TOKENS: Final = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~, \t-]{1,1024}")


def answer_headers(origin: bytes) -> list[Header]:
    """Headers of every answer, errors too: the very origin, since with credentials `*` is refused by browsers."""
    if not origin:
        return [(b"vary", b"Origin")]
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", _EXPOSED),
        (b"vary", b"Origin"),
    ]


def preflight_headers(asked: bytes) -> list[Header]:
    """What a preflight allows besides: the headers it asks for, whatever they are, since one refused stops all."""
    return [
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", asked if _TOKENS.fullmatch(asked) else _USUAL),
        (b"access-control-max-age", _MAX_AGE),
    ]
