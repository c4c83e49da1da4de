"""A small country database of one's own, in MaxMind's format."""

from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet


def database(path: Path, networks: dict[str, Any]) -> Path:
    """Write the record of each network, IPv4 or IPv6, to a file."""
    writer = MMDBWriter(6, "Test-Country", ipv4_compatible=True)
    for network, record in networks.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return path
