"""What boomerang's parameters become, and its traps (docs/collector.md)."""

from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from ingest.draft import Decoded, Request
from ingest.formats import ROUTES
from ingest.normalise import Knowledge, normalise
from ingest.refusal import Refusal
from ingest.salts import SALT_BYTES, SaltBook
from ingest.sites import Site
from schemas.drop_reasons import DropReason
from schemas.event import Beacon, Event
from schemas.limits import TIMING_CAP_MS

NOW = 1_750_000_000_000
START = NOW - 5_000
REQUEST = Request(Site("shop"), NOW, "192.0.2.1", "agent")
PAGE = "https://shop.example/product/123?token=secret"
LOAD: dict[str, Any] = {
    "rt.start": "navigation",
    "rt.tstart": START,
    "rt.end": START + 800,
    "t_resp": 120,
    "t_page": 680,
    "t_done": 800,
    "r": "https://search.example/?q=jane",
    "nt_nav_st": START,
    "nt_req_st": START + 40,
    "nt_res_st": START + 120.4,
    "nt_res_end": START + 150,
    "nt_nav_type": 0,
    "nt_load_end": START + 800,
    "pt.fp": 200,
    "pt.fcp": 210.5,
    "pt.lcp": 650.1,
    "pt.lcp.src": "https://cdn.example/hero.png?user=jane",
    "c.e": "mbxb4g5k",
    "c.cls": 0,
    "c.tti": 900,
    "mob.etype": "4g",
    "u": PAGE,
    "rt.si": "6dd7f3b9-5a1c-4f8e-9c53-0123456789ab-sy2xkz",
    "rt.sl": 2,
    "pid": "abcd1234",
    "n": 1,
}
UNLOAD: dict[str, Any] = {
    "rt.quit": "",
    "t_done": 800,
    "et.inp": 312,
    "c.cls": 0,
    "nu": "https://shop.example/cart?coupon=XYZ",
    **{name: LOAD[name] for name in ("u", "rt.si", "rt.sl", "pid", "rt.end", "rt.tstart")},
    "n": 3,
}


def decode(told: dict[str, Any], path: str = "/boomerang") -> Decoded:
    return ROUTES[path].decode(urlencode(told).encode(), REQUEST)


def beacon(told: dict[str, Any]) -> Beacon:
    decoded = decode(told)
    assert not decoded.refused
    (draft,) = decoded.drafts
    return draft.beacon


def named(told: dict[str, Any]) -> dict[str, Event]:
    return {e.name or e.kind: e for e in beacon(told).events}


def only(told: dict[str, Any], kind: str) -> Event:
    (event,) = [e for e in beacon(told).events if e.kind == kind]
    return event


class TestLoad:
    def test_the_session_is_rt_si_up_to_its_last_hyphen(self) -> None:
        assert beacon(LOAD).session_id == "6dd7f3b9-5a1c-4f8e-9c53-0123456789ab"

    def test_page_and_number_name_the_beacon(self) -> None:
        made = beacon(LOAD)
        assert (made.beacon_id, made.seq, made.protocol, made.connection) == ("abcd1234-1", 1, "boomerang", "4g")

    def test_without_either_nothing_names_it(self) -> None:
        assert beacon({**LOAD, "n": ""}).beacon_id == beacon({**LOAD, "pid": ""}).beacon_id == ""

    def test_vitals_are_those_of_the_page_view(self) -> None:
        found = {e.name: (e.value, e.metric_id) for e in beacon(LOAD).events if e.kind == "vital"}
        page = "abcd1234"
        assert found == {"LCP": (650.1, page), "FCP": (210.5, page), "CLS": (0, page), "TTFB": (120.4, page)}

    def test_the_load_has_its_phases(self) -> None:
        load = only(LOAD, "navigation")
        assert (load.name, load.value, load.metric_id, load.navigation_type) == ("load", 800, "abcd1234", "navigate")
        assert load.route == "/product/:id"
        assert load.attrs["request"] == pytest.approx(80.4)
        assert (load.attrs["back_end"], load.attrs["front_end"], load.attrs["session_pages"]) == (120, 680, 2)

    def test_it_announces_one_page_view_where_it_began(self) -> None:
        view = only(LOAD, "view")
        assert (view.metric_id, view.view_id, view.ts) == ("view:abcd1234", "abcd1234", START)
        assert view.attrs == {"referrer": "https://search.example/"}

    def test_a_missing_lcp_is_not_0(self) -> None:
        assert "LCP" not in named({k: v for k, v in LOAD.items() if k != "pt.lcp"})

    def test_a_prerendered_page_counts_from_when_it_was_shown(self) -> None:
        found = named({**LOAD, "nt_act_st": START + 100})
        assert found["TTFB"].value == pytest.approx(20.4)
        assert found["TTFB"].navigation_type == "prerender"

    def test_an_early_beacon_is_no_load_and_begins_no_part(self) -> None:
        found = named({**LOAD, "early": 1})
        assert set(found) == {"LCP", "FCP", "TTFB", "first_paint"}

    @pytest.mark.parametrize(("bad", "reason"), [("x", "not_a_number"), ("-1", "negative"), ("NaN", "not_a_number")])
    def test_a_bad_value_is_told_and_the_others_are_kept(self, bad: str, reason: str) -> None:
        decoded = decode({**LOAD, "pt.lcp": bad})
        assert [(r.reason, r.place) for r in decoded.refused] == [(DropReason(reason), "pt.lcp")]
        assert len(decoded.drafts[0].beacon.events) == len(beacon(LOAD).events) - 1

    def test_at_the_cap_is_believed(self) -> None:
        assert named({**LOAD, "t_done": TIMING_CAP_MS})["load"].value == TIMING_CAP_MS
        assert decode({**LOAD, "t_done": TIMING_CAP_MS + 0.1}).refused[0].reason is DropReason.OUTLIER


