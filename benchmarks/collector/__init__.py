"""What a beacon costs the collector, beside a plain FastAPI route and the OpenTelemetry Collector."""
