"""Creates the topics of a generation, as `rumstream topics create`."""

from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError, for_code
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from schemas.topics import Topic, topics

_TIMEOUT_MS: Final = 30_000
_ALREADY_EXISTS: Final = 36
"""TOPIC_ALREADY_EXISTS: somebody else was first, between our look and our call (Kafka protocol, error codes)."""


class TopicsError(Exception):
    """The topics are not what this configuration needs; the message says which and what to do."""


async def create_topics(bootstrap: str, lanes: int, generation: int, replication: int = 1) -> list[str]:
    """Create what is missing, with one partition a lane where the contract says so; returns the names created.

    Each partition gets ``replication`` copies. Running it again changes nothing.

    Raises:
        TopicsError: a topic exists with another number of partitions, or Kafka refused one.
        aiokafka.errors.KafkaError: Kafka does not answer.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS)
    await admin.start()
    try:
        wanted = {topic.name: topic for topic in topics(generation)}
        existing = set(await admin.list_topics())
        missing = [topic for name, topic in wanted.items() if name not in existing]
        if missing:
            await _create(admin, missing, lanes, replication)
        await _check_partitions(admin, wanted, lanes, generation)
        return [topic.name for topic in missing]
    finally:
        await admin.close()


def _partitions(topic: Topic, lanes: int) -> int:
    return lanes if topic.per_lane else 1


async def _create(admin: AIOKafkaAdminClient, missing: list[Topic], lanes: int, replication: int) -> None:
    new = [
        NewTopic(topic.name, _partitions(topic, lanes), replication, topic_configs=topic.config) for topic in missing
    ]
    response = await admin.create_topics(new)
    for name, code, *why in response.topic_errors:
        if code not in (0, _ALREADY_EXISTS):
            detail = why[0] if why and why[0] else for_code(code).__name__
            raise TopicsError(f"Kafka refused to create the topic {name}: {detail}")


async def _check_partitions(admin: AIOKafkaAdminClient, wanted: dict[str, Topic], lanes: int, generation: int) -> None:
    for found in await _described(admin, list(wanted)):
        name, has = found["topic"], len(found["partitions"])
        needs = _partitions(wanted[name], lanes)
        if has != needs:
            raise TopicsError(
                f"the topic {name} has {has} partitions, but {needs} are configured (RUMSTREAM_LANES={lanes}). "
                f"The number of lanes belongs to a generation: set RUMSTREAM_LANES={has} to go on with generation "
                f"{generation}, or RUMSTREAM_GENERATION={generation + 1} for new topics beside these"
            )


@retry(
    retry=retry_if_exception_type(UnknownTopicOrPartitionError),  # created, but this broker has not heard of it yet
    stop=stop_after_delay(_TIMEOUT_MS / 1000),
    wait=wait_fixed(0.1),
    reraise=True,
)
async def _described(admin: AIOKafkaAdminClient, names: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await admin.describe_topics(names)
    for topic in found:
        if topic["error_code"]:
            raise for_code(topic["error_code"])(topic["topic"])
    return found
