"""A month that was over changes for seven reasons: each says how much, and the parts add up to the last digit.

Two publications move it one after the other (data, then factors). The bridge over both at once, reckoned from what was
known at the first, must say of each cause what the publication between shows by being reckoned: the cross-check.
"""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from assets import reference, restatements
from ingestion.pull import pull
from lake import publication, restated
from lake.store import Lake
from pipelines.cli.main import status_of
from pipelines.resources import new_work
from pipelines.settings import Settings, read_settings

pytestmark = pytest.mark.integration

#: Midnight of 1 January 2025 in Shanghai, and the hours of January and some of February.
START, HOURS = datetime(2024, 12, 31, 16, tzinfo=UTC), 31 * 24 + 6
HOUR = timedelta(hours=1)
POINTS = ("main", "second", "coal", "gas", "annex")
RULES = "kind,data_year,valid_from,adopted_on,reason\n"
FILES = {
    "site.yaml": "id: estate\nname_zh: 小园区\nname_en: Estate\ntimezone: Asia/Shanghai\ngrid_region: JS\n"
    "gwp_set: AR5\ninterval_minutes: 60\nfactor_sets: {fuel: MEE_2022_2024_guides}\n",
    "organizations.csv": "organization_id,parent_id,name_zh,name_en,guideline\npark,,小园区,Estate,\n"
    "works,park,厂,Works,cets-ag-02.01\n",
    "energy_units.csv": "energy_unit_id,organization_id,kind,name_zh\npark,park,site,园区\nworks,works,site,厂\n",
    "meters.csv": "meter_id,energy_unit_id,carrier\nm1,works,electricity_grid\nm2,works,electricity_grid\n"
    "m3,works,bituminous_coal\nm4,works,natural_gas\n",
    "points.csv": "point_id,meter_id,quantity,kind,unit,multiplier,source,address\n"
    "main,m1,active_energy_import,interval,kWh,1,hand,main\nsecond,m2,active_energy_import,interval,kWh,1,hand,second\n"
    "coal,m3,mass,interval,t,1,hand,coal\ngas,m4,volume,interval,m3_20c,1,hand,gas\n",
    "sources.yaml": "sources:\n  hand: {kind: files, path: readings/*.csv, format: csv}\n",
    "allocations.csv": "energy_unit_id,carrier,point_id\nworks,electricity_grid,main\nworks,bituminous_coal,coal\n"
    "works,natural_gas,gas\n",
    "production.csv": "organization_id,energy_unit_id,product_id,month,quantity,unit\n"
    "works,works,clinker,2025-01,1000,t\n",
    "factor_rules.csv": RULES + "grid,2022,2024-01-01,2025-01-01,the latest year that was out\n",
}
#: A works that joins the park, and a second bill of the first one.
JOINED = {
    "organizations.csv": "annex,park,附厂,Annex,\n",
    "energy_units.csv": "annex,annex,site,附厂\n",
    "meters.csv": "m5,annex,electricity_grid\n",
    "points.csv": "annex,m5,active_energy_import,interval,kWh,1,hand,annex\n",
    "allocations.csv": "annex,electricity_grid,annex\nworks,electricity_grid,second\n",
}
FIGURE = ("mart", "organization_id", "month", "basis", "source_category")
MART = (
    "select mart, organization_id, cast(month as varchar) as month, basis, source_category, old, new, cause, change, "
    "interaction, publication, rows_count, subjects from evidence.restatements"
)
#: What the data moved, and what they are valued by.
VALUED = {"factor", "warming_potential"}


def value(point: str, hour: int) -> Decimal:
    """Return what passes a point in an hour: whole units for power, tonnes with a fraction."""
    base = {"main": 500, "second": 80, "coal": 2, "gas": 40, "annex": 120}[point]
    return Decimal(base) + Decimal(hour * 7 % 24) / (100 if point == "coal" else 1)


def readings(chosen: Callable[[str, int], Decimal | None]) -> str:
    rows = [
        f"{point},{(START + (hour + 1) * HOUR).isoformat()},{told}"
        for point in POINTS
        for hour in range(HOURS)
        if (told := chosen(point, hour)) is not None
    ]
    return "\n".join(["point_id,reading_at,value", *rows, ""])


