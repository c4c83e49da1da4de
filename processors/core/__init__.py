"""The pure core: what a lane does with a block. No Kafka, no store, no clock, no random."""
