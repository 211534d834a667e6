"""The CBAM report of an installation from published flows, by hand; and what it refuses."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from exchange.footprints import cbam_site
from lake.errors import FootprintError

FLOWS = """
    create schema footprint;
    create table footprint.flows_monthly as
    select *, case when quantity_unit = 't' then quantity end as mass_t, true as is_complete,
        null::varchar as missing_en, item as item_name_en
    from (values
        ('kiln', 'made', date '2025-01-01', 'output', 'product', 'clinker', 'site', '', null, null, 600, 't', null),
        ('kiln', 'made', date '2025-02-01', 'output', 'product', 'clinker', 'site', '', null, null, 400, 't', null),
        ('kiln', 'burnt', date '2025-01-01', 'emission', 'elementary', 'all', null, 'coal', 'CO2', 'fossil',
            820000, 'kg', 820000),
        ('kiln', 'burnt', date '2025-01-01', 'emission', 'elementary', 'all', null, 'coal', 'CH4', 'fossil',
            10, 'kg', 280),
        ('kiln', 'burnt', date '2025-01-01', 'emission', 'elementary', 'all', null, 'wood', 'CO2', 'biogenic_co2',
            9000, 'kg', 9000),
        ('meal', 'power', date '2025-01-01', 'input', 'electricity', 'mix', 'process', '', null, null,
            10000, 'kWh', null),
        ('kiln', 'power', date '2025-02-01', 'input', 'electricity', 'mix', 'electricity', 'average', null, null,
            50000, 'kWh', 100),
        ('kiln', 'power', date '2025-02-01', 'input', 'electricity', 'mix', 'electricity', 'transmission', null,
            null, 50000, 'kWh', 10),
        ('kiln', 'gas', date '2025-01-01', 'input', 'energy', 'gas', 'supplier', '', null, null, 77, 'GJ', null),
        ('mill', 'made', date '2025-01-01', 'output', 'product', 'cement', 'site', '', null, null, 1200, 't', null),
        ('mill', 'clinker', date '2025-01-01', 'input', 'material', 'clinker', 'process', '', null, null,
            900, 't', null),
        ('mill', 'slag', date '2025-01-01', 'input', 'material', 'slag', 'supplier', '', null, null, 200, 't', null),
        ('mill', 'power', date '2025-01-01', 'input', 'electricity', 'mix', 'process', '', null, null,
            40000, 'kWh', null),
        ('mill', 'heat', date '2025-01-01', 'input', 'energy', 'heat', 'process', '', null, null, 10, 'GJ', null),
        ('mill', 'old', date '2024-12-01', 'output', 'product', 'cement', 'site', '', null, null, 99, 't', null)
    ) as flows (process_id, exchange_id, month, direction, kind, item, provider_kind, part, gas, kind_of_carbon,
        quantity, quantity_unit, emissions_kgco2e)
"""


def table(*rows: dict[str, Any]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows])


ALWAYS = {"valid_from": None, "valid_to": None}
PRICE = {"carbon_price_cny": None, "carbon_price_covered_tco2e": None, "carbon_price_rebate_cny": None}


@pytest.fixture
def site() -> Any:
    place = {
        "installation_id": "works", "organization_id": "o", "name_zh": "厂", "name_en": "Works", "address": "1 Road",
        "country": "CN", "unlocode": None, "latitude": None, "longitude": None, "verifier": None,
        "electricity_factor_tco2_per_mwh": Decimal("0.6"), "electricity_factor_source": "grid",
        "heat_factor_tco2_per_gj": Decimal("0.11"), "heat_factor_source": "default", **ALWAYS,
    }  # fmt: skip
    before = {**place, "electricity_factor_tco2_per_mwh": Decimal(9), "valid_to": date(2025, 1, 1)}
    good = {
        "installation_id": "works",
        "route": None,
        "parameters": "mn_percent=0.8",
        "ratios": None,
        **PRICE,
        **ALWAYS,
    }
    clinker = {**good, "product_id": "clinker", "category": "cement_clinker", "processes": "meal; kiln"}
    cement = {**good, "product_id": "cement", "category": "cement", "processes": "mill"}
    cement |= {"ratios": "clinker_t_per_t=clinker", "carbon_price_cny": Decimal(10)}
    slag = {
        "installation_id": "works", "item": "slag", "name": "Slag", "cn_code": "26180000", "country": "CN",
        "see_direct_tco2e_per_t": Decimal("0.02"), "see_indirect_tco2e_per_t": Decimal("0.05"),
        "value_kind": "default", "source": "EU", **ALWAYS,
    }  # fmt: skip
    tables = {
        "organizations": table({"organization_id": "o", "name_zh": "单位", "name_en": "Owner"}),
        "products": table(
            {"product_id": "clinker", "name_zh": "熟料", "name_en": "Clinker", "cn_code": "25231000"},
            {"product_id": "cement", "name_zh": "水泥", "name_en": None, "cn_code": "25232900"},
        ),
        "cbam_installations": table(before, {**place, "valid_from": date(2025, 1, 1)}),
        "cbam_goods": table(clinker, cement),
        "cbam_precursors": table(slag),
    }
    return SimpleNamespace(tables=tables)


@pytest.fixture
def marts(tmp_path):
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(FLOWS)
    return tmp_path / "marts.duckdb"


def test_flows_become_embedded_emissions(site, marts):
    found = cbam_site.report(site, marts, "works", "2025")
    clinker, cement = found.goods
    assert (found.begins_on, found.ends_on) == (date(2025, 1, 1), date(2025, 12, 31))
    assert (clinker.good.activity_t, clinker.good.direct_t, clinker.good.electricity_mwh) == (1000, 820, 60)
    assert [stream.name for stream in clinker.good.streams] == ["coal (CO2)"]
    assert (clinker.see_direct, clinker.see_indirect) == (Decimal("0.82"), Decimal("0.036"))
    assert (cement.good.activity_t, cement.good.own, cement.good.heat_in_gj) == (1200, {"clinker": 900}, 10)
    assert cement.direct_t == Decimal("743.1")  # 10 x 0.11 + 900 x 0.82 + 200 x 0.02
    assert cement.indirect_t == Decimal("66.4")  # 40 x 0.6 + 900 x 0.036 + 200 x 0.05
    assert cement.good.parameters == {"mn_percent": "0.8", "clinker_t_per_t": "0.7500"}
    assert cement.good.name == "水泥"
    assert cement.good.price.net_cny == 10
    assert found.installation.electricity_factor == Decimal("0.6")


@pytest.mark.parametrize(
    ("installation", "period", "sentence"),
    [
        ("other", "2025", "cbam_installations.csv has no 'other' that holds on 2025-12-31"),
        ("works", "soon", "'soon' is no period"),
        ("works", "2023", "nothing was made from 2023-01-01"),
    ],
)
def test_what_it_refuses(site, marts, installation, period, sentence):
    with pytest.raises(FootprintError, match=sentence):
        cbam_site.report(site, marts, installation, period)


def test_a_flow_that_is_missing_is_named(site, marts):
    with duckdb.connect(str(marts)) as connection:
        unknown = "is_complete = false, missing_en = 'no reading'"
        connection.execute(f"update footprint.flows_monthly set {unknown} where exchange_id = 'slag'")
    with pytest.raises(FootprintError, match="cement: slag is not known in every month: no reading"):
        cbam_site.report(site, marts, "works", "2025")
