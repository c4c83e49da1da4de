"""Which raw events are kept, and what each stands for (design section 6, Sampler)."""

from typing import Final

import msgspec

from processors.core.held import hold, released
from processors.core.keys import visit_key
from processors.core.records import Segment
from processors.core.turn import Turn
from schemas.drop_reasons import DropReason
from schemas.event import Beacon
from schemas.sample import RawSampleLine, SampleLine, encode_sample

_HASH_SPACE: Final = float(2**64)


def is_drawn(site: str, session_id: str, rate: float) -> bool:
    """True for the share ``rate`` of sessions, always the same ones: a stable hash, no random."""
    return drawn_key(visit_key(site, session_id), rate)


def drawn_key(key: bytes, rate: float) -> bool:
    """The same, of a visit's key: its upper digest half, which no lane is chosen by."""
    return int.from_bytes(key[1:9]) < rate * _HASH_SPACE


def sample(turn: Turn) -> DropReason | None:
    """Keep, hold back or leave out the line's events.

    A drawn session is kept with weight client / rate, the site's own or that of all. Of the others nothing is kept
    until an error or a poor vital gives cause: from that line on all is kept with the client's weight, and what was
    held back follows with weight 0, as context. So counts from raw events are unbiased. Late events stand for
    themselves.
    """
    if turn.sole is not None:
        _sample_session(turn, turn.sole, None)
        return None
    for segment, places in _by_segment(turn.segments):
        if segment is None:
            _keep(turn, None, places, turn.beacon.weight)
        else:
            _sample_session(turn, segment, places)
    return None


def _sample_session(turn: Turn, segment: Segment, places: list[int] | None) -> None:
    config, weight = turn.config, turn.beacon.weight
    if turn.causes and not segment.cause and any(cause is segment for cause in turn.causes):
        segment.cause = True
        turn.out.samples += released(turn, segment)
    if segment.cause:
        _keep(turn, segment, places, weight)
    elif drawn_key(turn.key, rate := config.sample_rates.get(turn.beacon.site, config.sample_rate)):
        _keep(turn, segment, places, round(weight / rate))
    elif len(segment.held) < config.held_lines:
        hold(turn, segment, _encode(turn, segment, places, 0))


def _by_segment(segments: list[Segment | None]) -> list[tuple[Segment | None, list[int]]]:
    groups: list[tuple[Segment | None, list[int]]] = []
    for place, item in enumerate(segments):
        for segment, places in groups:
            if segment is item:
                places.append(place)
                break
        else:
            groups.append((item, [place]))
    return groups


def _keep(turn: Turn, segment: Segment | None, places: list[int] | None, weight: int) -> None:
    turn.out.samples.append(_encode(turn, segment, places, weight))


def _encode(turn: Turn, segment: Segment | None, places: list[int] | None, weight: int) -> bytes:
    """The sample of the events at these places (None: of all)."""
    opened_at = segment.opened_at if segment else 0
    lane, offset, late = turn.config.lane, turn.block.offset, segment is None
    whole = places is None or len(places) == len(turn.segments)
    if whole and not turn.altered:
        raw = msgspec.Raw(turn.raw)
        return encode_sample(RawSampleLine(lane, offset, turn.line, opened_at, weight, raw, late))
    index = list(range(len(turn.segments))) if places is None else places
    beacon: Beacon = msgspec.structs.replace(turn.beacon, events=[turn.beacon.events[i] for i in index])
    return encode_sample(SampleLine(lane, offset, turn.line, opened_at, weight, beacon, index, late))
