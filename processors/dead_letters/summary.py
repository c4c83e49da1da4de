"""Dead letters counted by reason and site."""

from dataclasses import dataclass
from typing import Final

from processors.dead_letters.scan import Found

GROUPS: Final = 1_000
OTHERS: Final = "__other__"


@dataclass
class Group:
    """Letters of one reason and site; times in ms as written to Kafka. ``whole`` can be replayed."""

    reason: str
    site: str
    first_at: int
    newest: Found
    count: int = 0
    whole: int = 0


class Summary:
    """Counts letters, of any number, in bounded memory: sites beyond GROUPS pairs are one, ``__other__``."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], Group] = {}

    def add(self, found: Found) -> None:
        """Count a letter."""
        letter = found.letter
        key = (letter.reason, letter.site)
        if key not in self._groups and len(self._groups) >= GROUPS:
            key = (letter.reason, OTHERS)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(*key, found.written_at, found)
        group.count += 1
        group.whole += letter.whole
        group.first_at = min(group.first_at, found.written_at)
        if found.written_at >= group.newest.written_at:
            group.newest = found

    def groups(self) -> list[Group]:
        """The groups, the largest first."""
        return sorted(self._groups.values(), key=lambda group: (-group.count, group.reason, group.site))
