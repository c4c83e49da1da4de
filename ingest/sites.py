"""Whose beacon it is, and what that site lets in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from ingest.origins import Origins
from ingest.quota import Quota
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason

Signals = Literal["off", "drop", "anonymous"]
"""What becomes of a visitor who asks not to be tracked: taken like any other, refused, or taken as nobody."""

OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Site:
    """A site's rules, ready to be asked (docs/collector.md, "The sites file").

    ``environment`` is that of beacons that name none. ``environments`` and ``releases`` (patterns) of None let
    everything in; others become ``other_environment`` and ``other_release``. ``assumed_weights`` are of kinds whose
    client does not tell its sample rate. ``salt`` of None: the site's salt in `rum.salts`. ``origins`` of None: any.
    """

    id: str
    environment: str = ""
    origins: Origins | None = None
    quota: Quota | None = field(default=None, compare=False)
    query_parameters: frozenset[str] = frozenset()
    assumed_weights: Mapping[str, int] = field(default_factory=dict)
    environments: frozenset[str] | None = None
    other_environment: str = OTHER
    releases: tuple[str, ...] | None = None
    other_release: str = OTHER
    salt: bytes | None = None
    signals: Signals = "off"
    attrs_allow: frozenset[str] | None = None
    attrs_deny: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sites:
    """All sites of a collector; replaced as a whole when the file changes.

    ``open_site`` takes what comes from this machine, whatever its key: the embedded default.
    """

    by_key: Mapping[str, Site]
    anywhere: Origins
    """Every origin that some site allows: a preflight cannot tell its key."""
    open_site: Site | None = None

    def all(self) -> list[Site]:
        """Each site once."""
        found = {site.id: site for site in self.by_key.values()}
        if self.open_site is not None:
            found[self.open_site.id] = self.open_site
        return list(found.values())

    def find(self, key: str, local: bool) -> Site:
        """The site of a key. ``local``: the client is on this very machine.

        Raises:
            Refusal: UNKNOWN_KEY.
        """
        site = self.by_key.get(key)
        if site is not None:
            return site
        if self.open_site is None:
            told = "the key is not one of a site" if key else "no key: x-api-key, ?key= or the batch's member key"
            raise Refusal(DropReason.UNKNOWN_KEY, told)
        if not local:
            raise Refusal(DropReason.UNKNOWN_KEY, _NOT_LOCAL)
        return self.open_site

    def allow(self, origin: str) -> bool:
        """True where some site lets pages of this origin send."""
        return self.open_site is not None or self.anywhere.allows(origin)


_NOT_LOCAL: Final = (
    "this collector has no sites file and takes beacons of its own machine only: "
    "make one with `rumstream site add` and name it in RUMSTREAM_SITES"
)


def open_to_this_machine(site: Site) -> Sites:
    """The embedded default: one site, any key, any origin, from loopback addresses."""
    return Sites({}, Origins(()), site)


def of_sites(keys: Iterable[tuple[str, Site]]) -> Sites:
    """Sites by their keys; a site may have several."""
    by_key = dict(keys)
    patterns = {pattern for site in by_key.values() if site.origins is not None for pattern in site.origins.patterns}
    return Sites(by_key, Origins(patterns))
