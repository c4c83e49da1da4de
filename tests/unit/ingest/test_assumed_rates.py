"""Clients that send a share of their events are weighed by what the site states for them."""

from ingest.assumed_rates import weigh
from ingest.draft import Draft, Request, draft
from ingest.normalise import Knowledge, normalise
from ingest.salts import SaltBook
from ingest.sites import Site
from schemas.event import Event, Protocol

SITE = Site("shop", assumed_weights={"action": 10_000, "visibility": 2_000}, salt=bytes(32))


def made(protocol: Protocol, *kinds: str, weight: int = 1_000) -> Draft:
    one = draft(Request(SITE, 1_000), protocol)
    one.beacon.session_id, one.beacon.weight = "s", weight
    one.beacon.events = [Event(ts=n, kind=kind, attrs={}) for n, kind in enumerate(kinds)]  # type: ignore[arg-type]
    return one


def seen(drafts: list[Draft]) -> list[tuple[int, list[int]]]:
    return [(d.beacon.weight, [e.ts for e in d.beacon.events]) for d in drafts]


def test_each_kind_has_the_weight_stated_for_it_and_no_event_is_lost() -> None:
    weighed = weigh([made("plain", "action", "error", "action", "visibility", "resource")], SITE)
    assert seen(weighed) == [(1_000, [1, 4]), (2_000, [3]), (10_000, [0, 2])]


def test_a_client_that_tells_its_rate_is_believed() -> None:
    for one in (made("rum", "action"), made("faro", "action", weight=4_000)):
        assert seen(weigh([one], SITE)) == [(one.beacon.weight, [0])]


def test_without_stated_rates_nothing_changes() -> None:
    drafts = [made("plain", "action", "error")]
    assert weigh(drafts, Site("shop")) is drafts


def test_the_parts_of_a_body_are_beacons_of_their_own_and_the_same_when_sent_again() -> None:
    def ids(key: str) -> list[str]:
        request = Request(SITE, 1_000, idempotency_key=key)
        parts = weigh([made("plain", "action", "error", "visibility")], SITE)
        for part in parts:
            normalise(part, Knowledge(request, b"body", SaltBook([])))
        return [part.beacon.beacon_id for part in parts]

    for key in ("", "k"):
        assert len(set(ids(key))) == 3
        assert ids(key) == ids(key)
    assert ids("k")[0] == "k"
