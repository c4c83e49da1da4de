"""User agents have few names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.user_agents import BROWSERS, NOBODY, SYSTEMS, agent_of

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/156.0.0.0 Safari/537.36"
HEADLESS = f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} HeadlessChrome/156.0.0.0 Safari/537.36"
_IOS = "like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 {_IOS}"
IPAD = f"Mozilla/5.0 (iPad; CPU OS 18_0 {_IOS}"
PIXEL = f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {_WEBKIT} Chrome/156.0.0.0 Mobile Safari/537.36"
TABLET = f"Mozilla/5.0 (Linux; Android 15; SM-X710) {_WEBKIT} Chrome/156.0.0.0 Safari/537.36"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        (CHROME, ("desktop", "Chrome", "Windows")),
        (HEADLESS, ("desktop", "HeadlessChrome", "Linux")),
        (IPHONE, ("mobile", "Mobile Safari", "iOS")),
        (IPAD, ("tablet", "Mobile Safari", "iOS")),
        (PIXEL, ("mobile", "Chrome Mobile", "Android")),
        (TABLET, ("tablet", "Chrome", "Android")),
        (GOOGLEBOT, ("bot", "Other", "Other")),
        ("nonsense", ("other", "Other", "Other")),
    ],
)
def test_an_agent_is_told_by_family(user_agent: str, told: tuple[str, str, str]) -> None:
    assert agent_of(user_agent) == told


def test_no_agent_has_no_names() -> None:
    assert agent_of("") == NOBODY


@given(st.from_regex(r"[A-Z][a-z]{1,9}(Bot|bot|Browser)?/[0-9]{1,3}\.[0-9]", fullmatch=True))
def test_an_invented_agent_makes_no_new_name(user_agent: str) -> None:
    told = agent_of(user_agent)
    assert told.browser in BROWSERS
    assert told.os in SYSTEMS
