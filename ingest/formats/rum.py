"""`POST /api/v1/rum`: the SDK's batch, or without `v` the plain shape."""

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from ingest.draft import Decoded, Request
from ingest.formats import plain, rum_batch
from ingest.json_body import read
from ingest.refusal import Refusal
from schemas.drop_reasons import DropReason


class Probe(msgspec.Struct):
    """Enough of a body to tell the shapes apart."""

    v: msgspec.Raw | UnsetType = UNSET


_PROBE: Final = msgspec.json.Decoder(Probe)


def decode(body: bytes, request: Request) -> Decoded:
    """The beacons of either shape.

    Raises:
        Refusal: MALFORMED.
    """
    probe = read(_PROBE, body)
    if probe.v is UNSET:
        return plain.decode(body, request)
    if bytes(probe.v).strip() != b"1":
        told = bytes(probe.v)[:16].decode("utf-8", "replace")
        raise Refusal(DropReason.MALFORMED, f"version {told!r} of the batch is not known, known is 1 - at `$.v`")
    return rum_batch.decode(body, request)
