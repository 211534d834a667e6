"""Closing, restating and reopening: by two persons, on what is published, and what was declared stays declared."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from assets import closings as asset
from lake import closing_acts, closings
from lake.closing_acts import By, ClosingError, Place, decide, propose
from lake.store import Lake

JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)
ORGANIZATIONS = pa.table({"organization_id": ["park", "mill", "steel"], "parent_id": [None, "park", "park"]})
LI, SHEN = By("li", "", "command"), By("shen", "looked at", "portal")
MARTS = """
    create schema carbon; create schema reference;
    create table publication as select 7 as number, timestamptz '2025-08-02 00:00:00+00' as published_at,
        'code' as code_hash, timestamptz '2025-07-31 16:00:00+00' as newest_reading_at;
    create table reference.organizations as
        select id as organization_id, '名' || id as organization_name_zh, 'name ' || id as organization_name_en
        from unnest(['park', 'mill', 'steel']) as named (id);
    create table carbon.emissions_monthly as
        select *, source_category as source_category_name_zh, source_category as source_category_name_en from (values
            ('mill', date '2025-06-01', 'all', 1, 'combustion', 100.000001::decimal(18, 6)),
            ('mill', date '2025-06-01', 'statutory', 1, 'combustion', 90.5),
            ('mill', date '2025-06-01', 'location', 2, 'purchased_electricity', 7),
            ('mill', date '2025-06-01', 'statutory', 1, 'process', null),
            ('mill', date '2025-07-01', 'statutory', 1, 'combustion', 80),
            ('park', date '2025-06-01', 'statutory', 1, 'combustion', 90.5),
            ('park', date '2025-07-01', 'statutory', 1, 'combustion', 80)
        ) as lines (organization_id, month, basis, scope, source_category, emissions_tco2e)
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    marts = tmp_path / "marts.duckdb"
    with duckdb.connect(str(marts)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(MARTS)
    site: Any = SimpleNamespace(
        tables={"organizations": ORGANIZATIONS}, settings=SimpleNamespace(timezone="Asia/Shanghai")
    )
    return Place(Lake(str(tmp_path / "lake")), marts, site)


def publish(place: Place, statement: str) -> None:
    with duckdb.connect(str(place.marts)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(statement)


def close(place: Place, organization: str = "mill", period: str = "2025-06", act: str = "close") -> closings.Act:
    return decide(place, propose(place, act, organization, period, LI).closing_id, "approved", SHEN)


def made(place: Place) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Any]]:
    with duckdb.connect(str(place.marts), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        tables, found = asset.of_acts(connection, closings.standing(place.lake))
    return tables[asset.DECLARED].to_pylist(), tables[asset.CLOSINGS].to_pylist(), found


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("close", "mill", "2025-13"), "period_unknown"),
        (("close", "mill", "June"), "period_unknown"),
        (("close", "mine", "2025-06"), "organization_unknown"),
        (("close", "mill", "2025-08"), "period_lasts"),
        (("close", "mill", "2025"), "period_lasts"),
        (("close", "steel", "2025-06"), "nothing_to_close"),
        (("restate", "mill", "2025-06"), "nothing_to_restate"),
        (("reopen", "mill", "2025-06"), "nothing_to_reopen"),
        (("lock", "mill", "2025-06"), "act_unknown"),
    ],
)
def test_what_cannot_be_proposed_is_said(place: Place, arguments: tuple[str, str, str], key: str) -> None:
    with pytest.raises(ClosingError) as refused:
        propose(place, *arguments, LI)
    assert refused.value.key == key
    assert closings.rows(place.lake) == []


def test_two_persons_close_a_month_with_its_figures_to_the_last_digit(place: Place) -> None:
    proposal = propose(place, "close", "mill", "2025-06", LI)
    assert closings.standing(place.lake).state("mill", JUNE, JUNE) == "open"
    with pytest.raises(ClosingError, match="li proposed"):
        decide(place, proposal.closing_id, "approved", LI)
    with pytest.raises(ClosingError, match="waits for a decision"):
        propose(place, "close", "park", "2025-06", LI)
    decide(place, proposal.closing_id, "approved", SHEN)
    known = closings.standing(place.lake)
    assert [known.state("mill", JUNE, month) for month in (JUNE, JULY)] == ["closed", "partly_closed"]
    assert known.state("park", JUNE, JUNE) == "open"
    held = known.of("mill", JUNE)
    assert held is not None
    assert held.act.figures.tonnes["mill", JUNE] == {
        ("location", 1, "combustion"): Decimal("100.000001"),
        ("market", 1, "combustion"): Decimal("100.000001"),
        ("location", 2, "purchased_electricity"): Decimal(7),
        ("statutory", 1, "combustion"): Decimal("90.5"),
    }
    with pytest.raises(ClosingError, match="approved already"):
        decide(place, proposal.closing_id, "refused", SHEN)
    with pytest.raises(ClosingError, match="closed already"):
        propose(place, "close", "mill", "2025-06", LI)


def test_what_was_published_between_proposal_and_approval_is_not_closed_unseen(place: Place) -> None:
    proposal = propose(place, "close", "mill", "2025-06", LI)
    publish(place, "update carbon.emissions_monthly set emissions_tco2e = 90.500001 where emissions_tco2e = 90.5")
    with pytest.raises(ClosingError, match="not those that were proposed"):
        decide(place, proposal.closing_id, "approved", SHEN)
    assert decide(place, proposal.closing_id, "refused", SHEN).state == "refused"
    assert closings.standing(place.lake).months == {}
    assert close(place).state == "approved"


