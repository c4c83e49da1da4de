"""What a dead letter may show of a body that was not understood: no user, whatever the rest is scrubbed of later."""

import re
from typing import Final

from ingest.draft import Request

USER: Final = "[user]"
_STRING: Final = r'"(?:[^"\\]|\\.)*+"?'
_USER_ID: Final = re.compile(
    rf'("(?:user_?id|enduser\.id|user\.[a-z_.]+)"\s*+:\s*+)(?:{_STRING}|[^\s,}}\]]++)', re.IGNORECASE
)
_USER_OBJECT: Final = re.compile(r'("(?:user|end_?user)"\s*+:\s*+)(?:\{[^}]*+\}?|"(?:[^"\\]|\\.)*+"?)', re.IGNORECASE)
_QUERY: Final = re.compile(r'("[^"?#\s]*+)[?#](?:[^"\\]|\\.)*+')
"""Of relative urls and of those whose slashes are escaped, too, which a look at the plain text does not find."""


def shown_excerpt(text: str, request: Request) -> str:
    """The text without user ids and queries; nothing of who is nobody, nor where a site has chosen its attributes.

    The rules of both cannot be applied to a text that is no event.
    """
    site = request.site
    if request.anonymous or site.attrs_deny or site.attrs_allow is not None:
        return ""
    text = _USER_ID.sub(rf'\1"{USER}"', _USER_OBJECT.sub(rf'\1"{USER}"', text))
    return _QUERY.sub(r"\1", text)
