"""The columns of evidence.restatements."""

import pyarrow as pa

_AMOUNT, _INSTANT = pa.decimal128(18, 6), pa.timestamp("us", "UTC")
RESTATEMENTS = pa.schema(
    [
        pa.field("restatement_id", pa.string()),
        pa.field("published_at", _INSTANT),
        pa.field("publication", pa.int64()),
        pa.field("known_from", _INSTANT),
        pa.field("known_to", _INSTANT),
        pa.field("mart", pa.string()),
        pa.field("organization_id", pa.string()),
        pa.field("organization_name_zh", pa.string()),
        pa.field("organization_name_en", pa.string()),
        pa.field("organization_level", pa.int32()),
        pa.field("month", pa.date32()),
        pa.field("basis", pa.string()),
        pa.field("source_category", pa.string()),
        pa.field("source_category_name_zh", pa.string()),
        pa.field("source_category_name_en", pa.string()),
        pa.field("old", _AMOUNT),
        pa.field("new", _AMOUNT),
        pa.field("unit", pa.string()),
        pa.field("cause", pa.string()),
        pa.field("cause_name_zh", pa.string()),
        pa.field("cause_name_en", pa.string()),
        pa.field("cause_position", pa.int64()),
        pa.field("change", _AMOUNT),
        pa.field("interaction", _AMOUNT),
        pa.field("rows_count", pa.int64()),
        pa.field("subjects", pa.string()),
        pa.field("reason_zh", pa.string()),
        pa.field("reason_en", pa.string()),
    ]
)
