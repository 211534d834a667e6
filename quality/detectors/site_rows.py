"""Finds rows of the site folder that could not be used: the rest of the file is, and what they say is missing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = ("site_row_refused",)


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each fault of a row."""
    rows = connection.execute(
        'select file, line, "column", reason, payload from ref.refused_rows '
        'order by file, line::integer, "column", reason'
    ).fetchall()
    for file, line, column, reason, payload in rows:
        where = f"{file}:{line}" if line else str(file)
        yield Finding(
            kind="site_row_refused",
            kind_name_zh="站点数据行未采用",
            kind_name_en="row of the site left out",
            severity="high",
            source="site",
            subject=f"{where}: {column}",
            message_zh=f"{where} 的 {column} 有误，该行未采用，其余照常核算，合计中缺少该行；请更正：{reason}",
            message_en=f"{where}: {column}: {reason}; the row is left out and missing in the totals, the rest is "
            "accounted: correct it.",
            evidence={"payload": payload},
        )
