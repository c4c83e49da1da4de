"""What workers wrote, beside what the pure core makes of the same blocks without any fault."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from schemas.ledger import ledger_key
from schemas.rollup import rollup_key
from schemas.session import session_key
from tests.lab.lane import Lab
from tests.lab.topic_contents import newest_ledger, newest_rollups, newest_sessions, sample_lines

Rows = dict[str, dict[Any, Any]]
"""Topic to its rows: the newest of each key, without versions; of samples each line with how often it is there."""


@dataclass
class Verdict:
    """How many rows are as they must be, and what is wrong with each other."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)

    def check(self, good: bool, otherwise: str) -> None:
        if good:
            self.passed += 1
        else:
            self.failed.append(otherwise)


def expected(labs: Iterable[Lab]) -> Rows:
    """The rows of the n-th lab are those of partition n."""
    rows: Rows = {"windows": {}, "sessions": {}, "ledger": {}, "samples": {}}
    for n, lab in enumerate(labs):
        rows["windows"] |= {(n, rollup_key(r)): r for r in lab.windows()}
        rows["sessions"] |= {(n, session_key(s.site, s.session_id, s.opened_at)): s for s in lab.visits()}
        rows["ledger"] |= {(n, ledger_key(r)): r for r in lab.minutes()}
        rows["samples"] |= _counted((n, line) for line in lab.samples)
    return rows


async def written(bootstrap: str, generation: int, lanes: int) -> Rows:
    """What is committed in the topics now."""
    return {
        "windows": await newest_rollups(bootstrap, generation, lanes),
        "sessions": await newest_sessions(bootstrap, generation, lanes),
        "ledger": await newest_ledger(bootstrap, generation, lanes),
        "samples": _counted(await sample_lines(bootstrap, generation, lanes)),
    }


def compare(want: Rows, got: Rows) -> Verdict:
    """Row by row, bit for bit: one check for each row that is in either."""
    verdict = Verdict()
    for topic, rows in want.items():
        for key in {**rows, **got[topic]}:
            wanted, found = rows.get(key), got[topic].get(key)
            verdict.check(wanted == found, f"{topic} {key!r}:\n  wanted {wanted!r}\n  found  {found!r}")
    return verdict


def _counted(lines: Iterable[tuple[int, bytes]]) -> dict[Any, Any]:
    return dict(Counter(lines))
