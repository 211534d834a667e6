"""The rules of the accounts, each on a case small enough to reckon by hand."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from quality.detectors import accounting, certificates
from tests.dbt_sandbox import query
from tests.golden.test_emissions import only


@pytest.fixture(scope="module")
def emissions(accounts: Path) -> list[dict[str, Any]]:
    return query(accounts, "select * from carbon.emissions_monthly")


def total(emissions: list[dict[str, Any]], organization: str, basis: str) -> Decimal:
    wanted = {basis} if basis == "statutory" else {"all", basis}
    rows = [row for row in emissions if row["organization_id"] == organization and row["basis"] in wanted]
    return sum((row["emissions_tco2"] or Decimal(0) for row in rows), Decimal(0))


def test_coke_differs_between_two_sets_and_neither_is_taken_silently(emissions):
    old = only(emissions, organization_id="old", carrier="coke", basis="statutory")
    mill = only(emissions, organization_id="mill", carrier="coke", basis="statutory")
    assert (old["factor_set"], old["factor_rule"]) == ("NDRC_24_guides", "guideline")
    assert (mill["factor_set"], mill["factor_rule"]) == ("MEE_2022_2024_guides", "guideline")
    assert old["emissions_tco2"].quantize(Decimal("0.1")) == Decimal("2851.8")
    assert mill["emissions_tco2"].quantize(Decimal("0.1")) == Decimal("3006.0")


def test_a_fuel_missing_in_the_chosen_set_is_null_until_a_rule_names_another_set(emissions):
    row = only(emissions, organization_id="works", carrier="methanol", basis="statutory", source_category="combustion")
    assert (row["factor_rule"], row["factor_set"]) == ("rule", "NDRC_chemical_product_carbon")
    assert row["emissions_tco2"] == Decimal("1.375")
    feedstock = only(emissions, organization_id="works", carrier="methanol", basis="all", source_category="process")
    assert (feedstock["emissions_tco2"], feedstock["null_reason"]) == (None, "no_method_in_guideline")


def test_green_power_by_contract_is_zero_in_the_market_account_only(emissions):
    by_basis = {
        basis: only(emissions, organization_id="works", carrier="electricity_wind", basis=basis)["emissions_tco2"]
        for basis in ("location", "market", "statutory")
    }
    assert by_basis == {"location": Decimal("29.135"), "market": Decimal(0), "statutory": Decimal("26.53")}


def test_a_certificate_is_matched_once_and_the_rest_of_the_power_is_not_hidden(accounts, emissions):
    def market(organization: str) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        return {
            (row["carrier"], row["method_term"]): (row["activity"], row["emissions_tco2"])
            for row in emissions
            if row["organization_id"] == organization and row["basis"] == "market"
        }

    residual = "national_excl_market_nonfossil"
    # 30,000 + 20,000 kWh; what is not retired, or proves the contracted wind power, is matched with nothing
    assert market("greened") == {
        ("electricity_grid", "certificate"): (Decimal(50000), Decimal(0)),
        ("electricity_grid", residual): (Decimal(50000), Decimal("30.48")),
        ("electricity_thermal", residual): (Decimal(1000), Decimal("0.6096")),
        ("electricity_wind", "nonfossil_electricity"): (Decimal(10000), Decimal(0)),
    }
    assert market("surplus")["electricity_grid", "certificate"] == (Decimal(1000), Decimal(0))
    assert total(emissions, "greened", "location") == Decimal("64.6797")  # 111,000 kWh x 0.5827
    assert total(emissions, "greened", "statutory") == Decimal("58.8966")  # x 0.5306
    with duckdb.connect(str(accounts), read_only=True) as connection:
        found = {one.kind: one for one in certificates.detect(connection)}
    assert found["certificate_used_twice"].subject.startswith("gec-2/")
    assert found["certificate_surplus"].evidence == {"surplus_kwh": Decimal(4000)}


def test_power_made_on_the_roof_emits_nothing_and_is_not_bought(emissions):
    assert not [row for row in emissions if row["carrier"] == "electricity_pv"]


def test_a_fuel_without_carbon_is_zero_and_biomass_is_shown_without_a_number(emissions):
    ammonia = only(emissions, organization_id="works", carrier="ammonia", basis="all")
    assert (ammonia["emissions_tco2"], ammonia["factor_rule"]) == (Decimal(0), "definition")
    ethanol = only(emissions, organization_id="works", carrier="ethanol", basis="all")
    assert ethanol["is_biogenic"]
    assert (ethanol["emissions_tco2"], ethanol["null_reason"]) == (None, "biogenic_not_counted")


def test_a_product_that_is_only_sold_is_not_burnt(emissions):
    hydrogen = {(row["null_reason"], row["emissions_tco2e"]) for row in emissions if row["carrier"] == "hydrogen"}
    assert hydrogen == {("sold_not_made", None)}


def test_clinker_carries_its_limestone_and_steel_its_flux(emissions):
    clinker = only(emissions, organization_id="cement", carrier="clinker", basis="statutory")
    assert clinker["emissions_tco2"] == Decimal(80250)  # 150,000 t x 0.535
    assert not [row for row in emissions if row["organization_id"] == "cement" and row["carrier"] == "limestone"]
    flux = only(emissions, organization_id="mill", carrier="limestone", basis="statutory")
    assert flux["emissions_tco2"] == Decimal(440)
    counted = only(emissions, organization_id="mill", carrier="dolomite", basis="statutory")
    assert (counted["activity"], counted["emissions_tco2"]) == (Decimal(500), Decimal("235.5"))  # by stock, x 0.471
    counted = only(emissions, organization_id="mill", carrier="dolomite", basis="statutory")
    assert (counted["activity"], counted["emissions_tco2"]) == (Decimal(500), Decimal("235.5"))  # by stock, x 0.471
    electrode = only(emissions, organization_id="mill", carrier="electrode", basis="all")
    assert (electrode["activity"], electrode["emissions_tco2"]) == (Decimal(150), Decimal("549.45"))
    bound = only(emissions, organization_id="mill", carrier="crude_steel", basis="statutory")
    assert (bound["source_category"], bound["emissions_tco2"]) == ("sequestered", Decimal(-3700))


def test_the_park_counts_internal_heat_once_at_the_fuel(emissions):
    heat = [row for row in emissions if row["carrier"] == "heat"]
    # the guideline of power plants takes nothing off for what is sold
    assert not [row for row in emissions if row["organization_id"] == "power"]
    inside = {row["organization_id"] for row in heat} & {"park", "works", "centre", "old", "mill", "cement", "power"}
    assert inside == {"works", "centre"}
    sold = only(emissions, organization_id="centre", carrier="heat", basis="statutory")
    assert (sold["source_category"], sold["emissions_tco2"]) == ("sold_heat", Decimal("-0.308"))
    gas = only(emissions, organization_id="park", carrier="natural_gas", gas="CO2", basis="all")
    assert gas["activity"] == Decimal(1000)
    parts = {
        (row["organization_id"], row["is_internal"]): row["activity"]
        for row in emissions
        if row["organization_id"] in ("works", "centre") and row["gas"] == "CO2" and row["basis"] == "all"
        if row["carrier"] == "natural_gas"
    }
    assert parts == {("works", True): Decimal(100), ("centre", False): Decimal(1000), ("centre", True): Decimal(-100)}


def test_members_add_up_to_the_park_without_their_trade(emissions):
    members = ("works", "old", "cement", "mill", "centre", "power")
    trade = {
        # heat bought inside; in the statutory account what one buys the other sells
        "location": Decimal("0.308"),
        "market": Decimal("0.308"),
        "statutory": Decimal(0),
    }
    for basis, internal in trade.items():
        assert sum(total(emissions, name, basis) for name in members) - internal == total(emissions, "park", basis)


def test_members_and_their_trade_are_the_boundary_of_the_park(accounts, emissions):
    rows = query(accounts, "select * from carbon.park_balance_monthly where organization_id = 'park'")
    for basis, bought, sold in (("location", "-0.308", "0"), ("statutory", "-0.308", "0.308")):
        parts = [row for row in rows if row["basis"] == basis]
        by_kind = {row["part_kind"]: row["emissions_tco2e"] for row in parts if row["part_kind"] != "member"}
        members = {row["part_id"]: row["emissions_tco2e"] for row in parts if row["part_kind"] == "member"}
        # the heat that the works bought from the centre; gas that passes inside emits the same on both sides
        gas = sum(
            (
                row["emissions_tco2e"] or Decimal(0)
                for row in emissions
                if row["organization_id"] == "works"
                and row["is_internal"]
                and row["carrier"] == "natural_gas"
                and row["basis"] in ({basis} if basis == "statutory" else {"all", basis})
            ),
            Decimal(0),
        )
        assert gas > 0
        assert by_kind["internal_purchase"] == Decimal(bought) - gas
        assert by_kind["internal_sale"] == Decimal(sold) + gas
        assert set(members) == {"works", "old", "cement", "mill", "centre"}
        assert by_kind["difference"] == 0
        assert sum(members.values()) - gas + gas + Decimal(bought) + Decimal(sold) == by_kind["boundary"]
    assert not [row for row in rows if not row["part_kind_name_zh"] or row["part_kind_name_zh"].isascii()]


def test_a_lineage_id_names_one_row(emissions):
    assert len({row["lineage_id"] for row in emissions}) == len(emissions) > 100


def test_comprehensive_energy_of_the_works(accounts):
    row = query(accounts, "select * from energy.comprehensive_monthly where organization_id = 'works'")[0]
    # 12.29 + 6.145 + 2.458 + 0.095536 + 1,457,100 + 2 x 0.6794 + 0.133, nothing sold that has a coefficient
    assert row["input_tce_calorific"] == Decimal("1457122.480336")
    assert row["output_tce_calorific"] == Decimal(0)
    assert row["comprehensive_energy_tce_calorific"] == Decimal("1457122.480336")
    assert row["feedstock_tce_calorific"] == Decimal("0.6794")
    assert row["renewable_tce_equivalent"] == Decimal("21.168")
    assert row["without_coefficient_count"] == 3  # ammonia, ethanol, and hydrogen sold: shown, not summed
    assert row["comprehensive_energy_previous_year_tce_calorific"] is None


def test_comprehensive_energy_takes_off_what_the_centre_passes_on(accounts):
    row = query(accounts, "select * from energy.comprehensive_monthly where organization_id = 'centre'")[0]
    assert row["input_tce_calorific"] == Decimal("1.33")
    assert row["output_tce_calorific"] == Decimal("0.228536")
    assert row["comprehensive_energy_tce_calorific"] == Decimal("1.101464")


def test_the_other_gases_count_with_their_potential(emissions):
    n2o = only(emissions, organization_id="old", carrier="coke", gas="N2O")
    # 28,446 GJ x 1.5 kg/TJ = 0.042669 t, AR5: x 265
    assert (n2o["emissions_t"], n2o["gwp_set"], n2o["gwp"]) == (Decimal("0.042669"), "AR5", Decimal(265))
    assert (n2o["emissions_tco2"], n2o["emissions_tco2e"]) == (None, Decimal("11.307285"))
    assert n2o["factor_confidence"] == "recalled"


def test_bad_input_keeps_its_row_and_says_why(emissions):
    reasons = {
        row["carrier"]: row["null_reason"]
        for row in emissions
        if row["organization_id"] == "careless" and row["basis"] == "statutory"
    }
    assert reasons == {
        "unobtainium": "unknown_item",
        "caco3": "unit_of_other_dimension",
        "mgco3": "negative_activity",
        "sf6_capacity": "no_method_in_guideline",
        "carbon_powder": "needs_measurement",
        "na2co3": None,
        "natural_gas": "unit_of_other_dimension",
        "cement": "sold_not_made",
    }
    assert only(emissions, organization_id="careless", carrier="na2co3", basis="statutory")[
        "emissions_tco2"
    ] == Decimal("4.149")


def test_what_was_sold_and_made_is_no_emission_and_what_was_never_made_is_missing_in_the_total(accounts, emissions):
    steel = [row for row in emissions if row["organization_id"] == "mill" and row["carrier"] == "crude_steel"]
    assert {row["source_category"] for row in steel} == {"sequestered"}
    gas = only(emissions, organization_id="converter", carrier="converter_gas", basis="statutory")
    assert (gas["activity"], gas["null_reason"]) == (Decimal(-12000), "sold_not_made")
    totals = query(
        accounts,
        "select item_status, missing_count, emissions_tco2e > 0 as is_counted from carbon.inventory_annual "
        "where organization_id = 'careless' and basis = 'statutory' and item_key = 'total'",
    )
    assert totals == [{"item_status": "incomplete", "missing_count": 7, "is_counted": True}]


def test_each_fault_of_an_activity_is_one_sentence(accounts):
    with duckdb.connect(str(accounts), read_only=True) as connection:
        found = [one for one in accounting.detect(connection) if one.organization_id == "careless"]
    assert {one.subject.split("/")[1]: one.subject.split("/")[2] for one in found} == {
        "unobtainium": "unknown_item",
        "caco3": "unit_of_other_dimension",
        "mgco3": "negative_activity",
        "natural_gas": "unit_of_other_dimension",
        "cement": "sold_not_made",
    }
    for one in found:
        assert one.message_en.count(". ") == 0
        assert one.message_en.endswith(".")
        assert not one.message_zh.isascii()


def test_measured_carbon_comes_before_the_heat_value_and_both_before_the_table(emissions):
    rows = {
        row["carrier"]: (row["factor_rule"], row["factor"])
        for row in emissions
        if row["organization_id"] == "measured" and row["basis"] == "statutory" and row["gas"] == "CO2"
    }
    assert rows == {
        "anthracite": ("measured_carbon", Decimal("2.053333333333")),  # 0.56 x 1 x 44/12
        "washed_coal": ("measured_heat_value", Decimal("1.509200000000")),  # 14.7 x 0.028 x 1 x 44/12
        "coke": ("guideline", only(emissions, organization_id="mill", carrier="coke", basis="statutory")["factor"]),
    }


def test_carbon_that_leaves_in_products_is_taken_off_the_feedstock(emissions):
    rows = {
        row["method_term"]: row["emissions_tco2e"]
        for row in emissions
        if row["organization_id"] == "balance" and row["basis"] == "statutory"
    }
    assert rows["feedstock_balance/in"] == Decimal("2566.666667")  # 1,000 t x 0.7 x 44/12
    assert rows["feedstock_balance/out"] == Decimal(-550)  # 400 t of methanol x 1.375


def test_replaced_raw_materials_are_taken_off_the_clinker(emissions):
    total = sum(
        row["emissions_tco2"]
        for row in emissions
        if row["organization_id"] == "replacing" and row["basis"] == "statutory"
    )
    assert total == Decimal(1000) * Decimal("0.535") - Decimal(100) * Decimal("0.48")


def test_the_footprint_factor_of_electricity_is_never_taken_for_the_co2_factor(emissions):
    sets = {row["factor_set"] for row in emissions if row["source_category"] == "purchased_electricity"}
    assert sets
    assert not [name for name in sets if name and "footprint" in name]
