"""The settings and their documented table are one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from rumstream.cli import app
from rumstream.configs import processor_config
from rumstream.exits import CONFIGURATION
from rumstream.settings import Settings, variable
from rumstream.settings_table import DOCUMENT, settings_document


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the machine's variables nor an .env file of the checkout."""
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_document_lists_every_setting_as_it_is() -> None:
    assert DOCUMENT.read_text("utf-8") == settings_document(), "run `make docs`"
    for name in Settings.model_fields:
        assert f"| `{variable(name)}` |" in settings_document()


def test_the_embedded_servers_are_the_default() -> None:
    assert (Settings().bootstrap, Settings().clickhouse) == ("127.0.0.1:9092", "http://127.0.0.1:8123")


def test_an_existing_server_wins_over_the_embedded_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUMSTREAM_KAFKA_BOOTSTRAP", "broker:9092")
    monkeypatch.setenv("RUMSTREAM_CLICKHOUSE_URL", "http://store:8123")
    assert (Settings().bootstrap, Settings().clickhouse) == ("broker:9092", "http://store:8123")


def test_the_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("RUMSTREAM_LANES=7\nRUMSTREAM_API_PORT=7001\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("RUMSTREAM_API_PORT", "7002")
    assert (Settings().lanes, Settings().api_port) == (7, 7002)


@pytest.mark.parametrize(("port", "fits"), [("0", False), ("1", True), ("65535", True), ("65536", False)])
def test_a_port_is_from_1_to_65535(monkeypatch: pytest.MonkeyPatch, port: str, fits: bool) -> None:
    monkeypatch.setenv("RUMSTREAM_API_PORT", port)
    if fits:
        assert Settings().api_port == int(port)
    else:
        with pytest.raises(ValueError, match="api_port"):
            Settings()


def test_a_wrong_value_names_its_variable_and_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUMSTREAM_LANES", "many")
    monkeypatch.setenv("RUMSTREAM_KAFKA_HEAP", "all")
    result = CliRunner().invoke(app, ["collect"])
    assert result.exit_code == CONFIGURATION
    assert "RUMSTREAM_LANES=many" in result.output
    assert "RUMSTREAM_KAFKA_HEAP=all" in result.output


def test_a_processor_takes_the_rates_of_the_sites_that_say_one(tmp_path: Path) -> None:
    sites = tmp_path / "sites.yaml"
    sites.write_text("sites:\n  shop: {keys: [rk_shop_1], sample_rate: 0.1}\n  blog: {keys: [rk_blog_1]}\n")
    config = processor_config(Settings(sites=sites, sample_rate=0.5))
    assert (config.core(0).sample_rate, config.core(0).sample_rates) == (0.5, {"shop": 0.1})
    assert processor_config(Settings()).core(0).sample_rates == {}


def test_a_processor_does_not_start_with_a_sites_file_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RUMSTREAM_SITES", str(tmp_path / "none.yaml"))
    result = CliRunner().invoke(app, ["process"])
    assert result.exit_code == CONFIGURATION
    assert "there is no such file" in result.output


def test_the_password_is_not_shown() -> None:
    secret = "correct horse"  # noqa: S105
    settings = Settings(clickhouse_password=secret)  # type: ignore[arg-type]
    assert secret not in repr(settings)
    assert settings.clickhouse_password.get_secret_value() == secret
