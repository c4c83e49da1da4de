"""Names that a site lets stand: environments and releases, since each becomes a series of its own."""

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

from ingest.sites import Site

_CACHED: Final = 4_096


def environment_of(site: Site, told: str) -> str:
    """The environment, or the site's name for others; one that was not told is the site's own."""
    if site.environments is None or not told or told == site.environment or told in site.environments:
        return told
    return site.other_environment


def release_of(site: Site, told: str) -> str:
    """The release where a pattern of the site's has it (`2.*`, `web-*`), or the site's name for others."""
    if site.releases is None or not told or _is_known(site.releases, told):
        return told
    return site.other_release


@lru_cache(_CACHED)
def _is_known(patterns: tuple[str, ...], told: str) -> bool:
    return any(fnmatchcase(told, pattern) for pattern in patterns)
