"""The columns of supplied values and of the mart of suppliers."""

import pyarrow as pa

_TEXT, _DAY, _COUNT, _FLAG = pa.string(), pa.date32(), pa.int32(), pa.bool_()
_VALUE, _AMOUNT, _RATIO, _RATING = pa.decimal128(18, 9), pa.decimal128(18, 6), pa.decimal128(9, 6), pa.decimal128(9, 6)
#: What a footprint is told in, kgCO2e; the first is the whole, the last two are parts within it.
PARTS = (
    "footprint_kgco2e",
    "fossil_kgco2e",
    "land_use_change_kgco2e",
    "land_management_kgco2e",
    "land_management_removals_kgco2e",
    "biogenic_non_co2_kgco2e",
    "biogenic_uptake_kgco2e",
    "technological_removals_kgco2e",
    "capture_kgco2e",
    "aircraft_kgco2e",
    "packaging_kgco2e",
)
#: One row per organisation, material, supplier and month: what one unit carries, and whose number that is.
VALUES = pa.schema(
    [
        pa.field("organization_id", _TEXT, nullable=False),
        pa.field("material", _TEXT, nullable=False),
        pa.field("supplier_id", _TEXT, nullable=False),
        pa.field("month", _DAY, nullable=False),
        pa.field("share_ratio", _AMOUNT, nullable=False),
        pa.field("unit", _TEXT, nullable=False),
        pa.field("value_kind", _TEXT, nullable=False),
        pa.field("supplier_footprint_id", _TEXT),
        pa.field("record_id", _TEXT),
        pa.field("factor_id", _TEXT),
        pa.field("penalty_ratio", _AMOUNT, nullable=False),
        *(pa.field(name, _VALUE) for name in PARTS),
        pa.field("primary_data_share_ratio", _AMOUNT),
        pa.field("dqr_technology", _AMOUNT),
        pa.field("dqr_time", _AMOUNT),
        pa.field("dqr_geography", _AMOUNT),
        pa.field("valid_to", _DAY),
        pa.field("is_primary", _FLAG, nullable=False),
    ]
)


def _named(name: str) -> list[pa.Field]:
    return [pa.field(f"{name}_name_{language}", _TEXT) for language in ("zh", "en")]


SUPPLIERS = pa.schema(
    [
        pa.field("organization_id", _TEXT, nullable=False),
        *_named("organization"),
        pa.field("supplier_id", _TEXT, nullable=False),
        *_named("supplier"),
        pa.field("material", _TEXT, nullable=False),
        *_named("material"),
        pa.field("unit", _TEXT, nullable=False),
        pa.field("status", _TEXT, nullable=False),
        *_named("status"),
        pa.field("status_order", _COUNT, nullable=False),
        pa.field("footprint_kgco2e", _AMOUNT),
        pa.field("used_kgco2e", _AMOUNT),
        pa.field("secondary_kgco2e", _AMOUNT),
        pa.field("penalty_ratio", _RATIO, nullable=False),
        pa.field("penalty_kgco2e", _AMOUNT),
        pa.field("is_answered", _COUNT, nullable=False),
        pa.field("is_overdue", _COUNT, nullable=False),
        pa.field("uses_secondary", _COUNT, nullable=False),
        pa.field("quality", _TEXT, nullable=False),
        *_named("quality"),
        pa.field("dqr", _RATING),
        pa.field("primary_data_share_ratio", _RATIO),
        pa.field("valid_to", _DAY),
        pa.field("missing", _TEXT),
        pa.field("missing_zh", _TEXT),
        pa.field("missing_en", _TEXT),
        pa.field("asked_on", _DAY),
        pa.field("due_on", _DAY),
        pa.field("days_overdue_count", _COUNT),
        pa.field("received_on", _DAY),
        pa.field("channel", _TEXT),
        *_named("channel"),
        pa.field("supplier_footprint_id", _TEXT),
        pa.field("factor_id", _TEXT),
        pa.field("share_ratio", _RATIO, nullable=False),
        pa.field("annual_quantity", _AMOUNT),
        pa.field("annual_quantity_unit", _TEXT, nullable=False),
        pa.field("embodied_tco2e", _AMOUNT),
        pa.field("covered_tco2e", _AMOUNT),
        pa.field("plausible_kgco2e", _AMOUNT),
        pa.field("plausible_basis", _TEXT),
        *_named("plausible_basis"),
        pa.field("improvement_tco2e", _AMOUNT),
        pa.field("improvement_primary_share_ratio", _RATIO),
        pa.field("period", _TEXT),
        pa.field("as_of_on", _DAY, nullable=False),
    ]
)
