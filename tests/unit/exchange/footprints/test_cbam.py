"""Embedded emissions by hand: clinker, cement with its clinker, steel with bought alloys; JSON and workbook."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from exchange.footprints import cbam, cbam_workbook
from exchange.footprints.cbam import Bought, CarbonPrice, Good, Installation, Stream
from lake.errors import FootprintError

WORKS = Installation(
    installation_id="works", name="Works", operator="Works Ltd", address="1 Kiln Road", country="CN", unlocode="CNNKG",
    latitude=Decimal("32.06"), longitude=Decimal("118.8"), verifier="", electricity_factor=Decimal("0.6"),
    electricity_source="grid", heat_factor=Decimal("0.11"), heat_source="default",
)  # fmt: skip
#: 1,000 t: 520 t of calcination, 300 t of coal; 60 MWh; 100 GJ of heat given away.
CLINKER = Good(
    product_id="clinker", name="Clinker", cn_code="25231000", category="cement_clinker", route="dry kiln",
    activity_t=Decimal(1000), streams=(Stream("calcination", Decimal(520)), Stream("coal", Decimal(300))),
    electricity_mwh=Decimal(60), heat_out_gj=Decimal(100),
)  # fmt: skip
#: 1,200 t from 900 t of it and 200 t of slag; 40 MWh; 2 t of diesel.
CEMENT = Good(
    product_id="cement", name="Cement", cn_code="25232900", category="cement", route="",
    activity_t=Decimal(1200), streams=(Stream("diesel", Decimal(2)),), electricity_mwh=Decimal(40),
    own={"clinker": Decimal(900)}, parameters={"clinker_t_per_t": "0.75"},
    bought=(Bought("slag", "Slag", "26180000", "CN", Decimal(200), Decimal("0.02"), Decimal("0.05"), "default", "EU"),),
    price=CarbonPrice(Decimal(5000), Decimal(100), Decimal(1000)),
)  # fmt: skip
STEEL = Good(
    product_id="bar", name="Bar", cn_code="72283020", category="iron_or_steel", route="electric arc furnace",
    activity_t=Decimal(500), streams=(Stream("gas", Decimal(50)),), electricity_mwh=Decimal(300),
    waste_gas_in_t=Decimal(7), waste_gas_out_t=Decimal(3), electricity_made_t=Decimal(4), heat_in_gj=Decimal(10),
    bought=(
        Bought("alloy", "Silicomanganese", "72023000", "CN", Decimal(5), Decimal(2), Decimal(4), "actual", "maker"),
    ),
)  # fmt: skip


def told(*goods: Good) -> dict[str, cbam.Embedded]:
    found = cbam.report(WORKS, date(2026, 1, 1), date(2026, 12, 31), goods)
    return {one.good.product_id: one for one in found.goods}


def test_clinker_by_hand():
    one = told(CLINKER)["clinker"]
    assert one.attributed_direct_t == Decimal("809.00")  # 520 + 300 - 100 x 0.11
    assert one.attributed_indirect_t == Decimal("36.0")  # 60 x 0.6
    assert (one.see_direct, one.see_indirect) == (Decimal("0.809"), Decimal("0.036"))
    assert one.see_in_scope == Decimal("0.845")
    assert one.default_ratio == 0


def test_cement_takes_its_clinker_with_it():
    one = told(CEMENT, CLINKER)["cement"]
    assert one.precursors_direct_t == Decimal("732.1")  # 900 x 0.809 + 200 x 0.02
    assert one.precursors_indirect_t == Decimal("42.4")  # 900 x 0.036 + 200 x 0.05
    assert one.see_direct == Decimal("734.1") / 1200
    assert one.see_indirect == Decimal("66.4") / 1200  # 40 x 0.6 + 42.4
    assert one.see_in_scope == Decimal("800.5") / 1200
    assert one.default_ratio == Decimal(14) / Decimal("800.5")  # 200 x 0.07 of it


def test_steel_counts_direct_emissions_only():
    one = told(STEEL)["bar"]
    assert one.attributed_direct_t == Decimal("51.10")  # 50 + 10 x 0.11 + 7 - 3 - 4
    assert one.see_direct == Decimal("61.1") / 500  # + 5 x 2
    assert one.see_indirect == Decimal(200) / 500  # 300 x 0.6 + 5 x 4
    assert one.see_in_scope == one.see_direct


def test_the_share_of_default_values_goes_through_own_precursors():
    clinker = replace(CLINKER, bought=(replace(CEMENT.bought[0], amount_t=Decimal(100), see_direct=Decimal(1)),))
    one = told(replace(CEMENT, bought=()), clinker)["cement"]
    assert one.default_t == Decimal(900) / 1000 * Decimal("105.00")
    assert 0 < one.default_ratio < 1


def test_what_cannot_be_reckoned_is_said():
    with pytest.raises(FootprintError, match="bar: nothing was made from 2026-01-01 to 2026-12-31"):
        told(replace(STEEL, activity_t=Decimal(0)))
    with pytest.raises(FootprintError, match="cement -> clinker -> cement: goods cannot be precursors of each other"):
        told(CEMENT, replace(CLINKER, own={"cement": Decimal(1)}))
    with pytest.raises(FootprintError, match="bar takes heat from others; works has no heat factor"):
        cbam.report(replace(WORKS, heat_factor=None), date(2026, 1, 1), date(2026, 12, 31), [STEEL])


def test_the_document_says_that_it_is_not_the_official_file():
    found = cbam.report(WORKS, date(2026, 1, 1), date(2026, 12, 31), [CEMENT, CLINKER])
    document = json.loads(json.dumps(cbam.document(found)))
    assert "not the official file" in document["label"]
    cement = document["goods"][0]
    assert (cement["see_direct"], cement["cn_code"], cement["is_indirect_in_scope"]) == ("0.611750", "25232900", True)
    assert cement["carbon_price"]["net_cny"] == "4000.000000"
    assert cement["precursors_own"] == [{"item": "clinker", "amount_t": "900.000000"}]
    assert document["installation"]["unlocode"] == "CNNKG"


def test_the_workbook_opens_again_with_the_sheets_of_the_template():
    found = cbam.report(WORKS, date(2026, 1, 1), date(2026, 12, 31), [CEMENT, CLINKER, STEEL])
    file = cbam_workbook.written(found)
    assert file == cbam_workbook.written(found)
    book = openpyxl.load_workbook(BytesIO(file))
    assert tuple(book.sheetnames) == (
        *("A_InstData", "B_EmInst", "C_Emissions&Energy", "D_Processes", "E_PurchPrec", "F_Tools", "G_FurtherGuidance"),
        *("Summary_Processes", "Summary_Products", "Summary_Communication"),
    )
    assert all("not the official file" in sheet["A1"].value for sheet in book)
    summary = list(book["Summary_Processes"].iter_rows(min_row=4, values_only=True))
    assert [row[0] for row in summary] == ["cement", "clinker", "bar"]
    assert summary[0][3] == 0.61175
    assert [row[6] for row in summary] == ["yes", "yes", "no"]
    precursors = list(book["E_PurchPrec"].iter_rows(min_row=4, values_only=True))
    assert [row[1] for row in precursors] == ["Slag", "Clinker", "Silicomanganese"]
    assert precursors[1][5] == 0.809
    told_to = list(book["Summary_Communication"].iter_rows(min_row=4, values_only=True))
    assert told_to[0][12] == "clinker_t_per_t: 0.75"
