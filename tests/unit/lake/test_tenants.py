"""The file of one entity holds its rows and those below it, of every mart that tells whose a row is; nothing else."""

import duckdb
import pytest

from lake import doors, tenancy, tenants
from lake.manifest import Manifest, Mart, write

PARENTS = [("park", None), ("mill", "park"), ("kiln", "mill"), ("steel", "park")]
ROWS = {
    "reference.organizations": ("organization_id, parent_id", PARENTS),
    "energy.hourly": (
        "organization_id, local_date, quantity",
        [(name, f"2026-01-0{day}", day) for name, _ in PARENTS for day in (1, 2)] + [(None, "2026-01-01", 7)],
    ),
    "reference.factors": ("factor_id, organization_id", [("table", None), ("own", "steel"), ("mine", "kiln")]),
    "reference.carriers": ("carrier", [("coal",)]),
    "quality.checks": ("expectation", [("steel is right",)]),
    "quality.unheard_of": ("told", [("steel",)]),
}


def _written(area, name, file="a", rows=None):
    columns, given = ROWS[name]
    folder = area / name.replace(".", "/")
    folder.mkdir(parents=True, exist_ok=True)
    kinds = ", ".join(f"{c} {'date' if c == 'local_date' else 'varchar'}" for c in columns.split(", "))
    with duckdb.connect() as con:
        con.execute(f"create table made ({kinds})")
        con.executemany(f"insert into made values ({', '.join('?' * len(columns.split(', ')))})", rows or given)
        con.table("made").write_parquet(str(folder / f"{file}.parquet"))


@pytest.fixture
def area(tmp_path):
    for name in ROWS:
        _written(tmp_path / "marts", name)
    return tmp_path / "marts"


def _published(area, number=1, **files):
    marts = {
        name: Mart(1, files.get(name.rpartition(".")[2], ("a.parquet",)), 9, tuple(columns.split(", ")))
        for name, (columns, _) in ROWS.items()
    }
    manifest = Manifest(
        number, "run", "2026-01-01T00:00:00+00:00", "plant", "abc", None, "UTC", None, None, None, None, {}, {}, {},
        marts,
    )  # fmt: skip
    write(area, manifest)
    tenants.open_all(area.parent, area, manifest)
    return manifest


def _shown(area, name, query="select organization_id, quantity from energy.hourly order by all"):
    with duckdb.connect(str(area.parent / f"tenants/{name}.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def test_each_entity_below_the_head_has_a_file_with_its_rows(area):
    _published(area)
    assert sorted(path.name for path in (area.parent / "tenants").iterdir()) == [
        "kiln.duckdb", "mill.duckdb", "steel.duckdb",
    ]  # fmt: skip
    assert _shown(area, "steel") == [("steel", "1"), ("steel", "2")]
    assert {owner for owner, _ in _shown(area, "mill")} == {"mill", "kiln"}
    factors = "select factor_id from reference.factors order by all"
    assert _shown(area, "steel", factors) == [("own",), ("table",)]
    assert _shown(area, "mill", factors) == [("mine",), ("table",)]
    assert _shown(area, "steel", "select * from reference.organizations") == [("steel", "park")]
    marts = "select schema_name || '.' || table_name from duckdb_tables() where schema_name <> 'main' order by 1"
    assert [name for (name,) in _shown(area, "kiln", marts)] == [
        "energy.hourly", "reference.carriers", "reference.factors", "reference.organizations",
    ]  # fmt: skip
    assert _shown(area, "kiln", "select count(*) from duckdb_views() where not internal") == [(0,)], "no outside file"


def test_no_byte_of_another_is_in_the_file(area):
    _published(area)
    held = (area.parent / "tenants/kiln.duckdb").read_bytes()
    assert b"kiln" in held
    assert b"steel" not in held


def test_what_follows_costs_the_days_that_changed(area):
    _published(area)
    _written(area, "energy.hourly", rows=[("steel", "2026-01-01", 99)])  # the old file says something else now
    _published(area, 2)
    assert _shown(area, "steel") == [("steel", "1"), ("steel", "2")], "what no file changed is not read again"
    _written(area, "energy.hourly", "b", rows=[("steel", "2026-01-03", 3), ("mill", "2026-01-03", 4)])
    _published(area, 3, hourly=("a.parquet", "b.parquet"))
    assert ("steel", "3") in _shown(area, "steel")
    assert "mill" not in {owner for owner, _ in _shown(area, "steel")}


def test_an_entity_that_joins_another_is_seen_from_then_on_and_one_that_goes_has_no_file(area):
    _published(area)
    rows = [("park", None), ("mill", "park"), ("steel", "mill")]
    _written(area, "reference.organizations", "b", rows=rows)
    _published(area, 2, organizations=("b.parquet",))
    assert {owner for owner, _ in _shown(area, "mill")} == {"mill", "steel"}
    assert sorted(path.name for path in (area.parent / "tenants").iterdir()) == ["mill.duckdb", "steel.duckdb"]


def test_a_file_that_is_behind_is_seen(area):
    manifest = _published(area)
    files = tenants.files(area.parent, area, manifest)
    assert {doors.number(file) for file in files} == {1}
    (area.parent / "tenants/mill.duckdb").unlink()
    assert {doors.number(file) for file in files} == {1, None}


def test_an_id_cannot_leave_its_quotes():
    said = tenancy.condition("energy.hourly", ["organization_id"], ["o'neil"])
    assert said == "organization_id in ('o''neil')"
    assert tenancy.condition("energy.hourly", ["quantity"], ["mill"]) is None
