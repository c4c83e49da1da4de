"""Topics to ClickHouse: `rum.rollups`, `rum.sessions` and `rum.samples` become rows, once."""
