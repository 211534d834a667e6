"""The declared figures of a pack, read from the published marts row by row into tables of their own."""

from collections.abc import Set
from pathlib import Path

import pyarrow as pa

from quality.pack import packed, statements
from quality.pack.asked import Asked
from quality.pack.verifier.figures import declared

#: What is not of the period: the year before is another pack's.
_LEFT_OUT = {"energy.comprehensive_monthly": "previous_year", "energy.comprehensive_annual": "previous_year"}
#: Eight million rows a year: what verifies them and nothing that only names them.
_INTERVALS = ("point_id", "period_start_at", "quantity", "quantity_unit", "quality", "month")
_TOTALS = "sql/900_carbon.totals.sql"


def write(asked: Asked, organizations: Set[str] | None, folder: Path) -> dict[str, pa.Table]:
    """Write a file for each declared table; return the small ones, which the index shows."""
    folder.mkdir(parents=True)
    shown: dict[str, pa.Table] = {}
    for mart in declared(asked.period):
        query, values = _query(asked, mart, organizations)
        reader = asked.marts.sql(query, params=values or None).to_arrow_reader(packed.ROWS)
        parts: list[pa.Table] = []
        with packed.writer(folder / f"{mart}.parquet", reader.schema) as out:
            for batch in reader:
                rows = pa.Table.from_batches([batch])
                out.write_table(rows)
                if mart != "energy.intervals":
                    parts.append(rows)
        shown[mart] = pa.concat_tables(parts) if parts else reader.schema.empty_table()
    return shown


def _query(asked: Asked, mart: str, organizations: Set[str] | None) -> tuple[str, list[object]]:
    first, last = asked.bounds
    values: list[object] = [first, last]
    if mart == "carbon.totals":
        return _of_totals(asked, organizations)
    names = [row[0] for row in asked.marts.execute(f"describe {mart}").fetchall()]
    chosen = [name for name in names if _LEFT_OUT.get(mart, "\n") not in name]
    if mart == "energy.intervals":
        chosen = list(_INTERVALS)
    where = "month >= $1 and month < $2" if "month" in names else "year >= year($1) and year < year($2)"
    if organizations is not None:
        where += " and list_contains($3, organization_id)"
        values.append(sorted(organizations))
    listed = ", ".join(f'"{name}"' for name in chosen)
    return f"select {listed} from {mart} where {where} order by {_order(mart)}", values


def _order(mart: str) -> str:
    return ", ".join(f'"{key}"' for key in declared("2000")[mart])


def _of_totals(asked: Asked, organizations: Set[str] | None) -> tuple[str, list[object]]:
    """The statement of the pack itself, on the published lines."""
    first, last = asked.bounds
    body = statements.own()[_TOTALS].partition(" as (\n")[2].rpartition("\n);")[0]
    period = f"(select date '{first}' as first_month, date '{last}' as after_month)"
    mine = "true" if organizations is None else "list_contains($1, organization_id)"
    values: list[object] = [] if organizations is None else [sorted(organizations)]
    body = body.replace('"meta"."period"', period)
    return f"select * from ({body}) where {mine} order by all", values
