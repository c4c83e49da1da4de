"""User agents to device, browser and system, by the uap-core rules (ua-parser), with bounded names."""

from functools import lru_cache
from typing import Final, NamedTuple

from ua_parser import parse

UA_LENGTH: Final = 512
OTHER: Final = "Other"
_CACHED: Final = 4_096

BROWSERS: Final = frozenset(
    (
        OTHER,
        *("Chrome", "Chrome Mobile", "Chrome Mobile iOS", "Chrome Mobile WebView", "Chromium", "HeadlessChrome"),
        *("Safari", "Mobile Safari", "Mobile Safari UI/WKWebView", "Firefox", "Firefox Mobile", "Firefox iOS"),
        *("Edge", "Edge Mobile", "IE", "IE Mobile", "Opera", "Opera Mobile", "Opera Mini", "Opera Touch", "Opera GX"),
        *("Samsung Internet", "UC Browser", "QQ Browser", "QQ Browser Mobile", "Yandex Browser", "MiuiBrowser"),
        *("Huawei Browser", "Amazon Silk", "Whale", "Sogou Explorer", "Brave", "Vivaldi", "DuckDuckGo Mobile"),
        *("Google", "Facebook", "Instagram", "Pinterest", "Snapchat", "LinkedIn", "Electron", "Android", "curl"),
    )
)
SYSTEMS: Final = frozenset(
    (
        OTHER,
        *("Windows", "Windows Phone", "Mac OS X", "iOS", "iPadOS", "tvOS", "Android", "Fire OS", "HarmonyOS"),
        *("Linux", "Ubuntu", "Debian", "Fedora", "Chrome OS", "FreeBSD", "OpenBSD", "KaiOS", "Tizen"),
    )
)


class Agent(NamedTuple):
    """``device`` is desktop, mobile, tablet, tv, bot or other; ``browser`` and ``os`` are family names or Other."""

    device: str
    browser: str
    os: str


NOBODY: Final = Agent("", "", "")


def agent_of(user_agent: str) -> Agent:
    """What a user agent says; empty names where there is none. Cached; uncached about 50 µs."""
    return _parsed(user_agent[:UA_LENGTH]) if user_agent else NOBODY


@lru_cache(maxsize=_CACHED)
def _parsed(user_agent: str) -> Agent:
    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else OTHER
    system = found.os.family if found.os else OTHER
    family = found.device.family if found.device else OTHER
    return Agent(
        _device(user_agent, family),
        browser if browser in BROWSERS else OTHER,
        system if system in SYSTEMS else OTHER,
    )


def _device(user_agent: str, family: str) -> str:
    """The form factor, from the tokens that browsers agree on (MDN, Browser detection using the user agent)."""
    if family == "Spider":
        return "bot"
    low = user_agent.lower()
    if "ipad" in low or "tablet" in low or ("android" in low and "mobile" not in low and " tv" not in low):
        return "tablet"
    if " tv" in low or "smart-tv" in low or "smarttv" in low or "appletv" in low or "web0s" in low:
        return "tv"
    if "mobi" in low or "iphone" in low or "ipod" in low:
        return "mobile"
    if "windows nt" in low or "macintosh" in low or "x11" in low or "cros " in low:
        return "desktop"
    return "other"
