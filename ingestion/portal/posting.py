"""The ledger's turn in an approval: what was approved and filed so far, with the sheet, has to be a book that holds.

It is looked at inside the transaction of the approval, which has one writer: of two sheets that sell the same tonnes,
the one that is approved second is refused.
"""

import sqlite3
from collections.abc import Sequence
from datetime import date

import polars as pl
import pyarrow as pa

from ingestion.portal import landing, sheets, words
from ingestion.portal.kinds import kinds
from ingestion.portal.place import Known
from ingestion.portal.refusal import Refusal
from ingestion.portal.sheets import Version
from lake.entries import in_place
from lake.ledger import rows
from lake.ledger.book import Refused

_KINDS = (rows.ALLOWANCES, rows.CREDITS)


def check(connection: sqlite3.Connection, version: Version, known: Known, language: str) -> None:
    """Raise Refusal where approving a version would post what was never held, or leave a later entry without it."""
    if version.key.kind not in _KINDS:
        return
    standing = sheets.approved(connection, _KINDS)
    others = [one for one in standing if one.key.entry_id != version.key.entry_id]
    told = {_said(fault) for fault in _refused(standing, known)}
    for fault in _refused([*others, version], known):
        if _said(fault) not in told:
            raise Refusal("not_posted", entry=fault.entry.transaction_id, reason=words.fault(fault.reason, language))


def _said(fault: Refused) -> tuple[str, str, str]:
    return fault.entry.organization_id, fault.entry.instrument, fault.entry.transaction_id


def _refused(versions: Sequence[Version], known: Known) -> list[Refused]:
    tables = {name: known.site.tables[name] for name in rows.TABLES}
    for name in _KINDS:
        mine = [version for version in versions if version.key.kind == name]
        if mine:
            tables[name] = _with(name, tables[name], mine, known)
    return rows.settled(tables)[1]


def _with(name: str, filed: pa.Table, versions: Sequence[Version], known: Known) -> pa.Table:
    typed = [landing.typed(kinds()[name], version, known) for version in versions]
    of_sheet = pl.DataFrame(
        [(version.key.organization_id, date.fromisoformat(f"{version.key.month}-01")) for version in versions],
        schema={"organization_id": pl.String, "of_month": pl.Date},
        orient="row",
    )
    marks = [
        f"{version.key.entry_id}/{version.number}"
        for version, table in zip(versions, typed, strict=True)
        for _ in range(table.num_rows)
    ]
    return in_place(name, filed, of_sheet, pa.concat_tables(typed), pa.array(marks, pa.string()))
