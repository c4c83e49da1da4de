"""What a dead letter may show of a body that was not understood: no user, whatever the rest is scrubbed of later."""

import re
from typing import Final

from ingest.draft import Request
from ingest.formats.otlp_protobuf import is_protobuf
from ingest.refusal import EXCERPT_LENGTH

USER: Final = "[user]"
_STRING: Final = r'"(?:[^"\\]|\\.)*+"?'
_USER_ID: Final = re.compile(
    rf'("(?:user_?id|enduser\.id|user\.[a-z_.]+)"\s*+:\s*+)(?:{_STRING}|[^\s,}}\]]++)', re.IGNORECASE
)
_INNER: Final = rf'\{{(?:[^{{}}"]++|{_STRING})*+\}}?'
_OBJECT: Final = rf'\{{(?:[^{{}}"]++|{_STRING}|{_INNER})*+\}}?'
_USER_OBJECT: Final = re.compile(rf'("(?:user|end_?user)"\s*+:\s*+)(?:{_OBJECT}|{_STRING})', re.IGNORECASE)
_PERSON: Final = (
    r'"key"\s*+:\s*+"(?:(?:end)?user\.[a-z_.]+|client\.[a-z_.]+|net(?:work)?\.(?:sock\.)?peer\.[a-z]+|http\.client_ip)"'
)
_VALUE: Final = r'"value"\s*+:\s*+'
_SCALAR: Final = r"\{[^{}]*+\}"
_OTLP_PERSON: Final = re.compile(
    rf"({_PERSON}\s*+,\s*+){_VALUE}{_OBJECT}|{_VALUE}{_SCALAR}(\s*+,\s*+{_PERSON})", re.IGNORECASE
)
"""OTLP's attributes of a person are pairs of key and value, in either order (no known client has the value first)."""
_QUERY: Final = re.compile(r'("[^"?#\s]*+)[?#](?:[^"\\]|\\.)*+')
"""Of relative urls and of those whose slashes are escaped, too, which a look at the plain text does not find."""


def shown_body(body: bytes, request: Request) -> str:
    """The beginning of a body as text; nothing of one that is none, where the rules for texts find nothing."""
    if is_protobuf(request.content_type, body):
        return ""
    return shown_excerpt(body[:EXCERPT_LENGTH].decode("utf-8", "replace"), request)


def shown_excerpt(text: str, request: Request) -> str:
    """The text without user ids and queries; nothing of who is nobody, nor where a site has chosen its attributes.

    The rules of both cannot be applied to a text that is no event.
    """
    site = request.site
    if request.anonymous or site.attrs_deny or site.attrs_allow is not None:
        return ""
    text = _OTLP_PERSON.sub(rf'\g<1>"value":"{USER}"\g<2>', text)
    text = _USER_ID.sub(rf'\1"{USER}"', _USER_OBJECT.sub(rf'\1"{USER}"', text))
    return _QUERY.sub(r"\1", text)