class TestUnload:
    def test_it_repeats_no_load_and_has_the_final_inp(self) -> None:
        found = {(e.kind, e.name): e for e in beacon(UNLOAD).events}
        assert set(found) == {("vital", "INP"), ("visibility", "hidden")}
        assert found["vital", "INP"].value == 312
        assert found["visibility", "hidden"].ts == NOW
        assert found["visibility", "hidden"].attrs == {"next": "https://shop.example/cart"}

    def test_inp_before_the_end_is_not_final(self) -> None:
        assert "INP" not in named({**LOAD, "et.inp": 12})

    def test_a_load_that_was_given_up_is_a_view_and_no_load(self) -> None:
        kinds = {e.kind for e in beacon({**UNLOAD, "rt.abld": ""}).events}
        assert "view" in kinds
        assert "navigation" not in kinds


class TestLayoutShift:
    def test_parts_of_a_page_add_up(self) -> None:
        parts = [{**LOAD}, {**LOAD, "http.initiator": "interaction", "c.cls": 0.058, "n": 2}, UNLOAD]
        found = [e for part in parts for e in beacon(part).events if e.name == "CLS"]
        assert [(e.value, e.metric_id, e.adds) for e in found] == [(0, "abcd1234", True), (0.058, "abcd1234", True)]

    def test_parts_of_a_soft_navigation_are_the_pages(self) -> None:
        part = named({**LOAD, "http.initiator": "spa", "n": 4})["CLS"]
        assert (part.metric_id, part.view_id) == ("abcd1234", "abcd1234")

    @pytest.mark.parametrize("told", [{"early": 1}, {"http.initiator": "api_custom_timer", "t_other": "a|1"}])
    def test_a_beacon_that_does_not_reset_the_score_tells_no_part(self, told: dict[str, Any]) -> None:
        assert "CLS" not in named({**LOAD, "c.cls": 0.2, **told})


class TestInitiators:
    def test_a_soft_navigation_is_a_view_of_its_own(self) -> None:
        found = {e.kind: e for e in beacon({**LOAD, "http.initiator": "spa", "n": 4}).events}
        assert found["view"].metric_id == "view:abcd1234.4"
        assert found["navigation"].name == "spa"
        assert {e.navigation_type for e in found.values()} == {"soft-navigation"}

    def test_a_restore_has_a_ttfb_of_0(self) -> None:
        told = {k: v for k, v in LOAD.items() if not k.startswith("nt_")}
        found = named({**told, "http.initiator": "bfcache", "t_resp": 0, "nt_nav_type": 2, "n": 5})
        assert (found["TTFB"].value, found["TTFB"].metric_id) == (0, "abcd1234.5")
        assert found["bfcache"].navigation_type == "back-forward-cache"

    def test_a_hard_navigation_is_a_load(self) -> None:
        assert named({**LOAD, "http.initiator": "spa_hard"})["spa_hard"].value == 800

    def test_a_request_has_its_own_url_and_the_pages_route(self) -> None:
        told = {
            "http.initiator": "xhr",
            "t_done": 87,
            "u": "https://api.example/cart/7?x=1",
            "pgu": PAGE,
            "pid": "p",
            "n": 2,
        }
        event = only({**told, "http.errno": 503, "http.method": "POST"}, "request")
        assert (event.name, event.value, event.status, event.route) == ("/cart/:id", 87, 503, "/product/:id")
        assert event.attrs == {"method": "POST"}
        assert only({**told, "http.errno": -998}, "request").attrs == {"failure": -998}

    def test_timers_of_the_page_are_custom_measurements(self) -> None:
        found = named(
            {"http.initiator": "api_custom_timer", "t_other": "cart|12.5,bad,x|y", "u": PAGE, "pid": "p", "n": 1}
        )
        assert found["cart"].value == 12.5

    def test_clicks_and_interactions_are_actions(self) -> None:
        assert only({"http.initiator": "click", "u": PAGE, "pid": "p", "n": 1}, "action").name == "click"


