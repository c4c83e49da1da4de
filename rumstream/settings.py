"""Every setting of every part: environment variables with the prefix RUMSTREAM_, or an .env file (docs/settings.md)."""

from ipaddress import ip_network
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "RUMSTREAM_"
LOCAL: Final = "127.0.0.1"
_BROWSER_FILES: Final = Path(__file__).resolve().parent.parent / "browser" / "dist"


def _port(default: int, of: str) -> int:
    port: int = Field(default, ge=1, le=65_535, description=f"Port of {of}.")
    return port


class Settings(BaseSettings):
    """Read once at start. Times are in the unit of the field's name.

    Raises:
        pydantic.ValidationError: a variable's value cannot be used.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    data: Path = Field(default=Path(".data"), description="Folder of everything that is written on this machine.")
    cache: Path = Field(
        default=Path("~/.cache/rumstream"), description="Folder of what is fetched once (Kafka's jars); can be shared."
    )
    host: str = Field(default=LOCAL, description="Address on which collector, API and gauges listen.")
    collector_port: int = _port(8000, "the collector")
    api_port: int = _port(8001, "the API")
    clickhouse_port: int = _port(8123, "the embedded ClickHouse")
    kafka_port: int = _port(9092, "the embedded Kafka")
    prometheus_port: int = _port(9464, "the gauges of `rumstream sink prometheus`")
    sink_metrics_port: int = _port(9465, "the ClickHouse sink's own metrics")
    processor_metrics_port: int = _port(9466, "the first processor's own metrics; the next ones follow")

    kafka_bootstrap: str | None = Field(
        default=None, description="An existing Kafka, host:port; unset: the embedded one on RUMSTREAM_KAFKA_PORT."
    )
    kafka_heap: str = Field(
        default="512m", pattern=r"^\d+[mgMG]$", description="Heap of the embedded Kafka, as for -Xmx."
    )
    clickhouse_url: str | None = Field(
        default=None,
        description="An existing ClickHouse, http://…; unset: the embedded one on RUMSTREAM_CLICKHOUSE_PORT.",
    )
    clickhouse_user: str = Field(default="default", description="User at ClickHouse.")
    clickhouse_password: SecretStr = Field(default=SecretStr(""), description="Password at ClickHouse.")
    clickhouse_cluster: str = Field(
        default="", description="Cluster whose tables are replicated; empty: one server, or the embedded one."
    )
    database: str = Field(default="rum", pattern=r"^[A-Za-z_]\w*$", description="ClickHouse database.")

    lanes: int = Field(default=4, ge=1, le=4096, description="Lanes, that is partitions; belongs to a generation.")
    generation: int = Field(
        default=1, ge=1, le=2**15 - 1, description="Generation of the topics; a new one for other lanes."
    )
    replication: int = Field(
        default=1, ge=1, le=15, description="Copies of each partition, for topics that are created."
    )
    workers: int = Field(default=1, ge=1, le=64, description="Processors that `rumstream up` runs.")
    worker_id: str = Field(
        default="0", pattern=r"^[\w.-]+$", description="Name of this processor; its store is kept under it."
    )

    site: str = Field(default="default", min_length=1, description="The one open site, where no sites file is given.")
    environment: str = Field(default="", description="Environment of the open site's beacons that name none.")
    sites: Path | None = Field(
        default=None,
        description="Sites file (docs/collector.md); unset: one open site, for clients on this machine only.",
    )
    collectors: int = Field(
        default=1, ge=1, le=10_000, description="Collector processes in all; each takes 1/N of a site's quota."
    )
    trusted_proxies: str = Field(
        default="",
        description="Networks of the proxies in front of the collector, as `10.0.0.0/8, ::1`; others are not believed.",
    )
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = Field(
        default="x-forwarded-for", description="The header in which these proxies name the client."
    )
    country_header: str = Field(
        default="cf-ipcountry",
        pattern=r"^[a-z0-9-]*$",
        description="The header in which these proxies name the client's country; `-`: none.",
    )
    geoip_database: Path | None = Field(
        default=None, description="Country database in MaxMind's format (.mmdb); it comes before the header."
    )
    bots: Literal["off", "count", "refuse"] = Field(
        default="off", description="Beacons of bots: taken, taken and counted apart, or refused and counted."
    )
    collector_id: str = Field(
        default="collector", min_length=1, description="Name of this collector in the blocks it writes."
    )
    static: Path | None = Field(
        default=None,
        description="Folder of the browser files; unset: `browser/dist` of the checkout, if it has been built.",
    )
    linger_ms: int = Field(default=5, ge=0, le=1000, description="Longest wait of a beacon for company in its block.")
    ack_deadline_s: float = Field(default=2.0, gt=0, le=60, description="Longest wait for Kafka before a 503.")
    tick_s: float = Field(default=10.0, gt=0, description="Silence of a lane after which the collector writes a tick.")

    window_seconds: int = Field(default=60, ge=1, le=3600, description="Length of a tumbling window.")
    emission_s: float = Field(default=1.0, gt=0, description="How often changed rows are sent on; 10 suits production.")
    checkpoint_s: float = Field(default=1.0, gt=0, description="How often a lane commits.")
    session_gap_s: int = Field(default=1_800, ge=1, description="Inactivity that ends a session.")
    session_max_s: int = Field(default=14_400, ge=1, description="Longest session.")
    lateness_extra_s: int = Field(
        default=600, ge=0, description="How long after the longest session a window can change."
    )
    bad_share: float = Field(
        default=0.5, gt=0, le=1, description="Share of refused lines at which a lane stops (1: never)."
    )
    sample_rate: float = Field(
        default=1.0, gt=0, le=1, description="Share of sessions whose raw events are kept, of sites that say none."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least severe line logged."
    )
    log_format: Literal["auto", "human", "json"] = Field(
        default="auto", description="Form of log lines; auto: human on a terminal, JSON otherwise."
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, told: str) -> str:
        for part in told.split(","):
            if part.strip():
                ip_network(part.strip())
        return told

    @field_validator("data", "cache", "static", "sites", "geoip_database")
    @classmethod
    def _expand(cls, path: Path | None) -> Path | None:
        return path.expanduser() if path else path

    @property
    def bootstrap(self) -> str:
        """Kafka's address, existing or embedded."""
        return self.kafka_bootstrap or f"{LOCAL}:{self.kafka_port}"

    @property
    def clickhouse(self) -> str:
        """ClickHouse's URL, existing or embedded."""
        return self.clickhouse_url or f"http://{LOCAL}:{self.clickhouse_port}"

    @property
    def browser_files(self) -> Path | None:
        """The folder that the collector shows under /, or None where nothing has been built."""
        folder = self.static or _BROWSER_FILES
        return folder if folder.is_dir() else None


def variable(field: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{field.upper()}"


def reachable(host: str) -> str:
    """An address to call for one to listen on: 0.0.0.0 is no place to go."""
    return LOCAL if host in ("0.0.0.0", "::") else host  # noqa: S104 (compared, not bound)
