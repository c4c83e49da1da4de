"""A port that several collectors of one machine listen on; the kernel shares its connections out among them."""

import socket


def shared_port(host: str, port: int) -> socket.socket:
    """A socket bound there with SO_REUSEPORT, not yet listening: it gets no connections until it does.

    Raises:
        OSError: somebody else has the port, or there is no such address.
    """
    told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = told[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
