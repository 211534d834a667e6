"""Agents at the published marts, by the protocol's own client and the real process: read, limited, only one's own."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import anyio
import duckdb
import pytest

from exchange import agents

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = (
    "select * from read_text('/etc/hostname')",
    "select * from '/etc/hostname.csv'",
    "attach '/tmp/other.duckdb'",
    "set threads = 1",
    "copy (select 1) to '/tmp/out.csv'",
    "delete from energy.consumption_monthly",
    "select 1; select 2",
    "",
)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as door:
        for statement in (
            "create schema reference; create schema energy; create schema quality",
            "create table reference.organizations as select * from (values ('park', null), ('mill', 'park'), "
            "('steel', 'park')) as rows (organization_id, parent_id)",
            "create table reference.carriers as select 'coal' as carrier",
            "create table energy.consumption_monthly as select organization_id, day::date as month, 1.5::decimal(9, 3) "
            "as quantity from reference.organizations cross join range(date '2025-01-01', date '2025-03-01', "
            "interval 1 day) as days (day)",
            "comment on column energy.consumption_monthly.quantity is '用量 | Amount in kWh'",
            "create table quality.checks as select 'sum' as expectation",
        ):
            door.execute(statement)
    return tmp_path


def asked(lake: Path, *calls: tuple[str, dict[str, Any]], organization: str | None = None) -> list[Any]:
    """Start the process, call tools by the protocol, and return what each answered, or its error as text."""
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    arguments = ["-m", "pipelines.cli.main", "mcp", "--lake", str(lake)]
    arguments += ["--organization", organization] if organization else []
    program = StdioServerParameters(command=sys.executable, args=arguments, cwd=ROOT, env=dict(os.environ))

    async def talk() -> list[Any]:
        async with stdio_client(program) as (reading, writing), ClientSession(reading, writing) as client:
            await client.initialize()
            tools = [tool.name for tool in (await client.list_tools()).tools]
            assert tools == ["list_marts", "describe_mart", "query", "trace"]
            found = []
            for name, given in calls:
                said = await client.call_tool(name, given)
                content = said.structured_content or {}
                found.append(said.content[0].text if said.is_error else content.get("result", content))  # type: ignore[union-attr]
            return found

    return anyio.run(talk)


def query(sql: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "query", {"sql": sql, **more}


def test_an_agent_reads_the_marts_and_nothing_else(lake: Path) -> None:
    total = "select organization_id, sum(quantity) as kwh from energy.consumption_monthly group by 1 order by 1"
    marts, columns, sums, cut, *refused = asked(
        lake,
        ("list_marts", {}),
        ("describe_mart", {"mart": "energy.consumption_monthly"}),
        query(total),
        query("select * from energy.consumption_monthly", most_rows=2),
        *(query(sql) for sql in FORBIDDEN),
    )
    assert "quality.checks" in [row["mart"] for row in marts]
    assert {"name": "quantity", "type": "DECIMAL(9,3)", "comment": "用量 | Amount in kWh"} in columns
    assert [(row["organization_id"], row["kwh"]) for row in sums["rows"]] == [
        (name, "88.500") for name in ("mill", "park", "steel")
    ]
    assert (len(cut["rows"]), cut["is_cut"]) == (2, True)
    assert len(refused) == len(FORBIDDEN)
    assert all(isinstance(answer, str) for answer in refused), json.dumps(refused)
    assert not Path("/tmp/out.csv").exists()


def test_who_speaks_for_one_plant_sees_its_rows_only(lake: Path) -> None:
    by_all = "select organization_id, count(*) as days from energy.consumption_monthly group by 1"
    marts, own, hidden, site, shared, *refused = asked(
        lake,
        ("list_marts", {}),
        query(by_all),
        query("with t as (select * from energy.consumption_monthly where organization_id = 'steel' or 1 = 1) from t"),
        query("select * from quality.checks"),
        query("select carrier from reference.carriers"),
        ("trace", {"mart": "energy.consumption_monthly", "row": {"organization_id": "steel", "month": "2025-01-01"}}),
        *(query(sql) for sql in FORBIDDEN),
        organization="mill",
    )
    assert "quality.checks" not in [row["mart"] for row in marts]
    assert own["rows"] == [{"organization_id": "mill", "days": 59}]
    assert {row["organization_id"] for row in hidden["rows"]} == {"mill"}
    assert "there is no mart" in site
    assert shared["rows"] == [{"carrier": "coal"}]
    assert "name a row of your own" in refused[0]
    assert all(isinstance(answer, str) for answer in refused), json.dumps(refused)


def test_a_park_sees_its_members(lake: Path) -> None:
    names = "select distinct organization_id from energy.consumption_monthly"
    found = agents.answer(lake / "marts.duckdb", "park", names)
    assert {row["organization_id"] for row in found["rows"]} == {"park", "mill", "steel"}


def test_a_query_of_one_plant_may_join_and_name_views(lake: Path) -> None:
    """What it names is read from the query itself; a part of the query is no mart, and a view is one like a table."""
    with duckdb.connect(str(lake / "marts.duckdb")) as door:
        door.execute("create view energy.seen as select organization_id, month from energy.consumption_monthly")
    found = agents.answer(
        lake / "marts.duckdb",
        "mill",
        "with days as (select organization_id, month from energy.seen) select count(*) as n, min(quantity) as least "
        "from days join energy.consumption_monthly using (organization_id, month)",
    )
    assert found["rows"] == [{"n": 59, "least": "1.500"}]
    for refused in ("select * from quality.checks join energy.seen on true", "pivot energy.seen on month"):
        with pytest.raises(agents.RefusedError):
            agents.answer(lake / "marts.duckdb", "mill", refused)
