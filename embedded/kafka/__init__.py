"""The real Apache Kafka on one machine: one KRaft node on a Java runtime that comes as a wheel."""
