"""The columns of carbon.quota_forecast, and the words of its codes in both languages."""

import pyarrow as pa

_TEXT, _AMOUNT, _NUMBER = pa.string(), pa.decimal128(18, 6), pa.decimal128(18, 10)
_FLAG, _COUNT = pa.bool_(), pa.int32()
QUOTA = pa.schema(
    [
        pa.field("year", _COUNT, nullable=False),
        pa.field("subject_id", _TEXT, nullable=False),
        pa.field("subject_name_zh", _TEXT, nullable=False),
        pa.field("subject_name_en", _TEXT, nullable=False),
        pa.field("organization_id", _TEXT, nullable=False),
        pa.field("organization_name_zh", _TEXT),
        pa.field("organization_name_en", _TEXT),
        pa.field("organization_level", _COUNT),
        pa.field("energy_unit_id", _TEXT),
        *[
            pa.field(f"{code}{part}", _TEXT)
            for code in ("sector", "rule", "rule_status")
            for part in ("", "_name_zh", "_name_en")
        ],
        pa.field("unit_class", _TEXT),
        pa.field("output", _AMOUNT),
        pa.field("output_unit", _TEXT),
        pa.field("benchmark", _NUMBER),
        pa.field("benchmark_unit", _TEXT),
        pa.field("heat_gj", _AMOUNT),
        pa.field("heat_benchmark_tco2_per_gj", _NUMBER),
        pa.field("cooling_factor", _NUMBER),
        pa.field("load_factor", _NUMBER),
        pa.field("heat_factor", _NUMBER),
        pa.field("intensity", _NUMBER),
        pa.field("intensity_unit", _TEXT),
        pa.field("deviation_ratio", _NUMBER),
        pa.field("adjustment_ratio", _NUMBER),
        *[
            pa.field(name, _AMOUNT)
            for name in (
                "rule_quota_t",
                "topup_t",
                "quota_t",
                "quota_p10_t",
                "quota_p50_t",
                "quota_p90_t",
                "emissions_t",
                "expected_t",
                "expected_p10_t",
                "expected_p50_t",
                "expected_p90_t",
                "surplus_t",
                "surplus_p10_t",
                "surplus_p90_t",
                "shortfall_t",
            )
        ],
        pa.field("shortfall_probability", _AMOUNT),
        pa.field("formula", _TEXT),
        pa.field("months_count", _COUNT, nullable=False),
        *[
            pa.field(name, _FLAG, nullable=False)
            for name in ("is_complete", "is_forecast", "is_current_year", "is_next_year")
        ],
        pa.field("coverage_ratio", pa.decimal128(9, 6)),
        pa.field("coverage_count", _COUNT),
        pa.field("confidence", _TEXT),
        pa.field("method_clause", _TEXT),
        pa.field("source", _TEXT),
        pa.field("null_reason", _TEXT),
        pa.field("null_reason_zh", _TEXT),
        pa.field("null_reason_en", _TEXT),
    ]
)
SECTORS = {
    "power": ("发电", "Power"),
    "steel": ("钢铁", "Steel"),
    "cement": ("水泥", "Cement"),
    "aluminium": ("铝冶炼", "Aluminium"),
    "other": ("其他", "Other"),
}
#: Gases of a sector that the market covers; None: every gas that is accounted.
GASES: dict[str, tuple[str, ...] | None] = {
    "power": ("CO2",),
    "steel": ("CO2",),
    "cement": ("CO2",),
    "aluminium": ("CO2", "CF4", "C2F6"),
    "other": None,
}
RULES = {
    "power": ("发电机组基准法", "Benchmarks of power units"),
    "industry": ("行业强度平衡法", "Intensity against the sector"),
    "verified": ("等于核查排放量", "Equal to verified emissions"),
    "own": ("站点自定规则", "Rule of the site"),
}
STATES = {
    "final": ("正式方案", "final plan"),
    "draft": ("征求意见稿（不作履约依据）", "draft for comment, not for compliance"),
    "carried_on": ("尚无方案，沿用上一年度", "no plan yet, the last one carried on"),
    "site": ("站点规定", "told by the site"),
}
CLAUSES = {
    "power": "ets.power",
    "industry": "ets.industry",
    "verified": "ets.verified",
    "own": "ets.own",
}
REASONS = {
    "no_rule": ("quota_rules.csv 对该年度无规则", "quota_rules.csv has no rule for the year"),
    "no_plan": ("该年度以前尚无分配方案", "There is no allocation plan for the year or before it"),
    "benchmark": ("方案未给出该类别基准值，或站点未填基准", "No benchmark is printed or told by the site"),
    "balance": (
        "行业平衡值未公布，站点也未填写（quota_rules.csv 的 benchmark）",
        "The balance value of the sector is not published, and the site tells none (benchmark of quota_rules.csv)",
    ),
    "cooling": ("缺冷却方式", "The way of cooling is not told"),
    "turbine": ("缺机组型式（纯凝、抽凝、背压）", "The kind of turbine is not told"),
    "load_ratio": ("缺负荷（出力）系数", "The load factor is not told"),
    "heat_ratio": ("缺供热比", "The heat ratio is not told"),
    "output": ("无产量", "There is no output"),
    "parameter": ("方案缺少参数", "The plan lacks a parameter"),
    "months": ("该年度开头的月份无数据", "The first months of the year are not known"),
    "short": ("完整月份不足六个月，不作预测", "Fewer than six whole months are known, too few for a forecast"),
}
