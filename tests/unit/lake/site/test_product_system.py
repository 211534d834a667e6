"""products.csv, processes.csv and exchanges.csv: what does not fit is named at its cell."""

import csv
import io
import shutil
from pathlib import Path

import pytest

from lake.site.survey import survey

SITE = Path("examples/reference_park")
PRODUCT = {
    "product_id": "brick", "organization_id": "cement", "process_id": "brick_making", "name_zh": "砖",
    "declared_unit": "t",
}  # fmt: skip
PROCESS = {
    "process_id": "brick_making", "organization_id": "cement", "energy_unit_id": "cement_office", "name_zh": "制砖",
    "stage": "production",
}  # fmt: skip
MADE = {
    "exchange_id": "brick_made", "process_id": "brick_making", "direction": "output", "kind": "product",
    "item": "brick", "amount_source": "production", "production_product_id": "cement", "unit": "t", "source": "book",
}  # fmt: skip
TAKEN = MADE | {
    "exchange_id": "brick_clay", "direction": "input", "kind": "material", "item": "clay", "amount_source": "fixed",
    "production_product_id": "", "quantity": "1.2", "provider_kind": "secondary",
    "provider_id": "uk2020-material-aggregates",
}  # fmt: skip
CARRIED = TAKEN | {
    "exchange_id": "brick_way", "kind": "transport", "item": "freight", "amount_source": "transport", "quantity": "",
    "unit": "tkm", "of_exchange_id": "brick_clay", "distance_km": "20", "provider_id": "uk2020-freight-rail",
}  # fmt: skip
METERED = TAKEN | {
    "exchange_id": "brick_power", "kind": "electricity", "item": "cement_electricity", "amount_source": "meter",
    "quantity": "", "unit": "kWh", "carrier": "electricity", "provider_kind": "process", "provider_id": "",
}  # fmt: skip
EMITTED = TAKEN | {
    "exchange_id": "brick_smoke", "direction": "emission", "kind": "elementary", "item": "all",
    "amount_source": "emissions", "quantity": "", "unit": "kg", "source_category": "fugitive",
    "provider_kind": "", "provider_id": "",
}  # fmt: skip
SHARED = {"allocation": "mass", "allocation_reason_zh": "共同产出"}
SECOND = MADE | {"exchange_id": "dust_made", "kind": "co_product", "item": "dust", "amount_source": "fixed",
                 "production_product_id": "", "quantity": "0.1"}  # fmt: skip
DUST = PRODUCT | {"product_id": "dust"}
RIGHT = [MADE, TAKEN, CARRIED, METERED, EMITTED]

#: What is wrong: the rows of each file beside the park's own, and where and how it is told.
EXCHANGES = [
    (TAKEN | {"provider_kind": "", "provider_id": ""}, "provider_kind", "is empty, an input says where it comes from"),
    (TAKEN | {"provider_id": "uk2020-material-agregates"}, "provider_id", "did you mean uk2020-material-aggregates"),
    (TAKEN | {"provider_kind": "supplier", "item": "lmie", "provider_id": ""}, "item", "supplied by nobody (did you"),
    (TAKEN | {"provider_kind": "supplier", "item": "lime", "provider_id": "bag_maker"}, "provider_id", "lime_works"),
    (TAKEN | {"provider_kind": "process", "item": "clinkr", "provider_id": ""}, "item", "did you mean clinker"),
    (TAKEN | {"provider_kind": "process", "item": "clinker", "provider_id": "x"}, "provider_id", "leave it empty"),
    (TAKEN | {"provider_kind": "process", "item": "cement_electricity", "provider_id": ""}, "unit", "does not convert"),
    (TAKEN | {"provider_kind": "electricity", "provider_id": ""}, "unit", "'t' is no energy"),
    (TAKEN | {"provider_kind": "none", "provider_id": ""}, "is_cut_off", "the two say the same"),
    (TAKEN | {"provider_kind": "none", "provider_id": "", "is_cut_off": "1"}, "cut_off_reason_zh", "why in both"),
    (TAKEN | {"quantity": ""}, "quantity", "is empty, an amount by fixed names it"),
    (TAKEN | {"distance_km": "3"}, "distance_km", "an amount by fixed has no use for it"),
    (TAKEN | {"process_id": "brick_makin"}, "process_id", "did you mean brick_making"),
    (TAKEN | {"dqr_time": "6"}, "dqr_time", "at most 5"),
    (TAKEN | {"amount_source": "demand", "quantity": ""}, "amount_source", "'demand' is of an output"),
    (CARRIED | {"of_exchange_id": "brick_cley"}, "of_exchange_id", "did you mean brick_clay"),
    (CARRIED | {"of_exchange_id": "brick_power"}, "of_exchange_id", "'brick_power' has no mass"),
    (CARRIED | {"of_exchange_id": "brick_way"}, "of_exchange_id", "is itself a transport"),
    (CARRIED | {"unit": "t"}, "unit", "allowed: tkm"),
    (METERED | {"carrier": ""}, "carrier", "is empty, an amount by meter names it"),
    (METERED | {"energy_unit_id": "cement_kiln"}, "share", "electricity of 'cement_kiln' is counted already in line"),
    (METERED | {"role": "end use"}, "role", "has the wrong form"),
    (EMITTED | {"unit": "kWh"}, "unit", "is no mass"),
    (EMITTED | {"source_category": "purchased_electricity"}, "source_category", "is unknown"),
    (EMITTED | {"source_category": "process", "energy_unit_id": "cement"}, "share", "is counted already in line"),
    (MADE | {"production_product_id": "cemnt"}, "production_product_id", "did you mean cement"),
    (MADE | {"provider_kind": "process"}, "provider_kind", "is given, but what is product as output begins here"),
    (MADE | {"unit": "kWh", "quantity": "1"}, "unit", "'kWh' does not convert into 't' of 'brick'"),
    (MADE | {"item": "bricks"}, "item", "did you mean brick"),
    (MADE | {"item": "cement"}, "process_id", "'cement' is made by 'cement_grinding'"),
    (MADE | {"source": ""}, "source", "is empty"),
]  # fmt: skip


