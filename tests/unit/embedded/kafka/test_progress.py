"""The fetch is never silent: a line at the start and at the end even where there is no terminal."""

import io

from rich.console import Console

from embedded.kafka.progress import FetchProgress


def lines(*, terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=120)
    with FetchProgress("Fetching", 2_000_000, 2, console) as progress:
        for name in ("a.jar", "b.jar"):
            with progress.file(name, 1_000_000) as count:
                count(400_000)
                count(600_000)
            progress.arrived(1_000_000)
    return out.getvalue()


def test_plain_lines_without_a_terminal() -> None:
    first, *_, last = lines(terminal=False).splitlines()
    assert first == "Fetching: 0 of 2 MB, 0 of 2 files"
    assert last == "Fetching: done, 2 MB"


def test_a_bar_on_a_terminal_reaches_its_end() -> None:
    assert "2.0/2.0 MB" in lines(terminal=True)
