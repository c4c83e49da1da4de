"""The command line: every part by a command of its own, and `up`, which supervises those same commands."""

import asyncio
import sys
from dataclasses import replace
from typing import Annotated, Final

import typer

from rumstream.command import KAFKA_AT as _KAFKA_AT
from rumstream.command import said_clearly as _said_clearly
from rumstream.command import settings_for as _settings
from rumstream.operate.letters import dead_letter
from rumstream.operate.sites import site
from rumstream.operate.state import state
from rumstream.settings import variable

app: Final = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
sink: Final = typer.Typer(no_args_is_help=True, help="Write results on: to ClickHouse, to Prometheus.")
topics: Final = typer.Typer(no_args_is_help=True, help="The Kafka topics of a generation.")
app.add_typer(sink, name="sink")
app.add_typer(topics, name="topics")
app.add_typer(dead_letter, name="dead-letter")
app.add_typer(state, name="state")
app.add_typer(site, name="site")


@app.callback()
def rumstream() -> None:
    """Real-user monitoring: beacons in, sessions and percentiles out. Settings: RUMSTREAM_…, see docs/settings.md."""


@app.command()
def up(
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processors to run (RUMSTREAM_WORKERS).")] = None,
) -> None:
    """Run everything on this machine until Ctrl-C."""
    settings = _settings("up")
    from rumstream.supervisor.up import UpError, run

    with _said_clearly(UpError):
        sys.exit(run(settings if workers is None else settings.model_copy(update={"workers": workers})))


@app.command()
def collect(
    workers: Annotated[int, typer.Option(min=1, max=256, help="Collector processes on the one port.")] = 1,
    shares_port: Annotated[bool, typer.Option(hidden=True, help="Others listen on the same port.")] = False,
) -> None:
    """Run the collector."""
    settings = _settings("collector")
    if workers > 1:
        from rumstream.collect_workers import run_workers

        with _said_clearly(OSError, hint=_port_hint("collector_port")):
            sys.exit(run_workers(settings, workers))
    from ingest.countries import CountriesError
    from ingest.server import serve
    from ingest.sites_file import SitesError
    from rumstream.configs import collector_config

    with _said_clearly(SitesError), _said_clearly(CountriesError):
        serve(replace(collector_config(settings), shares_port=shares_port))


@app.command()
def process() -> None:
    """Run a processor."""
    settings = _settings("processor")
    from ingest.sites_file import SitesError
    from processors.worker import run
    from rumstream.configs import processor_config

    with _said_clearly(SitesError):
        config = processor_config(settings)
    run(config)


@sink.command("clickhouse")
def sink_clickhouse() -> None:
    """Write rows to ClickHouse."""
    settings = _settings("sink-clickhouse")
    from rumstream.configs import clickhouse_sink_config
    from sinks.clickhouse.worker import run

    run(clickhouse_sink_config(settings))


@sink.command("prometheus")
def sink_prometheus() -> None:
    """Show gauges to Prometheus."""
    settings = _settings("sink-prometheus")
    from rumstream.configs import prometheus_sink_config
    from sinks.prometheus.server import run

    run(prometheus_sink_config(settings))


@app.command()
def api() -> None:
    """Run the API and its page."""
    settings = _settings("api")
    from api.server import serve
    from rumstream.configs import api_config

    serve(api_config(settings))


@app.command()
def kafka() -> None:
    """Run the embedded Kafka."""
    settings = _settings("kafka")
    from embedded.kafka.jars import FetchError
    from embedded.kafka.server import StartError, serve
    from rumstream.configs import kafka_config

    with _said_clearly(FetchError, hint=_EXISTING_KAFKA), _said_clearly(StartError, hint=_port_hint("kafka_port")):
        serve(kafka_config(settings))


@app.command()
def clickhouse() -> None:
    """Run the embedded ClickHouse."""
    settings = _settings("clickhouse")
    from embedded.clickhouse.lock import StartError
    from embedded.clickhouse.server import serve
    from rumstream.configs import clickhouse_config

    with _said_clearly(StartError, hint=_port_hint("clickhouse_port")):
        serve(clickhouse_config(settings))


@topics.command("create")
def topics_create() -> None:
    """Create the topics that are missing."""
    settings = _settings("topics")
    from aiokafka.errors import KafkaConnectionError

    from rumstream.topics import TopicsError, create_topics

    with _said_clearly(TopicsError), _said_clearly(KafkaConnectionError, hint=_KAFKA_AT, code=1):
        made = asyncio.run(create_topics(settings.bootstrap, settings.lanes, settings.generation, settings.replication))
    typer.echo(f"topics created: {', '.join(made)}" if made else "topics: all there")


@app.command()
def migrate() -> None:
    """Bring ClickHouse's tables up to date."""
    settings = _settings("migrate")
    from rumstream.configs import clickhouse_sink_config
    from sinks.clickhouse.migrations import MigrationError
    from sinks.clickhouse.migrations import migrate as apply

    with _said_clearly(MigrationError):
        done = apply(clickhouse_sink_config(settings))
    typer.echo(f"migrations applied: {', '.join(done)}" if done else "migrations: all applied before")


@app.command()
def simulate(
    visitors: Annotated[int, typer.Option(min=1, help="How many people.")] = 100,
    rate: Annotated[float, typer.Option(help="Beacons a second.")] = 20.0,
    minutes: Annotated[float, typer.Option(help="For how long.")] = 1.0,
    seed: Annotated[int | None, typer.Option(help="The same seed sends the same beacons.")] = None,
    key: Annotated[str, typer.Option(help="The site's key, where the collector has a sites file.")] = "",
) -> None:
    """Send realistic traffic to the collector."""
    settings = _settings("simulate")
    from rumstream.simulate.config import SimulateConfig
    from rumstream.simulate.run import simulate as send

    url = f"http://{settings.host}:{settings.collector_port}"
    with _said_clearly(ValueError):
        config = SimulateConfig(collector=url, visitors=visitors, rate=rate, minutes=minutes, seed=seed, key=key)
    result = send(config)
    typer.echo(result.line)
    sys.exit(result.exit_code)


_EXISTING_KAFKA: Final = (
    "What was fetched is kept: start again when the network is there, or point at an existing Kafka with "
    f"{variable('kafka_bootstrap')}=host:port"
)


def _port_hint(field: str) -> str:
    return f"Another port: {variable(field)}"
