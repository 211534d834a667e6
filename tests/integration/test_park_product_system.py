"""The reference park's product system: mass in and out, its emissions beside the inventory, and values to believe."""

from decimal import Decimal

import pytest

from tests.integration.reference_park import Park

pytestmark = pytest.mark.integration

#: What leaves a process as goods and wastes of what it takes in, by mass (water, gases and burnt fuel aside). Why not
#: all: carbonates lose their CO2, coke burns and skulls stay in the shop, packaging goes with the product.
MASS = {
    "cement_raw_meal": ("1.0000", "1.0000"),
    "cement_clinker": ("0.6500", "0.6600"),
    "cement_grinding": ("1.0000", "1.0000"),
    "cement_packing": ("0.9980", "1.0000"),
    "steel_melting": ("0.9300", "0.9600"),
    "steel_rolling": ("0.9980", "1.0020"),
    "methanol_making": ("0.9300", "1.0300"),
    # what is sold is told by the books of two years, what is taken by the meters of two months that were simulated anew
    "hydrogen_making": ("0.9800", "1.0020"),
    "special_oil_making": ("0.9300", "0.9800"),
    "gear_making": ("0.9400", "0.9600"),
    "gear_life": ("1.0000", "1.0000"),
}
#: What of the organisation's own emissions (combustion, process, bound in products) stands in its processes. The
#: accounting of the chemical works has the crude's carbon whole, less special oil that nobody measured; its process
#: counts the dry gas that it burns.
COVERED = {"cement": "1", "steel": "1", "energy_centre": "1", "machinery": "1", "chemical": "0.85"}
#: kgCO2e per declared unit, as a reader of the field expects them.
BELIEVABLE = {
    "cement": (550, 900),
    "clinker": (780, 960),
    "crude_steel": (350, 700),
    "steel_bar": (400, 900),
    "methanol": (1200, 3200),
    "special_oil": (400, 900),
    "gear_unit": (2000, 8000),
    "gear_unit_life": (30_000, 100_000),
    "park_heat": (50, 110),
    "centre_electricity": (Decimal("0.15"), Decimal("0.5")),
    "whr_power": (Decimal("0.01"), Decimal("0.1")),
}
TOLERANCE = Decimal("0.000001")


def test_mass_is_kept_within_what_is_said(park: Park) -> None:
    rows = park.sql(
        """
        select process_id,
            sum(mass_t) filter (where direction = 'output')
            / sum(mass_t) filter (where direction = 'input' and kind in ('material', 'recycled', 'packaging'))
        from footprint.flows_monthly
        where month between date '2025-11-01' and date '2025-12-01'
        group by process_id order by process_id
        """
    )
    ratios = {str(process): ratio for process, ratio in rows if ratio is not None}
    assert set(ratios) == set(MASS)
    for process, (least, most) in MASS.items():
        assert Decimal(least) <= Decimal(str(round(ratios[process], 4))) <= Decimal(most), (process, ratios[process])  # type: ignore[call-overload]


def test_no_emission_counts_twice_and_it_is_said_which_share_counts(park: Park) -> None:
    rows = park.sql(
        """
        with own as (
            select organization_id, month, sum(emissions_kgco2e) / 1000 as tco2e from footprint.flows_monthly
            where direction = 'emission' and factor_unit = 'kgCO2e/kg' and part <> '' group by all
        )

        select organization_id, month, own.tco2e, sum(emissions_tco2e)
        from own join carbon.emissions_monthly using (organization_id, month)
        where basis = 'all' and source_category in ('combustion', 'process', 'sequestered')
        group by all
        """
    )
    assert len(rows) >= 2 * len(COVERED)
    for organization, month, own, inventory in rows:
        share = Decimal(str(own)) / inventory  # type: ignore[operator]
        assert Decimal(COVERED[str(organization)]) - TOLERANCE <= share <= 1 + TOLERANCE, (organization, month, share)
    bought = "select count(*) from footprint.flows_monthly where direction = 'emission' and item like 'electricity%'"
    assert park.sql(bought) == [(0,)]


def test_electricity_is_all_there_by_origin_and_never_by_its_co2_factor(park: Park) -> None:
    rows = park.sql(
        """
        select organization_id, sum(quantity) filter (where part <> 'transmission')
        from footprint.flows_monthly where provider_kind = 'electricity' and kind = 'electricity'
        and month = date '2025-12-01' group by 1 order by 1
        """
    )
    bought = park.sql(
        """
        select organization_id, sum(if(role = 'sale', -quantity, quantity)) from energy.consumption_monthly
        where level = 1 and month = date '2025-12-01' and carrier <> 'electricity_waste_heat' and (
            (role = 'purchase' and carrier like 'electricity%') or carrier = 'electricity_pv'
        ) group by 1 order by 1
        """
    )
    assert len(rows) == 5
    for (organization, flowed), (other, metered) in zip(rows, bought, strict=True):
        assert organization == other
        assert abs(flowed - metered) <= Decimal("0.0001"), organization  # type: ignore[operator]
    factors = "select distinct factor_id from footprint.flows_monthly where provider_kind = 'electricity'"
    named = {str(name) for (name,) in park.sql(factors)}
    assert {name.split("-")[1] for name in named} >= {"footprint_national_average", "footprint_wind", "footprint_pv"}
    assert all(name.startswith("grid-footprint_") for name in named)


def test_footprints_are_such_as_a_reader_of_the_field_expects(park: Park) -> None:
    rows = park.sql(
        "select product_id, footprint_kgco2e from footprint.products where period = '2025-12' and is_complete"
    )
    found = {str(product): value for product, value in rows}
    assert len(found) >= 20
    for product, (least, most) in BELIEVABLE.items():
        assert least <= found[product] <= most, (product, found[product])  # type: ignore[operator]
    assert found["cement"] < found["cement_bagged"] < found["clinker"]  # type: ignore[operator]
    assert found["crude_steel"] < found["steel_bar"] < found["gear_unit"]  # type: ignore[operator]
    assert found["gear_unit"] < found["gear_unit_life"]  # type: ignore[operator]
