"""The marts of the budgets: how each stands by month, and what is expected of the next days."""

import pyarrow as pa

_TEXT, _AMOUNT, _DAY = pa.string(), pa.decimal128(18, 6), pa.date32()
_RATIO, _FLAG, _COUNT = pa.decimal128(18, 6), pa.bool_(), pa.int32()

#: Whose budget it is and of what.
_OF = [
    pa.field("organization_id", _TEXT, nullable=False),
    pa.field("organization_name_zh", _TEXT),
    pa.field("organization_name_en", _TEXT),
    pa.field("organization_level", _COUNT),
    pa.field("energy_unit_id", _TEXT, nullable=False),
    pa.field("energy_unit_name_zh", _TEXT),
    pa.field("energy_unit_name_en", _TEXT),
    pa.field("level", _COUNT),
    pa.field("measure", _TEXT, nullable=False),
    pa.field("measure_name_zh", _TEXT),
    pa.field("measure_name_en", _TEXT),
    pa.field("carrier", _TEXT),
]
#: The names of a thing, as its rows bear them.
NAMES = tuple(field.name for field in _OF)
STATUS = pa.schema(
    [
        *_OF,
        pa.field("year", _COUNT, nullable=False),
        pa.field("month", _DAY, nullable=False),
        pa.field("budget_version", _TEXT),
        pa.field("budget", _AMOUNT),
        pa.field("approved_by", _TEXT),
        pa.field("approved_on", _DAY),
        pa.field("reason", _TEXT),
        pa.field("draft_version", _TEXT),
        pa.field("draft_budget", _AMOUNT),
        pa.field("actual", _AMOUNT),
        pa.field("actual_unit", _TEXT),
        pa.field("is_complete", _FLAG, nullable=False),
        pa.field("deviation", _AMOUNT),
        pa.field("deviation_ratio", _RATIO),
        pa.field("budget_to_date", _AMOUNT),
        pa.field("actual_to_date", _AMOUNT),
        pa.field("deviation_to_date", _AMOUNT),
        pa.field("year_budget", _AMOUNT),
        pa.field("as_of_date", _DAY),
        pa.field("landing_p10", _AMOUNT),
        pa.field("landing_p50", _AMOUNT),
        pa.field("landing_p90", _AMOUNT),
        pa.field("landing_actual", _AMOUNT),
        pa.field("landing_deviation", _AMOUNT),
        pa.field("landing_deviation_ratio", _RATIO),
        pa.field("breach_probability", _RATIO),
        pa.field("landing_coverage_ratio", _RATIO),
        pa.field("landing_test_count", _COUNT, nullable=False),
        pa.field("to_date_p10", _AMOUNT),
        pa.field("to_date_p50", _AMOUNT),
        pa.field("to_date_p90", _AMOUNT),
        pa.field("is_latest", _FLAG, nullable=False),
        pa.field("is_current_year", _FLAG, nullable=False),
    ]
)
FORECAST = pa.schema(
    [
        pa.field("local_date", _DAY, nullable=False),
        *_OF,
        pa.field("origin_date", _DAY, nullable=False),
        pa.field("days_ahead", _COUNT, nullable=False),
        pa.field("p10", _AMOUNT),
        pa.field("p50", _AMOUNT),
        pa.field("p90", _AMOUNT),
        pa.field("seasonal_naive", _AMOUNT),
        pa.field("actual", _AMOUNT),
        pa.field("actual_unit", _TEXT),
        pa.field("is_planned_stop", _FLAG, nullable=False),
        pa.field("backtest_coverage", _RATIO),
        pa.field("backtest_error", _AMOUNT),
        pa.field("backtest_naive_error", _AMOUNT),
        pa.field("backtest_days", _COUNT, nullable=False),
    ]
)
MEASURES = {
    "energy_calorific": ("综合能耗（当量值）", "Energy (calorific)", "tce"),
    "energy_equivalent": ("综合能耗（等价值）", "Energy (equivalent)", "tce"),
    "cost": ("能源费用", "Energy cost", "CNY"),
    "carrier": ("实物量", "Quantity", ""),
    "emissions_statutory": ("碳排放（法定核算）", "Emissions (statutory)", "tCO2e"),
    "emissions_location": ("碳排放（基于位置）", "Emissions (location)", "tCO2e"),
    "emissions_market": ("碳排放（基于市场）", "Emissions (market)", "tCO2e"),
}
