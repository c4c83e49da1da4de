"""Which site a request is for, and whether it may: key, origin, quota, tracking signals, bots, the client's address.

Knows nothing of HTTP servers: headers are (name, value) pairs of bytes, the query is bytes. Nothing here waits.
Cost of a beacon of a known site and origin: `python -m benchmarks.gate`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import unquote_to_bytes

import msgspec

from ingest.countries import Countries, country_code
from ingest.draft import Request
from ingest.forwarded import Proxies
from ingest.instruments import BOTS
from ingest.refusal import Refusal
from ingest.sites import Sites
from ingest.user_agents import agent_of
from schemas.drop_reasons import DropReason

Bots = Literal["off", "count", "refuse"]

_KEY_LENGTH: Final = 128
_AUTOMATED: Final = "HeadlessChrome"
_START: Final = b'{"v":1,"key":"'


@dataclass
class Gate:
    """``sites`` is replaced when the sites file changes; a request that is under way keeps the site it has.

    ``country_header`` is believed from trusted proxies only, where there is no country database; empty: none is.
    """

    sites: Sites
    proxies: Proxies = field(default_factory=Proxies)
    countries: Countries = field(default_factory=Countries)
    country_header: str = ""
    bots: Bots = "off"

    def admit(
        self,
        key: str,
        headers: Mapping[bytes, bytes],
        pairs: Sequence[tuple[bytes, bytes]],
        peer: str,
        received_at: int,
        now: float,
    ) -> Request:
        """What is known of a beacon beside its body. ``headers``: the same as ``pairs``, the last of each name.

        ``received_at`` in ms since the epoch, ``now`` in seconds of any steady clock.

        Raises:
            Refusal: UNKNOWN_KEY, ORIGIN, TRACKING_SIGNAL, BOT, QUOTA.
        """
        sites, proxies = self.sites, self.proxies
        client = proxies.client_of(peer, pairs)
        site = sites.by_key.get(key) or sites.find(key, proxies.is_local(peer, client, pairs))
        origin = headers.get(b"origin")
        if origin is not None and site.origins is not None and not site.origins.allows(origin.decode("latin-1")):
            detail = f"pages of {origin[:128].decode('latin-1')!a} may not send for this site"
            raise Refusal(DropReason.ORIGIN, detail, site=site.id)
        anonymous = site.signals != "off" and (headers.get(b"dnt") == b"1" or headers.get(b"sec-gpc") == b"1")
        if anonymous and site.signals == "drop":
            detail = "the visitor asks not to be tracked, and this site heeds it"
            raise Refusal(DropReason.TRACKING_SIGNAL, detail, site=site.id)
        user_agent = headers.get(b"user-agent", b"").decode("latin-1")
        if self.bots != "off" and is_bot(user_agent):
            BOTS.labels(self.bots).inc()
            if self.bots == "refuse":
                raise Refusal(DropReason.BOT, "beacons of bots are not taken here", site=site.id)
        if site.quota is not None:
            site.quota.take_beacon(now, site.id)
        return Request(
            site=site,
            received_at=received_at,
            ip=client,
            user_agent=user_agent,
            idempotency_key=headers.get(b"idempotency-key", b"").decode("latin-1"),
            content_type=headers.get(b"content-type", b"").decode("latin-1"),
            country=self._country(client, peer, headers),
            anonymous=anonymous,
        )

    def shows(self, origin: bytes) -> bool:
        """True where pages of this origin may read an answer that belongs to no site: some site lets them send."""
        return bool(origin) and self.sites.allow(origin.decode("latin-1"))

    def _country(self, client: str, peer: str, headers: Mapping[bytes, bytes]) -> str:
        if self.countries.from_file:
            return self.countries.of(client)
        if not self.country_header or not self.proxies.trusts(peer):
            return ""
        return country_code(headers.get(self.country_header.encode(), b"").decode("latin-1"))


def key_in_head(headers: Mapping[bytes, bytes], query: bytes) -> str:
    """The site key of `x-api-key`, else of `?key=`; empty where there is none."""
    told = headers.get(b"x-api-key")
    if told is None and b"key=" in query:
        for pair in query.split(b"&"):
            if pair.startswith(b"key="):
                told = unquote_to_bytes(pair[4 : 4 + 3 * _KEY_LENGTH])
                break
    return told[: _KEY_LENGTH + 1].decode("latin-1") if told else ""


class _Keyed(msgspec.Struct):
    key: str = ""


_KEYED: Final = msgspec.json.Decoder(_Keyed)


def key_in_body(body: bytes) -> str:
    """The member `key` of a JSON object; empty where there is none, or no such body.

    Cost: 0.2 µs where it stands as the SDK writes it, else about 1 µs a KB.
    """
    if body.startswith(_START):
        end = body.find(b'"', len(_START), len(_START) + _KEY_LENGTH + 1)
        key = body[len(_START) : max(end, 0)]
        if key and b"\\" not in key:
            return key.decode("latin-1")
    if b'"key"' not in body:
        return ""
    try:
        return _KEYED.decode(body).key[: _KEY_LENGTH + 1]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def is_bot(user_agent: str) -> bool:
    """True for crawlers by their user agent (uap-core's rules), and for browsers without a head."""
    agent = agent_of(user_agent)
    return agent.device == "bot" or agent.browser == _AUTOMATED
