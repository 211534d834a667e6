"""Each published footprint of the park is released and told: sums hold in PACT v3 and v2, partners read it back."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from exchange.footprints import catenax, cbam_site, codec, profiles, releases
from exchange.footprints.releases import Asked, Place, Released
from lake import published
from lake.closing_acts import By
from lake.site.load import read_site
from lake.store import Lake
from pipelines.settings import ROOT
from tests.integration.reference_park import Park

pytestmark = pytest.mark.integration
_TOLD = "select product_id, max(period) from footprint.products where {} group by product_id order by product_id"
_COMPLETE = "is_sold and is_complete and period_kind = 'month' and exempted_ratio is not null"
_PARTS = {
    3: (
        *("fossilGhgEmissions", "landUseChangeGhgEmissions", "landManagementBiogenicCO2Emissions"),
        *("landManagementBiogenicCO2Removals", "technologicalCO2Removals", "ccsTechnologicalCO2Capture"),
        "biogenicNonCO2Emissions",
    ),
    2: ("fossilGhgEmissions", "dLucGhgEmissions", "landManagementGhgEmissions", "otherBiogenicGhgEmissions"),
}
_TOTALS = {
    3: ("pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake", "biogenicCO2Uptake"),
    2: ("pCfExcludingBiogenic", "pCfIncludingBiogenic", "biogenicCarbonWithdrawal"),
}


@pytest.fixture(scope="module")
def place(park: Park, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The published park with a place of its own for releases."""
    site = read_site(ROOT / "examples/reference_park", {})
    return Place(Lake(str(tmp_path_factory.mktemp("releases"))), Path(park.lake) / "marts.duckdb", site)


@pytest.fixture(scope="module")
def released(place: Place) -> list[Released]:
    """All sold products of the park, each for its last complete month."""
    with published.opened(place.marts) as connection:
        told = connection.execute(_TOLD.format(_COMPLETE)).fetchall()
    return [releases.release(place, Asked(*one), By("p01", "", "command")) for one in told]


def test_the_declared_products_are_released(released: list[Released]) -> None:
    names = {one.product_id for one in released}
    assert {"cement", "clinker", "crude_steel", "steel_bar", "methanol", "gear_unit"} <= names
    assert all(sum(part.contribution for part in one.record.contributions) == one.record.figures.footprint
               for one in released)  # fmt: skip


@pytest.mark.parametrize("version", [3, 2])
def test_sums_hold_in_what_partners_are_told(released: list[Released], version: int) -> None:
    told = [one for one in released if not profiles.faults(one.record, version)]
    assert len(told) >= 6
    without, including, uptake = _TOTALS[version]
    for one in told:
        document = json.loads(json.dumps(profiles.written(one.record, version)))
        pcf = document["pcf"]
        total = sum((Decimal(pcf[name]) for name in _PARTS[version] if name in pcf), Decimal(0))
        assert Decimal(pcf[without]) == total, one.product_id
        assert Decimal(pcf[including]) == total + Decimal(pcf.get(uptake, "0")), one.product_id
        found = profiles.read(document, version)
        assert found.broken == (), one.product_id
        assert found.record_id == one.record.record_id


def test_what_cannot_be_told_says_why(released: list[Released]) -> None:
    silent = {one.product_id: profiles.faults(one.record, 3) for one in released if profiles.faults(one.record, 3)}
    assert all(fault.endswith("is missing.") for faults in silent.values() for fault in faults), silent


def test_the_shape_of_catenax_and_the_text_of_the_lake(released: list[Released]) -> None:
    cement = next(one for one in released if one.product_id == "cement")
    assert catenax.written(cement.record)["pcf"]["declaredUnit"] == "kilogram"
    for one in released:
        assert codec.record(codec.text(one.record)) == one.record


def test_embedded_emissions_of_the_park(place: Place, released: list[Released]) -> None:
    period = next(one.period for one in released if one.product_id == "cement")
    clinker, cement = cbam_site.report(place.site, place.marts, "cement_works", period).goods
    assert Decimal("0.7") < clinker.see_direct < Decimal("0.95")
    assert Decimal("0.5") < cement.see_direct < clinker.see_direct
    assert cement.good.parameters["clinker_t_per_t"] == "0.7400"
    crude, bar = cbam_site.report(place.site, place.marts, "steel_mill", period).goods
    assert Decimal(0) < crude.see_direct < bar.see_direct < Decimal("0.3")
    assert crude.see_in_scope == crude.see_direct