class TestStructures:
    def test_errors_are_rebuilt(self) -> None:
        frames = "~(~(c~9~f~'pay~l~3~wo~'*2fcart.js)~(l~1~w~'https*3a*2f*2fcdn.example*2fx.js))"
        err = f"~(~(d~'mbxb4g5k~f{frames}~m~'boom~n~2~t~'TypeError~v~2))"
        event = only({"http.initiator": "error", "err": err, "u": PAGE, "pid": "p", "n": 2}, "error")
        assert event.name == "TypeError"
        assert event.attrs == {
            "message": "boom",
            "stack": "TypeError: boom\n    at pay (https://shop.example/cart.js:3:9)\n    at https://cdn.example/x.js:1",
            "source": "https://shop.example/cart.js",
            "line": 3,
            "column": 9,
            "count": 2,
            "via": "global",
        }

    def test_json_is_read_too(self) -> None:
        err = msgspec.json.encode([{"m": "boom", "f": []}]).decode()
        assert only({"http.initiator": "error", "err": err, "u": PAGE}, "error").attrs == {"message": "boom"}

    def test_resources_are_placed_from_the_navigation_on(self) -> None:
        trie = '{"https://cdn.example/":{"a.js?sig=1":"3rs,2s,1e*1rs,a","b.png":"1,5"}}'
        found = [e for e in beacon({**LOAD, "restiming": trie}).events if e.kind == "resource"]
        assert [(e.name, e.value, e.ts) for e in found] == [("script", 100, START + 1000), ("img", 5, START)]
        assert found[0].attrs == {"size": 1010, "first_byte": 50}

    def test_long_tasks(self) -> None:
        found = [
            e for e in beacon({**LOAD, "c.lt": "~(~(d~'3c~n~1~s~'rs)~(d~'50~s~12))"}).events if e.kind == "longtask"
        ]
        assert [(e.value, e.ts) for e in found] == [(120, START + 1000), (180, START + 38)]

    @pytest.mark.parametrize("name", ["restiming", "err", "c.lt"])
    def test_a_broken_structure_spoils_nothing_else(self, name: str) -> None:
        decoded = decode({**LOAD, name: "~(~"})
        assert [r.place for r in decoded.refused] == [name]
        assert len(decoded.drafts[0].beacon.events) == len(beacon(LOAD).events)


class TestBodies:
    def test_several_beacons_in_a_body_stand_on_lines(self) -> None:
        body = "\n".join(urlencode(told) for told in (LOAD, UNLOAD)).encode()
        made = ROUTES["/boomerang/"].decode(body, REQUEST).drafts
        assert [d.beacon.beacon_id for d in made] == ["abcd1234-1", "abcd1234-3"]

    def test_a_bad_line_is_told_and_the_others_are_kept(self) -> None:
        decoded = ROUTES["/boomerang"].decode(b"\xff\n" + urlencode(LOAD).encode(), REQUEST)
        assert [r.place for r in decoded.refused] == ["line 1: "]
        assert len(decoded.drafts) == 1

    @pytest.mark.parametrize("body", [b"\n", b"a=1", b"token=https%3A%2F%2Fx%2F%3Fsecret%3D1", b"\xff", b"&" * 2_000])
    def test_what_is_no_beacon_is_refused_without_its_values(self, body: bytes) -> None:
        with pytest.raises(Refusal) as raised:
            ROUTES["/boomerang"].decode(body, REQUEST)
        assert raised.value.reason is DropReason.MALFORMED
        assert raised.value.events
        assert "secret" not in repr(raised.value)


def test_no_query_of_any_url_reaches_kafka() -> None:
    """u, pgu, nu, r, resources, an image and a stack carry queries; none is kept."""
    book = SaltBook(["shop"])
    for key, value in book.to_publish(NOW, lambda: bytes(SALT_BYTES)):
        book.read(key, value)
    hidden = "https://x.example/p?secret=1#secret"
    place = "https*3a*2f*2fx.example*2fp*3fsecret*3d1"
    err = f"~(~(f~(~(f~'f~l~1~w~'{place}))~m~'at*20{place}))"
    shared = {"u": hidden, "pgu": hidden, "nu": "/p?secret=1", "r": hidden, "pt.lcp.src": hidden, "err": err}
    trie = msgspec.json.encode({hidden: "1a,b"}).decode()
    for more in ({}, {"rt.quit": ""}, {"http.initiator": "xhr"}):
        told = {**LOAD, **shared, "restiming": trie, **more}
        decoded = decode(told)
        for made in decoded.drafts:
            normalise(made, Knowledge(REQUEST, b"", book))
            assert b"secret" not in msgspec.json.encode(made.beacon)
