"""suppliers, their materials and answers, customers and grants: what does not fit is named at its cell."""

import csv
import io
import shutil
from pathlib import Path

import pytest

from lake.errors import SiteError
from lake.site import partners
from lake.site.load import read_site
from lake.site.survey import survey

SITE = Path("examples/reference_park")
GOOD = {
    "suppliers.csv": {"supplier_id": "good", "name_zh": "好"},
    "supplier_materials.csv": {
        "supplier_id": "lime_works", "material": "lime", "organization_id": "steel", "name_zh": "好", "unit": "t",
        "share": "0.5", "source": "letter",
    },
    "supplier_footprints.csv": {
        "supplier_footprint_id": "good", "organization_id": "steel", "supplier_id": "lime_works", "material": "lime",
        "declared_unit": "kg", "footprint_kgco2e": "1.1", "reference_from": "2024-01-01",
        "reference_to": "2025-01-01", "valid_to": "2027-01-01", "received_on": "2025-03-01", "source": "letter",
    },
    "customers.csv": {"customer_id": "good", "name_zh": "好"},
    "customer_grants.csv": {
        "customer_id": "builder", "product_id": "clinker", "detail": "result", "reason": "contract"
    },
}  # fmt: skip
WRONG = {
    "suppliers.csv": [
        ({"client_id": "us"}, "client_secret", "is empty, client_id is given and needs it"),
        ({"client_id": "us", "client_secret": "s3cr3t"}, "client_secret", "allowed: ${WRONG_1_SECRET}, with"),
        ({"client_secret": "${A_SECRET}"}, "client_id", "is empty, client_secret is given and needs it"),
        ({"pact_url": "https://us:s3cr3t@pact.example"}, "pact_url", "is no address without a name in it"),
        ({"pact_url": "http://pact.example", "pact_version": "3"}, "pact_url", "allowed: https://host/path"),
        ({"auth_url": "https://pact.example?key=s3cr3t"}, "auth_url", "allowed: https://host/path"),
        ({"pact_version": "3"}, "pact_url", "is empty, pact_version is given and needs it"),
        ({"pact_version": "1", "pact_url": "https://pact.example"}, "pact_version", "allowed: 2, 3"),
        ({"inbound_client_id": "lime-works"}, "inbound_client_id", "'lime-works' repeats line 9, each client once"),
        ({"email": "nowhere"}, "email", "nowhere"),
    ],
    "supplier_materials.csv": [
        ({"supplier_id": "lime_wroks"}, "supplier_id", "did you mean lime_works"),
        ({"organization_id": "cement"}, "organization_id", "'lime_works' is a supplier of 'steel', allowed: steel"),
        ({"unit": "tonne"}, "unit", "tonne"),
        ({"due_on": "2025-03-01"}, "asked_on", "is empty, due_on is given"),
        ({"asked_on": "2025-03-01", "due_on": "2025-02-01"}, "due_on", "is before asked_on 2025-03-01"),
        ({"supplier_id": "scrap_yard", "material": "lime", "share": "0.6"}, "share", "makes 1.1 of 'lime' with"),
        ({"penalty_ratio": "-0.1"}, "penalty_ratio", "at least 0"),
    ],
    "supplier_footprints.csv": [
        ({"material": "lmie"}, "material", "did you mean lime"),
        ({"declared_unit": "m3"}, "declared_unit", "'m3' does not convert into 't'"),
        ({"footprint_kgco2e": ""}, "footprint_kgco2e", "is empty, an answer needs it"),
        ({"status": "rejected"}, "footprint_kgco2e", "the supplier declined"),
        ({"fossil_kgco2e": "1", "land_use_change_kgco2e": "0.2"}, "footprint_kgco2e", "allowed: 1.2"),
        ({"capture_kgco2e": "-0.2"}, "fossil_kgco2e", "is empty, the other parts are given"),
        ({"biogenic_uptake_kgco2e": "-0.2", "footprint_including_uptake_kgco2e": "1.1"},
         "footprint_including_uptake_kgco2e", "1.1 is not the sum of its parts, allowed: 0.9"),
        ({"biogenic_uptake_kgco2e": "0.2"}, "biogenic_uptake_kgco2e", "at most 0"),
        ({"packaging_kgco2e": "2"}, "packaging_kgco2e", "2 is more than footprint_kgco2e, of which it is a part"),
        ({"reference_to": "2024-01-01"}, "reference_to", "is not after reference_from 2024-01-01"),
        ({"valid_to": "2023-01-01"}, "valid_to", "is not after reference_from 2024-01-01"),
        ({"supplier_footprint_id": "good", "valid_from": "2028-01-01", "valid_to": "2029-01-01"},
         "supplier_footprint_id", "'good' repeats line 2, each id once"),
        ({"record_id": "12"}, "record_id", "12"),
        ({"voucher": "none.pdf"}, "voucher", "is not below vouchers/"),
    ],
    "customers.csv": [
        ({"client_id": "builder"}, "client_id", "'builder' repeats line 3, each client once"),
        ({"outbound_client_id": "us"}, "outbound_client_secret", "is empty, outbound_client_id is given"),
        ({"outbound_client_id": "us", "outbound_client_secret": "s3cr3t"}, "outbound_client_secret", "written out"),
    ],
    "customer_grants.csv": [
        ({"customer_id": "bulider"}, "customer_id", "did you mean builder"),
        ({"detail": "all"}, "detail", "allowed: process, result"),
        ({"valid_to": "2020-01-01", "valid_from": "2021-01-01"}, "valid_to", "is not after valid_from 2021-01-01"),
    ],
}  # fmt: skip
#: What tells a wrong line from the good one.
OWN = {
    "suppliers.csv": "supplier_id", "supplier_materials.csv": "material", "customers.csv": "customer_id",
    "supplier_footprints.csv": "supplier_footprint_id", "customer_grants.csv": "reason",
}  # fmt: skip
#: Of these the lines of the park stay, because the wrong ones repeat them.
KEPT = ("suppliers.csv", "customers.csv")


