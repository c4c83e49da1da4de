"""What an event costs the processor, and what it costs others: `python -m benchmarks.processor`."""
