"""Which raw events are kept, and what each stands for (design section 6, Sampler)."""

from typing import Final

import msgspec
import xxhash

from processors.core.keys import held_key
from processors.core.records import Held, Segment
from processors.core.turn import Placed, Turn
from schemas.drop_reasons import DropReason
from schemas.event import Beacon
from schemas.sample import RawSampleLine, SampleLine, encode_sample

_HASH_SPACE: Final = float(2**64)


def is_drawn(site: str, session_id: str, rate: float) -> bool:
    """True for the share ``rate`` of sessions, always the same ones: a stable hash, no random."""
    return xxhash.xxh3_64_intdigest(f"sample\x00{site}\x00{session_id}".encode()) < rate * _HASH_SPACE


def sample(turn: Turn) -> DropReason | None:
    """Keep, hold back or leave out the line's events.

    A drawn session is kept with weight client / rate. Of the others nothing is kept until an error or a poor vital
    gives cause: from that line on all is kept with the client's weight, and what was held back follows with weight 0,
    as context. So counts from raw events are unbiased. Late events stand for themselves.
    """
    rate = turn.config.sample_rate
    drawn = is_drawn(turn.beacon.site, turn.beacon.session_id, rate)
    for segment, places in _by_segment(turn.placed):
        if segment is None:
            _keep(turn, None, places, turn.beacon.weight)
            continue
        members = [turn.placed[i] for i in places]
        if not segment.cause and any(p.poor or p.event.kind == "error" for p in members):
            segment.cause = True
            _release(turn, segment)
        if segment.cause:
            _keep(turn, segment, places, turn.beacon.weight)
        elif drawn:
            _keep(turn, segment, places, round(turn.beacon.weight / rate))
        elif turn.visit.held < turn.config.held_lines:
            line = _encode(turn, segment, places, 0)
            turn.memory.held.put(held_key(turn.key, turn.visit.held), Held(segment.opened_at, line))
            turn.visit.held += 1
    return None


def _by_segment(placed: list[Placed]) -> list[tuple[Segment | None, list[int]]]:
    groups: list[tuple[Segment | None, list[int]]] = []
    for place, item in enumerate(placed):
        for segment, places in groups:
            if segment is item.segment:
                places.append(place)
                break
        else:
            groups.append((item.segment, [place]))
    return groups


def _keep(turn: Turn, segment: Segment | None, places: list[int], weight: int) -> None:
    turn.out.samples.append(_encode(turn, segment, places, weight))


def _encode(turn: Turn, segment: Segment | None, places: list[int], weight: int) -> bytes:
    opened_at = segment.opened_at if segment else 0
    lane, offset, late = turn.config.lane, turn.block.offset, segment is None
    if not turn.altered and len(places) == len(turn.placed):
        raw = msgspec.Raw(turn.raw)
        return encode_sample(RawSampleLine(lane, offset, turn.line, opened_at, weight, raw, late))
    beacon: Beacon = msgspec.structs.replace(turn.beacon, events=[turn.placed[i].event for i in places])
    return encode_sample(SampleLine(lane, offset, turn.line, opened_at, weight, beacon, places, late))


def _release(turn: Turn, segment: Segment) -> None:
    """Put out what was held back of this session."""
    held = turn.memory.held
    for number in range(turn.visit.held):
        key = held_key(turn.key, number)
        kept = held.get(key)
        if kept is not None and kept.opened_at == segment.opened_at:
            turn.out.samples.append(kept.line)
            held.forget(key)
