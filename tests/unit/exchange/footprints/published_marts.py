"""A publication with the footprints of an invented works: one file that opens like the published marts."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from exchange.footprints.releases import Place
from lake.store import Lake

ORGANIZATIONS = pa.table(
    {
        "organization_id": ["works", "other"],
        "parent_id": [None, None],
        "name_zh": ["示范水泥", "乙厂"],
        "name_en": ["Reference Cement", None],
        "credit_code": ["91320000MA00000B0E", None],
    }
)
PRODUCTS = pa.Table.from_pylist(
    [
        {
            "product_id": "po425",
            "description_zh": "散装",
            "description_en": "in bulk",
            "cn_code": "25232900",
            "cpc_code": "37440",
            "product_identifier": None,
            "fossil_carbon_content_kgc": 0,
            "biogenic_carbon_content_kgc": 0,
        },
    ],
    pa.schema(
        [
            *[pa.field(name, pa.string()) for name in ("product_id", "description_zh", "description_en", "cn_code")],
            *[pa.field(name, pa.string()) for name in ("cpc_code", "product_identifier")],
            *[
                pa.field(f"{name}_carbon_content_kgc", pa.decimal128(18, 6))
                for name in ("fossil", "biogenic", "recycled")
            ],
        ]
    ),
)
_MARTS = """
    create schema footprint;
    create table publication as select 7 as number, timestamptz '2026-01-02 00:00:00+00' as published_at,
        'code' as code_hash, timestamptz '2025-12-31 16:00:00+00' as newest_reading_at;
    create table footprint.products as
        select period, 'year' as period_kind, begins as period_start_on, ends as period_end_on,
            'works' as organization_id, '示范水泥' as organization_name_zh, 'Reference Cement' as organization_name_en,
            'po425' as product_id, '普通硅酸盐水泥' as product_name_zh, 'Portland cement' as product_name_en,
            't' as declared_unit, 1::decimal(18, 6) as declared_amount, 'cradle_to_gate' as boundary,
            '从摇篮到大门' as boundary_name_zh, 'cradle to gate' as boundary_name_en,
            fossil::decimal(18, 6) as footprint_kgco2e, fossil::decimal(18, 6) as footprint_including_uptake_kgco2e,
            fossil::decimal(18, 6) as fossil_kgco2e, null::decimal(18, 6) as land_use_change_kgco2e,
            null::decimal(18, 6) as land_management_kgco2e, null::decimal(18, 6) as land_management_removals_kgco2e,
            null::decimal(18, 6) as biogenic_non_co2_kgco2e, null::decimal(18, 6) as biogenic_uptake_kgco2e,
            null::decimal(18, 6) as technological_removals_kgco2e, null::decimal(18, 6) as capture_kgco2e,
            0::decimal(18, 6) as aircraft_kgco2e, 2.5::decimal(18, 6) as packaging_kgco2e,
            null::decimal(18, 6) as outbound_logistics_kgco2e, 580::decimal(18, 6) as p5, 650::decimal(18, 6) as p95,
            0.82::decimal(9, 6) as primary_data_share_ratio, 1.5::decimal(4, 3) as dqr_technology,
            1.2::decimal(4, 3) as dqr_time, 2::decimal(4, 3) as dqr_geography, 1::decimal(4, 3) as dqr_completeness,
            2::decimal(4, 3) as dqr_reliability, 0.01::decimal(9, 6) as exempted_ratio,
            1000::decimal(18, 6) as mass_per_declared_unit_kg, 'AR5' as gwp_set, true as is_latest,
            true as is_complete, null::varchar as missing_zh, null::varchar as missing_en
        from (values
            ('2024', date '2024-01-01', date '2024-12-31', 621.3),
            ('2025', date '2025-01-01', date '2025-12-31', 613.4),
            ('2099', date '2099-01-01', date '2099-12-31', 500)
        ) as years (period, begins, ends, fossil);
    create table footprint.contributions as
        select products.period, products.product_id, part.contributor, part.name_zh as contributor_name_zh,
            part.name_en as contributor_name_en, part.stage, part.stage as stage_name_zh, part.stage as stage_name_en,
            'kiln' as process_id, '回转窑' as process_name_zh, 'kiln' as process_name_en,
            null::varchar as supplier_id, 'CO2' as gas, 'fossil' as kind_of_carbon,
            coalesce(part.kgco2e, products.footprint_kgco2e - 112.5)::decimal(18, 6) as contribution_kgco2e,
            part.is_primary, part.stage = 'packaging' as is_packaging, part.rating as dqr_technology,
            part.source, null::varchar as source_version
        from footprint.products as products cross join (values
            ('kiln/coal', '煤', 'coal', 'production', null, true, 1, null),
            ('kiln/power', '电', 'power', 'raw_materials', 110, false, 2, 'MEE 2024'),
            ('bagging/bag', '袋', 'bag', 'packaging', 2.5, false, null, 'UK GHG factors'),
        ) as part (contributor, name_zh, name_en, stage, kgco2e, is_primary, rating, source);
    create table footprint.allocations as select * from (values
        ('kiln', '2025', '按质量', 'by mass', '共用回转窑', 'one kiln')
    ) as told (process_id, period, method_name_zh, method_name_en, reason_zh, reason_en);
    create table footprint.cut_offs as select * from (values
        ('kiln', '2025', '耐火砖', 'refractory bricks', '少于 1 %', 'below 1 %')
    ) as told (process_id, period, item_name_zh, item_name_en, reason_zh, reason_en);
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A lake without releases beside published marts."""
    found = Place(Lake(str(tmp_path / "lake")), tmp_path / "marts.duckdb", _site())
    publish(found, _MARTS)
    return found


def _site() -> Any:
    settings = SimpleNamespace(timezone="Asia/Shanghai", grid_region="JS")
    return SimpleNamespace(tables={"organizations": ORGANIZATIONS, "products": PRODUCTS}, settings=settings)


def publish(place: Place, statement: str) -> None:
    """Change what is published."""
    with duckdb.connect(str(place.marts)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(statement)
