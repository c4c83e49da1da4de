"""What every answer says to browsers besides: take it as what it is, and let it do nothing (OWASP Secure Headers)."""

from typing import Final

from ingest.cors import Header

ALWAYS: Final[list[Header]] = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"cross-origin"),  # pages under COEP load rum.js and send image beacons
]
INERT: Final[list[Header]] = [(b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]
"""For answers that are no page."""
