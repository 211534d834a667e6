"""The columns of the marts of benchmarking, in their order."""

import pyarrow as pa

_DAY, _TEXT, _COUNT, _YES, _AMOUNT = pa.date32(), pa.string(), pa.int32(), pa.bool_(), pa.decimal128(18, 6)

BENCHMARKS = pa.schema(
    [
        pa.field("month", _DAY, nullable=False),
        *[pa.field(name, _TEXT) for name in ("organization_id", "organization_name_zh", "organization_name_en")],
        pa.field("organization_level", _COUNT),
        *[pa.field(name, _TEXT) for name in ("energy_unit_id", "energy_unit_name_zh", "energy_unit_name_en")],
        *[pa.field(name, _TEXT) for name in ("subject_kind", "subject_kind_name_zh", "subject_kind_name_en")],
        *[pa.field(name, _TEXT) for name in ("subject_id", "subject_name_zh", "subject_name_en")],
        pa.field("actual", _AMOUNT),
        pa.field("actual_unit", _TEXT),
        pa.field("rolling_actual", _AMOUNT),
        pa.field("rolling_months_count", _COUNT),
        pa.field("output", _AMOUNT),
        pa.field("output_unit", _TEXT),
        *[pa.field(name, _AMOUNT) for name in ("benchmark_level", "baseline_level", "limit_1", "limit_2", "limit_3")],
        *[pa.field(name, _TEXT) for name in ("standard", "better", "grade", "grade_name_zh", "grade_name_en")],
        *[pa.field(name, _TEXT) for name in ("position", "position_name_zh", "position_name_en", "rolling_grade")],
        *[pa.field(name, _TEXT) for name in ("rolling_grade_name_zh", "rolling_grade_name_en", "rolling_position")],
        *[pa.field(name, _TEXT) for name in ("rolling_position_name_zh", "rolling_position_name_en")],
        pa.field("gap", _AMOUNT),
        pa.field("gap_unit", _TEXT),
        *[pa.field(name, _AMOUNT) for name in ("limit_gap", "gap_tce_calorific", "gap_cny")],
        *[pa.field(name, _AMOUNT) for name in ("rolling_gap_tce_calorific", "rolling_gap_cny")],
        *[pa.field(name, _AMOUNT) for name in ("best_ratio", "limit_ratio")],
        *[pa.field(name, _YES) for name in ("is_counted", "is_below_access")],
        pa.field("rank_group", _TEXT),
        *[pa.field(name, _COUNT) for name in ("rank", "rank_count")],
        pa.field("missing_ratio", _AMOUNT),
        *[pa.field(name, _TEXT) for name in ("level_confidence", "confidence")],
        pa.field("is_latest", _YES),
        *[pa.field(name, _TEXT) for name in ("null_reason", "null_reason_name_zh", "null_reason_name_en", "reason")],
    ]
)

ASSESSMENT = pa.schema(
    [
        pa.field("year", _COUNT, nullable=False),
        *[pa.field(name, _TEXT) for name in ("organization_id", "organization_name_zh", "organization_name_en")],
        pa.field("organization_level", _COUNT),
        *[pa.field(name, _TEXT) for name in ("energy_unit_id", "energy_unit_name_zh", "energy_unit_name_en")],
        *[pa.field(name, _TEXT) for name in ("indicator", "basis", "product_id", "convention", "indicator_name_zh")],
        *[pa.field(name, _TEXT) for name in ("indicator_name_en",)],
        *[pa.field(name, _AMOUNT) for name in ("target", "cumulative_target", "actual")],
        pa.field("target_unit", _TEXT),
        pa.field("deviation_ratio", _AMOUNT),
        pa.field("months_count", _COUNT),
        *[pa.field(name, _YES) for name in ("annual_met", "cumulative_met")],
        *[pa.field(name, _TEXT) for name in ("rule", "outcome_name_zh", "outcome_name_en")],
        *[pa.field(name, _AMOUNT) for name in ("score", "full_score", "score_ratio")],
        *[pa.field(name, _TEXT) for name in ("result", "result_name_zh", "result_name_en", "null_reason")],
        *[pa.field(name, _TEXT) for name in ("null_reason_name_zh", "null_reason_name_en", "reason")],
    ]
)
