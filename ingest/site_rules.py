"""From the rules as written to sites that can be asked; quotas go on where they were."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from ingest.origins import Origins
from ingest.quota import Limits, Quota
from ingest.salts import SALT_BYTES
from ingest.sites import Site, Sites, of_sites
from ingest.sites_file import SiteRules
from schemas.limits import WEIGHT_MAX, WEIGHT_ONE

_WHOLE: Final = 1.0


def sites_of(rules: Mapping[str, SiteRules], processes: int, now: float, before: Sites | None = None) -> Sites:
    """All sites of a file. ``processes`` collectors share each quota; ``now`` in seconds, the clock of the buckets."""
    earlier = {site.id: site for site in before.all()} if before is not None else {}
    keys: list[tuple[str, Site]] = []
    for site_id, told in rules.items():
        quota = Quota(_limits(told), processes, now)
        was = earlier.get(site_id)
        if was is not None and was.quota is not None:
            quota.go_on_from(was.quota, now)
        site = site_of(site_id, told, quota)
        keys += [(key, site) for key in told.keys]
    return of_sites(keys)


def site_of(site_id: str, told: SiteRules, quota: Quota | None = None) -> Site:
    """One site of its rules."""
    return Site(
        id=site_id,
        environment=told.environment,
        origins=Origins(told.origins),
        quota=quota,
        query_parameters=frozenset(told.query_parameters),
        assumed_weights={
            kind: min(round(WEIGHT_ONE / rate), WEIGHT_MAX)
            for kind, rate in told.assumed_rates.items()
            if rate < _WHOLE
        },
        environments=None if told.environments is None else frozenset(told.environments),
        other_environment=told.other_environment,
        releases=None if told.releases is None else tuple(told.releases),
        other_release=told.other_release,
        salt=salt_of(told),
        signals=told.tracking_signals,
        attrs_allow=None if told.attrs.allow is None else frozenset(told.attrs.allow),
        attrs_deny=frozenset(told.attrs.deny),
    )


def salt_of(told: SiteRules) -> bytes | None:
    """The site's own salt; None: it has the one in `rum.salts`."""
    return None if told.salt is None else blake2b(told.salt.encode(), digest_size=SALT_BYTES).digest()


def _limits(told: SiteRules) -> Limits:
    quota = told.quota
    return Limits(quota.beacons_per_s, quota.beacons_burst, quota.events_per_s, quota.events_burst)
