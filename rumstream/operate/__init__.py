"""What an operator asks a running system: `rumstream dead-letter …`, `rumstream state inspect` (docs/operating.md)."""
