"""Who visits: a browser, a device that is fast or slow, and the client library the page they see carries."""

from dataclasses import dataclass
from random import Random
from typing import Final, Literal

Client = Literal["rum", "web-vitals", "metrics", "plain", "react", "alerts"]

_CLIENTS: Final[dict[Client, int]] = {"rum": 74, "web-vitals": 8, "metrics": 6, "plain": 6, "react": 4, "alerts": 2}

_CHROME: Final = "Mozilla/5.0 ({os}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 {mobile}Safari/537.36"
_SAFARI: Final = "Mozilla/5.0 ({os}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{v}.{minor} {mobile}Safari/604.1"
_FIREFOX: Final = "Mozilla/5.0 ({os}; rv:{v}.0) Gecko/20100101 Firefox/{v}.0"

_DESKTOPS: Final = ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
_ANDROIDS: Final = ("Linux; Android 10; K", "Linux; Android 15; Pixel 9", "Linux; Android 14; SM-A546B")
_IPHONES: Final = ("iPhone; CPU iPhone OS 18_6 like Mac OS X", "iPhone; CPU iPhone OS 17_7 like Mac OS X")
_IPADS: Final = ("iPad; CPU OS 17_7 like Mac OS X",)


@dataclass(frozen=True)
class Visitor:
    """``slowness`` multiplies every timing: 1 is the typical visitor of this site."""

    number: int
    user_agent: str
    client: Client
    slowness: float


def visitor(seed: int, number: int) -> Visitor:
    """The visitor of that number: always the same one for a seed."""
    rng = Random(f"{seed}/visitor/{number}")  # noqa: S311  repeatable, not secret
    mobile = rng.random() < 0.55
    return Visitor(
        number=number,
        user_agent=_mobile(rng) if mobile else _desktop(rng),
        client=rng.choices(list(_CLIENTS), weights=list(_CLIENTS.values()))[0],
        slowness=rng.lognormvariate(0.25 if mobile else -0.1, 0.4),
    )


def _desktop(rng: Random) -> str:
    system = rng.choice(_DESKTOPS)
    kind = rng.random()
    if kind < 0.68:
        return _CHROME.format(os=system, v=rng.randint(138, 156), mobile="")
    if kind < 0.82:
        version = rng.randint(138, 156)
        return f"{_CHROME.format(os=system, v=version, mobile='')} Edg/{version}.0.0.0"
    if kind < 0.92:
        return _FIREFOX.format(os=system.replace("_15_7", ".15").replace("10_", "10."), v=rng.randint(128, 150))
    return _SAFARI.format(os=_DESKTOPS[1], v=rng.randint(17, 26), minor=rng.randint(0, 6), mobile="")


def _mobile(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.6:
        return _CHROME.format(os=rng.choice(_ANDROIDS), v=rng.randint(138, 156), mobile="Mobile ")
    system = rng.choice(_IPHONES if kind < 0.93 else _IPADS)
    return _SAFARI.format(os=system, v=rng.randint(17, 26), minor=rng.randint(0, 6), mobile="Mobile/15E148 ")
