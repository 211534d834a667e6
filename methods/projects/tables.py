"""The mart of the projects."""

import pyarrow as pa

_TEXT, _AMOUNT, _DAY = pa.string(), pa.decimal128(18, 6), pa.date32()
_RATIO, _COUNT = pa.decimal128(18, 6), pa.int32()


def _named(name: str) -> list[pa.Field]:
    return [pa.field(f"{name}_name_{language}", _TEXT) for language in ("zh", "en")]


PROJECTS = pa.schema(
    [
        pa.field("organization_id", _TEXT, nullable=False),
        *_named("organization"),
        pa.field("organization_level", _COUNT),
        pa.field("project_id", _TEXT, nullable=False),
        *_named("project"),
        pa.field("member_id", _TEXT, nullable=False),
        *_named("member"),
        pa.field("energy_unit_id", _TEXT),
        *_named("energy_unit"),
        pa.field("kind", _TEXT, nullable=False),
        *_named("kind"),
        pa.field("status", _TEXT, nullable=False),
        *_named("status"),
        pa.field("starts_on", _DAY),
        pa.field("lifetime_years", _AMOUNT),
        pa.field("discount_ratio", _RATIO),
        pa.field("investment_cny", _AMOUNT),
        pa.field("evidence", _TEXT, nullable=False),
        *_named("evidence"),
        pa.field("promised_saving_tce_calorific", _AMOUNT),
        pa.field("promised_saving_tce_equivalent", _AMOUNT),
        pa.field("verified_saving_tce_calorific", _AMOUNT),
        pa.field("verified_low_tce_calorific", _AMOUNT),
        pa.field("verified_high_tce_calorific", _AMOUNT),
        pa.field("verified_months_count", _COUNT),
        pa.field("verified_ratio", _RATIO),
        pa.field("saving_tce_calorific", _AMOUNT),
        pa.field("saving_tce_equivalent", _AMOUNT),
        pa.field("saving_kwh", _AMOUNT),
        pa.field("promised_avoided_tco2e", _AMOUNT),
        pa.field("avoided_tco2e", _AMOUNT),
        pa.field("avoided_location_tco2e", _AMOUNT),
        pa.field("avoided_market_tco2e", _AMOUNT),
        pa.field("saving_cny", _AMOUNT),
        pa.field("other_cost_cny", _AMOUNT),
        pa.field("net_saving_cny", _AMOUNT),
        pa.field("npv_cny", _AMOUNT),
        pa.field("payback_years", _AMOUNT),
        pa.field("abatement_cost_cny_per_tco2e", _AMOUNT),
        pa.field("abatement_cost_location_cny_per_tco2e", _AMOUNT),
        pa.field("abatement_cost_market_cny_per_tco2e", _AMOUNT),
        pa.field("is_earning", pa.bool_()),
        pa.field("curve_order", _COUNT),
        *_named("curve"),
        pa.field("cumulative_before_tco2e", _AMOUNT),
        pa.field("cumulative_tco2e", _AMOUNT),
        pa.field("subject_id", _TEXT),
        *_named("subject"),
        pa.field("energy_intensity_before", _AMOUNT),
        pa.field("energy_intensity_after", _AMOUNT),
        pa.field("energy_intensity_unit", _TEXT),
        pa.field("benchmark_level", _AMOUNT),
        pa.field("baseline_level", _AMOUNT),
        pa.field("position_before", _TEXT),
        *_named("position_before"),
        pa.field("position_after", _TEXT),
        *_named("position_after"),
        pa.field("product_id", _TEXT),
        pa.field("output_change", _AMOUNT),
        pa.field("output_unit", _TEXT),
        pa.field("emissions_intensity_before", _AMOUNT),
        pa.field("emissions_intensity_after", _AMOUNT),
        pa.field("emissions_intensity_unit", _TEXT),
        pa.field("energy_budget_tce_calorific", _AMOUNT),
        pa.field("energy_budget_ratio", _RATIO),
        pa.field("carbon_budget_tco2e", _AMOUNT),
        pa.field("carbon_budget_ratio", _RATIO),
        pa.field("quota_surplus_tco2", _AMOUNT),
        pa.field("quota_change_tco2", _AMOUNT),
        pa.field("source", _TEXT),
        pa.field("null_reason", _TEXT),
        *_named("null_reason"),
        pa.field("unknown_carriers", _TEXT),
    ]
)
KINDS = {
    "new_line": ("新建产线", "New line"),
    "retrofit": ("节能改造", "Retrofit"),
    "photovoltaics": ("光伏", "Photovoltaics"),
    "fuel_switch": ("燃料替代", "Fuel switch"),
    "electrification": ("电气化", "Electrification"),
    "waste_heat": ("余热利用", "Waste heat"),
    "other": ("其他", "Other"),
}
STATUSES = {
    "idea": ("设想", "Idea"),
    "planned": ("计划", "Planned"),
    "approved": ("已批准", "Approved"),
    "done": ("已完成", "Done"),
}
REASONS = {
    "no_effects": ("未填写项目效果", "no effects are told"),
    "no_coefficient": ("缺少折标系数", "a carrier has no coal equivalent here"),
    "no_factor": ("缺少排放因子", "a carrier has no emission factor here"),
    "no_price": ("缺少价格", "a carrier has no price here"),
    "not_proven": ("节能量未证实，不计入", "the saving is not proven and does not count"),
    "adds": ("增加排放，不计单位减排成本", "it adds emissions: no cost of a tonne avoided"),
}
