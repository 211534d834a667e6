"""Tells what the review rules doubted in entered sheets: open until a person closes it with a reason."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from quality.finding import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = ("entry_doubted",)
_MENDED = "已改正后重新提交 / corrected and submitted again"


def detect(connection: "DuckDBPyConnection") -> Iterator[Finding]:
    """Yield a finding for each doubt, with who was given it and with which reason it was closed."""
    rows = connection.sql("select * from ref.review_doubts order by entry_id, version, doubt_id").to_arrow_table()
    for row in rows.to_pylist():
        where, line, entry = f"{row['entity']} {row['month']:%Y-%m}", row["line"], f"{row['entry_id']}/{row['version']}"
        yield Finding(
            kind="entry_doubted",
            kind_name_zh="填报审核疑点",
            kind_name_en="doubt about an entry",
            severity="medium",
            source="entry portal",
            subject=f"{row['organization_id']} {where} ({entry}, {row['doubt_id']})",
            message_zh=f"{where} 第 {line} 行：{row['message_zh']}；请核对后说明理由或改正。",
            message_en=f"{where} line {line}: {row['message_en']}; check it, then explain it or correct it.",
            evidence={"rule_id": row["rule_id"], "entry": entry, "line": line},
            organization_id=row["organization_id"],
            owner=row["assigned_to"],
            closed_by=row["closed_by"],
            closed_at=None if row["state"] == "open" else row["closed_at"],
            closing_reason=_MENDED if row["state"] == "mended" else row["reason"],
        )
