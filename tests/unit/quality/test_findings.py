from datetime import UTC, datetime

import pyarrow as pa

from quality import findings, tables
from quality.finding import Finding
from tests.unit.quality import lake_views

FIRST, LATER, LAST = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3))


def one(subject: str, kind: str = "register_stuck") -> Finding:
    return Finding(kind, "类", "kind", "medium", "s", subject, "说明", "message", {"rows": 1})


def looked_at():
    con = lake_views.connection()
    lake_views.point(con, "p")
    lake_views.readings(con, "p", [1.0])
    con.execute("insert into ref.energy_units values ('unit', 'plant', '车间')")
    return con


def states(table: pa.Table) -> dict[str, tuple[str, datetime, datetime]]:
    return {row["subject"]: (row["state"], row["first_seen_at"], row["found_at"]) for row in table.to_pylist()}


def test_a_finding_is_open_from_when_it_was_first_seen_and_closed_when_it_is_gone():
    con = looked_at()
    first = findings.rows(con, [one("p"), one("q")], None, "run1", FIRST)
    assert first.schema == tables.FINDINGS
    assert first.to_pylist()[0]["organization_id"] == "plant"
    later = findings.rows(con, [one("p")], first, "run2", LATER)
    assert states(later) == {"p": ("open", FIRST, LATER), "q": ("closed", FIRST, FIRST)}
    last = findings.rows(con, [one("q")], later, "run3", LAST)
    assert states(last) == {"q": ("open", LAST, LAST), "p": ("closed", FIRST, LATER)}


def test_what_was_found_where_nobody_looked_again_stays_open():
    con = looked_at()
    elsewhere = Finding("register_stuck", "类", "kind", "medium", "other", "x", "说明", "message")
    first = findings.rows(con, [elsewhere], None, "run1", FIRST)
    assert states(findings.rows(con, [], first, "run2", LATER)) == {"x": ("open", FIRST, FIRST)}


def test_every_column_is_described_in_both_languages():
    for mart, schema in (("quality.checks", tables.CHECKS), ("quality.findings", tables.FINDINGS)):
        spec = tables.described()[mart]
        assert list(spec["columns"]) == schema.names or set(spec["columns"]) == set(schema.names)
        assert all(column["zh"] and column["en"] for column in spec["columns"].values())
        assert len(tables.comments(mart)) == len(schema) + 1
