"""What a supplier is asked: the result, or else the energy, materials, transport and process that it is reckoned from.

Each question is a column as a file of the site has them, so that its answer is typed and checked in the same words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from lake.entries import ANSWERS
from lake.site.declared import ColumnSpec, FileSpec, files

RESULT, COMPUTED, DECLINED = "result", "computed", "declined"
ENERGY, MATERIALS, JOURNEYS = 6, 6, 4
CARRIERS = (
    "electricity_grid", "electricity_pv", "electricity_wind", "electricity_hydro", "natural_gas", "bituminous_coal",
    "anthracite", "diesel", "gasoline", "fuel_oil", "lpg",
)  # fmt: skip
CARRIER_NAMES = {
    "electricity_grid": ("电网电力", "Grid electricity"),
    "electricity_pv": ("光伏电力", "Solar power"),
    "electricity_wind": ("风电", "Wind power"),
    "electricity_hydro": ("水电", "Hydropower"),
    "natural_gas": ("天然气", "Natural gas"),
    "bituminous_coal": ("烟煤", "Bituminous coal"),
    "anthracite": ("无烟煤", "Anthracite"),
    "diesel": ("柴油", "Diesel"),
    "gasoline": ("汽油", "Gasoline"),
    "fuel_oil": ("燃料油", "Fuel oil"),
    "lpg": ("液化石油气", "LPG"),
}
JOURNEY_NAMES = {
    "truck_average": ("公路（平均货车）", "Road, average lorry"),
    "truck_articulated": ("公路（半挂车）", "Road, articulated lorry"),
    "rail": ("铁路", "Rail"),
    "bulk_carrier": ("散货船", "Bulk carrier"),
    "container_ship": ("集装箱船", "Container ship"),
}
#: Units that each group of lines may be told in.
ENERGY_UNITS = ("kWh", "MWh", "m3_20c", "m3_0c", "t", "kg")
#: Columns of the answer that a supplier fills in by itself; the rest is known or reckoned.
OF_RESULT = (
    "declared_amount", "declared_unit", "footprint_kgco2e", "fossil_kgco2e", "land_use_change_kgco2e",
    "land_management_kgco2e", "land_management_removals_kgco2e", "biogenic_non_co2_kgco2e", "biogenic_uptake_kgco2e",
    "technological_removals_kgco2e", "capture_kgco2e", "packaging_kgco2e", "primary_data_share_ratio", "boundary",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Questions that stand together; `way` is the answer to the first question that they are asked for."""

    name: str
    way: str
    columns: tuple[ColumnSpec, ...]


def _text(name: str, zh: str, en: str, **more: object) -> ColumnSpec:
    return ColumnSpec(name, "text", zh=zh, en=en, **more)  # type: ignore[arg-type]


def _number(name: str, zh: str, en: str, **more: object) -> ColumnSpec:
    return ColumnSpec(name, "decimal", zh=zh, en=en, **more)  # type: ignore[arg-type]


@lru_cache
def parts() -> tuple[Part, ...]:
    """Return the questions in their order."""
    told = files()[ANSWERS].columns
    always = (
        _text("way", "答复方式", "How you answer", required=True, enum=(RESULT, COMPUTED, DECLINED)),
        ColumnSpec("reference_first", "date", True, zh="数据期首日", en="First day that the data are of"),
        ColumnSpec("reference_last", "date", True, zh="数据期末日（含）", en="Last day that the data are of"),
        replace(told["geography"], zh="生产地（国家、省）", en="Where it is made (country, province)"),
    )
    output = (
        _number("output_quantity", "该期产量", "What was made in that period", above="0"),
        _text("output_unit", "产量单位", "Unit of it", vocabulary="unit"),
        _number("own_share", "以下数据中属于本产品的份额（0–1，空为 1）",
                "Share of what follows that is this product's (0–1; empty is 1)", above="0", max="1"),
    )  # fmt: skip
    process = (
        _number("process_kgco2e", "生产过程直接排放（kgCO2e，如石灰石分解）",
                "Direct emissions of the process in kgCO2e, such as from limestone", min="0"),
        _text("process_note", "过程排放依据", "What that rests on"),
    )  # fmt: skip
    verified = replace(
        told["verification"],
        default=None,
        zh="核查（none 无、limited 有限、reasonable 合理保证）",
        en="Verified by a third party: none, limited or reasonable assurance",
    )
    remarks = replace(told["comment"], zh="说明（拒绝时请写理由）", en="Remarks; where you decline, why")
    proof = (verified, told["verifier"], remarks)
    return (
        Part("always", "", always),
        Part("result", RESULT, tuple(replace(told[name], required=False, default=None) for name in OF_RESULT)),
        Part("output", COMPUTED, output),
        Part("energy", COMPUTED, tuple(_energy())),
        Part("materials", COMPUTED, tuple(_materials())),
        Part("journeys", COMPUTED, tuple(_journeys())),
        Part("process", COMPUTED, process),
        Part("proof", "", proof),
    )


def _energy() -> Iterator[ColumnSpec]:
    for line in range(1, ENERGY + 1):
        yield _text(f"e{line}_carrier", f"能源 {line}", f"Energy {line}", enum=CARRIERS)
        yield _number(f"e{line}_quantity", f"能源 {line} 用量", f"Amount of energy {line}", min="0")
        yield _text(f"e{line}_unit", f"能源 {line} 单位", f"Unit of energy {line}", enum=ENERGY_UNITS)


def _materials() -> Iterator[ColumnSpec]:
    for line in range(1, MATERIALS + 1):
        yield _text(f"m{line}_name", f"原料 {line}", f"Material {line}")
        yield _number(f"m{line}_quantity", f"原料 {line} 用量", f"Amount of material {line}", min="0")
        yield _text(f"m{line}_unit", f"原料 {line} 单位", f"Unit of material {line}", vocabulary="unit")
        yield _number(f"m{line}_kgco2e", f"原料 {line} 每单位足迹（kgCO2e）", f"kgCO2e of a unit of material {line}")
        yield _text(f"m{line}_source", f"原料 {line} 足迹来源", f"Source of that of material {line}")


def _journeys() -> Iterator[ColumnSpec]:
    for line in range(1, JOURNEYS + 1):
        yield _text(f"t{line}_way", f"运输 {line} 方式", f"Way of journey {line}", enum=tuple(JOURNEY_NAMES))
        yield _number(f"t{line}_mass_t", f"运输 {line} 质量（t）", f"Tonnes of journey {line}", min="0")
        yield _number(f"t{line}_km", f"运输 {line} 距离（km）", f"Kilometres of journey {line}", min="0")


@lru_cache
def spec() -> FileSpec:
    """Return the questions as one row of a file."""
    columns = {column.name: column for part in parts() for column in part.columns}
    return FileSpec("questionnaire", "供应商问卷", "Questionnaire for suppliers", columns)


def asked(said: Mapping[str, str]) -> dict[str, str]:
    """Return of what was said the answers to questions that the way of answering asks; the rest counts for nothing."""
    way = said.get("way", "")
    meant = [column.name for part in parts() if part.way in ("", way) for column in part.columns]
    return {name: said[name] for name in meant if said.get(name)}
