"""Bodies are read within their limits."""

import asyncio

import pytest

from ingest.admission import Budget
from ingest.body import Body, Disconnected
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason

CAP = 1_000


class Client:
    """Sends pieces of a body, then hangs or goes away."""

    def __init__(self, *pieces: bytes, ends: bool = True, leaves: bool = False) -> None:
        self._pieces, self._ends, self._leaves = list(pieces), ends, leaves

    async def receive(self) -> dict[str, object]:
        if self._pieces:
            piece = self._pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self._pieces) or not self._ends}
        if self._leaves:
            return {"type": "http.disconnect"}
        await asyncio.Event().wait()
        raise AssertionError


async def read(client: Client, declared: int | None = None, budget: Budget | None = None) -> bytes:
    return await Body(client.receive, budget or Budget(10_000), CAP).read(declared, deadline_s=0.05)


async def reason(client: Client, declared: int | None = None, budget: Budget | None = None) -> DropReason:
    with pytest.raises(Refusal) as refused:
        await read(client, declared, budget)
    return refused.value.reason


@pytest.mark.parametrize("pieces", [[b"x" * CAP], [b"x"] * CAP, [b"", b"x" * CAP, b""]])
async def test_a_body_at_the_cap_is_whole(pieces: list[bytes]) -> None:
    assert await read(Client(*pieces)) == b"x" * CAP


@pytest.mark.parametrize("pieces", [[b"x" * (CAP + 1)], [b"x" * CAP, b"x"], [b"x"] * (CAP + 1)])
async def test_one_byte_more_is_too_large(pieces: list[bytes]) -> None:
    assert await reason(Client(*pieces)) is DropReason.TOO_LARGE


async def test_a_declared_flood_is_not_even_read() -> None:
    assert await reason(Client(ends=False), declared=CAP * 4 + 1) is DropReason.TOO_LARGE


async def test_an_endless_body_is_not_read_to_its_end() -> None:
    assert await reason(Client(*[b"x" * CAP] * 6, ends=False)) is DropReason.TOO_LARGE


@pytest.mark.parametrize("pieces", [[], [b"x"], [b"x"] * 3])
async def test_a_body_that_does_not_come_is_timed_out(pieces: list[bytes]) -> None:
    assert await reason(Client(*pieces, ends=False)) is DropReason.BODY_TIMEOUT


async def test_a_client_that_leaves_needs_no_answer() -> None:
    with pytest.raises(Disconnected):
        await read(Client(b"x", ends=False, leaves=True))


async def test_what_is_held_is_bounded_and_given_back() -> None:
    budget = Budget(CAP)
    first = Body(Client(b"x" * CAP).receive, budget, CAP)
    await first.read(None, 1)
    assert budget.used == CAP
    assert await reason(Client(b"x"), budget=budget) is DropReason.OVERLOADED
    assert budget.used == CAP
    first.release()
    assert budget.used == 0
    assert await read(Client(b"x"), budget=budget) == b"x"
