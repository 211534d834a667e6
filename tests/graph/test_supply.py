"""What others wrote: each pin has a licence that we take, and each known vulnerability is fixed or explained."""

from dataclasses import replace
from datetime import date, timedelta

from scripts.supply import audit, licences, locked

PINS = list(locked.pins())


def test_the_locks_are_read() -> None:
    names = {(pin.lock, pin.name) for pin in PINS}
    assert {("pipeline", "duckdb"), ("bi", "apache-superset"), ("uv", "uv"), ("tools", "ruff")} <= names
    assert len({pin.name for pin in PINS}) >= 300
    assert [pin for pin in PINS if not pin.hashes] == []
    lines = sum(
        line[:1].isalnum() for lock in locked.LOCKS.glob("*.txt") for line in lock.read_text("utf-8").split("\n")
    )
    assert len(PINS) == lines


def test_every_package_has_a_licence_that_is_accepted_or_explained() -> None:
    assert sorted(licences.faults(licences.read(), PINS, licences.policy())) == []


def test_a_licence_that_nobody_accepted_is_told() -> None:
    policy, table = licences.policy(), licences.read()
    one = next(row for row in table if row.licence == "MIT")
    changed = [replace(row, licence="SSPL-1.0") if row == one else row for row in table]
    (told,) = licences.faults(changed, PINS, policy)
    assert told.startswith(f"{one.package} {one.version}: 'SSPL-1.0' is not accepted")
    missing = [row for row in table if row != one]
    assert list(licences.faults(missing, PINS, policy)) == [
        f"{one.package} {one.version}: has no row in licences.csv; make licences"
    ]
    extra = {**policy, "explained": {**policy["explained"], one.package: "because"}}
    assert list(licences.faults(table, PINS, extra)) == [f"{one.package}: is explained in licences.yaml without need"]


def test_a_licence_that_an_environment_tells_comes_before_the_kept_one() -> None:
    pin = locked.Pin("pump", "2.0", "bi", ("a" * 64,))
    other = locked.Pin("pump", "1.0", "pipeline", ("b" * 64,), "python_version < '3.12'")
    kept = [licences.Row("pump", "2.0", "MIT", "bi"), licences.Row("gone", "1", "MIT", "bi")]
    assert licences.rows([pin, other], {}, kept) == [
        licences.Row("pump", "1.0", licences.ELSEWHERE, "pipeline"),
        licences.Row("pump", "2.0", "MIT", "bi"),
    ]
    assert licences.rows([pin], {("pump", "2.0"): "ISC"}, kept)[0].licence == "ISC"


def test_every_recorded_vulnerability_of_a_locked_package_is_explained() -> None:
    record, explained = audit.read()
    assert list(audit.open_findings(record, explained, PINS)) == []
    assert [one for one in explained if not one["why"] or not one["looked_on"]] == []


TODAY = date(2026, 11, 24)
PIN = locked.Pin("pump", "2.0", "bi", ("a" * 64,))
FOUND = {"id": "GHSA-1", "aliases": [], "package": "pump", "version": "2.0", "fixed_in": ["2.1"]}
ASKED = {"asked": {"pump==2.0": {"on": "2026-11-24", "service": "osv"}}, "findings": [FOUND]}
EXPLANATION = {"id": "GHSA-1", "package": "pump", "version": "2.0", "why": "not reached", "looked_on": TODAY}


def test_a_finding_is_open_until_it_is_explained_and_an_explanation_until_it_is_needless() -> None:
    (told,) = audit.open_findings(ASKED, [], [PIN])
    assert told.startswith("pump==2.0 has GHSA-1 (fixed in 2.1): renew the lock, or explain it")
    assert list(audit.open_findings(ASKED, [EXPLANATION], [PIN])) == []
    (told,) = audit.open_findings(ASKED, [EXPLANATION], [replace(PIN, version="2.1")])
    assert told.endswith("no finding of a locked package: take it out")


def test_what_was_never_asked_or_long_ago_is_told() -> None:
    assert list(audit.not_asked(ASKED, [PIN], TODAY)) == []
    assert list(audit.not_asked(ASKED, [PIN, locked.Pin("probe", "1", "tools", ())], TODAY)) == []
    (told,) = audit.not_asked(ASKED, [replace(PIN, version="2.1")], TODAY)
    assert told.startswith("1 of 1 packages were never asked about (pump==2.1)")
    (told,) = audit.not_asked(ASKED, [PIN], TODAY + audit.HOLDS + timedelta(days=1))
    assert "more than 90 days ago" in told


def test_an_answer_takes_the_place_of_the_one_before() -> None:
    news = {"asked": {"pump==2.0": {"on": "2026-12-24", "service": "osv"}}, "findings": []}
    assert audit.merged(ASKED, news, [PIN]) == news
    assert audit.merged(ASKED, {"asked": {}, "findings": []}, []) == {"asked": {}, "findings": []}
