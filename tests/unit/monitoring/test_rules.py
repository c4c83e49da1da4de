"""Rules and scrape configuration speak of metrics that exist."""

import re
from pathlib import Path

import pytest
import yaml

from schemas import metric_catalogue
from schemas.metric_catalogue import MetricSpec

FOLDER = Path(__file__).parents[3] / "monitoring" / "prometheus"
NAMES = {spec.name for spec in vars(metric_catalogue).values() if isinstance(spec, MetricSpec)}
RULES = [
    pytest.param(rule, id=rule["alert"])
    for path in sorted(FOLDER.glob("rules/*.yml"))
    for group in yaml.safe_load(path.read_text())["groups"]
    for rule in group["rules"]
]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_uses_only_metrics_of_the_catalogue(rule: dict[str, str]) -> None:
    used = set(re.findall(r"\brum_\w+", rule["expr"]))
    assert used
    assert used <= NAMES


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["action"]
    assert rule["labels"]["severity"] in {"page", "ticket"}


def test_every_metric_has_one_name_of_ours() -> None:
    specs = [spec for spec in vars(metric_catalogue).values() if isinstance(spec, MetricSpec)]
    assert len(NAMES) == len(specs)
    assert all(name.startswith("rum_") for name in NAMES)
    assert all(spec.name.endswith("_total") == (spec.kind == "counter") for spec in specs)
