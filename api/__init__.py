"""The read side: REST, a live page, health."""
