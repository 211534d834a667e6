"""The columns of the two marts of matching."""

import pyarrow as pa

from methods.matching.hours import WAYS

_TEXT, _KWH, _RATIO = pa.string(), pa.decimal128(18, 6), pa.decimal128(9, 6)
_OWNER = [
    pa.field("organization_id", _TEXT, nullable=False),
    pa.field("organization_name_zh", _TEXT),
    pa.field("organization_name_en", _TEXT),
    pa.field("organization_level", pa.int32()),
]
NAMES = tuple(field.name for field in _OWNER)
HOURLY = pa.schema(
    [
        pa.field("period_start_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("local_date", pa.date32(), nullable=False),
        pa.field("local_hour", pa.int32(), nullable=False),
        *_OWNER,
        pa.field("consumption_kwh", _KWH, nullable=False),
        pa.field("matched_kwh", _KWH, nullable=False),
        *[pa.field(f"matched_{way}_kwh", _KWH, nullable=False) for way in WAYS],
        pa.field("unmatched_kwh", _KWH, nullable=False),
        pa.field("surplus_kwh", _KWH, nullable=False),
        pa.field("estimated_ratio", _RATIO),
        pa.field("missing_ratio", _RATIO),
        pa.field("month", pa.date32(), nullable=False),
    ]
)
ANNUAL = pa.schema(
    [
        pa.field("year", pa.int32(), nullable=False),
        *_OWNER,
        *[
            pa.field(name, _KWH)
            for name in (
                "consumption_kwh",
                "annual_claim_kwh",
                "hourly_claim_kwh",
                "hourly_gap_kwh",
                *(f"matched_{way}_kwh" for way in WAYS),
                "surplus_kwh",
                "certificates_retired_kwh",
                "certificates_claimed_kwh",
                "certificates_unused_kwh",
                "certificates_without_hours_kwh",
            )
        ],
        pa.field("annual_claim_ratio", _RATIO),
        pa.field("hourly_claim_ratio", _RATIO),
        pa.field("months_count", pa.int32(), nullable=False),
        pa.field("is_complete", pa.bool_(), nullable=False),
        pa.field("is_latest", pa.bool_(), nullable=False),
    ]
)
