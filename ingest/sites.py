"""Whose beacon it is."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Site:
    """A site: its immutable id and the environment of beacons that name none."""

    id: str
    environment: str = ""


class Sites(Protocol):
    """How the collector finds a beacon's site."""

    def find(self, key: str, origin: str) -> Site:
        """The site of a key, asked by a page of this origin (empty: the client sent none).

        Raises:
            Refusal: UNKNOWN_KEY or ORIGIN.
        """


class OneOpenSite:
    """The embedded default, on localhost: one site, any key, any origin."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def find(self, key: str, origin: str) -> Site:  # noqa: ARG002 - open: neither matters
        """The one site there is."""
        return self._site
