"""Countries come from a database on this machine, in any of the shapes that are sold."""

from pathlib import Path
from typing import Any

import pytest

from ingest.countries import Countries, CountriesError, country_in
from tests.lab.countries import database


def test_an_address_has_the_country_of_its_network(tmp_path: Path) -> None:
    path = database(
        tmp_path / "country.mmdb",
        {
            "203.0.113.0/24": {"country": {"iso_code": "DE"}},
            "198.51.100.0/24": {"registered_country": {"iso_code": "FR"}},
            "2001:db8::/32": {"country": "JP"},
        },
    )
    countries = Countries(path)
    assert countries.from_file
    addresses = ("203.0.113.255", "203.0.112.255", "198.51.100.1", "2001:db8::1", "10.0.0.1", "", "unknown")
    assert [countries.of(address) for address in addresses] == ["DE", "", "FR", "JP", "", "", ""]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"country": {"iso_code": "DE"}}, "DE"),
        ({"country": "de"}, "DE"),
        ({"country_code": "DE", "country": "Germany"}, "DE"),
        ({"country": {"iso_code": "ZZ"}}, ""),
        ({"country": {}}, ""),
        ({"country": {"iso_code": 5}}, ""),
        ("DE", ""),
        (None, ""),
    ],
)
def test_any_record_is_two_letters_or_nothing(record: Any, code: str) -> None:
    assert country_in(record) == code


def test_without_a_database_nobody_has_a_country() -> None:
    assert Countries().of("203.0.113.1") == ""
    assert not Countries().from_file


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(CountriesError, match="RUMSTREAM_GEOIP_DATABASE"):
        Countries(tmp_path / "missing.mmdb")
    (tmp_path / "text.mmdb").write_text("no database", "utf-8")
    with pytest.raises(CountriesError, match="mmdb"):
        Countries(tmp_path / "text.mmdb")
