"""server.properties of one KRaft node that is broker and controller at once."""

from typing import Final

from embedded.kafka.config import KafkaConfig

HOST: Final = "127.0.0.1"


def server_properties(config: KafkaConfig, controller_port: int) -> str:
    """The file's text. Everything listens on 127.0.0.1; every internal topic has one replica and few partitions.

    Records are not flushed one by one: the page cache outlives a killed process, so only a machine that loses power
    can lose what was acknowledged (Kafka's documentation, "Application vs. OS Flush Management").
    """
    settings: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": f"{HOST}:{controller_port}",
        "listeners": f"BROKER://{HOST}:{config.port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"BROKER://{HOST}:{config.port},CONTROLLER://{HOST}:{controller_port}",
        "inter.broker.listener.name": "BROKER",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": config.data / "records",
        "message.max.bytes": config.message_bytes,
        "replica.fetch.max.bytes": config.message_bytes,
        "auto.create.topics.enable": "false",
        "default.replication.factor": 1,
        "min.insync.replicas": 1,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 5,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 5,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        "group.initial.rebalance.delay.ms": 0,
        # a laptop: little memory for the cleaner, small segments of metadata, few threads
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        "log.cleaner.threads": 1,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "num.recovery.threads.per.data.dir": 2,
        "background.threads": 2,
        "metadata.log.segment.bytes": 16 * 1024 * 1024,
        "metadata.max.retention.bytes": 64 * 1024 * 1024,
        # a fenced transaction of a lane is aborted within a second of its timeout
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
        "controlled.shutdown.enable": "true",
        # after a kill the controller waits until the killed node's session has ended; by default that is 9 s
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
    }
    return "".join(f"{key}={value}\n" for key, value in settings.items())
