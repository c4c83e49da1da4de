"""The collector: beacons in over HTTP, blocks out to Kafka, an answer only after the broker's."""
