"""Every Prometheus name rumstream exposes, in one place (base units, bounded labels)."""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class MetricSpec:
    """A metric family. A counter's name ends in ``_total`` as it is exposed."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


# what visitors experienced: `rumstream sink prometheus`
_PAGE: Final = ("site", "route", "device", "window")
TIMING_SECONDS: Final = MetricSpec(
    "rum_timing_seconds", "gauge", "Weighted quantile of a timing.", (*_PAGE, "metric", "quantile")
)
LAYOUT_SHIFT_SCORE: Final = MetricSpec(
    "rum_layout_shift_score", "gauge", "Weighted quantile of cumulative layout shift.", (*_PAGE, "quantile")
)
PAGE_VIEWS: Final = MetricSpec("rum_page_views", "gauge", "Page views, weighted.", _PAGE)
GOOD_RATIO: Final = MetricSpec("rum_good_ratio", "gauge", "Share of good page views.", (*_PAGE, "metric"))
POOR_RATIO: Final = MetricSpec("rum_poor_ratio", "gauge", "Share of poor page views.", (*_PAGE, "metric"))
JS_ERRORS: Final = MetricSpec("rum_js_errors", "gauge", "JavaScript errors, weighted.", _PAGE)
WINDOW_END: Final = MetricSpec(
    "rum_window_end_timestamp_seconds", "gauge", "End of the newest window that the gauges cover.", ("window",)
)

# collector
COLLECTOR_RECEIVED: Final = MetricSpec("rum_collector_received_total", "counter", "Beacons that arrived.")
COLLECTOR_ACKED: Final = MetricSpec(
    "rum_collector_acked_total", "counter", "Beacons answered 2xx, in Kafka.", ("protocol",)
)
COLLECTOR_REJECTED: Final = MetricSpec("rum_collector_rejected_total", "counter", "Beacons refused.", ("reason",))
COLLECTOR_UNKNOWN: Final = MetricSpec(
    "rum_collector_unknown_total", "counter", "Beacons answered 503 whose block may still have reached Kafka."
)
COLLECTOR_EVENTS: Final = MetricSpec(
    "rum_collector_events_total", "counter", "Events of acknowledged beacons.", ("protocol",)
)
COLLECTOR_EVENTS_DROPPED: Final = MetricSpec(
    "rum_collector_events_dropped_total", "counter", "Events refused at the door.", ("reason",)
)
COLLECTOR_CLAMPED: Final = MetricSpec(
    "rum_collector_clamped_total", "counter", "Event times that were clamped.", ("reason",)
)
COLLECTOR_ACK_SECONDS: Final = MetricSpec(
    "rum_collector_ack_seconds", "histogram", "From a beacon's decoding to its block's acknowledgement."
)
COLLECTOR_BLOCKS: Final = MetricSpec("rum_collector_blocks_total", "counter", "Blocks acknowledged by Kafka.")
COLLECTOR_INFLIGHT_BYTES: Final = MetricSpec(
    "rum_collector_inflight_bytes", "gauge", "Bytes of beacons not yet acknowledged."
)
COLLECTOR_BLOCKS_FAILED: Final = MetricSpec(
    "rum_collector_blocks_failed_total", "counter", "Blocks of which Kafka's answer was an error."
)
COLLECTOR_DEAD_LETTERS: Final = MetricSpec(
    "rum_collector_dead_letters_total", "counter", "Dead letters acknowledged by Kafka."
)
COLLECTOR_DEAD_LETTERS_OVER: Final = MetricSpec(
    "rum_collector_dead_letters_over_total", "counter", "Dead letters not written: over the limit, or Kafka failed."
)
COLLECTOR_LEDGER_ROWS_LOST: Final = MetricSpec(
    "rum_collector_ledger_rows_lost_total", "counter", "Ledger rows let go because Kafka took none for too long."
)
COLLECTOR_PRODUCERS: Final = MetricSpec(
    "rum_collector_producers_total", "counter", "Kafka producers started; a new one replaces one that failed."
)
COLLECTOR_BOTS: Final = MetricSpec(
    "rum_collector_bots_total", "counter", "Beacons of bots, by what was done with them.", ("outcome",)
)
COLLECTOR_SITES: Final = MetricSpec("rum_collector_sites", "gauge", "Sites of the sites file in use.")
COLLECTOR_SITES_LOADS: Final = MetricSpec(
    "rum_collector_sites_loads_total", "counter", "Versions of the sites file seen after the start.", ("outcome",)
)

# processor
PROCESSOR_EVENTS: Final = MetricSpec(
    "rum_processor_events_total", "counter", "Events by what became of them.", ("outcome",)
)
PROCESSOR_BLOCKS: Final = MetricSpec("rum_processor_blocks_total", "counter", "Blocks read.")
PROCESSOR_DEAD_LETTERS: Final = MetricSpec(
    "rum_processor_dead_letters_total", "counter", "Lines and blocks refused.", ("reason",)
)
PROCESSOR_CHECKPOINTS: Final = MetricSpec("rum_processor_checkpoints_total", "counter", "Checkpoints committed.")
PROCESSOR_CHECKPOINT_SECONDS: Final = MetricSpec(
    "rum_processor_checkpoint_seconds", "histogram", "Duration of a checkpoint."
)
PROCESSOR_LAG_BLOCKS: Final = MetricSpec(
    "rum_processor_lag_blocks", "gauge", "Blocks in Kafka that the lane has not committed.", ("lane",)
)
PROCESSOR_WATERMARK: Final = MetricSpec(
    "rum_processor_watermark_timestamp_seconds", "gauge", "Highest event time seen.", ("lane",)
)
PROCESSOR_LANES: Final = MetricSpec("rum_processor_lanes", "gauge", "Lanes this worker owns.")
PROCESSOR_HALTED: Final = MetricSpec(
    "rum_processor_lane_halted", "gauge", "1 for a lane that stopped because too much of it is refused.", ("lane",)
)
PROCESSOR_UNTRACKED: Final = MetricSpec(
    "rum_processor_untracked_total", "counter", "Ids that a visit had no room to remember.", ("kind",)
)
PROCESSOR_LOST_BLOCKS: Final = MetricSpec(
    "rum_processor_lost_blocks_total", "counter", "Blocks that retention deleted before they were processed."
)
PROCESSOR_RECOVERY_SECONDS: Final = MetricSpec(
    "rum_processor_recovery_seconds", "histogram", "From fencing to the first block of a lane."
)

# sinks
SINK_ROWS: Final = MetricSpec("rum_sink_rows_total", "counter", "Rows written.", ("topic",))
SINK_INSERT_SECONDS: Final = MetricSpec("rum_sink_insert_seconds", "histogram", "Duration of an insert.", ("topic",))
SINK_RETRIES: Final = MetricSpec("rum_sink_retries_total", "counter", "Inserts tried again.", ("topic",))
SINK_REFUSED: Final = MetricSpec("rum_sink_refused_total", "counter", "Records not understood.", ("reason",))
SINK_LAG: Final = MetricSpec("rum_sink_lag_records", "gauge", "Records in Kafka not yet written.", ("topic",))
SINK_SERIES: Final = MetricSpec("rum_sink_series", "gauge", "Series the Prometheus sink exposes.", ("window",))

# api
LEDGER_EVENTS: Final = MetricSpec(
    "rum_ledger_events", "gauge", "Events of the minutes under audit, as each side of the ledger has them.", ("side",)
)
LEDGER_BROKEN: Final = MetricSpec(
    "rum_ledger_broken_events", "gauge", "By how many events a law of the ledger is broken; 0 when it holds.", ("law",)
)
LEDGER_AUDITED: Final = MetricSpec(
    "rum_ledger_audited_timestamp_seconds", "gauge", "When the ledger's laws were last asked for."
)
API_REQUESTS: Final = MetricSpec("rum_api_requests_total", "counter", "Requests answered.", ("route", "status"))
API_SECONDS: Final = MetricSpec("rum_api_request_seconds", "histogram", "Time to answer.", ("route",))
