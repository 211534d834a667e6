"""A member of the park sees its own rows and no word of a neighbour, in its own file and through its agents."""

from pathlib import Path

import duckdb
import pytest

from exchange import agents
from lake import published, tenancy
from lake.errors import LakeError
from tests.integration.neighbours import MEMBERS, Neighbours
from tests.integration.reference_park import Park

pytestmark = pytest.mark.integration
_MANY = 5_000
#: What would reach a file, a network, a setting or another database, if a door let it.
WAYS_OUT = (
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/hostname')",
    "select * from read_blob('/etc/hostname')",
    "select * from read_json('/etc/hostname')",
    "select * from read_parquet('/etc/hostname')",
    "select * from parquet_metadata('{lake}/ref/organizations/*.parquet')",
    "select * from '{lake}/ref/organizations/*.parquet'",
    "select * from '/etc/hostname.csv'",
    "select * from glob('{lake}/*')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from sqlite_scan('{lake}/portal.sqlite', 'accounts')",
    "select getenv('HOME')",
    "select * from query('attach ''{lake}/marts.duckdb'' as other')",
    "attach '{lake}/marts_bi.duckdb' as other",
    "use memory",
    "copy (select 1) to '{lake}/written.csv'",
    "copy energy.consumption_monthly from '/etc/passwd'",
    "export database '{lake}/written'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "set global threads = 1",
    "reset lock_configuration",
    "pragma database_list",
    "call pragma_version()",
    "checkpoint",
    "create table mine as select 1",
    "insert into energy.consumption_monthly select * from energy.consumption_monthly",
    "select 1; select 2",
)


@pytest.fixture(scope="module")
def neighbours(park: Park) -> Neighbours:
    return Neighbours(park)


def opened(park: Park, member: str) -> duckdb.DuckDBPyConnection:
    """Open a member's file as its analyst may: with nothing of the machine around it."""
    file = park.lake / "tenants" / f"{member}.duckdb"
    return duckdb.connect(str(file), read_only=True, config={"enable_external_access": "false"})


def marts_of(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() "
        "where not internal and schema_name <> 'main' group by 1 order by 1"
    ).fetchall()
    return dict(rows)


@pytest.mark.parametrize("member", MEMBERS)
def test_a_file_has_all_rows_of_its_entity_and_none_of_another(park: Park, member: str) -> None:
    with opened(park, member) as own, duckdb.connect(str(park.lake / "marts.duckdb"), read_only=True) as whole:
        mine, every = marts_of(own), marts_of(whole)
        assert mine.keys() == {mart for mart, columns in every.items() if tenancy.condition(mart, columns, [member])}
        assert len(mine) >= 90
        assert own.execute("select count(*) from duckdb_views() where not internal").fetchall() == [(0,)]
        seen = 0
        for mart, columns in mine.items():
            ((rows,),) = own.execute(f"select count(*) from {mart}").fetchall()
            condition = tenancy.condition(mart, columns, [member])
            assert whole.execute(f"select count(*) from {mart} where {condition}").fetchall() == [(rows,)], mart
            if tenancy.OWNER in columns:
                owners = {name for (name,) in own.execute(f"select distinct organization_id from {mart}").fetchall()}
                assert owners <= ({member} if mart not in tenancy.reasons() else {member, None}), mart
                seen += rows
        assert seen > 10_000


@pytest.mark.parametrize("member", ["cement", "machinery"])
def test_no_text_of_a_file_names_a_neighbour(park: Park, neighbours: Neighbours, member: str) -> None:
    """Only the columns that name the other end of one's own delivery do, and they are listed with the reason."""
    assert len(neighbours.of(member)) >= 100
    told = {}
    with opened(park, member) as own:
        columns = own.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() where not internal "
            "and data_type like 'VARCHAR%' and schema_name <> 'main'"
        ).fetchall()
        assert len(columns) >= 500
        for mart, column in columns:
            if column in tenancy.partners().get(mart, ((),))[0]:
                continue
            texts = own.execute(f'select distinct cast("{column}" as varchar) from {mart}').fetchall()
            found = neighbours.named(member, (text for (text,) in texts if text))
            if found:
                told[f"{mart}.{column}"] = sorted(found)[:3]
    assert told == {}


def test_an_agent_of_one_entity_finds_no_row_of_another_in_any_mart(park: Park, neighbours: Neighbours) -> None:
    file = park.lake / "marts.duckdb"
    listed = [row["mart"] for row in agents.marts(file, "cement")]
    assert not {"evidence.batches", "quality.checks"} & set(listed)
    assert neighbours.named("cement", [str(agents.marts(file, "cement"))]) == set()
    with opened(park, "cement") as own:
        seen = 0
        assert sorted(listed) == sorted(marts_of(own))
        for mart, columns in marts_of(own).items():
            ((rows,),) = own.execute(f"select count(*) from {mart}").fetchall()
            if rows > _MANY:
                continue  # by the same rule, and dear to copy
            is_own = tenancy.OWNER in columns and mart not in tenancy.reasons()
            foreign = "organization_id is distinct from 'cement'" if is_own else "false"
            asked = f"select count(*) as n, count(*) filter (where {foreign}) as foreign from {mart}"
            assert agents.answer(file, "cement", asked)["rows"] == [{"n": rows, "foreign": 0}], mart
            seen += 1
    assert seen >= 80
    for mart in ("evidence.batches", "quality.checks", "main.publication", "evidence.nothing"):
        with pytest.raises(LakeError, match=r"no mart|refused"):
            agents.answer(file, "cement", f"select * from {mart}")
    for escape in (
        "select * from query('from energy.comprehensive_monthly')",
        "select * from query_table('energy.comprehensive_monthly')",
        "select * from duckdb_tables() where table_name = 'checks'",
        "select * from duckdb_databases() where path like '%marts%'",
    ):
        try:
            rows = agents.answer(file, "cement", escape)["rows"]
        except LakeError:
            continue
        assert neighbours.named("cement", [str(rows)]) == set(), escape
        assert "checks" not in str(rows), escape


@pytest.mark.parametrize("organization", [None, "cement"])
def test_an_agent_finds_no_way_out(park: Park, organization: str | None) -> None:
    before = sorted(path.name for path in park.lake.iterdir())
    for way in WAYS_OUT:
        with pytest.raises(LakeError):
            agents.answer(park.lake / "marts.duckdb", organization, way.replace("{lake}", str(park.lake)))
    assert sorted(path.name for path in park.lake.iterdir()) == before


def test_the_operators_query_finds_no_way_out(park: Park, tmp_path: Path) -> None:
    """`nengtan sql` looks around in the marts as it likes, and reaches nothing beside them."""
    looking = {"pragma database_list", "use memory", "select 1; select 2", "call pragma_version()", "checkpoint"}
    before = sorted(path.name for path in park.lake.iterdir())
    for way in (*WAYS_OUT, "select * from '{lake}/tenants/cement.duckdb'"):
        if way in looking:
            continue
        with published.opened(park.lake / "marts.duckdb") as marts, pytest.raises(duckdb.Error):
            marts.execute(way.replace("{lake}", str(park.lake))).fetchall()
    assert sorted(path.name for path in park.lake.iterdir()) == before
