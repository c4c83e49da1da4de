"""What a lane remembers: sessions, page views, windows and its own place, and how they are stored.

A stored record is one version byte and MessagePack with structs as arrays. A record of another version is refused by
name, never misread.
"""

from typing import Final, Generic, TypeVar

import msgspec

STATE_VERSION: Final = 2

Worst = tuple[int, float, str]
"""How bad a vital is: severity of its rating (0: none), value over the threshold of poor, name. Compares by these."""

NOTHING_BAD: Final[Worst] = (0, 0.0, "")


class Tracked(msgspec.Struct, array_like=True, gc=False):
    """A measurement that later reports may correct, by its metric id.

    ``window`` is the key of the window that counts it. ``ts``, ``seq`` and ``value`` (None: a mere count) are those of
    its latest report and say what it is; ``first`` is the (ts, seq, value) of its earliest report where that is another
    one, and says where it belongs. Of reports that add, ``value`` is the sum so far. Ties go to the lower window key
    and to the higher weight, so that the order of arrival never decides.
    """

    window: bytes
    ts: int
    seq: int
    value: float | None
    weight: int
    first: tuple[int, int, float] | None = None


class PageView(msgspec.Struct, array_like=True, gc=False):
    """The measurements of one page view within one session, by metric name and id."""

    tracked: dict[str, Tracked] = {}


class Segment(msgspec.Struct, array_like=True, gc=False):
    """One session. Times in ms; ``opened_at`` never changes; ``weight`` is the lowest of its beacons.

    ``cause``: an error or poor vital keeps it raw.
    ``pages`` maps each page view (hashed) to its worst vital (None: it was corrected, look anew); the measurements are
    in records of their own, ``tracked`` of them in all. ``held`` names the lines held back: append time and offset of
    the block, place in it.
    """

    opened_at: int
    first_ts: int
    last_ts: int
    environment: str
    source: str
    protocol: str
    release: str
    device: str
    browser: str
    os: str
    country: str
    connection: str
    user_hash: str
    previous_session: str
    weight: int
    entry_route: str = ""
    exit_route: str = ""
    views: int = 0
    events: int = 0
    errors: int = 0
    duplicates: int = 0
    engaged_ms: int = 0
    cause: bool = False
    tracked: int = 0
    pages: dict[int, Worst | None] = {}
    held: list[tuple[int, int, int]] = []


class Visit(msgspec.Struct, array_like=True, gc=False):
    """All a lane knows under one (site, session id): its open and recent sessions, oldest first.

    ``beacons`` maps each beacon id seen (hashed) to its received_at; ``urls`` each url (hashed) of a client without
    metric ids to its number of views and the once-a-view metrics seen in the last.
    """

    site: str
    session_id: str
    segments: list[Segment] = []
    beacons: dict[int, int] = {}
    urls: dict[str, list[int]] = {}

    @property
    def last_ts(self) -> int:
        """The latest event time of any session, 0 for none."""
        return max((s.last_ts for s in self.segments), default=0)


class HeldBlock(msgspec.Struct, array_like=True, gc=False):
    """What was held back of a block until a session gives cause to keep it: encoded samples of weight 0, packed."""

    packed: bytes


class LedgerMinute(msgspec.Struct, array_like=True, gc=False):
    """What became of the events received in one minute for one site; ``accepted`` is the sum of the outcomes."""

    site: str
    minute: int
    accepted: int = 0
    outcomes: dict[str, int] = {}


class Roster(msgspec.Struct, array_like=True, gc=False):
    """Which values of a dimension are told apart: ``admitted`` and those ``waiting``, with their count this hour."""

    admitted: dict[str, int] = {}
    waiting: dict[str, int] = {}


class SiteCaps(msgspec.Struct, array_like=True, gc=False):
    """A site's rosters, the hour (of the watermark) they count, and the series opened in each recent window."""

    site: str
    hour: int = 0
    routes: Roster = msgspec.field(default_factory=Roster)
    names: Roster = msgspec.field(default_factory=Roster)
    releases: Roster = msgspec.field(default_factory=Roster)
    windows: dict[int, int] = {}


class LaneRecord(msgspec.Struct, array_like=True):
    """The lane's own record, written last in every checkpoint.

    ``offset`` is that of the last block applied (-1: none). ``birth`` names the life of this state, so that a local
    store never continues another one. ``visits``, ``windows`` and ``ledger`` are the keys whose rows were not yet
    emitted. ``bad_runs`` is the moving count of refused lines (core/bad_share.py).
    """

    birth: str
    offset: int = -1
    watermark: int = 0
    visits: list[bytes] = []
    windows: list[bytes] = []
    ledger: list[bytes] = []
    bad_runs: list[tuple[int, int]] = []


class StateVersionError(Exception):
    """A state record was written by another rumstream, of another version of the state."""


T = TypeVar("T", bound=msgspec.Struct)


class Codec(Generic[T]):
    """Encodes and decodes one kind of record."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind.__name__
        self._encode = msgspec.msgpack.Encoder().encode
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)

    def encode(self, record: T) -> bytes:
        """The stored form."""
        return _VERSION + self._encode(record)

    def decode(self, stored: bytes) -> T:
        """The record of a stored form.

        Raises:
            StateVersionError: it is of another version.
            msgspec.DecodeError: it is damaged.
        """
        if stored[0] != STATE_VERSION:
            raise StateVersionError(
                f"{self._kind} record of state version {stored[0]}, this rumstream knows {STATE_VERSION}: run the "
                f"{'newer' if stored[0] > STATE_VERSION else 'older'} version, or start a new generation"
            )
        return self._decoder.decode(memoryview(stored)[1:])


_VERSION: Final = bytes((STATE_VERSION,))
