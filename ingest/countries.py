"""Which country a visitor is in: by a database file on this machine, else by what a trusted proxy says, else ''."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import maxminddb
from maxminddb import InvalidDatabaseError

_CACHED: Final = 8_192
_NOBODYS: Final = frozenset(("XX", "ZZ"))


class CountriesError(Exception):
    """The database file cannot be used."""


class Countries:
    """Countries by address. The addresses of the last 8,192 visitors are remembered, in memory only.

    The file is MaxMind's format (GeoLite2 Country or City, DB-IP Lite, IPinfo); a lookup costs about 5 µs, once
    remembered 0.1 µs.

    Raises:
        CountriesError: there is no such file, or it is no such database.
    """

    def __init__(self, database: Path | None = None) -> None:
        self._reader: maxminddb.Reader | None = None
        if database is not None:
            try:
                self._reader = maxminddb.open_database(database)
            except (OSError, InvalidDatabaseError) as error:
                raise CountriesError(
                    f"RUMSTREAM_GEOIP_DATABASE={database}: {error}. It must be a country database in MaxMind's "
                    "format (.mmdb); unset it to go without"
                ) from error
        self.of = lru_cache(_CACHED)(self._of)

    @property
    def from_file(self) -> bool:
        """True where a file answers, and no proxy is asked."""
        return self._reader is not None

    def _of(self, address: str) -> str:
        if self._reader is None:
            return ""
        try:
            return country_in(self._reader.get(address))
        except (ValueError, InvalidDatabaseError):  # no address, IPv6 in a database of IPv4, a broken record
            return ""


def country_in(record: Any) -> str:
    """The ISO 3166 code of a record, of MaxMind's or IPinfo's shape; empty where there is none."""
    if not isinstance(record, dict):
        return ""
    for name in ("country", "registered_country", "country_code"):
        told = record.get(name)
        code = country_code(told.get("iso_code") if isinstance(told, dict) else told)
        if code:
            return code
    return ""


def country_code(told: Any) -> str:
    """Two letters of ISO 3166 in upper case; empty for anything else, and for codes of no country."""
    if not isinstance(told, str) or len(told) != 2 or not (told.isascii() and told.isalpha()):
        return ""
    code = told.upper()
    return "" if code in _NOBODYS else code
