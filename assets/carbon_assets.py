"""Carbon assets: the ledger of allowances, credits and certificates, holdings, positions by year, and deadlines."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg
import pyarrow as pa

from assets.python_marts import keys, step, written
from assets.work import LOG, Work
from lake import engine
from lake.engine import connected
from lake.ledger import rows as entered
from lake.ledger.book import Line, posted
from methods.holdings import deadlines, lines, positions, tables
from methods.holdings.positions import Owed, Rules
from quality import tables as tables_of
from quality.detectors import carbon_assets as detector

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEDGER, HOLDINGS = "carbon.ledger", "carbon.holdings_monthly"
POSITIONS, DEADLINES = "carbon.positions", "carbon.deadlines"
MARTS = (LEDGER, HOLDINGS, POSITIONS, DEADLINES)
KEYS = keys(MARTS)
_QUOTA = "carbon.quota_forecast"
_PARENTS = ("reference.organizations", "quality.completeness_daily", _QUOTA)
_SCHEMAS = {
    LEDGER: tables.LEDGER,
    HOLDINGS: tables.HOLDINGS,
    POSITIONS: tables.POSITIONS,
    DEADLINES: tables.DEADLINES,
}
#: Sectors whose allocation plan is the industry's.
_INDUSTRY = ("steel", "cement", "aluminium")
_DIGITS = Decimal("0.000001")
Rows = list[dict[str, Any]]


def carbon_assets_asset() -> dg.AssetsDefinition:
    """Return the step that posts the ledger and says what each year may cost, before the publication."""
    return step("carbon_assets", MARTS, post_all, parents=_PARENTS, owner="team:carbon")


def post_all(work: Work) -> dict[str, int]:
    """Make the marts, empty where the site holds and owes nothing, and tell what they ask for; return their rows."""
    assert work.build is not None, "the marts were built"
    with connected(work.build.database, engine=work.build.engine) as connection:
        made = of_site(connection, ZoneInfo(work.site.settings.timezone))
    rows = written(work, made)
    if made[POSITIONS].num_rows:
        with connected(work.build.database, engine=work.build.engine) as connection:
            work.findings += detector.detect(connection)
    return rows


def of_site(connection: "DuckDBPyConnection", zone: ZoneInfo) -> dict[str, pa.Table]:
    """Return the marts from the marts and reference things of a build."""
    made = {mart: pa.Table.from_batches([], schema) for mart, schema in _SCHEMAS.items()}
    book, refused = posted(entered.entries(_entered(connection)))
    for fault in refused:  # what a run takes up was looked at before; a look back may rest on an older book
        LOG.warning("not posted: %s %s: %s", fault.entry.organization_id, fault.entry.transaction_id, fault.reason)
    owed = _owed(connection)
    as_of = connection.execute("select max(local_date) from quality.completeness_daily").fetchall()[0][0]
    if as_of is None or not (book.lines or owed):
        return made
    names = {row.pop("organization_id"): row for row in engine.rows(connection, _NAMES)}
    found: dict[str, Rows] = {
        LEDGER: list(lines.ledger(book.lines, names, zone)),
        HOLDINGS: list(lines.holdings(book.lines, names, as_of)),
    }
    found[POSITIONS], found[DEADLINES] = _years(connection, book.lines, owed, names, as_of)
    for mart, rows in found.items():
        for row in rows:
            row |= {name: value.quantize(_DIGITS) for name, value in row.items() if isinstance(value, Decimal)}
        rows.sort(key=lambda row: [str(row[name]) for name in _ORDER[mart]])
        made[mart] = pa.Table.from_pylist(rows, schema=_SCHEMAS[mart])
    return made


def _entered(connection: "DuckDBPyConnection") -> dict[str, pa.Table]:
    found = [name for name in entered.TABLES if tables_of.exists(connection, f"ref.{name}")]
    return {name: connection.sql(f"select * from ref.{name} order by all").to_arrow_table() for name in found}


def _owed(connection: "DuckDBPyConnection") -> dict[str, dict[int, Owed]]:
    """Return what each year asks of each enterprise that has a quota."""
    found: dict[str, dict[int, Owed]] = defaultdict(dict)
    if tables_of.exists(connection, _QUOTA):
        for row in engine.rows(connection, _OWED):
            names = {"sector_name_zh": row["sector_name_zh"], "sector_name_en": row["sector_name_en"]}
            amounts = (row["emissions_t"], row["expected_t"], row["quota_t"])
            found[row["organization_id"]][row["year"]] = Owed(row["sector"], *amounts, row["is_complete"], names)
    return found


def _years(
    connection: "DuckDBPyConnection",
    book: list[Line],
    owed: Mapping[str, Mapping[int, Owed]],
    names: Mapping[str, Mapping[str, Any]],
    as_of: date,
) -> tuple[Rows, Rows]:
    """Return the positions and the calendar."""
    sectors = {name: next(iter(years.values())).sector for name, years in owed.items()}
    published = _rows(connection, "ets_deadlines")
    calendar = deadlines.known(published, _rows(connection, "carbon_deadlines"), sectors)
    rules, prices = _rows(connection, "ets_rules"), _rows(connection, "carbon_prices")
    accounts = positions.accounts(book, as_of)
    standing: Rows = []
    for organization, years in owed.items():
        of_years = {year: _rules(rules, sectors[organization], year) for year in years}
        due = {year: row["due_on"] for (who, year, kind), row in calendar.items()
               if who == organization and kind == "surrender"}  # fmt: skip
        for row in positions.positions(accounts[organization], years, of_years, due, as_of):
            told = {"organization_id": organization, **names.get(organization, {})}
            standing.append(row | told | positions.priced(row, prices))
    settled = [(row["organization_id"], row["year"]) for row in standing if row["is_settled"]]
    shown = {year for years in owed.values() for year in years}
    on = {key: row for key, row in calendar.items() if not shown or key[1] in shown}
    ahead = [{**row, **names.get(row["organization_id"], {})} for row in deadlines.calendar(on, settled, as_of)]
    return standing, ahead


def _rules(rules: Rows, sector: str | None, year: int) -> Rules:
    """Return the rules of a year: the share of credits in it, and of the plan before it what may be carried over."""
    plan = "industry" if sector in _INDUSTRY else sector

    def value(parameter: str, at: int) -> Decimal | None:
        return next(
            (
                row["value"]
                for row in rules
                if row["parameter"] == parameter
                and row["sector"] in (plan, "all")
                and row["year_from"] <= at
                and (row["year_to"] is None or at <= row["year_to"])
            ),
            None,
        )

    carried = (value("carry_over_base_t", year - 1), value("carry_over_multiplier", year - 1))
    return Rules(value("ccer_share", year), *carried)


def _rows(connection: "DuckDBPyConnection", thing: str) -> Rows:
    if not tables_of.exists(connection, f"ref.{thing}"):
        return []
    return engine.rows(connection, f"select * from ref.{thing} order by all")


_ORDER = {
    LEDGER: ("posted_on", "instrument", "organization_id", "transaction_id", "line"),
    HOLDINGS: ("month", "organization_id", "instrument", "vintage"),
    POSITIONS: ("organization_id", "year"),
    DEADLINES: ("due_on", "organization_id", "kind"),
}
_NAMES = """
    select organization_id, organization_name_zh, organization_name_en, level as organization_level
    from reference.organizations
"""
# Of an enterprise all that its units owe together; one part that is not known leaves the whole unknown.
_OWED = f"""
    select organization_id, year, min(sector) as sector, any_value(sector_name_zh) as sector_name_zh,
        any_value(sector_name_en) as sector_name_en, bool_and(is_complete) as is_complete,
        case when count(emissions_t) = count(*) then sum(emissions_t)::decimal(18, 6) end as emissions_t,
        case when count(expected_t) = count(*) then sum(expected_t)::decimal(18, 6) end as expected_t,
        case when count(quota_t) = count(*) then sum(quota_t)::decimal(18, 6) end as quota_t
    from {_QUOTA}
    group by organization_id, year
    order by organization_id, year
"""
