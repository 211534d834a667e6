"""Brings approved versions into the lake: typed as the site's file, stamped with who stands for them, exactly once."""

import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa

from ingestion.portal import alerts, sent_workbooks, sheets, supplier_acts, told_doubts
from ingestion.portal.database import Database
from ingestion.portal.kinds import Kind, kinds
from ingestion.portal.place import Known
from ingestion.portal.sent_workbooks import Sent
from ingestion.portal.sheets import Version
from lake import acknowledgements, entries, review_doubts
from lake import supplier_acts as told_acts
from lake.entries import READINGS, Approved, FilledFrom
from lake.schemas import READING
from lake.site import convert
from lake.site.csv_file import read_texts
from lake.site.declared import files
from lake.store import Lake

_ONE_AT_A_TIME = threading.Lock()


def settle(database: Database, lake: Lake, known: Known) -> int:
    """Land what was approved and is not in the lake yet, and what became of doubts; return how many versions that were.

    Raises LakeError where the lake cannot take them now; they stay due, in the order of their approval.
    """
    with _ONE_AT_A_TIME:
        with database.reading() as connection:
            due = sheets.unlanded(connection)
            named = [
                (
                    version,
                    sheets.attachments(connection, version),
                    sheets.before(connection, version),
                    sent_workbooks.of(connection, version),
                )
                for version in due
            ]
        for version, documents, earlier, sent in named:
            entry = approved(version, documents, known, earlier, sent)
            digest = entries.land(lake, known.form.id, entry, int(known.form.settings["decimals"]))
            with database.writing() as connection:
                sheets.mark_landed(connection, version, digest)
        _tell_doubts(database, lake, known)
        _tell_acknowledgements(database, lake, known)
        _tell_acts(database, lake, known)
        return len(due)


def _tell_doubts(database: Database, lake: Lake, known: Known) -> None:
    """Tell the lake which doubts were found, given to somebody, closed or mended since it was told last."""
    with database.reading() as connection:
        news = told_doubts.news(connection)
    if not news:
        return
    at = datetime.now(UTC)
    review_doubts.land(lake, known.form.id, [one.row(at) for one in news])
    with database.writing() as connection:
        told_doubts.mark(connection, news)


def _tell_acknowledgements(database: Database, lake: Lake, known: Known) -> None:
    """Tell the lake who looks after which alert since it was told last."""
    with database.reading() as connection:
        said = alerts.untold(connection)
    if not said:
        return
    acknowledgements.land(lake, known.form.id, [row for _, row in said])
    with database.writing() as connection:
        alerts.mark_told(connection, [number for number, _ in said])


def _tell_acts(database: Database, lake: Lake, known: Known) -> None:
    """Tell the lake what was done about suppliers' answers since it was told last."""
    with database.reading() as connection:
        done = supplier_acts.untold(connection)
    if not done:
        return
    told_acts.land(lake, known.form.id, [row for _, row in done])
    with database.writing() as connection:
        supplier_acts.mark_told(connection, [number for number, _ in done])


def approved(
    version: Version,
    documents: list[dict[str, object]],
    known: Known,
    earlier: Version | None = None,
    sent: Sent | None = None,
) -> Approved:
    """Return a version as the lake keeps it; `earlier` is the version that it corrects, `sent` its workbook."""
    kind = kinds()[version.key.kind]
    at = _instant(version.approved_at)
    names = {str(one["name"]): f"{one['digest']}{one['suffix']}" for one in documents}
    lines: list[int | None] = sent.lines_of(version.rows) if sent else [None] * len(version.rows)
    if kind.name == READINGS:
        rows, lines = _readings(version, earlier, known, at, lines)
    else:
        rows = _rows(kind, version, names, known, at)
    return Approved(
        entry_id=version.key.entry_id,
        version=version.number,
        entity=kind.name,
        organization_id=version.key.organization_id,
        month=date.fromisoformat(f"{version.key.month}-01"),
        known_at=at,
        entered_by=version.submitted_by or "",
        submitted_at=_instant(version.submitted_at),
        reviewed_by=version.reviewed_by or "",
        reviewed_at=_instant(version.reviewed_at),
        approved_by=version.approved_by or "",
        reason=version.reason,
        attachments=names,
        rows=rows,
        workbook=FilledFrom(sent.name, sent.digest, sent.person_id, _instant(sent.at), lines) if sent else None,
    )


def _instant(text: str | None) -> datetime:
    assert text is not None, "an approved version has its instants"
    return datetime.fromisoformat(text)


def _rows(kind: Kind, version: Version, names: dict[str, str], known: Known, at: datetime) -> pa.Table:
    """Type the rows and stamp them with who approved them."""
    found = typed(kind, version, known, names)
    declared = files()[kind.name]
    by_workflow = {"approved_by": version.approved_by, "approved_on": at.astimezone(known.zone).date()}
    columns = {
        name: found[name]
        if name in found.column_names
        else pa.array([by_workflow[name]] * found.num_rows, convert.arrow_type(column))
        for name, column in declared.columns.items()
    }
    return pa.table(columns)


def typed(kind: Kind, version: Version, known: Known, names: Mapping[str, str] | None = None) -> pa.Table:
    """Return the rows of a version as its file types them; a voucher is the payload of `names` that it lies in."""
    texts = {name: [row.get(name, "") for row in version.rows] for name in kind.spec.columns}
    if "voucher" in texts and names:
        texts["voucher"] = [names.get(name, name) for name in texts["voucher"]]
    return read_texts(kind.spec, texts, list(range(len(version.rows))), known.zone).table


def _readings(
    version: Version, earlier: Version | None, known: Known, at: datetime, lines: list[int | None]
) -> tuple[pa.Table, list[int | None]]:
    """Return the readings that are new or different, and as bad those that the version corrected had and it has not.

    With the workbook's line of each of them, from those of the version's rows.
    """
    units = {row["point_id"]: row["unit"] for row in known.site.tables["points"].to_pylist()}
    now, before = _values(version, known), _values(earlier, known) if earlier else {}
    line_of = dict(zip(now, lines, strict=True))
    rows = [(place, value, "good") for place, value in now.items() if before.get(place) != value]
    rows += [(place, value, "bad_withdrawn") for place, value in before.items() if place not in now]
    table = pa.Table.from_pylist(
        [
            {
                "point_id": point,
                "reading_at": reading_at,
                "value": value,
                "unit": units.get(point),
                "status": status,
                "known_at": at,
                "position": position,
            }
            for position, ((point, reading_at), value, status) in enumerate(rows)
        ],
        READING,
    )
    return table, [line_of.get(place) for place, _, _ in rows]


def _values(version: Version, known: Known) -> dict[tuple[str, datetime], Decimal]:
    spec = kinds()[READINGS].spec
    texts = {name: [row.get(name, "") for row in version.rows] for name in spec.columns}
    typed = read_texts(spec, texts, list(range(len(version.rows))), known.zone).table.to_pylist()
    return {(row["point_id"], row["reading_at"]): row["value"] for row in typed}
