"""The read side: REST and the dashboard page."""
