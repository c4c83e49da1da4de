"""schemathesis over the collector's OpenAPI document, against the real process: no answer that is not documented,
no server error, no hang."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import LANES
from tests.lab.collector import Collector, collecting
from tests.lab.servers import unused_port

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
HANGS_S = 15
DOWN = '[checks.not_a_server_error]\nexpected-statuses = ["2xx", "4xx", "503"]\n'


@pytest.fixture
def collector(kafka: str, generation: int, tmp_path: Path) -> Iterator[Collector]:
    """With a deadline so long that a busy machine is not taken for a broker that is down."""
    with collecting(kafka, generation, LANES, tmp_path / "log", ack_deadline_s=10) as running:
        yield running


def fuzz(collector: Collector, folder: Path, phases: str, examples: int, config: str = "") -> None:
    """Run schemathesis, which ends with an error at the first answer that is wrong.

    Raises:
        AssertionError: there was one; its report tells how to send it again.
    """
    settings = folder / "schemathesis.toml"
    settings.write_text(config)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"]
    options = [f"--checks={','.join(CHECKS)}", f"--max-examples={examples}", f"--request-timeout={HANGS_S}"]
    done = subprocess.run(
        [*command, f"{collector.url}/openapi.json", *options, f"--phases={phases}", "--no-color"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert collector.process.poll() is None


def test_no_answer_is_a_server_error_or_undocumented(collector: Collector, tmp_path: Path) -> None:
    fuzz(collector, tmp_path, "fuzzing", 15)
    assert collector.counts()["rum_collector_received_total"] > 0


def test_without_kafka_the_only_server_error_is_503(tmp_path: Path) -> None:
    nowhere = f"127.0.0.1:{unused_port()}"
    with collecting(nowhere, 2, LANES, tmp_path / "log", ready=False, ack_deadline_s=0.2) as collector:
        fuzz(collector, tmp_path, "fuzzing", 10, DOWN)


@pytest.mark.long
@pytest.mark.timeout(4 * 3600)
def test_a_hundred_thousand_requests(collector: Collector, tmp_path: Path) -> None:
    fuzz(collector, tmp_path, "coverage,fuzzing", 12_500)
