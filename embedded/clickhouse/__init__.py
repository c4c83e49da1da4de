"""The real ClickHouse engine (chDB) in one process, behind ClickHouse's own HTTP interface."""
