"""What is there in Kafka, for those who look in from outside."""

from aiokafka import AIOKafkaConsumer


class NotThereError(Exception):
    """What was asked for is not there; the message says what, and what to do."""


async def partitions_of(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    """The partitions of a topic, in order.

    Raises:
        NotThereError: Kafka has no such topic.
        KafkaError: the broker can't be read.
    """
    if topic not in await consumer.topics():
        raise NotThereError(f"Kafka has no topic {topic}: see RUMSTREAM_GENERATION, and `rumstream topics create`")
    return sorted(consumer.partitions_for_topic(topic))
