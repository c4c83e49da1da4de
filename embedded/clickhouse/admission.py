"""How many queries may be here at once, and that no two of them have one id."""

from collections.abc import Iterator
from contextlib import contextmanager

from embedded.clickhouse.exceptions import raised


class Admission:
    """Places for ``limit`` queries, running or waiting; for one event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._here: set[str] = set()

    @contextmanager
    def place(self, query_id: str) -> Iterator[None]:
        """A query's place while it is here.

        Raises:
            EngineError: TOO_MANY_SIMULTANEOUS_QUERIES, QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING.
        """
        if query_id in self._here:
            raise raised("QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", f"Query with id = {query_id} is already running")
        if len(self._here) >= self._limit:
            said = f"Too many simultaneous queries. Maximum: {self._limit}, running or waiting; try again"
            raise raised("TOO_MANY_SIMULTANEOUS_QUERIES", said)
        self._here.add(query_id)
        try:
            yield
        finally:
            self._here.discard(query_id)
