"""Prometheus objects made from the catalogue, so that no name is spelled twice."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from schemas.metric_catalogue import MetricSpec

# a second series for every counter, which nothing here reads
disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY: Final = CollectorRegistry(auto_describe=True)
"""The registry of a process: what its /metrics shows."""

SECONDS_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def counter(spec: MetricSpec, registry: CollectorRegistry = REGISTRY) -> Counter:
    """The counter of a catalogue entry.

    Raises:
        ValueError: the registry has it already.
    """
    return Counter(spec.name, spec.help, spec.labels, registry=registry)


def gauge(spec: MetricSpec, registry: CollectorRegistry = REGISTRY) -> Gauge:
    """The gauge of a catalogue entry.

    Raises:
        ValueError: the registry has it already.
    """
    return Gauge(spec.name, spec.help, spec.labels, registry=registry)


def histogram(spec: MetricSpec, registry: CollectorRegistry = REGISTRY) -> Histogram:
    """The histogram of a catalogue entry, in seconds.

    Raises:
        ValueError: the registry has it already.
    """
    return Histogram(spec.name, spec.help, spec.labels, registry=registry, buckets=SECONDS_BUCKETS)
