"""Topics to ClickHouse and to Prometheus."""
