"""What a site and a visitor ask for is what is kept."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.draft import Draft, Request, draft
from ingest.excerpts import shown_body, shown_excerpt
from ingest.normalise import Knowledge, normalise
from ingest.salts import SaltBook
from ingest.site_names import environment_of, release_of
from ingest.sites import Site
from ingest.visitors import DAY_MS, user_hash
from schemas.event import Event

NOW = 20_000 * DAY_MS + 1_000
OWN_SALT = bytes(range(32))


def salts(day: int = 0) -> SaltBook:
    book = SaltBook(["shop"])
    for key, _ in book.to_publish(NOW, lambda: bytes(32)):
        book.read(key, key.encode().ljust(32, b"%d" % day)[:32])
    return book


def done(site: Site, anonymous: bool = False, body: bytes = b"body", **more: object) -> Draft:
    asked = Request(site, NOW, "192.0.2.1", "agent", country="DE", anonymous=anonymous)
    made = draft(asked, "rum")
    for name, value in more.items():
        setattr(made if hasattr(made, name) else made.beacon, name, value)
    normalise(made, Knowledge(asked, body, salts()))
    return made


def test_who_asks_not_to_be_tracked_is_nobody() -> None:
    known = done(Site("shop"), user_id="jane", session_id="s-1", previous_session="s-0").beacon
    nobody = done(Site("shop"), anonymous=True, user_id="jane", session_id="s-1", previous_session="s-0").beacon
    assert known.user_hash
    assert (known.country, known.session_id, known.previous_session) == ("DE", "s-1", "s-0")
    assert (nobody.user_hash, nobody.country, nobody.previous_session) == ("", "", "")
    assert nobody.session_id.startswith("a:")


def test_nobodys_session_holds_for_a_day_and_cannot_be_told_from_address_or_agent() -> None:
    site = Site("shop")
    one, same = (done(site, anonymous=True, session_id="s-1").beacon.session_id for _ in range(2))
    assert one == same
    later = Request(site, NOW + DAY_MS, anonymous=True)
    made = draft(later, "rum")
    made.beacon.session_id = "s-1"
    book = SaltBook(["shop"])
    for number, (key, _) in enumerate(book.to_publish(NOW + DAY_MS, lambda: bytes(32))):
        book.read(key, bytes([number]) * 32)
    normalise(made, Knowledge(later, b"", book))
    assert made.beacon.session_id != one
    first, second = (done(site, anonymous=True, body=body).beacon.session_id for body in (b"1", b"2"))
    assert first != second


def test_a_site_with_its_own_salt_needs_none_of_the_topic() -> None:
    asked = Request(Site("shop", salt=OWN_SALT), NOW)
    made = draft(asked, "rum")
    made.user_id, made.beacon.session_id, made.beacon.beacon_id = "jane", "s", "b"
    normalise(made, Knowledge(asked, b"", SaltBook([])))
    assert made.beacon.user_hash == user_hash(OWN_SALT, "jane")


@pytest.mark.parametrize(
    ("site", "kept"),
    [
        (Site("shop"), {"plan", "email", "message"}),
        (Site("shop", attrs_deny=frozenset(("email",))), {"plan", "message"}),
        (Site("shop", attrs_allow=frozenset(("plan",))), {"plan"}),
        (Site("shop", attrs_allow=frozenset(("plan", "email")), attrs_deny=frozenset(("email",))), {"plan"}),
        (Site("shop", attrs_allow=frozenset()), set()),
    ],
)
def test_only_attributes_that_the_site_wants_are_kept(site: Site, kept: set[str]) -> None:
    event = Event(ts=NOW, kind="custom", attrs={"plan": "a", "email": "b", "message": 1})
    assert set(done(site, events=[event]).beacon.events[0].attrs) == kept


def test_denied_attributes_take_no_room_from_others() -> None:
    attrs: dict[str, str | int | float | bool] = {f"no{n}": n for n in range(100)}
    event = Event(ts=NOW, kind="custom", attrs={**attrs, "plan": 1})
    site = Site("shop", attrs_deny=frozenset(attrs))
    assert done(site, events=[event]).beacon.events[0].attrs == {"plan": 1}


def test_urls_keep_the_parameters_of_their_site() -> None:
    event = Event(ts=NOW, kind="view", url="https://shop.example/?page=2&mail=x", attrs={"to": "/a?page=3&q=4"})
    kept = done(Site("shop", query_parameters=frozenset(("page",))), events=[event]).beacon.events[0]
    assert (kept.url, kept.attrs["to"]) == ("https://shop.example/?page=2", "/a?page=3")


@pytest.mark.parametrize(
    ("told", "kept"), [("production", "production"), ("staging", "staging"), ("", ""), ("dev-jane", "other")]
)
def test_environments_beyond_the_list_become_one(told: str, kept: str) -> None:
    site = Site("shop", environment="production", environments=frozenset(("staging",)))
    assert environment_of(site, told) == kept
    assert environment_of(Site("shop"), told) == told


@pytest.mark.parametrize(("told", "kept"), [("2.1", "2.1"), ("web-7", "web-7"), ("12.1", "old"), ("", "")])
def test_releases_beyond_the_patterns_become_one(told: str, kept: str) -> None:
    assert release_of(Site("shop", releases=("2.*", "web-*"), other_release="old"), told) == kept
    assert release_of(Site("shop"), told) == told


@pytest.mark.parametrize(
    "body",
    [
        '{"user_id": "jane-17", "events": [',
        '{"events":[{"userId":"jane-17"}]}',
        '{"events":[{"userId":17171}]}',
        '{"user_id":"jane-17',
        '{"meta":{"user":{"id":"jane-17","username":"jane-17"}},"x":1}',
        '{"user":"jane-17"}',
        '{"user_id":"\\"jane-17"}',
        '{"USERID" : "jane-17"}',
        '{"attributes":{"enduser.id":"jane-17","user.email":"jane-17"}}',
        '{"attributes":[{"key":"user.id","value":{"stringValue":"jane-17"}},{"key":"x","value":{"intValue":1}}]}',
        '{"attributes":[{"value": {"stringValue": "jane-17"}, "key": "enduser.id"}]}',
        '{"attributes":[{"key":"user.roles","value":{"arrayValue":{"values":[{"stringValue":"jane-17"}]}}}]}',
        '{"attributes":[{"key":"client.address","value":{"stringValue":"jane-17',
        '{"meta":{"user":{"attributes":{"plan":"a}b"},"id":"x","username":"jane-17"}}}',
    ],
)
def test_a_dead_letter_names_no_user(body: str) -> None:
    shown = shown_excerpt(body, Request(Site("shop"), NOW))
    assert "jane" not in shown
    assert "17171" not in shown
    assert "[user]" in shown


@pytest.mark.parametrize(
    "url",
    [
        "/x?q=jane-17",
        "x.html#jane-17",
        r"https:\/\/x.example\/?q=jane-17",
        "?jane-17",
        r"/x?q=\"jane-17",
        "/x?a jane-17",
    ],
)
def test_a_dead_letter_keeps_no_query(url: str) -> None:
    assert "jane" not in shown_excerpt(f'{{"url": "{url}", "n": 1', Request(Site("shop"), NOW))


@given(st.text(), st.text(min_size=1))
def test_the_rest_of_a_dead_letter_stays(before: str, user: str) -> None:
    body = json.dumps({"note": before, "user_id": user, "n": 1})
    shown = json.loads(shown_excerpt(body, Request(Site("shop"), NOW)))
    assert shown["n"] == 1
    assert shown["user_id"] == "[user]"


def test_a_dead_letter_of_a_binary_body_shows_nothing_of_it() -> None:
    binary = Request(Site("shop"), NOW, content_type="application/x-protobuf")
    assert shown_body(b"\x0a\x07user.id\x12\x09\x0a\x07jane-17", binary) == ""
    assert shown_body(b'{"n": 1', binary) == shown_body(b'{"n": 1', Request(Site("shop"), NOW)) == '{"n": 1'


def test_the_other_attributes_of_a_dead_letter_stay() -> None:
    pairs = [{"key": "user.id", "value": {"stringValue": "jane-17"}}, {"key": "x", "value": {"intValue": 1}}]
    shown = json.loads(shown_excerpt(json.dumps({"attributes": pairs, "n": 1}), Request(Site("shop"), NOW)))
    assert shown == {"attributes": [{"key": "user.id", "value": "[user]"}, pairs[1]], "n": 1}


def test_a_dead_letter_of_nobody_or_of_chosen_attributes_has_no_body() -> None:
    assert shown_excerpt("{}", Request(Site("shop"), NOW, anonymous=True)) == ""
    assert shown_excerpt("{}", Request(Site("shop", attrs_deny=frozenset("a")), NOW)) == ""
    assert shown_excerpt("{}", Request(Site("shop", attrs_allow=frozenset()), NOW)) == ""
    assert shown_excerpt("{}", Request(Site("shop"), NOW)) == "{}"
