"""Lanes: Faust agents around a pure core, one Kafka transaction a checkpoint."""
