"""A rule that names what no factor has is found; one that puts a factor in force is not."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from factors import numbers
from factors.load import load
from lake.site import convert
from lake.site.declared import files
from quality.detectors import rules


def found(**cells):
    con = duckdb.connect()
    con.execute("create schema ref")
    columns = files()["factor_rules"].columns
    row = dict.fromkeys(columns) | {"use": "adopt", "reason": "test"} | cells
    schema = pa.schema([pa.field(name, convert.arrow_type(column)) for name, column in columns.items()])
    own = pa.Table.from_pylist([], schema=numbers.SCHEMA)
    tables = {"factor_rules": pa.Table.from_pylist([row], schema=schema), "factor_numbers_own": own}
    library = {name: load()[name] for name in ("factor_numbers", "factor_uncertainty")}
    for name, table in (tables | library).items():
        con.register("incoming", table)
        con.execute(f"create table ref.{name} as select * from incoming")
        con.unregister("incoming")
    return [one.subject for one in rules.detect(con)]


@pytest.mark.parametrize(
    "cells",
    [
        {"kind": "grid", "data_year": 2023},
        {"kind": "grid", "data_year": 2023, "factor_type": "province_average", "region": "JS"},
        {"kind": "grid", "region": "XZ", "from_region": "CN"},
        {"kind": "fuel", "factor_set": "NDRC_24_guides"},
        {"kind": "coal_equivalent", "factor_set": "GB/T 2589-2008"},
        {"kind": "electricity_equivalent", "data_year": 2024},
        {"kind": "uncertainty", "factor_set": "IPCC_2006"},
    ],
)
def test_a_rule_with_a_factor_is_in_order(cells):
    assert found(**cells) == []


@pytest.mark.parametrize(
    ("cells", "subject"),
    [
        ({"kind": "grid", "data_year": 2030}, "grid/2030"),
        ({"kind": "grid", "data_year": 2023, "published_on": date(2030, 1, 1)}, "grid/2023 2030-01-01"),
        ({"kind": "fuel", "factor_set": "NDRC_24"}, "fuel/NDRC_24"),
        ({"kind": "grid", "region": "XZ", "from_region": "MOON"}, "grid/MOON"),
        ({"kind": "uncertainty", "factor_set": "IPCC_1996"}, "uncertainty/IPCC_1996"),
    ],
)
def test_a_rule_without_a_factor_is_found(cells, subject):
    assert found(**cells) == [subject]
