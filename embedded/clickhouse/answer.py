"""Sends an answer with the headers and, if it breaks in the middle, the closing words that ClickHouse has for it."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Final

import orjson
from starlette.responses import PlainTextResponse, Response
from starlette.types import Send

from embedded.clickhouse.coding import Compressor, choose
from embedded.clickhouse.engine import Answer
from embedded.clickhouse.exceptions import EngineError
from embedded.clickhouse.hands import Hands

_NAME: Final = "embedded"
_BINARY: Final = "application/octet-stream"


@dataclass(frozen=True)
class Server:
    """What every answer says about the server; ``content_types`` per format."""

    version: str
    timezone: str
    content_types: Mapping[str, str]

    def headers(self, query_id: str) -> dict[str, str]:
        """Headers of any answer to a query."""
        return {
            "X-ClickHouse-Server-Display-Name": _NAME,
            "X-ClickHouse-Timezone": self.timezone,
            "X-ClickHouse-Query-Id": query_id,
        }

    def refusal(self, error: EngineError, query_id: str) -> Response:
        """An exception that came before the first byte of an answer."""
        headers = self.headers(query_id) | {"X-ClickHouse-Exception-Code": str(error.code)}
        return PlainTextResponse(error.text(self.version), error.status, headers)


async def send_answer(answer: Answer, server: Server, query_id: str, accepted: str, hands: Hands, send: Send) -> None:
    """Send it, packed as the Accept-Encoding header ``accepted`` asks; the answer is closed afterwards."""
    told = {name: str(value) for name, value in asdict(answer.summary).items()}
    headers = server.headers(query_id) | {
        "X-ClickHouse-Format": answer.format,
        "X-ClickHouse-Summary": orjson.dumps(told | {"total_rows_to_read": "0"}).decode(),
        "Content-Type": server.content_types.get(answer.format, _BINARY),
    }
    coding = choose(accepted)
    packer = None
    if coding is not None:
        headers["Content-Encoding"], packer = coding
    if answer.whole:
        await _send_whole(answer, headers, packer, hands, send)
    else:
        await _send_stream(answer, headers, packer, server.version, hands, send)


async def _send_whole(
    answer: Answer, headers: dict[str, str], packer: Compressor | None, hands: Hands, send: Send
) -> None:
    body = b"".join(answer.pieces) if packer is None else await hands.do(partial(_pack_all, answer.pieces, packer))
    headers["Content-Length"] = str(len(body))
    await _start(headers, send)
    await send({"type": "http.response.body", "body": body})


async def _send_stream(
    answer: Answer, headers: dict[str, str], packer: Compressor | None, version: str, hands: Hands, send: Send
) -> None:
    tag = secrets.token_hex(8)
    headers["X-ClickHouse-Exception-Tag"] = tag
    await _start(headers, send)
    try:
        while (piece := await hands.do(partial(_next, answer.pieces, packer))) is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": packer.flush() if packer else b""})
    except EngineError as error:
        said = error.text(version).encode()
        block = b"\r\n__exception__\r\n%b\r\n%b%d %b\r\n__exception__\r\n" % (
            tag.encode(),
            said,
            len(said),
            tag.encode(),
        )
        last = packer.compress(block) + packer.flush() if packer else block
        # There is no last piece: HTTP itself then tells any client that the answer is not whole.
        await send({"type": "http.response.body", "body": last, "more_body": True})
    finally:
        await hands.do(answer.close, to_the_end=True)


async def _start(headers: Mapping[str, str], send: Send) -> None:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200, "headers": raw})


def _next(pieces: Iterator[bytes], packer: Compressor | None) -> bytes | None:
    piece = next(pieces, None)
    return piece if piece is None or packer is None else packer.compress(piece)


def _pack_all(pieces: Iterator[bytes], packer: Compressor) -> bytes:
    return b"".join([*map(packer.compress, pieces), packer.flush()])
