"""A ClickHouse sink for tests: `python -m tests.lab.clickhouse_sink CONFIG`, the configuration as JSON."""

import json
import sys

from sinks.clickhouse.worker import run
from sinks.config import ClickHouseSinkConfig

if __name__ == "__main__":
    run(ClickHouseSinkConfig(**json.loads(sys.argv[1])))
