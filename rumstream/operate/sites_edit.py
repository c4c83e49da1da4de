"""Changes of a sites file: comments stay, and nobody ever reads half a file."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from ingest.sites_file import SiteRules, SitesError, parse_sites, read_sites

_MODE: Final = 0o640
_HEAD: Final = (
    '# Sites and their rules: docs/collector.md, "The sites file". Collectors take changes over by themselves.\n'
)
_WIDTH: Final = 4_096
_SHOWN: Final = 6

Sites = dict[str, SiteRules]


def new_key() -> str:
    """A key nobody guesses: 192 random bits."""
    return f"rk_{secrets.token_urlsafe(24)}"


def masked(key: str) -> str:
    """Enough of a key to tell it from others."""
    return f"{key[:_SHOWN]}…" if len(key) > 2 * _SHOWN else "…"


def add_site(path: Path, site_id: str, key: str, origins: list[str]) -> None:
    """Add a site; the file is made where there is none.

    Raises:
        SitesError: there is such a site, the file cannot be used, or would not be usable with it.
    """

    def add(sites: Any, known: Sites) -> None:
        if site_id in known:
            raise SitesError(str(path), f"has a site {site_id} already: `rumstream site rotate-key` gives it a new key")
        sites[site_id] = CommentedMap({"keys": [key], "origins": origins})

    _edit(path, add, may_begin=True)


def rotate_key(path: Path, site_id: str, key: str, end_grace: bool) -> int:
    """Put a new key before the site's others, or with ``end_grace`` only remove all but the first.

    Returns:
        How many keys the site has then.

    Raises:
        SitesError: there is no such site, the file cannot be used, or the site would have too many keys.
    """
    left: list[int] = []

    def rotate(sites: Any, known: Sites) -> None:
        if site_id not in known:
            there = ", ".join(known) or "none"
            raise SitesError(str(path), f"has no site {site_id!r}; there are: {there}")
        keys = sites[site_id]["keys"]
        if end_grace:
            del keys[1:]
        else:
            keys.insert(0, key)
        left.append(len(keys))

    _edit(path, rotate, may_begin=False)
    return left[0]


def _edit(path: Path, change: Callable[[Any, Sites], None], may_begin: bool) -> None:
    path = path.resolve()
    with _alone(path):
        is_new = may_begin and not path.exists()
        known = {} if is_new else read_sites(path)
        yaml = YAML()
        yaml.preserve_quotes, yaml.width = True, _WIDTH
        yaml.indent(mapping=2, sequence=4, offset=2)
        document = yaml.load(_HEAD + "sites: {}\n" if is_new else path.read_text("utf-8"))
        if is_new:
            document["sites"] = CommentedMap()
        change(document["sites"], known)
        text = StringIO()
        yaml.dump(document, text)
        parse_sites(text.getvalue(), str(path))
        _replace(path, text.getvalue(), _MODE if is_new else path.stat().st_mode & 0o777)


def _replace(path: Path, text: str, mode: int) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise SitesError(str(path), f"cannot be written ({error})") from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One edit at a time: a lock on the folder, which leaves nothing behind."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise SitesError(str(path), f"its folder cannot be opened ({error})") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