def page(folder: Path, name: str, rows: list[dict[str, str]]) -> int:
    """Write the park's file with further rows; return the line of the first of them."""
    text = (SITE / name).read_text("utf-8")
    header = next(csv.reader(io.StringIO(text)))
    kept = list(csv.DictReader(io.StringIO(text)))
    wanted = [*header, *sorted({column for row in rows for column in row} - set(header))]
    told = io.StringIO()
    writer = csv.DictWriter(told, wanted, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows([*kept, *rows])
    (folder / name).write_text(told.getvalue(), "utf-8")
    return len(kept) + 2


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the park that the product system names; what else a site needs is told of other files."""
    folder = tmp_path_factory.mktemp("site")
    for name in (
        "site.yaml",
        "organizations",
        "energy_units",
        "production",
        "factors",
        "suppliers",
        "supplier_materials",
    ):
        shutil.copy(SITE / (name if name.endswith("yaml") else f"{name}.csv"), folder)
    return folder


def told(site: Path, exchanges: list[dict[str, str]], products: list[dict[str, str]], processes: list[dict[str, str]]):
    lines = {"exchanges.csv": page(site, "exchanges.csv", exchanges)}
    lines["products.csv"] = page(site, "products.csv", products)
    lines["processes.csv"] = page(site, "processes.csv", processes)
    return lines, [fault for fault in survey(site, {}).faults if fault.file in lines]


def test_the_park_and_a_process_more_are_without_fault(site):
    assert told(site, RIGHT, [PRODUCT], [PROCESS])[1] == []


def test_each_fault_of_an_exchange_is_named_at_its_cell(site):
    wrong = [row | {"exchange_id": f"wrong_{place}"} for place, (row, _, _) in enumerate(EXCHANGES)]
    wrong = [
        row | ({"of_exchange_id": row["exchange_id"]} if row.get("of_exchange_id") == "brick_way" else {})
        for row in wrong
    ]
    lines, faults = told(site, [*RIGHT, *wrong], [PRODUCT], [PROCESS])
    assert len(EXCHANGES) >= 30
    for line, (_, column, said) in enumerate(EXCHANGES, start=lines["exchanges.csv"] + len(RIGHT)):
        here = [
            str(fault) for fault in faults if (fault.file, fault.line, fault.column) == ("exchanges.csv", line, column)
        ]
        assert any(said in one for one in here), (line, column, said, here, [str(f) for f in faults if f.line == line])


BOTH, TWO = [PRODUCT, DUST], [MADE, SECOND]
TOLD = [MADE | {"allocation_key": "0.7"}, SECOND | {"allocation_key": "0.2"}]
#: The rows of products.csv, processes.csv and exchanges.csv, and what is told of which of them.
SYSTEMS = [
    ([PRODUCT | {"process_id": "steel_rolling"}], PROCESS, RIGHT, "products", "process_id", "belongs to 'steel'"),
    (BOTH, PROCESS, RIGHT, "products", "process_id", "'brick_making' does not put 'dust' out"),
    (
        [PRODUCT | {"boundary": "cradle_to_grave"}],
        PROCESS,
        RIGHT,
        "products",
        "functional_unit_zh",
        "needs a functional",
    ),
    ([PRODUCT | {"benchmark_kgco2e": "9"}], PROCESS, RIGHT, "products", "benchmark_source", "is empty"),
    ([PRODUCT], PROCESS | {"energy_unit_id": "steel_eaf"}, RIGHT, "processes", "energy_unit_id", "'steel'"),
    ([], PROCESS, [], "processes", "process_id", "'brick_making' makes nothing"),
    (BOTH, PROCESS, TWO, "processes", "allocation", "leaves 2 products unshared"),
    (BOTH, PROCESS | {"allocation": "mass"}, TWO, "processes", "allocation_reason_zh", "is empty"),
    (BOTH, PROCESS | SHARED | {"allocation": "energy"}, TWO, "exchanges", "allocation_key", "its heat in GJ"),
    (BOTH, PROCESS | SHARED, [MADE, SECOND | {"kind": "product"}], "exchanges", "kind", "is a second product"),
    (BOTH, PROCESS | SHARED, [TAKEN, SECOND], "exchanges", "kind", "has no output of kind product"),
    (BOTH, PROCESS | SHARED | {"allocation": "share"}, TOLD, "exchanges", "allocation_key", "0.9, they must come to 1"),
]


@pytest.mark.parametrize("case", SYSTEMS, ids=[f"{where}.{column}" for *_, where, column, _ in SYSTEMS])
def test_who_makes_what_and_how_it_is_shared(site, case):
    products, process, exchanges, where, column, said = case
    faults = told(site, exchanges, products, [process])[1]
    here = [str(fault) for fault in faults if (fault.file, fault.column) == (f"{where}.csv", column)]
    assert any(said in one for one in here), [str(fault) for fault in faults]


def test_products_that_share_by_mass_are_without_fault(site):
    assert told(site, [*RIGHT, SECOND], BOTH, [PROCESS | SHARED])[1] == []