def _broken(folder: Path) -> dict[str, int]:
    """Write the park with a good line and every wrong one; return the line of the good one in each file."""
    shutil.copytree(SITE, folder, ignore=shutil.ignore_patterns("simulator", "plant"))
    taken = (SITE / "exchanges.csv").read_text("utf-8").splitlines(keepends=True)  # less what the park's suppliers give
    kept = [line for line in taken if ",supplier," not in line and ",transport," not in line]
    (folder / "exchanges.csv").write_text("".join(kept), "utf-8")
    places = {}
    for name, wrong in WRONG.items():
        head, *lines = (SITE / name).read_text("utf-8").splitlines()
        kept = lines if name in KEPT else []
        told, columns = [GOOD[name]], _columns(head, name)
        for number, (cells, *_) in enumerate(wrong):
            told.append(GOOD[name] | {OWN[name]: f"wrong_{number}"} | cells)
        page = io.StringIO()
        writer = csv.DictWriter(page, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*csv.DictReader([head, *kept]), *told])
        (folder / name).write_text(page.getvalue(), "utf-8")
        places[name] = len(kept) + 2
    return places


def _columns(head: str, name: str) -> list[str]:
    named = {column for cells in [GOOD[name], *(wrong[0] for wrong in WRONG[name])] for column in cells}
    return [*head.split(","), *sorted(named - set(head.split(",")))]


def test_what_does_not_fit_is_named_at_its_cell(tmp_path: Path) -> None:
    first = _broken(tmp_path / "site")
    faults = survey(tmp_path / "site", {}).faults
    for name, wrong in WRONG.items():
        assert first[name] not in {fault.line for fault in faults if fault.file == name}, name
        for line, (_, column, said) in enumerate(wrong, start=first[name] + 1):
            here = [str(fault) for fault in faults if (fault.file, fault.line, fault.column) == (name, line, column)]
            assert any(said in one for one in here), (name, line, column, here)
    assert "s3cr3t" not in str(faults)


def test_a_partner_that_cannot_be_reached_safely_refuses_the_site_and_a_faulty_answer_its_row(tmp_path: Path) -> None:
    _broken(tmp_path / "site")
    with pytest.raises(SiteError, match=r"suppliers\.csv:15: client_secret"):
        read_site(tmp_path / "site", {})
    for name in KEPT:
        shutil.copy(SITE / name, tmp_path / "site" / name)
    read = read_site(tmp_path / "site", {})
    assert read.tables["supplier_footprints"]["supplier_footprint_id"].to_pylist() == ["good"]
    assert read.tables["customer_grants"]["product_id"].to_pylist() == ["clinker"]
    refused = {row["file"] for row in read.refused.to_pylist()}
    assert {"supplier_footprints.csv", "supplier_materials.csv", "customer_grants.csv"} <= refused


def test_the_park_has_every_state_of_an_answer_and_secrets_come_from_the_environment() -> None:
    park = read_site(SITE, {})
    assert park.tables["suppliers"].num_rows >= 12
    assert set(park.tables["supplier_footprints"]["status"].to_pylist()) == {"active", "rejected"}
    lime = next(row for row in park.tables["suppliers"].to_pylist() if row["supplier_id"] == "lime_works")
    assert lime["client_secret"] == "${LIME_WORKS_SECRET}"
    assert partners.secret_of(lime["client_secret"], {"LIME_WORKS_SECRET": "word"}) == "word"
    assert partners.secret_of(lime["client_secret"], {}) is None
    assert partners.secret_of(None, {}) is None
