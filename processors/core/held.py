"""Lines held back until their session gives cause to keep them: all of a block in one packed record.

A line of its own for each would double what a lane writes. Packed by the block they take a tenth, and a cause, which is
rare, unpacks the few blocks that hold its session's lines.
"""

from typing import Final

import cramjam
import msgspec

from processors.core.block import Block
from processors.core.keys import held_key
from processors.core.memory import LaneMemory
from processors.core.records import HeldBlock, Segment
from processors.core.turn import Outputs, Turn

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(list[bytes])


def pack(lines: list[bytes]) -> HeldBlock:
    """The lines as one record. Cost: a nanosecond a byte."""
    return HeldBlock(bytes(cramjam.snappy.compress_raw(_encoder.encode(lines))))


def unpack(held: HeldBlock) -> list[bytes]:
    """The lines of a record.

    Raises:
        cramjam.DecompressionError: it is damaged.
    """
    return _decoder.decode(memoryview(cramjam.snappy.decompress_raw(held.packed)))


def hold(turn: Turn, segment: Segment, line: bytes) -> None:
    """Hold a line of this block back."""
    block, held = turn.block, turn.out.held
    segment.held.append((block.appended_at, block.offset, len(held)))
    held.append(line)


def keep_held(memory: LaneMemory, block: Block, out: Outputs) -> None:
    """At the end of a block: remember what was held back of it."""
    if out.held:
        memory.held.put(held_key(block.appended_at, block.offset), pack(out.held))


def released(turn: Turn, segment: Segment) -> list[bytes]:
    """What was held back of a session, in its order; it is not held any more.

    A block's record outlives every session that has lines in it (see core/eviction.py), so none is missing.
    """
    lines: list[bytes] = []
    unpacked: dict[int, list[bytes]] = {turn.block.offset: turn.out.held}
    for appended_at, offset, place in segment.held:
        if offset not in unpacked:
            held = turn.memory.held.get(held_key(appended_at, offset))
            unpacked[offset] = [] if held is None else unpack(held)
        if place < len(unpacked[offset]):
            lines.append(unpacked[offset][place])
    segment.held = []
    return lines
