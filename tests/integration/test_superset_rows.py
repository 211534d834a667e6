"""A viewer of one enterprise sees no row of another, by whatever door; who has no rule sees no row at all."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scripts.superset import specification
from tests.integration.superset_server import Session, Superset

pytestmark = pytest.mark.integration
MINE, OTHER = "cement", "steel"
Query = dict[str, Any]


@pytest.fixture(scope="module")
def datasets(superset: Superset) -> dict[str, int]:
    """Number every dataset by its mart."""
    answer = superset.as_("admin").get("/api/v1/dataset/", params={"q": "(page_size:100)"}).json()
    found = {
        f"{row['schema']}.{row['table_name'].removeprefix(row['schema'] + '_')}": row["id"] for row in answer["result"]
    }
    assert len(found) >= 9
    return found


@pytest.fixture(scope="module")
def charts(superset: Superset) -> list[dict[str, Any]]:
    """Every chart of every dashboard, with the form data a dashboard sends for it."""
    admin, found = superset.as_("admin"), []
    for page in admin.get("/api/v1/dashboard/", params={"q": "(page_size:100)"}).json()["result"]:
        for chart in admin.get(f"/api/v1/dashboard/{page['id']}/charts").json()["result"]:
            found.append({"dashboard": page["id"], "slice": chart["id"], "form": chart["form_data"]})
    assert len(found) >= 40
    return found


@pytest.fixture(scope="module")
def scoped(datasets: dict[str, int], charts: list[dict[str, Any]]) -> Iterator[dict[str, dict[str, Any]]]:
    """One chart for each mart whose rows belong to organisations: the way in for a viewer."""
    by_id = {number: mart for mart, number in datasets.items()}
    ways: dict[str, dict[str, Any]] = {}
    for chart in charts:
        ways.setdefault(by_id[int(chart["form"]["datasource"].split("__")[0])], chart)
    rows = {mart for mart, settings in specification.read().datasets.items() if settings["rows"] == "organization"}
    assert len(rows & set(ways)) >= 8
    yield {mart: ways[mart] | {"dataset": datasets[mart]} for mart in sorted(rows & set(ways))}


def ask(session: Session, way: dict[str, Any], query: Query, **more: Any) -> Any:
    """Ask for a chart's data as its dashboard would, with a query of the asker's own making."""
    body = {
        "datasource": {"id": way["dataset"], "type": "table"},
        "force": False,
        "queries": [{"filters": [], "extras": {}, "columns": [], "metrics": [], "row_limit": 1000} | query],
        "form_data": {"dashboardId": way["dashboard"], "slice_id": way["slice"]},
        "result_format": "json",
        "result_type": "full",
    }
    return session.post("/api/v1/chart/data", body | more)


def organizations(answer: Any) -> set[str]:
    """The organisations in an answer; a refusal has none."""
    if answer.status_code != 200:
        return set()
    rows = [row for result in answer.json()["result"] for row in result.get("data") or []]
    return {row["organization_id"] for row in rows}


COUNT = {"expressionType": "SQL", "sqlExpression": "count(*)", "label": "rows"}
BY_ORGANIZATION: Query = {"columns": ["organization_id"], "metrics": [COUNT]}
ESCAPES: dict[str, Query] = {
    "plain": {},
    "filter": {"filters": [{"col": "organization_id", "op": "IN", "val": [MINE, OTHER]}]},
    "where": {"extras": {"where": "1 = 1 or 1 = 1"}},
    "where_other": {"extras": {"where": f"organization_id = '{OTHER}' or 1 = 1"}},
    "where_bracket": {"extras": {"where": "1 = 1) or (1 = 1"}},
    "where_comment": {"extras": {"where": "1 = 1) or 1 = 1 --"}},
    "where_union": {"extras": {"where": "1 = 1) union all select 'steel', 1 --"}},
    "where_template": {"extras": {"where": "{{ 'organization_id is not null or 1 = 1' }}"}},
    "having": {"extras": {"having": "count(*) > 0 or 1 = 1"}},
    "having_bracket": {"extras": {"having": "1 = 1) or (1 = 1"}},
    "subquery": {"extras": {"where": "organization_id in (select organization_id from reference.organizations)"}},
    "adhoc_column": {
        "columns": [{"label": "organization_id", "sqlExpression": "organization_id", "expressionType": "SQL"}]
    },
    "time_shift": {"time_offsets": ["1 year ago"], "time_range": "2025-01-01 : 2026-01-01"},
    "raw": {"columns": ["organization_id"], "metrics": []},
}


#: These are tried on every mart each time; each of the others on every third, so that a mart meets a third of them.
ALWAYS = ("plain", "filter", "where")


@pytest.mark.parametrize("escape", ESCAPES)
def test_chart_data_holds_against(escape: str, superset: Superset, scoped: dict[str, dict[str, Any]]) -> None:
    turn = list(ESCAPES).index(escape) % 3
    tried = {mart: way for at, (mart, way) in enumerate(scoped.items()) if escape in ALWAYS or at % 3 == turn}
    assert len(tried) >= len(scoped) // 3
    seen = own_rows_seen(escape, superset, tried)
    if escape in ALWAYS:
        assert seen >= 6, "the test must see the viewer's own rows, or it proves nothing"


@pytest.mark.soak
@pytest.mark.parametrize("escape", [escape for escape in ESCAPES if escape not in ALWAYS])
def test_every_mart_holds_against(escape: str, superset: Superset, scoped: dict[str, dict[str, Any]]) -> None:
    own_rows_seen(escape, superset, scoped)


def own_rows_seen(escape: str, superset: Superset, tried: dict[str, dict[str, Any]]) -> int:
    viewer, seen = superset.as_(f"viewer_{MINE}"), 0
    for mart, way in tried.items():
        found = organizations(ask(viewer, way, BY_ORGANIZATION | ESCAPES[escape]))
        assert found <= {MINE}, f"{mart} through {escape}"
        seen += bool(found)
    return seen


def test_the_manager_sees_every_enterprise_by_the_same_way(
    superset: Superset, scoped: dict[str, dict[str, Any]]
) -> None:
    manager = superset.as_("park_manager")
    found = organizations(ask(manager, scoped["energy.consumption_monthly"], BY_ORGANIZATION))
    assert {MINE, OTHER, "park"} <= found


def test_a_metric_cannot_reach_round_the_rule(superset: Superset, scoped: dict[str, dict[str, Any]]) -> None:
    way = scoped["energy.consumption_monthly"]
    mine = ask(superset.as_(f"viewer_{MINE}"), way, {"metrics": [COUNT]}).json()["result"][0]["data"][0]["rows"]
    every = ask(superset.as_("park_manager"), way, {"metrics": [COUNT]}).json()["result"][0]["data"][0]["rows"]
    assert 0 < mine < every
    for expression in (
        "(select count(*) from energy.consumption_monthly)",
        "(select max(cost_cny) from energy.comprehensive_monthly)",
        "count(*) from energy.consumption_monthly --",
    ):
        metric = {"expressionType": "SQL", "sqlExpression": expression, "label": "reached"}
        answer = ask(superset.as_(f"viewer_{MINE}"), way, {"metrics": [metric]})
        rows = [row for result in answer.json().get("result", []) for row in result.get("data") or []]
        assert answer.status_code != 200 or rows == [{"reached": mine}], expression


def test_what_the_manager_just_saw_is_not_handed_on(superset: Superset, scoped: dict[str, dict[str, Any]]) -> None:
    way = scoped["energy.comprehensive_monthly"]
    ask(superset.as_("park_manager"), way, BY_ORGANIZATION)
    assert organizations(ask(superset.as_(f"viewer_{MINE}"), way, BY_ORGANIZATION)) == {MINE}


def test_csv_export_holds(superset: Superset, scoped: dict[str, dict[str, Any]]) -> None:
    viewer, seen = superset.as_(f"viewer_{MINE}"), 0
    for mart, way in scoped.items():
        answer = ask(viewer, way, BY_ORGANIZATION, result_format="csv")
        if answer.status_code == 200:
            rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
            assert {row["organization_id"] for row in rows} <= {MINE}, mart
            seen += len(rows)
    assert seen >= 6


def test_the_charts_own_data_address_holds(superset: Superset, charts: list[dict[str, Any]]) -> None:
    viewer, secret = superset.as_(f"viewer_{MINE}"), _other_names(superset)
    seen = [
        superset.as_("admin").get(f"/api/v1/chart/{chart['slice']}/data/").text
        for chart in charts
        if "table" in chart["form"]["viz_type"]
    ]
    assert any(name in text for text in seen for name in secret), (
        "the administrator must see them, or this proves nothing"
    )
    for at, chart in enumerate(charts):
        kind = ("json", "csv")[at % 2]
        answer = viewer.get(f"/api/v1/chart/{chart['slice']}/data/", params={"format": kind, "force": "true"})
        assert not [name for name in secret if name in answer.text], f"chart {chart['slice']} as {kind}"


def test_samples_and_drill_hold(superset: Superset, scoped: dict[str, dict[str, Any]]) -> None:
    viewer, secret = superset.as_(f"viewer_{MINE}"), _other_names(superset)
    for mart, way in scoped.items():
        for dashboard in ("", f"&dashboard_id={way['dashboard']}"):
            path = f"/datasource/samples?datasource_type=table&datasource_id={way['dataset']}&force=true{dashboard}"
            answer = viewer.post(path, {"filters": [], "extras": {"where": "1 = 1 or 1 = 1"}})
            assert not [name for name in secret if name in answer.text], f"samples of {mart}"
        for kind in ("samples", "drill_detail"):
            answer = ask(viewer, way, {}, result_type=kind)
            assert not [name for name in secret if name in answer.text], f"{kind} of {mart}"


def test_the_manager_does_see_the_others_in_samples(superset: Superset, scoped: dict[str, dict[str, Any]]) -> None:
    way = scoped["energy.comprehensive_monthly"]
    answer = ask(superset.as_("park_manager"), way, {}, result_type="samples")
    assert any(name in answer.text for name in _other_names(superset))


def test_filter_values_hold(superset: Superset, scoped: dict[str, dict[str, Any]]) -> None:
    viewer, manager = superset.as_(f"viewer_{MINE}"), superset.as_("park_manager")
    for way in scoped.values():
        for column in ("organization_id", "organization_name_zh"):
            answer = viewer.get(f"/api/v1/datasource/table/{way['dataset']}/column/{column}/values/")
            values = set(answer.json().get("result", [])) if answer.status_code == 200 else set()
            assert not values & {OTHER, *_other_names(superset)}
    way = scoped["energy.comprehensive_monthly"]
    native = {
        "dashboardId": way["dashboard"],
        "native_filter_id": "NATIVE_FILTER-organization",
        "type": "NATIVE_FILTER",
    }
    query = {"columns": ["organization_id"], "metrics": []}
    assert organizations(ask(viewer, way, query, form_data=native)) == {MINE}
    assert OTHER in organizations(ask(manager, way, query, form_data=native))


def test_a_permalink_brings_a_view_and_no_rows(superset: Superset, scoped: dict[str, dict[str, Any]]) -> None:
    manager, viewer = superset.as_("park_manager"), superset.as_(f"viewer_{MINE}")
    way = scoped["energy.comprehensive_monthly"]
    condition = {"col": "organization_id", "op": "IN", "val": [OTHER]}
    mask = {
        "NATIVE_FILTER-organization": {"extraFormData": {"filters": [condition]}, "filterState": {"value": [OTHER]}}
    }
    made = manager.post(f"/api/v1/dashboard/{way['dashboard']}/permalink", {"dataMask": mask, "urlParams": []})
    assert made.status_code == 201, made.text
    opened = viewer.get(f"/api/v1/dashboard/permalink/{made.json()['key']}")
    assert opened.status_code in (200, 403, 404)
    assert organizations(ask(viewer, way, BY_ORGANIZATION | {"filters": [condition]})) == set()
    assert organizations(ask(manager, way, BY_ORGANIZATION | {"filters": [condition]})) == {OTHER}


def test_marts_of_the_site_are_closed_to_a_viewer(
    superset: Superset, datasets: dict[str, int], charts: list[dict[str, Any]]
) -> None:
    number = datasets["quality.checks"]
    way = next(chart for chart in charts if chart["form"]["datasource"] == f"{number}__table") | {"dataset": number}
    answer = ask(superset.as_(f"viewer_{MINE}"), way, {"metrics": [COUNT]})
    assert answer.status_code != 200 or answer.json()["result"][0]["data"] == [{"rows": 0}]
    assert ask(superset.as_("park_manager"), way, {"metrics": [COUNT]}).json()["result"][0]["data"][0]["rows"] > 0


def test_a_viewer_finds_the_other_doors_shut(superset: Superset, datasets: dict[str, int]) -> None:
    viewer = superset.as_(f"viewer_{MINE}")
    sql = {"database_id": 1, "sql": "select * from energy.consumption_monthly", "client_id": "abc", "runAsync": False}
    number = next(iter(datasets.values()))
    doors: dict[str, Callable[[], Any]] = {
        "SQL": lambda: viewer.post("/api/v1/sqllab/execute/", sql),
        "datasets": lambda: viewer.get(f"/api/v1/dataset/{number}"),
        "databases": lambda: viewer.get("/api/v1/database/1"),
        "users": lambda: viewer.get("/api/v1/security/users/"),
        "row rules": lambda: viewer.get("/api/v1/rowlevelsecurity/"),
        "export": lambda: viewer.get(f"/api/v1/dataset/export/?q=!({number})"),
        "assets": lambda: viewer.get("/api/v1/assets/export/"),
        "logs": lambda: viewer.get("/api/v1/log/"),
        "swagger": lambda: viewer.get("/swagger/v1"),
    }
    for name, knock in doors.items():
        assert knock().status_code in (401, 403, 404), name


@pytest.fixture(scope="module")
def stranger(superset: Superset) -> Iterator[Session]:
    """A reader whom somebody gave dashboards and every dataset, and no rule."""
    admin = superset.as_("admin")
    roles = {row["name"]: row["id"] for row in _roles(admin)}
    account = {
        "username": "stranger",
        "first_name": "S",
        "last_name": "T",
        "email": "stranger@nengtan.invalid",
        "password": "Stranger-2026-x",
        "active": True,
        "roles": [roles["Nengtan viewer"], roles["Alpha"]],
    }
    made = admin.post("/api/v1/security/users/", account)
    assert made.status_code == 201, made.text
    session = Session(superset.address, "stranger", "Stranger-2026-x")
    yield session
    session.client.close()


def _roles(admin: Session) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = admin.get("/api/v1/security/roles/", params={"q": "(page_size:100)"}).json()["result"]
    return rows


def test_who_has_no_rule_sees_no_row(stranger: Session, scoped: dict[str, dict[str, Any]]) -> None:
    answered = 0
    for mart, way in scoped.items():
        for escape in ("plain", "where", "where_bracket"):
            answer = ask(stranger, way, BY_ORGANIZATION | ESCAPES[escape])
            assert organizations(answer) == set(), f"{mart} through {escape}"
            answered += answer.status_code == 200
    assert answered >= len(scoped), "refused before the rule could act: the test proves nothing"


def test_the_sql_of_an_analyst_stays_in_the_file(superset: Superset) -> None:
    analyst = superset.as_("analyst")
    database = superset.as_("admin").get("/api/v1/database/").json()["result"][0]["id"]

    def run(sql: str, name: str) -> Any:
        body = {"database_id": database, "sql": sql, "client_id": name, "runAsync": False, "schema": "energy"}
        return analyst.post("/api/v1/sqllab/execute/", body)

    fine = run("select count(*) as rows from energy.consumption_monthly", "fine")
    assert fine.status_code == 200, fine.text[:500]
    assert fine.json()["data"][0]["rows"] > 0
    ways_out = (
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/hostname')",
        "select * from glob('/etc/*')",
        "attach '/tmp/other.duckdb' as other",
        "copy (select 1) to '/tmp/written.csv'",
        "install httpfs",
        "set enable_external_access = true",
        "create table energy.mine as select 1",
        "delete from energy.consumption_monthly",
    )
    for number, sql in enumerate(ways_out):
        assert run(sql, f"way{number}").status_code != 200, sql


def test_anonymous_readers_get_nothing(superset: Superset, scoped: dict[str, dict[str, Any]]) -> None:
    import httpx

    way = scoped["energy.comprehensive_monthly"]
    body = {"datasource": {"id": way["dataset"], "type": "table"}, "queries": [BY_ORGANIZATION]}
    with httpx.Client(base_url=superset.address) as nobody:
        assert nobody.post("/api/v1/chart/data", json=body).status_code in (400, 401, 403)
        assert nobody.get("/superset/dashboard/overview-zh/").status_code in (302, 401, 403, 404)
        assert nobody.get("/api/v1/dashboard/").json().get("count", 0) == 0


def test_secrets_are_for_the_owner_only(superset: Superset) -> None:
    kept = json.loads((superset.home / "secrets.json").read_text("utf-8"))
    assert oct((superset.home / "secrets.json").stat().st_mode)[-3:] == "600"
    assert oct(superset.home.stat().st_mode)[-3:] == "700"
    written = [path for path in superset.home.rglob("*") if path.suffix in (".log", ".out", ".json")]
    for path in written:
        if path.name != "secrets.json":
            text = path.read_text("utf-8", errors="replace")
            assert not [key for key in (*kept.values(), *superset.passwords.values()) if key in text], path.name


def _other_names(superset: Superset) -> set[str]:
    """Words that stand only in the other enterprise's rows."""
    import duckdb

    with duckdb.connect(str(superset.marts), read_only=True) as connection:
        row = connection.execute(
            "select organization_name_zh, organization_name_en from energy.comprehensive_monthly "
            "where organization_id = ? limit 1",
            [OTHER],
        ).fetchone()
    assert row is not None
    return {str(name) for name in row}
