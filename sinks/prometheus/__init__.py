"""`rum.rollups` to Prometheus gauges: what visitors experienced in the last minutes."""
