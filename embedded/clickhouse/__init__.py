"""The real ClickHouse engine (chDB) in one process, behind ClickHouse's own HTTP interface.

What a server has and this has not: users (any is taken), sessions (`session_id` is taken, temporary tables and SET end
with their request), replicated engines, `system.query_log` and its like, BACKUP, ClickHouse's own compressed framing
(`compress=1`, `decompress=1`), multipart bodies with external tables. Queries have ids of the engine's own in
`system.processes`; the one of the request stands in `Settings['log_comment']`.
"""
