"""Every refusal has a status and says what is wrong."""

import json

import pytest

from ingest.problems import problem, retry_after_s, status_of
from ingest.refusal import Refusal, Refused
from schemas.drop_reasons import DropReason

STATUSES = {
    "malformed": 400,
    "empty_body": 400,
    "unknown_key": 401,
    "origin": 403,
    "not_found": 404,
    "method": 405,
    "body_timeout": 408,
    "length_required": 411,
    "too_large": 413,
    "unsupported_encoding": 415,
    "quota": 429,
    "tracking_signal": 403,
    "bot": 403,
    "headers_too_large": 431,
    "overloaded": 503,
    "not_durable": 503,
}


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
def test_each_reason_has_its_status_and_its_words(code: str, status: int) -> None:
    reason = DropReason(code)
    told = json.loads(problem(Refusal(reason, "why")))
    assert status_of(reason) == told["status"] == status
    assert (told["code"], told["detail"]) == (code, "why")
    assert told["title"]


def test_a_reason_of_a_single_event_is_no_status() -> None:
    for reason in DropReason:
        if reason.value not in STATUSES:
            with pytest.raises(KeyError):
                status_of(reason)


def test_only_who_may_try_again_is_told_when() -> None:
    assert {r.value for r in DropReason if retry_after_s(Refusal(r, ""))} == {
        "quota",
        "overloaded",
        "not_durable",
    }
    assert retry_after_s(Refusal(DropReason.QUOTA, "", retry_after_s=17)) == 17


def test_at_most_ten_events_are_told_and_all_are_counted() -> None:
    events = [Refused(DropReason.NEGATIVE, f"value {n}", f"events[{n}]") for n in range(11)]
    told = json.loads(problem(Refusal(DropReason.MALFORMED, "none is good", events)))
    assert [e["at"] for e in told["events"]] == [f"events[{n}]" for n in range(10)]
    assert told["events_total"] == 11


@pytest.mark.parametrize("text", ["\ud800", "\x00", "x" * 10_000, '"\r\n<script>'])
def test_any_detail_can_be_said(text: str) -> None:
    assert len(problem(Refusal(DropReason.MALFORMED, text))) < 1_000
