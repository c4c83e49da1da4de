"""The partitions that a topic has, for those who look in from outside."""

from aiokafka import AIOKafkaConsumer


class NoTopicError(Exception):
    """A topic is not there; the message says which."""


async def partitions_of(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    """The partitions of a topic, in order.

    Raises:
        NoTopicError: Kafka has no such topic.
        KafkaError: the broker can't be read.
    """
    if topic not in await consumer.topics():
        raise NoTopicError(f"Kafka has no topic {topic}: `rumstream topics create` makes those of RUMSTREAM_GENERATION")
    return sorted(consumer.partitions_for_topic(topic))