def is_late(point: str, hour: int) -> bool:
    return point == "main" and 480 <= hour < 504


def first(point: str, hour: int) -> Decimal | None:
    """Return what came first: without a day of the main meter, and with one reading that was wrong by ten times."""
    if is_late(point, hour) or point == "annex":
        return None
    return value(point, hour) * (10 if (point, hour) == ("main", 200) else 1)


def second(point: str, hour: int) -> Decimal | None:
    """Return what came later: that day, twice what is usual, the reading as it was, and the works that joined."""
    if is_late(point, hour):
        return 2 * value(point, hour)
    return value(point, hour) if (point, hour) == ("main", 200) or point == "annex" else None


class Estate(NamedTuple):
    """What three publications said: their restatements by publication, and when the first was known."""

    site: Path
    settings: Settings
    known: datetime

    def write(self, name: str, text: str) -> None:
        (self.site / name).parent.mkdir(parents=True, exist_ok=True)
        (self.site / name).write_text(text, encoding="utf-8")

    def rows(self, query: str) -> list[dict[str, Any]]:
        with duckdb.connect(str(self.settings.marts_file), read_only=True) as con:
            found: list[dict[str, Any]] = con.sql(query).to_arrow_table().to_pylist()
            return found

    def run(self, run_id: str) -> None:
        """Take in, build, restate and publish: the steps of a run that a restatement needs, in its order."""
        work = new_work(self.settings)
        try:
            work.begin()
            reference.factors(work=work)
            reference.site(work=work)
            pull(work.lake, work.site)
            work.plan(None)
            work.prepare(run_id)
            work.run_models(lambda _done: None)
            restatements.restate_all(work)
            assert work.build is not None
            publication.publish(work.lake, work.build)
        finally:
            work.end()


@pytest.fixture(scope="module")
def estate(tmp_path_factory) -> Estate:
    """A site that publishes January, then data and boundary otherwise, then other factors and potentials."""
    folder = tmp_path_factory.mktemp("estate")
    settings = read_settings(folder / "site", str(folder / "lake"), {**os.environ, "NENGTAN_MARTS": ""})
    made = Estate(folder / "site", settings, datetime.now(UTC))
    for name, text in FILES.items():
        made.write(name, text)
    made.write("readings/first.csv", readings(first))
    made.run("first")
    assert made.rows("select * from evidence.restatements") == []
    made = made._replace(known=datetime.now(UTC))

    made.write("readings/second.csv", readings(second))
    for name, text in JOINED.items():
        made.write(name, FILES[name].replace("m3_20c,1,", "m3_20c,10,") + text)
    made.write("production.csv", FILES["production.csv"].replace(",1000,t", ",1200,t"))
    made.run("second")
    made.write("factor_rules.csv", FILES["factor_rules.csv"] + "grid,2023,2025-01-01,2026-01-05,a year later\n")
    made.write("site.yaml", FILES["site.yaml"].replace("AR5", "AR6"))
    made.run("third")
    return made


