"""What is there in Kafka, for those who look in from outside."""

from aiokafka.admin import AIOKafkaAdminClient


class NotThereError(Exception):
    """What was asked for is not there; the message says what, and what to do."""


async def partitions_of(bootstrap: str, topic: str) -> list[int]:
    """The partitions of a topic, in order. Asks for all topics: to ask for one by name may create it.

    Raises:
        NotThereError: Kafka has no such topic.
        KafkaError: the broker can't be read.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics()
    finally:
        await admin.close()
    for found in described:
        if found["topic"] == topic:
            return sorted(p["partition"] for p in found["partitions"])
    raise NotThereError(f"Kafka has no topic {topic}: see RUMSTREAM_GENERATION, and `rumstream topics create`")
