"""The sites file: what is right is taken as it is, what is wrong is said with file, line and field."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.site_rules import site_of, sites_of
from ingest.sites_file import BYTES_MAX, SitesError, parse_sites, rates_of, read_sites

GOOD = """\
# our sites
sites:
  shop:
    keys: [rk_12345678, rk_abcdefgh]
    origins:
      - https://shop.example
      - "https://*.shop.example"
    quota: {beacons_per_s: 500, beacons_burst: 900, events_per_s: 5000}
    sample_rate: 0.25
    assumed_rates: {action: 0.1, resource: 1}
    query_parameters: [page]
    environment: production
    environments: [staging]
    releases: ["2.*"]
    salt: "0123456789abcdef0123456789abcdef"
    tracking_signals: off
    attrs: {deny: [email]}
  blog:
    keys: [rk_blogblog]
"""


def test_what_is_written_is_what_the_site_does() -> None:
    rules = parse_sites(GOOD, "sites.yaml")
    assert list(rules) == ["shop", "blog"]
    shop = site_of("shop", rules["shop"])
    assert shop.origins is not None
    assert shop.origins.allows("https://a.shop.example")
    assert shop.assumed_weights == {"action": 10_000}
    assert (shop.environment, shop.environments, shop.releases) == (
        "production",
        frozenset(("staging",)),
        ("2.*",),
    )
    assert shop.salt is not None
    assert len(shop.salt) == 32
    assert (shop.signals, shop.attrs_deny, shop.attrs_allow) == ("off", frozenset(("email",)), None)
    assert rates_of(rules) == {"shop": 0.25}
    sites = sites_of(rules, 1, 0)
    assert sites.find("rk_12345678", local=False) is sites.find("rk_abcdefgh", local=False)
    assert sites.find("rk_blogblog", local=False).id == "blog"
    assert sites.allow("https://shop.example")
    assert not sites.allow("https://blog.example")


@pytest.mark.parametrize(
    ("right", "wrong", "where", "said"),
    [
        ("beacons_per_s: 500", "beacons_per_s: 0", "8: sites.shop.quota.beacons_per_s", "> 0"),
        ("beacons_per_s: 500", "beacons_per_s: .nan", "8: sites.shop.quota.beacons_per_s", "> 0"),
        ("beacons_per_s: 500", "beacons_per_s: .inf", "8: sites.shop.quota.beacons_per_s", "<= 1"),
        ("beacons_burst: 900", "beacons_burst: 0", "8: sites.shop.quota.beacons_burst", ">= 1"),
        ("origins:", "orgins:", "5: sites.shop.orgins", "unknown field"),
        ("action: 0.1", "action: 1.01", "10: sites.shop.assumed_rates", "<= 1"),
        ("action: 0.1", "click: 0.1", "10: sites.shop.assumed_rates", "'click'"),
        ("sample_rate: 0.25", "sample_rate: 0", "9: sites.shop.sample_rate", "> 0"),
        ("rk_abcdefgh", "12345678", "4: sites.shop.keys[1]", "in quotes"),
        ("rk_abcdefgh", "short", "4: sites.shop.keys[1]", "8 to 128"),
        ("rk_abcdefgh", "rk_12345678", "4: sites.shop.keys[1]", "of site shop already"),
        ("rk_blogblog", "rk_12345678", "19: sites.blog.keys[0]", "of site shop already"),
        ("[rk_blogblog]", "[]", "19: sites.blog.keys", ">= 1"),
        ("    keys: [rk_blogblog]", "    origins: []", "18: sites.blog", "`keys`"),
        ("https://shop.example\n", "https://shop.example/\n", "6: sites.shop.origins[0]", "no origin"),
        ("https://shop.example\n", "null\n", "6: sites.shop.origins[0]", "in quotes"),
        ("https://*.shop", "https://*.com#", "7: sites.shop.origins[1]", "no origin"),
        ("  blog:", "  1:", "18: sites[1]", "in quotes"),
        ("  blog:", "  a/b:", "18: sites.a/b", "letters, digits"),
        ("  blog:", "  shop:", "18", "duplicate key"),
        ("tracking_signals: off", "tracking_signals: on", "16: sites.shop.tracking_signals", "'on'"),
        ("sites:", "site:", "2", "the one field `sites`"),
        ("[page]", "[page", "12", "YAML"),
        ("# our sites", "\x07", "sites.yaml", "YAML"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(right: str, wrong: str, where: str, said: str) -> None:
    assert right in GOOD
    with pytest.raises(SitesError) as error:
        parse_sites(GOOD.replace(right, wrong, 1), "sites.yaml")
    assert where in str(error.value)
    assert said in str(error.value)
    assert str(error.value).startswith("sites.yaml")


def test_no_error_tells_a_secret() -> None:
    twice = GOOD.replace("    salt:", '    salt: "fedcba9876543210fedcba9876543210"\n    salt:')
    short = GOOD.replace("0123456789abcdef0123456789abcdef", "short-salt")
    for text in (twice, short):
        with pytest.raises(SitesError) as error:
            parse_sites(text, "sites.yaml")
        assert not any(secret in str(error.value) for secret in ("fedcba", "01234567", "short-salt"))


@given(st.text() | st.text(st.sampled_from("ab:[]{}-&*!| \n\"'#,?0")))
def test_any_text_is_sites_or_one_clear_error(text: str) -> None:
    try:
        said = str(list(parse_sites(text, "sites.yaml")))
    except SitesError as error:
        said = str(error)
    assert said == "[]" or said.startswith("sites.yaml")


def test_a_file_that_is_not_there_too_large_or_no_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "sites.yaml"
    with pytest.raises(SitesError, match=r"no such file.*site add"):
        read_sites(path)
    path.write_bytes(b"\xff")
    with pytest.raises(SitesError, match="cannot be read"):
        read_sites(path)
    path.write_bytes(b"#" * (BYTES_MAX + 1))
    with pytest.raises(SitesError, match="larger than"):
        read_sites(path)
    path.write_text(GOOD, "utf-8")
    assert list(read_sites(path)) == ["shop", "blog"]


def test_a_new_version_keeps_what_a_quota_has_used_up() -> None:
    rules = parse_sites(GOOD.replace("beacons_burst: 900", "beacons_burst: 2"), "sites.yaml")
    before = sites_of(rules, 1, 0)
    quota = before.by_key["rk_12345678"].quota
    assert quota is not None
    quota.take_beacon(0, "shop")
    after = sites_of(rules, 1, 0, before).by_key["rk_12345678"].quota
    assert after is not None
    after.take_beacon(0, "shop")
    with pytest.raises(Exception, match="quota"):
        after.take_beacon(0, "shop")
