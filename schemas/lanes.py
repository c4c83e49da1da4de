"""Lanes: partitions of `rum.beacons`, numbered within a generation (design section 3)."""

from typing import Final

import xxhash

_PARTITION_BITS: Final = 16
_OFFSET_BITS: Final = 48


def lane_of(site: str, session_id: str, lanes: int) -> int:
    """The partition in which all beacons of a session meet: xxh3_64(site, session_id) mod lanes."""
    return xxhash.xxh3_64_intdigest(f"{site}\x00{session_id}".encode()) % lanes


def lane_id(generation: int, partition: int) -> int:
    """The lane's number over all generations, as rows carry it."""
    return generation << _PARTITION_BITS | partition


def row_version(generation: int, offset: int) -> int:
    """The version of a row: later content of the same lane always has a higher one."""
    return (generation << _OFFSET_BITS) + offset
