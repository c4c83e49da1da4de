"""The collector: formats in, events out, acknowledged only when Kafka has them."""
