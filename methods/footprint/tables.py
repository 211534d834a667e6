"""The columns of the footprint marts, and the words of their codes in both languages."""

import pyarrow as pa

_TEXT, _FLAG, _COUNT, _DAY = pa.string(), pa.bool_(), pa.int32(), pa.date32()
_EMITTED, _AMOUNT = pa.decimal128(18, 6), pa.decimal128(24, 9)
_RATIO, _SHARE, _RATING = pa.decimal128(18, 6), pa.decimal128(13, 12), pa.decimal128(4, 3)
Words = dict[str, tuple[str, str]]


def _named(*names: str) -> list[pa.Field]:
    """Return of each name the code and its words."""
    return [pa.field(f"{name}{part}", _TEXT) for name in names for part in ("", "_name_zh", "_name_en")]


def _thing(*names: str) -> list[pa.Field]:
    """Return of each thing of the site its id and its names."""
    return [pa.field(f"{name}{part}", _TEXT) for name in names for part in ("_id", "_name_zh", "_name_en")]


def _all(kind: pa.DataType, *names: str) -> list[pa.Field]:
    return [pa.field(name, kind) for name in names]


_PERIOD = [
    pa.field("period", _TEXT, nullable=False),
    pa.field("period_kind", _TEXT, nullable=False),
    *_all(_DAY, "period_start_on", "period_end_on"),
    pa.field("is_latest", _FLAG, nullable=False),
    pa.field("organization_id", _TEXT, nullable=False),
    *_all(_TEXT, "organization_name_zh", "organization_name_en"),
]
_RATINGS = ("dqr_technology", "dqr_time", "dqr_geography")
PRODUCTS = pa.schema(
    [
        *_PERIOD,
        *_thing("product", "process"),
        *_all(_TEXT, "declared_unit"),
        *_all(_AMOUNT, "declared_amount"),
        *_named("boundary"),
        *_all(
            _EMITTED,
            *("footprint_kgco2e", "footprint_including_uptake_kgco2e", "fossil_kgco2e", "land_use_change_kgco2e"),
            *("land_management_kgco2e", "land_management_removals_kgco2e", "biogenic_non_co2_kgco2e"),
            *("biogenic_uptake_kgco2e", "technological_removals_kgco2e", "capture_kgco2e", "aircraft_kgco2e"),
            *("packaging_kgco2e", "outbound_logistics_kgco2e", "electricity_kgco2e", "p5", "p95"),
        ),
        *_all(_COUNT, "draws_count"),
        *_all(_RATIO, "uncertain_ratio", "primary_data_share_ratio"),
        *_all(_RATING, *_RATINGS, "dqr", "dqr_completeness", "dqr_reliability"),
        *_all(_RATIO, "rated_ratio", "exempted_ratio"),
        *_all(_AMOUNT, "output_quantity"),
        *_all(_TEXT, "output_quantity_unit"),
        *_all(_AMOUNT, "mass_per_declared_unit_kg"),
        *_all(_TEXT, "gwp_set"),
        *_all(_EMITTED, "benchmark_kgco2e"),
        *_all(_RATIO, "benchmark_ratio"),
        *_all(_TEXT, "benchmark_source", "previous_period"),
        *_all(_EMITTED, "previous_footprint_kgco2e"),
        *_all(_RATIO, "change_ratio"),
        *_all(_TEXT, "largest_contributor_name_zh", "largest_contributor_name_en"),
        *_all(_COUNT, "months_count"),
        *_all(_FLAG, "is_sold", "is_complete"),
        *_all(_TEXT, "missing_zh", "missing_en"),
    ]
)
CONTRIBUTIONS = pa.schema(
    [
        *_PERIOD,
        *_thing("product"),
        pa.field("lineage_id", _TEXT, nullable=False),
        *_named("contributor", "contributor_kind"),
        *_thing("process", "supplier"),
        *_all(_TEXT, "exchange_id", "item", "part", "provider_kind"),
        *_named("stage"),
        *_all(_TEXT, "gas"),
        *_named("kind_of_carbon"),
        *_all(_AMOUNT, "quantity"),
        *_all(_TEXT, "quantity_unit"),
        *_all(_AMOUNT, "factor"),
        *_all(_TEXT, "factor_unit", "factor_id", "factor_confidence", "source", "source_version"),
        *_all(_EMITTED, "contribution_kgco2e", "beside_kgco2e"),
        *_all(_RATIO, "share_ratio", "primary_share_ratio"),
        *_all(_FLAG, "is_primary", "is_recalled", "is_packaging", "is_outbound", "is_sold"),
        *_all(_RATING, *_RATINGS),
    ]
)
CONTRIBUTION_TREE = pa.schema(
    [
        *_PERIOD,
        *_thing("product"),
        pa.field("node_id", _TEXT, nullable=False),
        *_all(_TEXT, "parent_id"),
        *_all(_COUNT, "depth", "node_order"),
        *_all(
            _TEXT,
            "node_kind",
            "node_name_zh",
            "node_name_en",
            "node_drawn_zh",
            "node_drawn_en",
            "process_id",
            "exchange_id",
        ),
        *_all(_EMITTED, "contribution_kgco2e", "own_kgco2e"),
        *_all(_RATIO, "share_ratio"),
    ]
)
CHANGES = pa.schema(
    [
        *_PERIOD,
        *_thing("product"),
        *_all(_TEXT, "compared_to", "compared_kind"),
        *_named("effect"),
        *_all(_COUNT, "effect_order"),
        *_all(_EMITTED, "change_kgco2e", "previous_footprint_kgco2e", "footprint_kgco2e"),
    ]
)
ALLOCATIONS = pa.schema(
    [
        *_PERIOD,
        *_thing("process", "product"),
        *_all(_TEXT, "exchange_id"),
        *_named("method"),
        *_all(_AMOUNT, "key_value"),
        *_all(_TEXT, "key_unit"),
        *_all(_AMOUNT, "quantity"),
        *_all(_TEXT, "quantity_unit"),
        *_all(_SHARE, "share_ratio"),
        *_all(_TEXT, "reason_zh", "reason_en"),
    ]
)
CUT_OFFS = pa.schema(
    [
        *_PERIOD,
        *_thing("process"),
        *_all(_TEXT, "exchange_id", "item", "item_name_zh", "item_name_en"),
        *_all(_AMOUNT, "quantity"),
        *_all(_TEXT, "quantity_unit"),
        *_all(_RATIO, "mass_ratio", "process_mass_ratio"),
        *_all(_TEXT, "reason_zh", "reason_en"),
        *_all(_FLAG, "is_within_limit"),
    ]
)
MARTS = {
    "footprint.products": PRODUCTS,
    "footprint.contributions": CONTRIBUTIONS,
    "footprint.contribution_tree": CONTRIBUTION_TREE,
    "footprint.changes": CHANGES,
    "footprint.allocations": ALLOCATIONS,
    "footprint.cut_offs": CUT_OFFS,
}
BOUNDARIES: Words = {
    "cradle_to_gate": ("摇篮到大门", "Cradle to gate"),
    "cradle_to_grave": ("摇篮到坟墓", "Cradle to grave"),
}
STAGES: Words = {
    "raw_materials": ("原材料获取", "Raw materials"),
    "production": ("生产", "Production"),
    "packaging": ("包装", "Packaging"),
    "distribution": ("分销运输", "Distribution"),
    "use": ("使用", "Use"),
    "end_of_life": ("寿命终止", "End of life"),
    "capital_goods": ("资本货物", "Capital goods"),
}
#: What is past the gate: a process takes it for what it sells, never for what the next process takes from it.
PAST_GATE = ("distribution", "use", "end_of_life")
CONTRIBUTOR_KINDS: Words = {
    "electricity": ("电力", "Electricity"),
    "energy": ("燃料与热力", "Fuels and heat"),
    "process_emission": ("直接排放", "Direct emissions"),
    "material": ("原料与材料", "Materials"),
    "neighbour": ("园区内其他单位", "Other entities of the site"),
    "transport": ("运输", "Transport"),
    "packaging": ("包装", "Packaging"),
    "waste": ("废弃物处理", "Waste treatment"),
    "use": ("使用", "Use"),
    "end_of_life": ("寿命终止", "End of life"),
    "other": ("其他", "Other"),
}
#: The kinds of carbon whose sum is the footprint, in the order of the columns; aircraft is a part of fossil.
PARTS: Words = {
    "fossil": ("化石", "Fossil"),
    "aircraft": ("航空（化石）", "Aircraft (fossil)"),
    "land_use_change": ("土地利用变化", "Land use change"),
    "land_management": ("土地管理", "Land management"),
    "land_management_removals": ("土地管理清除", "Land management removals"),
    "biogenic_non_co2": ("生物源非二氧化碳", "Biogenic other than CO2"),
    "technological_removals": ("技术清除", "Technological removals"),
    "capture": ("捕集与封存", "Capture with storage"),
}
UPTAKE = "biogenic_uptake"
KINDS_OF_CARBON: Words = PARTS | {UPTAKE: ("生物质吸收", "Biogenic uptake")}
METHODS: Words = {
    "none": ("单一产出，无需分配", "One output: nothing to allocate"),
    "subdivision": ("细分过程", "Subdivision"),
    "mass": ("质量", "Mass"),
    "energy": ("能量", "Energy"),
    "economic": ("经济价值", "Economic value"),
    "custom": ("自定份额", "Told shares"),
    "cut_off": ("不承担负荷（按废弃物）", "Carries nothing: waste"),
}
EFFECTS: Words = {
    "electricity_use": ("用电强度", "Electricity used"),
    "fuel_use": ("燃料强度", "Fuel used"),
    "process_emissions": ("直接排放强度", "Direct emissions"),
    "electricity_factor": ("电力因子", "Electricity factor"),
    "supplier_footprint": ("供应商足迹", "Footprints of suppliers"),
    "secondary_factor": ("背景因子", "Secondary factors"),
    "material_use": ("物料消耗", "Materials used"),
    "transport": ("运输", "Transport"),
    "packaging": ("包装", "Packaging"),
    "allocation": ("分配份额", "Allocation"),
    "other": ("其他", "Other"),
}
