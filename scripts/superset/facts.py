"""What the published marts say about themselves, as far as screens need it: columns, period, organisations, names."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from scripts.superset import specification
from scripts.superset.specification import LANGUAGES, Specification

#: The spans of time that a chart may ask for.
SPANS = ("latest_year", "everything", "latest_month", "latest_30_days", "latest_day")


@dataclass(frozen=True)
class Facts:
    """A summary of one publication."""

    columns: dict[str, dict[str, str]]  # mart -> column -> type
    last_day: date  # the newest local day that has energy
    spans: dict[str, str]  # name of a span -> "from : to", half open
    year: tuple[date, date]  # first and last month of the last twelve that are whole
    organizations: dict[str, tuple[str, ...]]  # organisation -> itself and all below it
    colours: dict[str, dict[str, str]]  # kind of name -> name on screen -> palette key
    recalled: frozenset[str]  # mart.column of confidence that says `recalled` somewhere

    def can_draw(self, chart: dict[str, Any]) -> bool:
        """Tell whether the publication has the chart's mart with every column that it reads."""
        published = self.columns.get(chart["dataset"], {})
        return all(specification.columns(chart, language) <= set(published) for language in LANGUAGES)


def read(marts: Path, wanted: Specification) -> Facts:
    """Read the summary from the self-contained marts file; nothing is written."""
    with duckdb.connect(str(marts), read_only=True) as connection:
        columns = _columns(connection)
        last = _last_day(connection, columns)
        return Facts(
            {mart: columns.get(mart, {}) for mart in wanted.datasets},
            last,
            _spans(last),
            (_year(last)[0], (_year(last)[1] - timedelta(days=1)).replace(day=1)),
            _organizations(connection) if "reference.organizations" in columns else {},
            _names(connection, columns),
            _recalled(connection, columns, wanted),
        )


def _recalled(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, dict[str, str]], wanted: Specification
) -> frozenset[str]:
    """Return the columns of confidence that the datasets name and in which a row says `recalled`."""
    named = {place for settings in wanted.datasets.values() for place in settings.get("confidence", {}).values()}
    found = set()
    for place in sorted(named):
        mart, column = place.rsplit(".", 1)
        if column in columns.get(mart, {}):
            query = f"select 1 from {mart} where {column} = 'recalled' limit 1"
            found |= {place} if connection.execute(query).fetchone() else set()
    return frozenset(found)


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where not internal order by table_oid, column_index"
    ).fetchall()
    for mart, column, kind in rows:
        found.setdefault(mart, {})[column] = kind
    return found


def _last_day(connection: duckdb.DuckDBPyConnection, columns: dict[str, dict[str, str]]) -> date:
    if "energy.consumption_daily" in columns:
        row = connection.execute("select max(local_date) from energy.consumption_daily").fetchone()
        if row and row[0] is not None:
            return row[0]
    return date(2000, 1, 1)  # an empty site: every chart says that it has no data


def _year(last: date) -> tuple[date, date]:
    """Bound the last twelve months that are whole, half open."""
    after = last + timedelta(days=1)
    end = after.replace(day=1)
    return end.replace(year=end.year - 1), end


def _spans(last: date) -> dict[str, str]:
    """Name the spans that charts ask for."""
    after = last + timedelta(days=1)
    start, end = _year(last)
    told = (
        f"{start} : {end}",
        "No filter",
        f"{(end - timedelta(days=1)).replace(day=1)} : {end}",
        f"{after - timedelta(days=30)} : {after}",
        f"{last} : {after}",
    )
    return dict(zip(SPANS, told, strict=True))


def _organizations(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    rows = connection.execute("select organization_id, parent_id from reference.organizations order by 1").fetchall()
    parents = {organization: parent or None for organization, parent in rows}
    members: dict[str, list[str]] = {organization: [] for organization in parents}
    for organization in parents:
        above: str | None = organization
        while above is not None:
            members[above].append(organization)
            above = parents.get(above)
    return {organization: tuple(below) for organization, below in members.items()}


def _names(connection: duckdb.DuckDBPyConnection, columns: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Map each name that a legend can show to its palette key, in every language."""
    sources = {
        "carrier_group": ("energy.consumption_monthly", "carrier_group"),
        "source_category": ("carbon.emissions_monthly", "source_category"),
        "contributor_kind": ("footprint.contributions", "contributor_kind"),
        "stage": ("footprint.contributions", "stage"),
        "supply_status": ("footprint.suppliers", "status"),
    }
    found: dict[str, dict[str, str]] = {}
    for kind, (mart, key) in sources.items():
        names: list[tuple[Any, ...]] = []
        for language in LANGUAGES:
            column = f"{key}_name_{language}"
            if column in columns.get(mart, {}):
                names += connection.execute(f"select distinct {column}, {key} from {mart}").fetchall()
        found[kind] = {name: code for name, code in names if name is not None}
    return found
