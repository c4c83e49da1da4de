"""What happens on one page view of a made-up shop: vitals, resources, requests, errors."""

import uuid
from dataclasses import dataclass
from random import Random
from typing import Final

SITE: Final = "https://shop.example"

_ERRORS: Final = (
    ("TypeError", "Cannot read properties of undefined (reading 'price')", "cart.js", 214),
    ("ReferenceError", "gtag is not defined", "tracking.js", 12),
    ("NetworkError", "Failed to load recommendations", "recommend.js", 88),
)
_RESOURCES: Final = (
    ("script", "app.js", 140, 182_000),
    ("script", "vendor.js", 190, 341_000),
    ("link", "style.css", 60, 24_000),
    ("img", "hero.avif", 260, 96_000),
    ("img", "product.avif", 120, 41_000),
    ("font", "text.woff2", 90, 32_000),
)
_REQUESTS: Final = (("/api/cart", 110), ("/api/recommendations", 240), ("/api/product/{id}/stock", 90))


@dataclass(frozen=True)
class Vital:
    """A web vital of a page view; ``values`` are its reports in order, the last one is right."""

    name: str
    id: str
    values: tuple[float, ...]

    @property
    def final(self) -> float:
        """The last report."""
        return self.values[-1]


@dataclass(frozen=True)
class Load:
    """A resource or a request: ``duration`` in ms, ``size`` in bytes."""

    url: str
    initiator: str
    duration: float
    size: int
    status: int


@dataclass(frozen=True)
class Thrown:
    """A JavaScript error."""

    name: str
    message: str
    source: str
    line: int

    @property
    def stack(self) -> str:
        """The stack as Chromium prints it."""
        return f"{self.name}: {self.message}\n    at render ({self.source}:{self.line}:9)"


@dataclass(frozen=True)
class Page:
    """A page view; times are not part of it but of the beacons that tell of it."""

    view_id: str
    url: str
    referrer: str
    navigation_type: str
    early: tuple[Vital, ...]
    late: tuple[Vital, ...]
    loads: tuple[Load, ...]
    errors: tuple[Thrown, ...]


def page(rng: Random, path: str, slowness: float, referrer: str, born_ms: int) -> Page:
    """A page view of that path. web-vitals ids hold ``born_ms``, as the library's own do."""

    def timing(median: float, sigma: float) -> float:
        return round(min(median * slowness * rng.lognormvariate(0, sigma), 50_000), 1)

    ttfb = timing(230, 0.6)
    fcp = round(ttfb + timing(650, 0.5), 1)
    lcp = round(fcp + timing(700 if path.startswith("/product") else 450, 0.7), 1)
    lcps = (fcp, lcp) if rng.random() < 0.3 else (lcp,)
    shift = 0.0 if rng.random() < 0.45 else round(min(rng.lognormvariate(-3.2, 1.1), 3.0), 6)
    shifts = (round(shift / 2, 6), shift) if shift and rng.random() < 0.3 else (shift,)

    def vital(name: str, *values: float) -> Vital:
        return Vital(name, f"v6-{born_ms}-{rng.randint(10**12, 10**13 - 1)}", values)

    late = [vital("LCP", *lcps), vital("CLS", *shifts)]
    if rng.random() < 0.8:
        late.append(vital("INP", float(8 * max(1, round(timing(85, 0.85) / 8)))))
    return Page(
        view_id=f"{rng.getrandbits(128):032x}",
        url=SITE + path,
        referrer=referrer,
        navigation_type=rng.choices(["navigate", "reload", "back-forward"], [90, 4, 6])[0],
        early=(vital("TTFB", ttfb), vital("FCP", fcp)),
        late=tuple(late),
        loads=tuple(_loads(rng, slowness)),
        errors=tuple(Thrown(n, m, f"{SITE}/static/{f}", at) for n, m, f, at in _ERRORS if rng.random() < 0.012),
    )


def _loads(rng: Random, slowness: float) -> list[Load]:
    loads = [
        Load(f"{SITE}/static/{file}", kind, round(ms * slowness * rng.lognormvariate(0, 0.5), 1), size, 200)
        for kind, file, ms, size in rng.sample(_RESOURCES, rng.randint(1, 4))
    ]
    for path, ms in rng.sample(_REQUESTS, rng.randint(0, 2)):
        url = SITE + path.format(id=rng.randint(1, 999))
        status = 500 if rng.random() < 0.01 else 200
        loads.append(Load(url, "fetch", round(ms * slowness * rng.lognormvariate(0, 0.6), 1), 1_800, status))
    return loads


def path(rng: Random) -> str:
    """A path of the shop; popular pages come more often."""
    kind = rng.choices(["home", "product", "category", "reviews", "search", "cart", "order"], [22, 38, 16, 8, 8, 6, 2])[
        0
    ]
    match kind:
        case "home":
            return "/"
        case "product":
            return f"/product/{rng.randint(1, 500)}"
        case "category":
            return f"/category/{rng.choice(('shoes', 'shirts', 'bags', 'sale'))}"
        case "reviews":
            return f"/product/{rng.randint(1, 500)}/reviews"
        case "order":
            return f"/account/orders/{uuid.UUID(int=rng.getrandbits(128), version=4)}"
        case _:
            return f"/{kind}"
