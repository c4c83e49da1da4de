"""Kafka and ClickHouse on one machine, for a laptop, tests and demos."""
