"""The file that readers open: views and tables of the publication, every column described in both languages."""

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from lake import doors
from lake.manifest import Manifest, Mart


@pytest.fixture
def area(tmp_path):
    """Write one mart of three rows, below a folder whose name has a quote."""
    folder = tmp_path / "it's a lake"
    (folder / "marts/energy/small").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.sql("from range(3) t(point_id)").write_parquet(str(folder / "marts/energy/small/a.parquet"))
    return folder / "marts"


def _manifest(mart):
    return Manifest(
        7, "run", "2026-01-01T00:00:00+00:00", "plant", "abc", None, "UTC", None, None, None, None, {}, {}, {},
        {"energy.small": mart},
    )  # fmt: skip


def test_every_column_is_described_also_those_of_the_publication(area):
    comments = {"": "小 | small", "point_id": "测点 | point", "dropped": "无 | none"}
    mart = Mart(1, ("a.parquet",), 3, ("point_id",), comments=comments)
    doors.open_marts(area.parent, area, _manifest(mart))
    assert doors.number(area.parent / doors.MARTS) == 7
    with duckdb.connect(str(area.parent / doors.MARTS), read_only=True) as connection:
        assert connection.execute("select count(*) from energy.small").fetchall() == [(3,)]
        found = connection.sql("select table_name, column_name, comment from duckdb_columns() where not internal")
        told = {(table, column): comment for table, column, comment in found.fetchall()}
    assert told["small", "point_id"] == "测点 | point"
    assert len(told) >= 7
    assert all(" | " in (comment or "") for comment in told.values())


def test_a_mart_without_a_row_still_has_its_columns(area):
    schema = pa.schema([("point_id", pa.string()), ("quantity", pa.decimal128(18, 6)), ("month", pa.date32())])
    DeltaTable.create(area / "energy/small", schema, partition_by=["month"])
    doors.open_marts(area.parent, area, _manifest(Mart(0, (), 0, tuple(schema.names), partition_by="month")))
    with duckdb.connect(str(area.parent / doors.MARTS), read_only=True) as connection:
        found = connection.sql("select * from energy.small")
        assert list(zip(found.columns, map(str, found.types), strict=True)) == [
            ("point_id", "VARCHAR"),
            ("quantity", "DECIMAL(18,6)"),
            ("month", "DATE"),
        ]
        assert found.fetchall() == []
