"""Are the ports free? Asked before anything starts."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass

from rumstream.settings import variable


@dataclass(frozen=True)
class Port:
    """A port that a part will listen on, and the setting that chose it."""

    number: int
    host: str
    setting: str
    of: str


def complaints(ports: Iterable[Port]) -> list[str]:
    """One sentence for each port that cannot be had, naming the port and its variable; empty when all is well."""
    said: list[str] = []
    claimed: dict[int, Port] = {}
    for port in ports:
        name = variable(port.setting)
        if port.number in claimed:
            other = claimed[port.number]
            said.append(
                f"port {port.number} is set for {other.of} and for {port.of}: "
                f"change {variable(other.setting)} or {name}"
            )
        elif reason := _why_not(port):
            said.append(
                f"port {port.number} for {port.of} cannot be used ({reason}): free it, or choose another by {name}"
            )
        claimed.setdefault(port.number, port)
    return said


def _why_not(port: Port) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
        except OSError as error:
            return error.strerror or str(error)
    return None
