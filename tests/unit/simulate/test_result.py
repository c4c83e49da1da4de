"""The account of a run."""

from rumstream.simulate.config import SimulateResult
from rumstream.simulate.sender import Answer, Tally


def test_every_beacon_ends_in_exactly_one_place() -> None:
    tally = Tally()
    for answer in (Answer(204), Answer(202), Answer(429, "quota"), Answer(503, "not_durable"), Answer(0, "timeout")):
        tally.add(answer)
    assert (tally.accepted, dict(tally.refused), dict(tally.undelivered)) == (
        2,
        {"quota": 1, "not_durable": 1},
        {"timeout": 1},
    )


def test_only_what_may_pass_later_is_tried_again() -> None:
    assert [status for status in (0, 204, 400, 401, 403, 413, 429, 500, 503) if Answer(status).again] == [0, 429, 503]


def test_a_run_fails_only_when_nothing_was_accepted() -> None:
    assert SimulateResult(1, sent=3, accepted=1, refused={"quota": 2}).exit_code == 0
    assert SimulateResult(1, sent=3, accepted=0, undelivered={"no connection": 3}).exit_code == 1


def test_the_closing_line_names_every_reason() -> None:
    line = SimulateResult(9, 6, 3, {"quota": 1, "origin": 1}, {"timeout": 1}, retries=2, seconds=2.0).line
    assert line == (
        "sent 6 accepted 3 refused 2 undelivered 1 (origin 1, quota 1, timeout 1); 2 retries, 3.0 beacons/s, seed 9"
    )
