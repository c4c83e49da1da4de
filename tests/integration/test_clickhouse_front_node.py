"""The npm library @clickhouse/client on the embedded engine as on a server."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.lab.node import node

pytestmark = pytest.mark.integration

HERE = Path(__file__).parent
BROWSER = HERE.parent.parent / "browser"


@pytest.fixture(params=["plain", "packed"])
def seen(clickhouse: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    command = [node(), str(HERE / "clickhouse_client" / "exercise.mjs"), clickhouse, request.param]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout) | {"packed": request.param == "packed"}
    return found


def test_the_client_of_node_gets_what_a_server_gives(seen: dict[str, Any]) -> None:
    assert (seen["ping"], seen["selects"]) == ({"success": True}, {"success": True})
    assert seen["written"] == "2"
    assert seen["read"] == [{"a": 1, "b": "it's é\n"}, {"a": 2, "b": ""}]
    assert seen["parameters"] == [{"s": "it's\n\\t", "l": [1, 2]}]
    assert seen["setting"] in ([{"n": 3}], [{"n": "3"}])
    assert seen["json"] == [{"x": 1}]
    assert seen["streamed"] == 300_000
    assert seen["unknown"] == {"known": True, "code": "60", "type": "UNKNOWN_TABLE"}
    if seen["packed"]:  # the client drops the last words of a packed answer that was broken off
        assert seen["broken"]["code"] == "ECONNRESET"
    else:
        assert seen["broken"] == {"known": True, "code": "395", "type": "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"}