def by_figure(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in rows:
        found[tuple(str(row[name]) for name in FIGURE)].append(row)
    return dict(found)


def is_close(part: Decimal, told: Decimal) -> bool:
    """Whether a part is what was told by hand, but for the last digit: parts are differences of rounded totals."""
    return abs(part - told) <= Decimal("0.000001")


def parts(rows: Iterable[dict[str, Any]]) -> dict[str, Decimal]:
    """Return the part of each cause."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row["cause"]] += Decimal(str(row["change"]))
    return dict(found)


def test_each_publication_tells_what_it_changed_and_the_parts_add_up_to_the_last_digit(estate: Estate) -> None:
    rows = estate.rows(MART)
    assert {row["publication"] for row in rows} == {2, 3}
    for number, causes in (
        (2, {"late_data", "corrected_reading", "corrected_entry", "site_data", "boundary"}),
        (3, VALUED),
    ):
        mine = [row for row in rows if row["publication"] == number]
        assert {row["cause"] for row in mine} == causes
        for figure, told in by_figure(mine).items():
            change = sum(row["change"] for row in told)
            assert change == (told[0]["new"] or 0) - (told[0]["old"] or 0), figure
    shown = estate.rows(
        "select month::varchar as month, organization_id, basis, source_category, sum(emissions_tco2e) as new "
        "from carbon.emissions_monthly where month = date '2025-01-01' group by all"
    )
    latest = by_figure(row for row in rows if row["mart"].startswith("carbon"))
    for row in shown:
        told = latest.get(("carbon.emissions_monthly", *(row[name] for name in FIGURE[1:])))
        assert told is None or max(told, key=lambda one: one["publication"])["new"] == row["new"]


def test_the_parts_of_the_data_are_what_the_readings_say(estate: Estate) -> None:
    told = {
        row["cause"]: row
        for row in estate.rows(MART)
        if (row["publication"], row["organization_id"], row["basis"], row["source_category"])
        == (2, "works", "location", "purchased_electricity")
    }
    factor = Decimal("0.5978") / 1000  # Jiangsu, 2022: what was in force when the data came
    assert is_close(told["corrected_reading"]["change"], -9 * value("main", 200) * factor)
    assert (told["corrected_reading"]["rows_count"], told["corrected_reading"]["subjects"]) == (1, "main")
    assert (told["late_data"]["rows_count"], told["late_data"]["subjects"]) == (24, "main")
    later = sum(value("second", hour) for hour in range(31 * 24))
    assert is_close(told["boundary"]["change"], later * factor)
    assert told["boundary"]["subjects"] == "second"
    [entry] = [
        row for row in estate.rows(MART) if (row["cause"], row["basis"]) == ("corrected_entry", "statutory")
        and row["organization_id"] == "works"
    ]  # fmt: skip
    assert entry["subjects"] == "production/clinker"
    [park] = [
        row["change"]
        for row in estate.rows(MART)
        if (row["publication"], row["organization_id"], row["basis"]) == (2, "park", "location")
        and row["cause"] == "boundary"
    ]
    joined = sum(value("annex", hour) for hour in range(31 * 24)) * factor
    assert is_close(park - told["boundary"]["change"], joined)


def test_the_bridge_over_both_says_of_each_cause_what_the_publication_between_showed(estate: Estate, capsys) -> None:
    asked = ["--lake", estate.settings.lake, "--known-from", estate.known.isoformat(), "--json"]
    assert status_of(["restate", str(estate.site), *asked]) == 0
    told = json.loads(capsys.readouterr().out)
    direct, published = by_figure(told["figures"]), by_figure(estate.rows(MART))
    assert direct.keys() == published.keys()
    for figure, rows in direct.items():
        assert sum(parts(rows).values()) == Decimal(rows[0]["new"] or 0) - Decimal(rows[0]["old"] or 0), figure
        if figure[1] == "works":  # what joined was not there before: it is valued by what counts now, not by both
            assert parts(rows) == parts(published[figure]), figure
    electricity = direct["carbon.emissions_monthly", "works", "2025-01-01", "location", "purchased_electricity"]
    assert {"late_data", "corrected_reading", "boundary", "factor"} == parts(electricity).keys()
    [factor] = [row for row in electricity if row["cause"] == "factor"]
    data = sum(part for cause, part in parts(electricity).items() if cause != "factor")
    ratio = Decimal("0.5827") / Decimal("0.5978") - 1
    assert abs(Decimal(factor["interaction"]) - data * ratio) < Decimal("0.000002")
    for total in told["totals"]:
        words = ("organization_id", "account", "unit")
        named = {name: Decimal(part) for name, part in total.items() if name not in words}
        assert named["new"] == sum(named.values()) - named["new"], total


def test_nothing_new_restates_nothing_and_the_history_outlives_the_marts(estate: Estate) -> None:
    lake = Lake(estate.settings.lake)
    shown = [row["restatement_id"] for row in estate.rows("select restatement_id from evidence.restatements")]
    restated.keep(lake)  # as the end of a run does
    assert restated.keep(lake) == 0
    table = lake.delta("evidence", "restatements")
    assert sorted(table.to_pyarrow_table()["restatement_id"].to_pylist()) == sorted(shown)
    assert {entry["operation"] for entry in table.history()} <= {"CREATE TABLE", "WRITE"}
