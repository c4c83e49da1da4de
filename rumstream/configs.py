"""Turns the settings into each room's own config; the room is imported only here and only when it is asked for."""

from typing import TYPE_CHECKING

from rumstream.settings import Settings, reachable

if TYPE_CHECKING:
    from api.config import ApiConfig
    from embedded.clickhouse.config import ClickHouseConfig
    from embedded.kafka.config import KafkaConfig
    from ingest.config import CollectorConfig
    from processors.config import ProcessorConfig
    from sinks.config import ClickHouseSinkConfig, PrometheusSinkConfig


def collector_config(settings: Settings) -> "CollectorConfig":
    """`rumstream collect`."""
    from ingest.config import CollectorConfig

    return CollectorConfig(
        bootstrap=settings.bootstrap,
        host=settings.host,
        port=settings.collector_port,
        lanes=settings.lanes,
        generation=settings.generation,
        linger_ms=settings.linger_ms,
        ack_deadline_s=settings.ack_deadline_s,
        tick_s=settings.tick_s,
        collector_id=settings.collector_id,
        site=settings.site,
        environment=settings.environment,
        static=settings.browser_files,
        sites=settings.sites,
        collectors=settings.collectors,
        trusted_proxies=settings.trusted_proxies,
        forwarded_header=settings.forwarded_header,
        country_header=settings.country_header,
        geoip_database=settings.geoip_database,
        bots=settings.bots,
    )


def processor_config(settings: Settings) -> "ProcessorConfig":
    """`rumstream process`; each worker has a folder of its own.

    Raises:
        SitesError: the sites file cannot be used.
    """
    from ingest.sites_file import rates_of, read_sites
    from processors.config import ProcessorConfig

    return ProcessorConfig(
        bootstrap=settings.bootstrap,
        data=settings.data / "processor" / settings.worker_id,
        lanes=settings.lanes,
        generation=settings.generation,
        worker_id=settings.worker_id,
        window_seconds=settings.window_seconds,
        emission_s=settings.emission_s,
        checkpoint_s=settings.checkpoint_s,
        session_gap_s=settings.session_gap_s,
        session_max_s=settings.session_max_s,
        lateness_extra_s=settings.lateness_extra_s,
        sample_rate=settings.sample_rate,
        sample_rates={} if settings.sites is None else rates_of(read_sites(settings.sites)),
        bad_share=settings.bad_share,
        metrics_port=settings.processor_metrics_port,
    )


def clickhouse_sink_config(settings: Settings) -> "ClickHouseSinkConfig":
    """`rumstream sink clickhouse` and `rumstream migrate`."""
    from sinks.config import ClickHouseSinkConfig

    return ClickHouseSinkConfig(
        bootstrap=settings.bootstrap,
        clickhouse_url=settings.clickhouse,
        user=settings.clickhouse_user,
        password=settings.clickhouse_password.get_secret_value(),
        cluster=settings.clickhouse_cluster,
        database=settings.database,
        generation=settings.generation,
        metrics_port=settings.sink_metrics_port,
    )


def prometheus_sink_config(settings: Settings) -> "PrometheusSinkConfig":
    """`rumstream sink prometheus`."""
    from sinks.config import PrometheusSinkConfig

    return PrometheusSinkConfig(
        bootstrap=settings.bootstrap,
        host=settings.host,
        port=settings.prometheus_port,
        generation=settings.generation,
    )


def demo_url(settings: Settings) -> str:
    """Where the demo page is. It links to the API one port above the collector's unless it is told another."""
    elsewhere = "" if settings.api_port == settings.collector_port + 1 else f"?api={settings.api_port}"
    return f"http://{reachable(settings.host)}:{settings.collector_port}/demo/{elsewhere}"


def api_config(settings: Settings) -> "ApiConfig":
    """`rumstream api`."""
    from api.config import ApiConfig

    return ApiConfig(
        clickhouse_url=settings.clickhouse,
        user=settings.clickhouse_user,
        password=settings.clickhouse_password.get_secret_value(),
        database=settings.database,
        host=settings.host,
        port=settings.api_port,
        demo_url=demo_url(settings),
    )


def kafka_config(settings: Settings) -> "KafkaConfig":
    """`rumstream kafka`."""
    from embedded.kafka.config import KafkaConfig
    from schemas.limits import MESSAGE_BYTES

    return KafkaConfig(
        data=settings.data / "kafka",
        cache=settings.cache,
        port=settings.kafka_port,
        heap=settings.kafka_heap,
        message_bytes=MESSAGE_BYTES,
    )


def clickhouse_config(settings: Settings) -> "ClickHouseConfig":
    """`rumstream clickhouse`."""
    from embedded.clickhouse.config import ClickHouseConfig

    return ClickHouseConfig(data=settings.data / "clickhouse", port=settings.clickhouse_port)
