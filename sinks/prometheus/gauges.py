"""The gauges of a scrape, from the windows in memory and the clock."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from schemas import metric_catalogue as names
from schemas.limits import GAUGE_SERIES, WEIGHT_ONE
from schemas.measures import ERROR, MEASURES, PAGE_VIEW
from schemas.metric_catalogue import MetricSpec
from schemas.sketch import quantiles
from sinks.prometheus.cells import Cell, Page
from sinks.prometheus.fold import QUANTILES, fold
from sinks.prometheus.windows import Windows

_SHOWN = (
    names.TIMING_SECONDS,
    names.LAYOUT_SHIFT_SCORE,
    names.PAGE_VIEWS,
    names.GOOD_RATIO,
    names.POOR_RATIO,
    names.JS_ERRORS,
    names.WINDOW_END,
    names.SINK_SERIES,
)
Families = dict[str, GaugeMetricFamily]


class RumGauges(Collector):
    """Computes the gauges when Prometheus asks.

    ``now_ms`` is the wall clock; ``ready`` says whether the past has been read: before it, half a picture would look
    like a fall in page views, so nothing is shown.
    """

    def __init__(self, windows: Windows, now_ms: Callable[[], int], ready: Callable[[], bool]) -> None:
        self._windows = windows
        self._now_ms = now_ms
        self._ready = ready

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The names, without computing anything."""
        return _families().values()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The families of this moment; empty until the past was read."""
        return gauges(self._windows, self._now_ms()) if self._ready() else []


def gauges(windows: Windows, now_ms: int, limit: int = GAUGE_SERIES) -> list[GaugeMetricFamily]:
    """The families at a time: the last complete minute as ``window="1m"``, the last five as ``"5m"``."""
    families = _families()
    minute, minute_end = windows.last_minute(now_ms)
    five, five_end = windows.last_five_minutes(now_ms)
    for window, cells in fold({"1m": minute, "5m": five}, limit).items():
        count = sum(_show(families, page, window, metrics) for page, metrics in cells.items())
        _gauge(families, names.SINK_SERIES, (window,), count)
    for window, end in (("1m", minute_end), ("5m", five_end)):
        if end is not None:
            _gauge(families, names.WINDOW_END, (window,), end / 1000)
    return list(families.values())


def _families() -> Families:
    return {spec.name: GaugeMetricFamily(spec.name, spec.help, labels=spec.labels) for spec in _SHOWN}


def _gauge(families: Families, spec: MetricSpec, labels: tuple[str, ...], value: float) -> int:
    families[spec.name].add_metric(labels, value)
    return 1


def _show(families: Families, page: Page, window: str, metrics: dict[str, Cell]) -> int:
    at = (*page, window)
    shown = 0
    for metric, cell in metrics.items():
        if metric == PAGE_VIEW:
            shown += _gauge(families, names.PAGE_VIEWS, at, cell.weight / WEIGHT_ONE)
        elif metric == ERROR:
            shown += _gauge(families, names.JS_ERRORS, at, cell.weight / WEIGHT_ONE)
        elif metric in MEASURES:
            shown += sum(_gauge(families, spec, labels, value) for spec, labels, value in _values(at, metric, cell))
    return shown


def _values(at: tuple[str, ...], metric: str, cell: Cell) -> Iterator[tuple[MetricSpec, tuple[str, ...], float]]:
    measure = MEASURES[metric]
    unit = measure.unit
    if unit in ("ms", "score"):
        for q, value in zip(QUANTILES, quantiles(cell.buckets, cell.zeros, QUANTILES), strict=True):
            if value is not None and unit == "ms":
                yield names.TIMING_SECONDS, (*at, metric, str(q)), value / 1000
            elif value is not None:
                yield names.LAYOUT_SHIFT_SCORE, (*at, str(q)), value
        if cell.rated and measure.good is not None:
            yield names.GOOD_RATIO, (*at, metric), cell.good / cell.rated
            yield names.POOR_RATIO, (*at, metric), cell.poor / cell.rated