def test_a_closed_month_changes_only_by_restatement_and_says_so_until_then(place: Place) -> None:
    close(place, "park")
    assert made(place)[2] == []
    publish(place, "update carbon.emissions_monthly set emissions_tco2e = 95 where emissions_tco2e = 90.5")
    rows, _, found = made(place)
    mine = [row for row in rows if row["organization_id"] == "mill" and row["basis"] == "statutory"]
    figures = ("declared_tco2e", "current_tco2e", "difference_tco2e", "is_restated")
    assert [tuple(row[name] for name in figures) for row in mine] == [(Decimal("90.5"), 95, Decimal("4.5"), False)]
    assert {finding.subject for finding in found} == {"mill/2025-06", "park/2025-06"}
    assert {(finding.kind, finding.owner) for finding in found} == {("closed_period_differs", "shen")}
    assert "90.500 tCO2e declared, 95.000 now, +4.500" in found[0].message_en
    close(place, "park", act="restate")
    rows, acts, found = made(place)
    mine = [row for row in rows if row["organization_id"] == "mill" and row["basis"] == "statutory"]
    figures = ("first_declared_tco2e", "declared_tco2e", "difference_tco2e", "is_restated", "restated_count")
    assert [tuple(row[name] for name in figures) for row in mine] == [(Decimal("90.5"), 95, 0, True, 1)]
    assert found == []
    assert [(act["act"], act["state"], act["total_tco2e"]) for act in acts] == [
        ("close", "approved", Decimal("90.5")),
        ("restate", "approved", 95),
    ]
    assert acts[1]["known_from"] == acts[0]["published_at"]


def test_a_line_that_came_later_is_a_difference(place: Place) -> None:
    close(place)
    publish(place, "update carbon.emissions_monthly set emissions_tco2e = 1 where emissions_tco2e is null")
    rows, _, (finding,) = made(place)
    (late,) = [row for row in rows if row["source_category"] == "process"]
    assert (late["declared_tco2e"], late["current_tco2e"]) == (0, 1)
    assert finding.evidence["current"] - finding.evidence["declared"] == 1


def test_a_month_that_is_opened_again_is_not_declared_until_it_is_closed_anew(place: Place) -> None:
    close(place, "park")
    close(place, act="reopen")
    publish(place, "update carbon.emissions_monthly set emissions_tco2e = 95 where emissions_tco2e = 90.5")
    rows, _, found = made(place)
    states = {(row["organization_id"], row["state"]) for row in rows}
    assert states == {("mill", "reopened"), ("park", "closed")}
    assert [finding.subject for finding in found] == ["park/2025-06"]
    assert closings.standing(place.lake).state("mill", JUNE, JUNE) == "reopened"
    close(place)
    assert {row["state"] for row in made(place)[0]} == {"closed"}


def test_every_month_has_a_state_with_what_was_declared_and_what_is_known(place: Place) -> None:
    def states() -> set[tuple[object, ...]]:
        with duckdb.connect(str(place.marts), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            found = asset.of_acts(connection, closings.standing(place.lake))[0][asset.STATES].to_pylist()
        names = ("organization_id", "month", "state", "closed_ratio", "declared_tco2e", "difference_tco2e")
        return {tuple(row[name] for name in names) for row in found}

    assert {state[2:] for state in states()} == {("open", 0, None, None)}
    close(place)
    publish(place, "update carbon.emissions_monthly set emissions_tco2e = 95 where emissions_tco2e = 90.5")
    assert ("mill", JUNE, "closed", 1, Decimal("90.5"), Decimal("4.5")) in states()
    close(place, act="reopen")
    assert ("mill", JUNE, "reopened", 0, Decimal("90.5"), Decimal("4.5")) in states()


def test_a_year_closes_what_is_open_and_leaves_what_was_declared(place: Place) -> None:
    close(place, "park")
    publish(
        place,
        "update carbon.emissions_monthly set emissions_tco2e = 95 where emissions_tco2e = 90.5; "
        "update publication set number = 8, newest_reading_at = timestamptz '2026-01-01 00:00:00+00'",
    )
    year = close(place, "park", "2025")
    assert year.figures.pairs == {("mill", JULY), ("park", JULY)}
    declared = {row["month"]: row["declared_tco2e"] for row in made(place)[0] if row["organization_id"] == "park"}
    assert declared == {JUNE: Decimal("90.5"), JULY: Decimal(80)}


def test_what_was_known_at_a_time_is_what_was_closed_by_then(place: Place) -> None:
    act = close(place)
    assert act.decision is not None
    assert closings.standing(place.lake, act.proposal["at"]).months == {}
    assert closings.standing(place.lake, act.decision["at"]).state("mill", JUNE, JUNE) == "closed"


def test_the_figures_keep_their_hash_and_ref_keeps_none_of_them(place: Place) -> None:
    act = close(place, "park")
    assert closings.figures_of(act.proposal["figures"]).hash() == act.proposal["figures_hash"]
    told = closings.told(place.lake)
    assert (told.num_rows, "figures" in told.column_names) == (2, False)


@pytest.fixture
def heads(place: Place) -> Iterator[None]:
    heads = pa.table({"number": [1, 2], "root_hash": ["a", "b"]})
    from deltalake import write_deltalake

    write_deltalake(place.lake.path("evidence", "heads"), heads)
    yield


@pytest.mark.usefixtures("heads")
def test_the_evidence_head_of_the_moment_is_kept(place: Place) -> None:
    act = close(place)
    assert (act.proposal["head_number"], act.proposal["head_root_hash"]) == (2, "b")
    assert made(place)[0][0]["head_root_hash"] == "b"


def test_months_of_a_year_are_twelve() -> None:
    assert len(closing_acts.months_of("2024")) == 12
