"""footprint.flows_monthly of a small works: every amount as a hand finds it, and nothing new where nothing is new."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from lake import publication
from tests.integration.small_works import FILES, QUARTER, ROOT, START, Works, register, use, works

pytestmark = pytest.mark.integration

QUARTERS = 3 * 96
SITE = FILES | {
    "organizations.csv": "organization_id,parent_id,name_zh,name_en,guideline\nworks,,小厂,Small works,cets-ag-02.01\n",
    "production.csv": "organization_id,energy_unit_id,product_id,month,quantity,unit\n"
    "works,root,clinker,2025-01,100,t\nworks,line2,cement,2025-01,120,t\n",
    "activity.csv": "organization_id,energy_unit_id,item,month,quantity,unit\nworks,root,fly_ash,2025-01,3000,kg\n",
    "certificates.csv": "certificate_id,organization_id,month,quantity,unit,origin,retired_on\n"
    "W1,works,2025-01,2,MWh,wind,2025-03-01\nP1,works,2025-01,1,MWh,pv,2025-03-01\n"
    "P1,works,2025-01,1,MWh,pv,2025-03-02\nP2,works,2025-01,1,MWh,pv,\n",
    "factors.csv": "factor_id,item,property,value,unit,source\nown_meal,生料,kgco2e_per_unit,12.5,t,quarry\n",
    "suppliers.csv": "supplier_id,name_zh\nplant,石膏厂\n",
    "supplier_materials.csv": "supplier_id,material,organization_id,name_zh,unit,source\nplant,gypsum,works,石膏,t,x\n",
    "processes.csv": "process_id,organization_id,energy_unit_id,name_zh,stage,allocation,allocation_reason_zh\n"
    "power,works,root,供电,production,,\nkiln,works,line1,窑,production,mass,按质量\nmill,works,line2,磨,production,,\n"
    "life,works,,使用,use,,\n",
    "products.csv": "product_id,organization_id,process_id,name_zh,name_en,declared_unit,mass_per_declared_unit_kg\n"
    "power,works,power,厂用电,power,kWh,\nclinker,works,kiln,熟料,clinker,t,1000\ndust,works,kiln,窑灰,dust,t,1000\n"
    "cement,works,mill,水泥,cement,kg,1\nbag,works,life,袋装,bag,count,50\n",
    "exchanges.csv": "exchange_id,process_id,direction,kind,item,provider_kind,provider_id,amount_source,"
    "energy_unit_id,carrier,role,activity_item,source_category,share,quantity,unit,of_exchange_id,distance_km,production_product_id,"
    "mass_per_unit_kg,is_outbound,is_cut_off,cut_off_reason_zh,cut_off_reason_en,valid_from,valid_to,source\n"
    "made,power,output,product,power,,,demand,,,,,,,,kWh,,,,,,,,,,,x\n"
    "grid,power,input,electricity,electricity_grid,electricity,,meter,,electricity_grid,,,,,,MWh,,,,,,,,,,,x\n"
    "kilned,kiln,output,product,clinker,,,production,,,,,,,,t,,,,,,,,,,,x\n"
    "dusted,kiln,output,co_product,dust,,,fixed,,,,,,,0.05,t,,,,,,,,,,,x\n"
    "meal,kiln,input,material,meal,secondary,own_meal,fixed,,,,,,,1.5,kg,,,,,,,,,2025-02-01,,x\n"
    "meal,kiln,input,material,meal,secondary,own_meal,fixed,,,,,,,1600,kg,,,,,,,,,,2025-02-01,x\n"
    "meal_way,kiln,input,transport,freight,secondary,uk2020-freight-rail,transport,,,,,,,,tkm,meal,30,,,,,,,,,x\n"
    "coal,kiln,input,energy,coal,secondary,uk2020-upstream_fuel-coal,meter,root,bituminous_coal,,,,"
    "0.75,,kWh,,,,,,,,,,,x\n"
    "kiln_power,kiln,input,electricity,power,process,,meter,,electricity,,,,,,kWh,,,,,,,,,,,x\n"
    "smoke,kiln,emission,elementary,all,,,emissions,root,bituminous_coal,,,combustion,,,kg,,,,,,,,,,,x\n"
    "lime,kiln,emission,elementary,CO2,,,emissions,root,clinker,,,process,,,kg,,,,,,,,,,,x\n"
    "extra,kiln,emission,elementary,CH4,,,fixed,,,,,,,0.002,kg,,,,,,,,,,,x\n"
    "milled,mill,output,product,cement,,,production,,,,,,,,kg,,,,,,,,,,,x\n"
    "clinker_in,mill,input,material,clinker,process,,fixed,,,,,,,0.0008,t,,,,,,,,,,,x\n"
    "gypsum,mill,input,material,gypsum,supplier,,fixed,,,,,,,0.05,kg,,,,,,,,,,,x\n"
    "ash,mill,input,recycled,ash,none,,activity,,,,fly_ash,,,,t,,,,,,true,残渣,residue,,,x\n"
    "mill_power,mill,input,electricity,power,process,,meter,,electricity,,,,,,kWh,,,,,,,,,,,x\n"
    "mill_way,mill,input,transport,freight,secondary,uk2020-freight-rail,transport,,,,,,,,tkm,milled,100,,,true,,,,,,x\n"
    "bagged,life,output,product,bag,,,production,,,,,,0.5,0.02,count,,,cement,,,,,,,,x\n"
    "bag_out,life,input,material,cement,process,,fixed,,,,,,,50,kg,,,,,,,,,,,x\n"
    "waste,life,output,waste,sacks,secondary,uk2020-waste_treatment-paper_recycled,fixed,,,,,,,0.1,kg,,,,,,,,,,,x\n"
    "lamp,life,input,use,electricity,electricity,,fixed,,,,,,,0.3,kWh,,,,,,,,,,,x\n"
    "none,life,input,material,wax,secondary,uk2020-material-paper,activity,,,,wax,,,,t,,,,,,,,,,,x\n",
}
MICRO = Decimal("0.000001")
Row = tuple[Decimal, ...]


def _history(quarters: int) -> list[tuple[str, object, Decimal]]:
    steps = {point: values[:quarters] for point, values in use(QUARTERS).items()}
    coal = [("coal", START + (n + 1) * QUARTER, Decimal("0.25")) for n in range(quarters)]
    return [*register("main", steps["main"]), *register("one", steps["one"]), *register("two", steps["two"]), *coal]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Works]:
    made = works(tmp_path_factory.mktemp("flows"), ROOT / "dbt_project", SITE)
    made.land(_history(2 * 96))  # type: ignore[arg-type]
    made.run("first")
    return made


def flows(works: Works, what: str = "quantity, emissions_kgco2e") -> dict[str, Row]:
    rows = works.rows(
        f"select exchange_id || coalesce('/' || nullif(part, ''), '') || coalesce('/' || gas, ''), {what} "
        "from footprint.flows_monthly where month = '2025-01-01'"
    )
    found = {str(name): tuple(row) for name, *row in rows}
    assert len(found) == len(rows)
    return found  # type: ignore[return-value]


def test_every_amount_is_what_a_hand_finds(small):
    found, steps = flows(small), use(QUARTERS)
    main, one, two = (Decimal(sum(steps[point][: 2 * 96])) for point in ("main", "one", "two"))
    coal_gj = Decimal("48") * Decimal("20.934")
    upstream_kwh = (coal_gj * Decimal("0.75") / Decimal("0.0036")).quantize(MICRO)
    by_hand = {
        "made": (one + two, None),
        "grid/wind": (Decimal(2000), 2000 * Decimal("0.0324")),
        "grid/pv": (Decimal(1000), 1000 * Decimal("0.0520")),
        "grid/average": (main - 3000, (main - 3000) * Decimal("0.5777")),
        "grid/transmission": (Decimal(3000), 3000 * Decimal("0.0327")),
        "kilned": (Decimal(100), None),
        "dusted": (Decimal(5), None),
        "meal": (Decimal(160_000), 160 * Decimal("12.5")),
        "meal_way": (160 * Decimal(30), 4800 * Decimal("0.03159")),
        "coal": (upstream_kwh, upstream_kwh * Decimal("0.05429")),
        "kiln_power": (one, None),
        "lime/clinker/CO2": (100 * Decimal("535"), 100 * Decimal("535")),
        "extra/CH4": (Decimal("0.2"), Decimal("0.2") * 28),
        "milled": (Decimal(120_000), None),
        "clinker_in": (Decimal(96), None),
        "gypsum": (Decimal(6000), None),
        "ash": (Decimal(3), None),
        "mill_power": (two, None),
        "mill_way": (Decimal(12_000), 12_000 * Decimal("0.03159")),
        "bagged": (Decimal("1.2"), None),
        "bag_out": (Decimal(60), None),
        "waste": (Decimal("0.12"), Decimal("0.12") * Decimal("0.0213167")),
        "lamp/average": (Decimal("0.36"), Decimal("0.36") * Decimal("0.5777")),
        "none": (None, None),
    }
    assert {name for name in found if not name.startswith("smoke")} == set(by_hand)
    assert len(by_hand) >= 20
    for name, (quantity, kgco2e) in by_hand.items():
        told = found[name]
        assert told[0] == quantity if quantity is None else abs(told[0] - quantity) <= 3 * MICRO, name
        assert told[1] is None if kgco2e is None else abs(told[1] - kgco2e) <= Decimal("0.001"), name


def test_what_burns_is_the_accounting_and_bought_power_is_not_among_it(small):
    ((burnt, bought),) = small.rows(
        "select sum(emissions_tco2e) filter (where source_category = 'combustion' and basis = 'all') * 1000, "
        "count(*) filter (where source_category = 'purchased_electricity') "
        "from carbon.emissions_monthly where month = '2025-01-01' and organization_id = 'works'"
    )
    smoke = [row[1] for name, row in flows(small).items() if name.startswith("smoke")]
    assert len(smoke) == 3
    assert abs(sum(smoke) - burnt) <= Decimal("0.002")  # type: ignore[operator]
    assert bought > 0  # type: ignore[operator]


def test_what_is_missing_is_said_and_what_is_left_out_stands_without_a_value(small):
    ratings = flows(small, "dqr_technology, dqr_time, dqr_geography")
    assert ratings["grid/average"] == (2, 2, 2)
    assert ratings["grid/wind"] == (1, 2, 2)
    assert ratings["meal_way"] == (3, 4, 4)
    assert ratings["meal"] == (None, None, None)
    told = flows(small, "missing, missing_zh, missing_en, is_complete, is_cut_off, stage, allocation_value")
    assert told["none"][:4] == ("no_activity", "没有活动数据", "no activity was told", False)
    assert [name for name, row in told.items() if row[0] is not None] == ["none"]
    assert [name for name, row in told.items() if row[4]] == ["ash"]
    assert told["mill_way"][5] == "distribution"
    assert told["lamp/average"][5] == told["bagged"][5] == "use"
    assert told["meal"][5] == told["meal_way"][5] == told["gypsum"][5] == "raw_materials"
    assert told["coal"][5] == told["clinker_in"][5] == told["kiln_power"][5] == "production"
    assert (told["kilned"][6], told["dusted"][6], told["milled"][6]) == (100, 5, None)
    assert {row[6] for name, row in told.items() if name not in ("kilned", "dusted")} == {None}


def test_the_same_again_is_nothing_new_and_a_new_day_changes_what_rests_on_it(small):
    work = small.work()
    assert not work.new_rows
    before, rows = flows(small), small.rows("select * from footprint.flows_monthly order by all")
    small.land(row for row in _history(QUARTERS) if row[1] > START + timedelta(days=2))  # type: ignore[operator, misc]
    plan = small.work().rebuild
    assert "footprint.flows_monthly" in plan.by_work
    assert "footprint.flows_monthly" not in plan.whole
    small.run("second")
    after = flows(small)
    changed = {name.partition("/")[0] for name in before if before[name] != after[name]}
    assert changed == {"made", "grid", "coal", "smoke", "kiln_power", "mill_power"}
    assert after["grid/wind"] == before["grid/wind"]
    assert len(small.rows("select * from footprint.flows_monthly order by all")) == len(rows)
    assert publication.last_manifest(small.lake) is not None
