"""The shapes that cross a door: what a connector hands over and what the raw tables hold."""

import pyarrow as pa

UTC = pa.timestamp("us", tz="UTC")

#: What a connector hands over: one row per reading, values exactly as received (never scaled by
#: multiplier or transformer ratio: both are facts of the site that may be corrected later).
#: `known_at` is null unless the sender supplied it. `position` is the row's place in its payload.
READING = pa.schema(
    [
        pa.field("point_id", pa.string(), nullable=False),
        pa.field("reading_at", UTC, nullable=False),
        pa.field("value", pa.decimal128(38, 9), nullable=False),
        pa.field("unit", pa.string()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("known_at", UTC),
        pa.field("position", pa.int64(), nullable=False),
    ]
)

#: What cannot be typed, identified or placed in time. `payload` is the refused row as text.
REFUSED = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),
        pa.field("reason_code", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("payload", pa.string()),
    ]
)

#: quarantine/<source>__<entity>
QUARANTINE = pa.schema(
    [
        pa.field("received_at", UTC, nullable=False),
        pa.field("source", pa.string(), nullable=False),
        *REFUSED,
        pa.field("batch_id", pa.string(), nullable=False),
    ]
)

#: raw/<source>__batch: one row per landed payload, replays included.
BATCH = pa.schema(
    [
        pa.field("batch_id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("entity", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("payload_hash", pa.string(), nullable=False),
        pa.field("payload_bytes", pa.int64(), nullable=False),
        pa.field("received_at", UTC, nullable=False),
        pa.field("rows_read", pa.int64(), nullable=False),
        pa.field("rows_landed", pa.int64(), nullable=False),
        pa.field("rows_repeated", pa.int64(), nullable=False),
        pa.field("rows_refused", pa.int64(), nullable=False),
        pa.field("cursor", pa.string()),  # how far the connector had read; null where it does not go back
    ]
)

#: ref/snapshots: one row per kept version of a reference thing.
SNAPSHOT = pa.schema(
    [
        pa.field("thing", pa.string(), nullable=False),
        pa.field("known_at", UTC, nullable=False),
        pa.field("content_hash", pa.string(), nullable=False),
        pa.field("rows", pa.int64(), nullable=False),
    ]
)


def raw_reading(decimals: int) -> pa.Schema:
    """Return the schema of raw/<source>__reading with values of `decimals` places.

    DECIMAL(18, d) is stored as a scaled 64-bit integer, which delta encoding shrinks to about two bytes.
    """
    return pa.schema(
        [
            pa.field("point_id", pa.string(), nullable=False),
            pa.field("reading_at", UTC, nullable=False),
            pa.field("value", pa.decimal128(18, decimals), nullable=False),
            pa.field("unit", pa.string()),
            pa.field("status", pa.string(), nullable=False),
            pa.field("known_at", UTC, nullable=False),
            pa.field("batch_id", pa.string(), nullable=False),
            pa.field("position", pa.int64(), nullable=False),
            pa.field("month", pa.date32(), nullable=False),
        ]
    )
