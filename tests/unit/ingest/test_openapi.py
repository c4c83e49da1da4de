"""The OpenAPI document tells every beacon route, and every answer it can give."""

import json
import re
from pathlib import Path

import pytest

import ingest.formats
from ingest.draft import Decoded
from ingest.formats import ROUTES
from ingest.formats.boomerang_parameters import PARAMETERS
from ingest.openapi import document
from ingest.problems import reasons_by_status
from schemas.drop_reasons import DropReason

FORMATS = Path(ingest.formats.__file__).parent
MADE = document({"openapi": "3.1.0", "paths": {"/healthz": {}}, "components": {"schemas": {"Health": {}}}})


def test_it_keeps_what_fastapi_tells() -> None:
    assert MADE["paths"].keys() == {"/healthz", *ROUTES}
    assert "Health" in MADE["components"]["schemas"]


@pytest.mark.parametrize("path", sorted(ROUTES))
def test_every_method_has_its_input_and_all_answers(path: str) -> None:
    route = ROUTES[path]
    told = MADE["paths"][path]
    assert told.keys() == {method.lower() for method in route.methods}
    for method, operation in told.items():
        assert set(operation["responses"]) == {
            str(route.accepted({}, Decoded()).status),
            *map(str, reasons_by_status()),
        }
        assert operation["parameters"] if method == "get" else operation["requestBody"]["content"]


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(MADE)
    wanted = {piece.partition('"')[0] for piece in text.split('"#/components/schemas/')[1:]}
    assert wanted <= MADE["components"]["schemas"].keys()


def test_a_request_is_refused_only_for_reasons_with_a_status() -> None:
    told = {reason for reasons in reasons_by_status().values() for reason in reasons}
    assert {DropReason.MALFORMED, DropReason.NOT_DURABLE, DropReason.OVERLOADED} <= told <= set(DropReason)


def test_the_parameters_of_boomerang_are_those_that_its_decoder_reads() -> None:
    sources = [f.read_text("utf-8") for f in FORMATS.glob("boomerang*.py") if f.name != "boomerang_parameters.py"]
    read = set(re.findall(r'"([a-z]+(?:[._][a-z]+)*)"', "".join(sources)))
    assert set(PARAMETERS) <= read | {"r", "n", "u"}
    assert {name for name in read if name.startswith(("nt_", "pt.", "et.", "c.", "rt.", "mob.", "mem."))} <= set(
        PARAMETERS
    )
