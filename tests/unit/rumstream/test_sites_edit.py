"""The sites file is edited whole or not at all, and what others wrote in it stays."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.sites_file import SitesError, read_sites
from rumstream.cli import app
from rumstream.operate.sites_edit import add_site, masked, new_key, rotate_key

WRITTEN = """\
# who may send
sites:
  shop: # the shop
    keys: ["rk_shop_key_1"] # of 2026
    origins:
      - https://shop.example # main
    tracking_signals: off
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "sites.yaml"
    found.write_text(WRITTEN, "utf-8")
    return found


def test_a_new_file_can_be_used_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sites.yaml"
    add_site(path, "shop", "rk_shop_key_1", ["https://shop.example"])
    add_site(path, "blog", "rk_blog_key_1", [])
    sites = read_sites(path)
    assert {name: (rules.keys, rules.origins) for name, rules in sites.items()} == {
        "shop": (["rk_shop_key_1"], ["https://shop.example"]),
        "blog": (["rk_blog_key_1"], []),
    }
    assert path.stat().st_mode & 0o007 == 0


def test_an_edit_keeps_comments_and_what_it_does_not_change(path: Path) -> None:
    path.chmod(0o604)
    add_site(path, "blog", "rk_blog_key_1", [])
    assert rotate_key(path, "shop", "rk_shop_key_2", end_grace=False) == 2
    text = path.read_text("utf-8")
    for written in ("# who may send", "# the shop", "# of 2026", "# main", "tracking_signals: off"):
        assert written in text
    assert path.stat().st_mode & 0o777 == 0o604
    assert [p.name for p in path.parent.iterdir()] == ["sites.yaml"]


def test_a_rotation_has_a_grace_period_that_ends_when_told(path: Path) -> None:
    rotate_key(path, "shop", "rk_shop_key_2", end_grace=False)
    assert read_sites(path)["shop"].keys == ["rk_shop_key_2", "rk_shop_key_1"]
    assert rotate_key(path, "shop", "rk_unused_key", end_grace=True) == 1
    assert read_sites(path)["shop"].keys == ["rk_shop_key_2"]


@pytest.mark.parametrize(
    ("site", "key", "origin", "said"),
    [
        ("shop", "rk_other_key", "https://a.example", "already"),
        ("blog", "rk_shop_key_1", "https://a.example", "belongs to one site"),
        ("blog", "rk_blog_key_1", "https://a.example/", "no origin"),
        ("a b", "rk_blog_key_1", "https://a.example", "an id is"),
    ],
)
def test_what_would_break_the_file_is_not_written(path: Path, site: str, key: str, origin: str, said: str) -> None:
    with pytest.raises(SitesError, match=said):
        add_site(path, site, key, [origin])
    assert path.read_text("utf-8") == WRITTEN
    with pytest.raises(SitesError, match="no site 'nobody'; there are: shop"):
        rotate_key(path, "nobody", key, end_grace=False)


def test_a_broken_file_is_left_to_its_owner(path: Path) -> None:
    path.write_text("sites: [", "utf-8")
    with pytest.raises(SitesError, match="YAML"):
        add_site(path, "blog", "rk_blog_key_1", [])
    assert path.read_text("utf-8") == "sites: ["


def test_edits_at_once_are_all_made(path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: add_site(path, f"site-{n}", f"rk_key_of_{n}", []), range(12)))
    assert set(read_sites(path)) == {"shop", *(f"site-{n}" for n in range(12))}


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    add_site(link, "blog", "rk_blog_key_1", [])
    assert link.is_symlink()
    assert "blog" in read_sites(path)


def test_keys_are_long_and_shown_only_in_part() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(len(key) >= 32 and len(masked(key)) < 8 for key in keys)
    assert masked("short678") == "…"


def test_the_commands_show_a_key_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sites.yaml"
    monkeypatch.setenv("RUMSTREAM_SITES", str(path))
    run = CliRunner()
    added = run.invoke(app, ["site", "add", "shop", "--origin", "https://shop.example"])
    assert added.exit_code == 0
    key = added.output.rpartition("key: ")[2].strip()
    assert read_sites(path)["shop"].keys == [key]
    listed = run.invoke(app, ["site", "list"])
    assert "shop" in listed.output
    assert "https://shop.example" in listed.output
    assert key not in listed.output
    rotated = run.invoke(app, ["site", "rotate-key", "shop"])
    assert read_sites(path)["shop"].keys == [rotated.output.split()[1], key]
    assert run.invoke(app, ["site", "rotate-key", "shop", "--end-grace"]).exit_code == 0
    assert read_sites(path)["shop"].keys == [rotated.output.split()[1]]
    refused = run.invoke(app, ["site", "add", "shop"])
    assert refused.exit_code == 78
    assert "already" in refused.output


def test_the_commands_ask_for_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RUMSTREAM_SITES", raising=False)
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(app, ["site", "list"])
    assert refused.exit_code == 2
    assert "RUMSTREAM_SITES" in refused.output
