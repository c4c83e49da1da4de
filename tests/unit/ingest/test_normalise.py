"""What every beacon goes through, whatever its format."""

import pytest

from ingest.draft import Draft, Request, draft
from ingest.normalise import Knowledge, normalise
from ingest.refusal import Refusal
from ingest.salts import SaltBook
from ingest.sites import Site
from ingest.visitors import DAY_MS
from schemas.drop_reasons import DropReason
from schemas.event import Event
from schemas.limits import ATTRS_PER_EVENT, STACK_LENGTH, TEXT_LENGTH

NOW = 20_000 * DAY_MS + 1_000
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


def filled() -> SaltBook:
    book = SaltBook(["shop"])
    for number, (key, _) in enumerate(book.to_publish(NOW, lambda: bytes(32))):
        book.read(key, bytes([number]) * 32)
    return book


def request(ip: str = "192.0.2.1", idempotency_key: str = "") -> Request:
    return Request(Site("shop"), NOW, ip, CHROME, idempotency_key)


def done(*events: Event, asked: Request | None = None, body: bytes = b"body", **more: object) -> Draft:
    asked = asked or request()
    made = draft(asked, "web-vitals")
    made.beacon.events = list(events)
    for name, value in more.items():
        setattr(made if hasattr(made, name) else made.beacon, name, value)
    normalise(made, Knowledge(asked, body, filled()))
    return made


def test_the_agent_is_told_by_family() -> None:
    beacon = done().beacon
    assert (beacon.device, beacon.browser, beacon.os) == ("desktop", "Chrome", "Windows")


def test_a_visitor_is_told_apart_by_network_and_agent() -> None:
    one, same = done().beacon.session_id, done().beacon.session_id
    assert one == same
    assert done(asked=request(ip="192.0.2.2")).beacon.session_id != one
    assert done(user_agent="other").beacon.session_id != one


def test_midnight_does_not_split_a_page_view() -> None:
    began = NOW - 2_000  # yesterday
    assert began // DAY_MS == NOW // DAY_MS - 1
    assert done(page_time=began).beacon.session_id != done(page_time=NOW).beacon.session_id
    assert done(page_time=0).beacon.session_id == done(page_time=NOW).beacon.session_id


def test_a_clients_session_stays_unless_it_says_who_it_is() -> None:
    assert done(session_id="s-1").beacon.session_id == "s-1"
    assert done(session_id="jane@x.io").beacon.session_id.startswith("x:")


def test_a_beacon_is_named_by_itself_by_its_key_or_by_its_bytes() -> None:
    keyed = request(idempotency_key="k")
    assert done(beacon_id="own", asked=keyed).beacon.beacon_id == "own"
    assert done(asked=keyed).beacon.beacon_id == "k"
    assert done().beacon.beacon_id == done().beacon.beacon_id != done(body=b"other").beacon.beacon_id
    assert done().beacon.beacon_id.startswith("h:")


def test_a_user_is_a_hash() -> None:
    told = done(user_id="jane@x.io").beacon.user_hash
    assert told
    assert "jane" not in told
    assert done().beacon.user_hash == ""


@pytest.mark.parametrize("more", [{}, {"session_id": "s", "beacon_id": "b"}])
def test_without_salts_nothing_is_taken_and_the_client_may_try_again(more: dict[str, str]) -> None:
    made = draft(request(), "rum")
    made.beacon.session_id = more.get("session_id", "")
    with pytest.raises(Refusal) as refused:
        normalise(made, Knowledge(request(), b"", SaltBook(["shop"])))
    assert refused.value.reason is DropReason.NOT_DURABLE


def test_every_text_of_an_event_is_scrubbed() -> None:
    mail = "jane@mail.example"
    event = Event(
        ts=NOW,
        kind="error",
        name=f"Error {mail}",
        metric_id=mail,
        view_id=mail,
        route=f"/u/{mail}",
        url=f"https://x.example/{mail}?m={mail}",
        navigation_type=mail,
        attrs={
            "message": f"no {mail}",
            "stack": f"at {mail}\n at https://x.example/a.js?t={mail}:1:2",
            "source": f"https://x.example/a.js?{mail}",
            "target": f"/path?mail={mail}",
            mail: 1,
        },
    )
    made = done(event, release=mail, environment=mail, dropped={mail: 1}, session_id=mail, user_id=mail)
    assert "jane" not in str(made.beacon)
    assert event.attrs["source"] == "https://x.example/a.js"
    assert event.attrs["target"] == "/path"
    assert "\n at https://x.example/a.js:1:2" in str(event.attrs["stack"])


def test_the_path_of_an_element_is_no_url() -> None:
    paths = {"by_id": '//*[@id="buy"]/span', "whole": "/html/body/div[2]/button"}
    (event,) = done(Event(ts=NOW, kind="action", attrs=dict(paths))).beacon.events
    assert event.attrs == paths


def test_the_session_before_is_named_as_it_was_then() -> None:
    told = [done(session_id=name, previous_session=name).beacon for name in ("s-1", "jane@mail.example")]
    assert [beacon.previous_session == beacon.session_id for beacon in told] == [True, True]
    assert told[0].previous_session == "s-1"
    assert "jane" not in told[1].previous_session


@pytest.mark.parametrize(
    ("told", "kept"), [("back_forward", "back-forward"), ("reload", "reload"), ("", ""), ("teleport", "other")]
)
def test_navigation_types_are_few(told: str, kept: str) -> None:
    assert done(Event(ts=NOW, kind="view", navigation_type=told, attrs={})).beacon.events[0].navigation_type == kept


@pytest.mark.parametrize("length", [TEXT_LENGTH, TEXT_LENGTH + 1])
def test_texts_are_cut_to_their_limits(length: int) -> None:
    event = Event(
        ts=NOW, kind="error", name="n" * length, attrs={"message": "m" * length, "stack": "s" * STACK_LENGTH * 2}
    )
    done(event)
    assert (len(event.name), len(str(event.attrs["message"]))) == (TEXT_LENGTH, TEXT_LENGTH)
    assert len(str(event.attrs["stack"])) == STACK_LENGTH


@pytest.mark.parametrize("number", [ATTRS_PER_EVENT, ATTRS_PER_EVENT + 1])
def test_attributes_are_bounded(number: int) -> None:
    event = Event(ts=NOW, kind="custom", attrs={f"a{n}": n for n in range(number)})
    done(event)
    assert len(event.attrs) == ATTRS_PER_EVENT
