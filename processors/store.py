"""The local store: a RocksDB cache of a lane's part of `rum.state` (design section 6, Exactly once, 2)."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from rocksdict import BlockBasedOptions, Cache, DBCompressionType, Options, Rdict, WriteBatch, WriteOptions

_STAMP_KEY: Final = b"\x00stamp"
_LOG_BYTES: Final = 4 * 1024 * 1024
_MEMTABLE_BYTES: Final = 16 * 1024 * 1024
_MEMTABLE_BLOOM: Final = 0.05
"""Most keys asked for are new: filters say so, in the memtable (this share of it) and in the tables."""

_CACHE_BYTES: Final = 16 * 1024 * 1024


class Stamp(msgspec.Struct, array_like=True):
    """Up to where the store follows `rum.state`.

    ``birth`` names the state's life, ``record_offset`` is the changelog offset of the last lane record it holds,
    ``at`` the wall clock of that checkpoint in ms.
    """

    birth: str
    generation: int
    record_offset: int
    at: int


class LaneStore:
    """Keys and records of one lane on local disk. One process at a time (RocksDB's lock)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writes = WriteOptions()
        self._writes.disable_wal = True  # a crash loses the newest batches, whole ones; `rum.state` has them
        self._open()

    def _open(self) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_write_buffer_size(_MEMTABLE_BYTES)
        options.set_memtable_whole_key_filtering(True)
        options.set_memtable_prefix_bloom_ratio(_MEMTABLE_BLOOM)
        options.set_compression_type(DBCompressionType.lz4())
        tables = BlockBasedOptions()
        tables.set_bloom_filter(10, False)
        tables.set_block_cache(Cache(_CACHE_BYTES))
        tables.set_cache_index_and_filter_blocks(True)
        options.set_block_based_table_factory(tables)
        options.set_max_log_file_size(_LOG_BYTES)
        options.set_keep_log_file_num(2)
        self._db = Rdict(str(self._path), options)

    def get(self, key: bytes) -> bytes | None:
        """The stored record, None where there is none."""
        return self._db.get(key)  # type: ignore[no-any-return]

    def keys(self, low: bytes, high: bytes) -> Iterator[bytes]:
        """The keys in [low, high), in order. Do not write while iterating."""
        cursor = self._db.iter()
        cursor.seek(low)
        while cursor.valid() and (key := cursor.key()) < high:
            yield key
            cursor.next()

    def stamp(self) -> Stamp | None:
        """The stamp, None for a store that is new or was never finished."""
        stored = self._db.get(_STAMP_KEY)
        return None if stored is None else msgspec.msgpack.decode(stored, type=Stamp)

    def write(self, changes: Iterable[tuple[bytes, bytes | None]], stamp: Stamp | None = None) -> None:
        """Apply changes (None deletes) and the stamp as one WriteBatch: all or nothing."""
        batch = WriteBatch(raw_mode=True)
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        if stamp is not None:
            batch.put(_STAMP_KEY, msgspec.msgpack.encode(stamp))
        self._db.write(batch, self._writes)

    def wipe(self) -> None:
        """Forget everything: the changelog has it."""
        self.close()
        shutil.rmtree(self._path)
        self._open()

    def close(self) -> None:
        """Let go of the lock."""
        self._db.close()
