"""The beacons of a run, made from nothing but the seed and a start time: pure, and the same each time."""

from collections.abc import Iterator
from random import Random

from rumstream.simulate.clients import CLIENTS
from rumstream.simulate.config import SimulateConfig
from rumstream.simulate.request import Request
from rumstream.simulate.visit import Talk, visit
from rumstream.simulate.visitor import Visitor, visitor

_SECONDS_BETWEEN_BEACONS = 5


def traffic(config: SimulateConfig, seed: int, start_ms: int) -> Iterator[Request]:
    """``config.beacons`` requests, evenly spaced from ``start_ms`` (ms since the epoch).

    The visitors that are there at the same time take turns at random, so that each sends a beacon about every
    five seconds; one who leaves makes room for the next, and comes back when all others have been there.
    """
    turns = Random(f"{seed}/turns")  # noqa: S311  repeatable, not secret
    there = min(config.visitors, max(1, round(config.rate * _SECONDS_BETWEEN_BEACONS)))
    arrivals = _arrivals(config, seed, start_ms)
    present = [next(arrivals) for _ in range(there)]
    for number in range(config.beacons):
        now = start_ms + round(number * 1000 / config.rate)
        place = turns.randrange(there)
        message = None
        while message is None:
            who, talk = present[place]
            try:
                message = talk.send(now)
            except StopIteration:
                present[place] = next(arrivals)
        yield Request(now, message.path, message.content_type, who.user_agent, message.body)


def _arrivals(config: SimulateConfig, seed: int, start_ms: int) -> Iterator[tuple[Visitor, Talk]]:
    round_number = 0
    while True:
        for number in range(config.visitors):
            who = visitor(seed, number)
            there = visit(who, seed, round_number, start_ms, config.key, config.release, config.environment)
            talk = CLIENTS[who.client](there)
            next(talk)
            yield who, talk
        round_number += 1
