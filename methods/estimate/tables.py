"""The marts of the running month: each organisation's account as seen at the end of a day, and its sources by day."""

import pyarrow as pa

_TEXT, _TONNES, _DAY = pa.string(), pa.decimal128(18, 6), pa.date32()
_RATIO, _FLAG, _COUNT = pa.decimal128(18, 6), pa.bool_(), pa.int32()
_OF = [
    pa.field("organization_id", _TEXT, nullable=False),
    pa.field("organization_name_zh", _TEXT),
    pa.field("organization_name_en", _TEXT),
    pa.field("organization_level", _COUNT),
    pa.field("basis", _TEXT, nullable=False),
]
ESTIMATE = pa.schema(
    [
        pa.field("as_of_date", _DAY, nullable=False),
        *_OF,
        pa.field("month", _DAY, nullable=False),
        pa.field("days_left", _COUNT, nullable=False),
        pa.field("measured_tco2e", _TONNES),
        pa.field("reckoned_tco2e", _TONNES),
        pa.field("to_date_tco2e", _TONNES),
        pa.field("expected_p10_tco2e", _TONNES),
        pa.field("expected_p50_tco2e", _TONNES),
        pa.field("expected_p90_tco2e", _TONNES),
        pa.field("estimated_ratio", _RATIO),
        pa.field("actual_tco2e", _TONNES),
        pa.field("error_ratio", _RATIO),
        pa.field("typical_error_ratio", _RATIO),
        pa.field("tested_count", _COUNT, nullable=False),
        pa.field("budget_version", _TEXT),
        pa.field("budget_tco2e", _TONNES),
        pa.field("budget_ratio", _RATIO),
        pa.field("breach_probability", _RATIO),
        pa.field("is_latest", _FLAG, nullable=False),
        pa.field("is_current_month", _FLAG, nullable=False),
    ]
)
SOURCES = pa.schema(
    [
        pa.field("local_date", _DAY, nullable=False),
        *_OF,
        pa.field("source_category", _TEXT, nullable=False),
        pa.field("source_category_name_zh", _TEXT),
        pa.field("source_category_name_en", _TEXT),
        pa.field("carrier", _TEXT),
        pa.field("carrier_name_zh", _TEXT),
        pa.field("carrier_name_en", _TEXT),
        pa.field("member_id", _TEXT, nullable=False),
        pa.field("is_internal", _FLAG, nullable=False),
        pa.field("month", _DAY, nullable=False),
        pa.field("state", _TEXT, nullable=False),
        pa.field("state_name_zh", _TEXT, nullable=False),
        pa.field("state_name_en", _TEXT, nullable=False),
        pa.field("quantity", pa.decimal128(18, 6)),
        pa.field("quantity_unit", _TEXT),
        pa.field("factor_tco2e_per_unit", pa.decimal128(18, 12)),
        pa.field("emissions_tco2e", _TONNES),
        pa.field("is_current_month", _FLAG, nullable=False),
    ]
)
#: How a day of a source is known.
STATES = {
    "measured": ("计量", "Measured"),
    "reckoned": ("按能耗推算", "Reckoned from energy"),
    "expected": ("预计", "Expected"),
}
#: Days of the earlier months that are kept, to see how good the estimates were; alerts are asked on them.
KEPT = (10, 20)
