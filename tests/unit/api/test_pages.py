"""The pages load nothing from elsewhere."""

import re
from pathlib import Path

import pytest

import api

PAGES = sorted((Path(api.__file__).parent / "pages").glob("*.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_a_page_needs_nothing_but_itself(page: Path) -> None:
    text = page.read_text()
    loaded = re.findall(r"""(?:src|@import|url\()\s*=?\s*["']?([^"')\s>]+)|<link[^>]+href=["']?([^"'>\s]+)""", text)
    assert [found for pair in loaded for found in pair if found and not found.startswith("data:")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_what_strangers_wrote_is_text_and_never_markup(page: Path) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", page.read_text())
