"""The calendar: until when each enterprise reports, is verified and surrenders, as published or as the site says."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from methods.holdings.tables import DEADLINE_KINDS, DEADLINE_STATES, NEAR_DAYS

Row = dict[str, Any]
#: Enterprise, compliance year, kind.
Key = tuple[str, int, str]


def known(published: Iterable[Row], said: Iterable[Row], sectors: Mapping[str, str | None]) -> dict[Key, Row]:
    """Return due_on, source and confidence of each deadline; what the site says comes before what is published.

    `sectors` names the enterprises that are covered; a row of the site without one is for all of these.
    """
    found: dict[Key, Row] = {}
    rows = list(published)
    for organization, sector in sectors.items():
        for row in rows:
            if row["sector"] == sector:
                told = {"source": f"{row['locator']}", "confidence": row["confidence"]}
                found[organization, row["year"], row["kind"]] = {"due_on": row["due_on"], **told}
    for row in said:
        of = [row["organization_id"]] if row["organization_id"] else list(sectors)
        for organization in of:
            told = {"source": row["reason"], "confidence": "site"}
            found[organization, row["year"], row["kind"]] = {"due_on": row["due_on"], **told}
    return found


def calendar(found: Mapping[Key, Row], settled: Iterable[tuple[str, int]], as_of: date) -> Iterator[Row]:
    """Yield each deadline with its state on a day; `settled` are the years whose surrender is done."""
    done = set(settled)
    for (organization, year, kind), row in sorted(found.items()):
        days = (row["due_on"] - as_of).days
        state = "near" if days <= NEAR_DAYS else "ahead"
        if days < 0:
            state = "overdue" if kind == "surrender" else "passed"
        if kind == "surrender" and (organization, year) in done:
            state = "done"
        yield {
            "organization_id": organization,
            "year": year,
            "kind": kind,
            "kind_name_zh": DEADLINE_KINDS[kind][0],
            "kind_name_en": DEADLINE_KINDS[kind][1],
            **row,
            "as_of_date": as_of,
            "days_left_count": days,
            "state": state,
            "state_name_zh": DEADLINE_STATES[state][0],
            "state_name_en": DEADLINE_STATES[state][1],
        }
