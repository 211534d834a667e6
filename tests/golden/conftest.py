"""One sandbox for every test of the accounting models: dbt starts once."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from factors.load import load
from tests.dbt_sandbox import ACCOUNTING, STAGING, Row, Site, build
from tests.golden import examples

FACTOR_RULES = """kind,organization_id,carrier,factor_set,data_year,valid_from,valid_to,adopted_on,reason
fuel,works,methanol,NDRC_chemical_product_carbon,,2025-01-01,,2025-01-10,the ministry's set has no methanol
grid,,,,2023,2024-01-01,,2025-12-31,the latest published year
electricity_equivalent,,,,2024,2025-01-01,,2025-12-31,the latest published year
uncertainty,doubted,,IPCC_2006,,,,2025-12-31,the ministry prints no ranges; those of the IPCC stand in
"""

OWN_FACTORS = """factor_id,organization_id,carrier,property,value,valid_from,valid_to,source,confidence,reason,\
factor_set,region,data_year,published_on
steam_10bar,,steam,enthalpy_kj_per_kg,2783.74,,,steam table,verified,measured pressure,,,,
ammonia_trial,,ammonia,gj_per_unit,18.6,2025-07-01,,contract,recalled,co-firing trial,,,,
carbon_a,measured,anthracite,carbon_content_tc_per_unit,0.56,,,laboratory,verified,measured,,,,
oxidation_a,measured,anthracite,oxidation_ratio,1,,,laboratory,verified,measured,,,,
heat_l,measured,washed_coal,carbon_content_tc_per_gj,0.028,,,laboratory,verified,measured,,,,
oxidation_l,measured,washed_coal,oxidation_ratio,1,,,laboratory,verified,measured,,,,
heat_washed,,washed_coal,gj_per_unit,14.7,,,laboratory,verified,measured,,,,
carbon_b,balance,washed_coal,carbon_content_tc_per_unit,0.7,,,laboratory,verified,measured,,,,
"""

PRODUCTION = """organization_id,energy_unit_id,product_id,month,quantity,unit,condition
cement,cement_root,clinker,2025-03,150000,t,
mill,mill_root,crude_steel,2025-03,100000,t,
cement,cement_root,cement,2025-03,200000,t,
converter,converter_root,crude_steel,2025-03,100,t,
balance,balance_root,methanol,2025-03,400,t,
replacing,replacing_root,clinker,2025-03,1000,t,
washer_named_not,washer_named_not_root,coking_coal_washed,2025-03,100,t,
washer_strange,washer_strange_root,coking_coal_washed,2025-03,100,t,by_hand
washer_without,washer_without_root,coking_coal_washed,2025-03,100,t,dense_medium
washer_idle,washer_idle_root,coking_coal_washed,2025-03,100,t,dense_medium
washer_of_months,washer_of_months_root,coking_coal_washed,2025-03,100,t,jig
washer_of_months,washer_of_months_root,coking_coal_washed,2025-04,100,t,jig_flotation
washer_half,washer_half_root,coking_coal_washed,2025-03,100,t,jig
washer_half,washer_half_root,coking_coal_washed,2025-04,100,t,
"""

ACTIVITY = """organization_id,energy_unit_id,item,month,quantity,unit,purpose
cement,cement_root,limestone,2025-03,200000,t,raw meal
mill,mill_root,limestone,2025-03,1000,t,flux
mill,mill_root,electrode,2025-03,150000,kg,arc furnace
careless,careless_root,unobtainium,2025-03,1,t,
careless,careless_root,caco3,2025-03,10,kWh,
careless,careless_root,mgco3,2025-03,-10,t,
careless,careless_root,na2co3,2025-03,10,t,
careless,careless_root,sf6_capacity,2025-03,1,t,
careless,careless_root,carbon_powder,2025-03,1,t,
careless,careless_root,cement,2025-03,5,t,sold
mill,mill_root,crude_steel,2025-03,90000,t,sold
replacing,replacing_root,carbide_slag,2025-03,100,t,
"""

STOCK = """organization_id,energy_unit_id,item,month,opening,purchased,sold,closing,unit
mill,mill_root,dolomite,2025-03,100,500,20,80,t
"""

FINANCE = "organization_id,energy_unit_id,item,month,quantity,unit\n"

CERTIFICATES = """certificate_id,organization_id,month,quantity,unit,origin,contract,retired_on
gec-1,greened,2025-03,30000,kWh,wind,,2025-05-01
gec-2,greened,2025-03,20,MWh,pv,,2025-05-01
gec-2,surplus,2025-03,20,MWh,pv,,2025-06-01
gec-3,greened,2025-03,10000,kWh,pv,,
gec-4,greened,2025-03,10000,kWh,wind,contract-7,2025-05-01
gec-5,surplus,2025-03,5000,kWh,wind,,2025-05-01
"""

ORGANIZATIONS = {
    "site": ("", ""),
    "park": ("site", ""),
    "works": ("park", "gbt-32151.29-2024"),
    "old": ("park", "ndrc-18"),
    "cement": ("park", "cets-ag-02.01"),
    "mill": ("park", "cets-ag-03.01"),
    "centre": ("park", ""),
    "power": ("park", "mee-power-2022-485"),
    "careless": ("site", "ndrc-07"),
    "stranger": ("site", "no-such-guideline"),
    "measured": ("site", "gbt-32151.29-2024"),
    "balance": ("site", "gbt-32151.10-2023"),
    "replacing": ("site", "cets-ag-02.01"),
    "converter": ("site", ""),
    "greened": ("site", ""),
    "surplus": ("site", ""),
    "doubted": ("site", "gbt-32151.29-2024"),
    "washer_named_not": ("site", ""),
    "washer_strange": ("site", ""),
    "washer_without": ("site", ""),
    "washer_idle": ("site", ""),
    "washer_of_months": ("site", ""),
    "washer_half": ("site", ""),
}

METERS = """meter_id,energy_unit_id,carrier,accuracy_class
m1,site_root,electricity_grid,
gas_a,doubted_root,natural_gas,1.0
gas_b,doubted_root,natural_gas,2.0
power,doubted_root,electricity_grid,0.5S
"""

POINTS = """point_id,meter_id,quantity,kind,unit,source
p1,m1,active_energy_import,register,kWh,s1
gas_a_v,gas_a,volume,register,m3_20c,s1
gas_b_v,gas_b,volume,register,m3_20c,s1
power_ep,power,active_energy_import,register,kWh,s1
"""

ROWS = [
    Row("doubted", "natural_gas", "4000", "m3_20c", energy_gj="155.724", point_id="gas_a_v"),
    Row("doubted", "natural_gas", "6000", "m3_20c", "end_use", energy_gj="233.586", point_id="gas_b_v"),
    Row("doubted", "electricity_grid", "100000", "kWh", point_id="power_ep"),
    Row("greened", "electricity_grid", "100000", "kWh"),
    Row("greened", "electricity_thermal", "1000", "kWh"),
    Row("greened", "electricity_wind", "10000", "kWh"),
    Row("surplus", "electricity_grid", "1000", "kWh"),
    Row("works", "electricity_grid", "100000", "kWh", energy_gj="360", tce_calorific="12.29", tce_equivalent="30.24"),
    Row("works", "electricity_wind", "50000", "kWh", energy_gj="180", tce_calorific="6.145", tce_equivalent="15.12"),
    Row("works", "electricity_pv", "20000", "kWh", "own_generation", tce_calorific="2.458", tce_equivalent="6.048"),
    Row("works", "heat", "2.8", "GJ", "internal_purchase", energy_gj="2.8", tce_calorific="0.095536"),
    Row("works", "diesel", "1000000", "t", tce_calorific="1457100", tce_equivalent="1457100"),
    Row("works", "methanol", "1", "t", tce_calorific="0.6794", tce_equivalent="0.6794"),
    Row("works", "methanol", "1", "t", "purchase", "feedstock", tce_calorific="0.6794", tce_equivalent="0.6794"),
    Row("works", "hydrogen", "300", "m3_0c", "sale"),
    Row("works", "ammonia", "10", "t"),
    Row("works", "ethanol", "5", "t"),
    Row("old", "coke", "1000", "t", energy_gj="28446"),
    Row("mill", "coke", "1000", "t"),
    Row("centre", "natural_gas", "1000", "m3_20c", tce_calorific="1.33", tce_equivalent="1.33"),
    Row("centre", "heat", "2.8", "GJ", "internal_sale", energy_gj="2.8", tce_calorific="0.095536"),
    Row("centre", "natural_gas", "100", "m3_20c", "internal_sale", tce_calorific="0.133", tce_equivalent="0.133"),
    Row("power", "heat", "100", "GJ", "sale", energy_gj="100"),
    Row("power", "electricity", "1000", "kWh", "sale"),
    Row("works", "natural_gas", "100", "m3_20c", "internal_purchase", tce_calorific="0.133", tce_equivalent="0.133"),
    Row("careless", "natural_gas", "1", "kWh"),
    Row("stranger", "diesel", "1", "t"),
    Row("measured", "anthracite", "1", "t"),
    Row("measured", "washed_coal", "1", "t"),
    Row("measured", "coke", "1", "t"),
    Row("balance", "washed_coal", "1000", "t", "purchase", "feedstock"),
    Row("converter", "electricity_grid", "6000", "kWh", tce_calorific="0.7374", tce_equivalent="1.8144"),
    Row("washer_named_not", "electricity_grid", "500", "kWh"),
    Row("washer_strange", "electricity_grid", "500", "kWh"),
    Row("washer_idle", "electricity_grid", "0", "kWh"),
    Row("washer_of_months", "electricity_grid", "500", "kWh"),
    Row("washer_of_months", "electricity_grid", "600", "kWh", month=date(2025, 4, 1)),
    Row("washer_of_months", "electricity", "100", "kWh", "sale", month=date(2025, 4, 1)),
    Row("washer_half", "electricity_grid", "500", "kWh"),
    Row("washer_half", "electricity_grid", "500", "kWh", month=date(2025, 4, 1)),
    Row("converter", "converter_gas", "12000", "m3_20c", "sale", tce_calorific="3.2574", tce_equivalent="3.2574"),
]


#: An organisation for every guideline of the library, each of which burnt some gas.
ASKED = {f"asked_{number}": name for number, name in enumerate(load()["guidelines"]["guideline"].to_pylist())}


@pytest.fixture(scope="session")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database in which the accounting models ran on ROWS and on the worked examples."""
    files = {
        "factor_rules.csv": FACTOR_RULES + examples.factor_rules(),
        "factors.csv": OWN_FACTORS + examples.own_factors(),
        "production.csv": PRODUCTION + examples.production(),
        "activity.csv": ACTIVITY + examples.activity(),
        "stock.csv": STOCK,
        "finance.csv": FINANCE + examples.finance(),
        "certificates.csv": CERTIFICATES + examples.certificates(),
        "meters.csv": METERS,
        "points.csv": POINTS,
    }
    folder = tmp_path_factory.mktemp("accounts")
    asked = {name: ("site", guideline) for name, guideline in ASKED.items()}
    site = Site(ORGANIZATIONS | examples.organizations() | asked, files)
    rows = [*ROWS, *examples.rows(), *(Row(name, "natural_gas", "1000", "m3_20c") for name in ASKED)]
    return build(folder, site, rows, {"grid_region": "JS"}, [*ACCOUNTING, *STAGING])


@pytest.fixture
def live(accounts: Path, tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """The accounting models as views on tables that a test may change."""
    return duckdb.connect(str(shutil.copyfile(accounts, tmp_path / "live.duckdb")))
