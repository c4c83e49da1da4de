"""Whether a server answers."""

import aiohttp
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from rumstream.supervisor.part import Check

_TIMEOUT = aiohttp.ClientTimeout(total=2)


def http_ok(url: str) -> Check:
    """A check that a GET is answered with 200."""

    async def check() -> bool:
        try:
            async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(url) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    return check


def kafka_answers(bootstrap: str) -> Check:
    """A check that Kafka answers with its metadata."""

    async def check() -> bool:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=2_000)
        try:
            await admin.start()
            return bool(await admin.list_topics() is not None)
        except (KafkaError, OSError):
            return False
        finally:
            await admin.close()

    return check
