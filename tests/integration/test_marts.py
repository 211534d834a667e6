"""From raw readings to published marts: exact sums, late data, dead runs, readers in the middle of it."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from lake import models, publication, recovery, stepcode, worklist
from tests.integration import model_rows
from tests.integration.small_works import QUARTER, ROOT, START, Works, register, use, works

pytestmark = pytest.mark.integration

DAYS = 74
QUARTERS = DAYS * 96
OUTAGE = range(9 * 96 + 20, 9 * 96 + 52)  # eight hours of 10 January
GLITCH = 33 * 96 + 40
COMPARED = (
    "energy.intervals",
    "energy.consumption_hourly",
    "energy.consumption_daily",
    "energy.consumption_monthly",
    "quality.completeness_daily",
    "quality.completeness_by_organization_daily",
)


def _history(days: int) -> dict[str, list[tuple[str, datetime, Decimal]]]:
    steps = {point: values[: days * 96] for point, values in use(QUARTERS).items()}
    coal = [("coal", START + (n + 1) * QUARTER, Decimal("0.25")) for n in range(days * 96)]
    power = [("power", START + n * QUARTER, Decimal(40)) for n in range(days * 96 + 1)]
    return {
        "main": register("main", steps["main"], first=99_000, size=100_000),
        "one": register("one", steps["one"]),
        "two": register("two", steps["two"], late_s=300),
        "coal": coal,
        "power": power,
    }


def _first_batch() -> list[tuple[str, datetime, Decimal]]:
    history = _history(DAYS - 4)
    one = [row for number, row in enumerate(history["one"]) if number not in OUTAGE]
    one = [(p, t, v + 400_000) if t == START + GLITCH * QUARTER else (p, t, v) for p, t, v in one]
    return [*history["main"], *one, *history["two"], *history["coal"], *history["power"]]


def _late() -> list[list[tuple[str, datetime, Decimal]]]:
    """The outage filled in afterwards, the glitch corrected, and four new days of everything."""
    one = _history(DAYS)["one"]
    end = START + timedelta(days=DAYS - 4)
    fresh = [row for rows in _history(DAYS).values() for row in rows if row[1] > end]
    return [[one[number] for number in OUTAGE], [one[GLITCH]], fresh]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Works:
    folder = tmp_path_factory.mktemp("small")
    project = folder / "dbt_project"  # a copy: a model that is edited meanwhile would rebuild everything
    shutil.copytree(ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    made = works(folder, project)
    made.land(_first_batch())
    made.run("first")
    return made


def test_steps_pieces_and_intervals_on_a_few_rows(tmp_path: Path) -> None:
    made = works(tmp_path, ROOT / "dbt_project")
    opened = made.opened("units", made.work())
    made.dbt(opened, "run", "--empty", "--select", "+int_energy__interval", "+int_quality__metered_use")
    said = made.dbt(opened, "test", "--select", "path:models/intermediate,test_type:unit")
    assert "TOTAL=12" in said


def test_sums_are_exact_and_every_doubt_is_labelled(small: Works) -> None:
    steps = use(QUARTERS)
    january = slice(0, 31 * 96)
    monthly = dict(
        small.rows(
            "select energy_unit_id || ' ' || carrier, quantity "
            "from energy.consumption_monthly where month = '2025-01-01'"
        )
    )
    assert monthly["root electricity_grid"] == sum(steps["main"][january])
    assert monthly["line1 electricity"] == sum(steps["one"][january])
    assert monthly["root bituminous_coal"] == Decimal("0.25") * 31 * 96
    assert monthly["shop electricity"] == monthly["line1 electricity"] + monthly["line2 electricity"]
    labels = dict(
        small.rows(
            "select quality, count(*) from energy.intervals where point_id = 'one' and month = '2025-01-01' group by 1"
        )
    )
    assert labels == {"measured": 31 * 96 - len(OUTAGE) - 1, "estimated": len(OUTAGE) + 1}
    glitch = small.rows(
        f"select quality, quantity from energy.intervals where point_id = 'one' and period_start_at >= "
        f"timestamptz '{START + (GLITCH - 1) * QUARTER}' order by period_start_at limit 2"
    )
    assert [quality for quality, _ in glitch] == ["interpolated", "interpolated"]
    assert sum(quantity for _, quantity in glitch) == sum(steps["one"][GLITCH - 1 : GLITCH + 1])
    assert small.rows("select count(*) from energy.intervals where quantity < 0 or quantity > 1000") == [(0,)]


def test_what_is_not_metered_closes_the_balance_to_the_last_digit(small: Works) -> None:
    """The residual unit is the root less the shop, hour by hour, and says nothing where a part of it is unknown."""
    balances = """
        with amounts as (
            select period_start_at, energy_unit_id, quantity, energy_gj, missing_ratio from energy.consumption_hourly
            where carrier in ('electricity', 'electricity_grid') and energy_unit_id in ('root', 'shop', 'rest')
        )
        select rest.quantity, whole.quantity - part.quantity, rest.missing_ratio
        from amounts as whole
        inner join amounts as part using (period_start_at)
        inner join amounts as rest using (period_start_at)
        where whole.energy_unit_id = 'root' and part.energy_unit_id = 'shop' and rest.energy_unit_id = 'rest'
    """
    hours = small.rows(balances)
    assert len(hours) > (DAYS - 5) * 24
    assert [found for found, wanted, missing in hours if missing == 0 and found != wanted] == []
    assert [found for found, _, missing in hours if missing > 0 and found is not None] == []
    assert sum(missing == 0 for *_, missing in hours) > (DAYS - 6) * 24
    assert small.rows(
        "select distinct carrier, role from energy.consumption_monthly where energy_unit_id = 'rest'"
    ) == [("electricity", "end_use")]
    assert small.rows("select is_residual from reference.energy_units where energy_unit_id = 'rest'") == [(True,)]


def test_power_becomes_energy_and_local_days_are_whole(small: Works) -> None:
    assert small.rows(
        "select sum(quantity) from energy.intervals where point_id = 'power' and month = '2025-01-01'"
    ) == [(Decimal(10 * 31 * 96),)]
    days = small.rows(
        "select local_date, expected, received from quality.completeness_daily where point_id = 'main' order by 1"
    )
    assert len(days) == DAYS - 4
    assert days[0] == (date(2025, 1, 1), 96, 96)
    assert {expected for _, expected, _ in days} == {96}


def test_energy_has_its_price_by_band(small: Works) -> None:
    steps = use(QUARTERS)["main"][:96]
    cost = sum(steps[:32]) * Decimal("0.3") + sum(steps[32:]) * Decimal("0.7")
    found = small.rows(
        "select cost_cny from energy.consumption_daily "
        "where energy_unit_id = 'root' and carrier = 'electricity_grid' and local_date = '2025-01-01'"
    )
    assert found == [(cost,)]


def test_bands_add_up_and_demand_beyond_the_contract_counts_twice(small: Works) -> None:
    """January by hand: two bands of price, the highest quarter of an hour, 5 % beyond the contract's 300 kW free."""
    steps = use(QUARTERS)["main"][: 31 * 96]
    night = [step for number, step in enumerate(steps) if number % 96 < 32]
    highest = max(steps)
    first = START + steps.index(highest) * QUARTER
    band = "valley" if steps.index(highest) % 96 < 32 else "flat"
    charge = (300 + (highest * 4 - Decimal(315)) * 2) * 40
    found = {
        row[0]: row[1:]
        for row in small.rows(
            "select band, quantity_kwh, cost_cny, demand_kw, demand_cost_cny, power_factor, demand_at "
            "from energy.cost_bands_monthly where month = '2025-01-01'"
        )
    }
    assert highest * 4 > 315
    assert found["valley"][:3] == (sum(night), sum(night) * Decimal("0.3"), max(night) * 4)
    assert found["flat"][:2] == (sum(steps) - sum(night), (sum(steps) - sum(night)) * Decimal("0.7"))
    assert found[band][2:] == (highest * 4, charge, None, first)  # without a reactive meter there is no power factor
    assert {row[3] for name, row in found.items() if name != band} == {0}


def test_the_file_opens_anywhere_and_explains_itself(small: Works, tmp_path: Path) -> None:
    code = f"""import duckdb
con = duckdb.connect({str(small.lake.root / "marts.duckdb")!r}, read_only=True)
assert con.execute("select count(*) from energy.intervals").fetchone()[0] > 30000
rows = con.execute("select comment from duckdb_columns() where schema_name = 'energy'").fetchall()
assert len(rows) > 50 and all(row[0] and '|' in row[0] for row in rows), rows
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_nothing_new_is_nothing_to_do(small: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not small.work().new_rows
    monkeypatch.setattr(stepcode, "fingerprint", lambda: "other code")
    assert small.work().reasons == ("the code of marts that Python makes changed",)
    assert small.work().rebuild.is_empty


@pytest.fixture(scope="module")
def reader(small: Works) -> Iterator[list[tuple[int, Decimal, Decimal]]]:
    """Read in a loop while others publish: publication, and one sum from two marts."""
    seen: list[tuple[int, Decimal, Decimal]] = []
    stop = threading.Event()
    query = (
        "select (select number from publication), (select sum(quantity) from energy.consumption_monthly), "
        "(select sum(quantity) from energy.consumption_daily)"
    )

    def loop() -> None:
        while not stop.wait(0.1):
            seen.append(small.rows(query)[0])  # type: ignore[arg-type]

    thread = threading.Thread(target=loop)
    thread.start()
    yield seen
    stop.set()
    thread.join()


def _days(made: Works) -> set[tuple[str, date]]:
    """The points and local days that a run would rebuild now."""
    return {(row["point_id"], row["local_date"]) for row in made.work().pairs.to_pylist()}


def test_late_data_rebuilds_what_it_touches_and_equals_a_full_build(
    small: Works, reader: list[object], tmp_path: Path
) -> None:
    filled, corrected, fresh = _late()
    small.land(filled)
    assert _days(small) == {("one", date(2025, 1, day)) for day in (9, 10, 11)}  # a day of readings on either side
    assert small.run("filled").months == ("2025-01-01",)
    small.land(corrected)
    assert _days(small) == {("one", date(2025, 2, day)) for day in (2, 3, 4)}
    assert small.run("corrected").months == ("2025-02-01",)
    small.land(fresh)
    assert small.run("fresh").months == ("2025-03-01",)
    twin = works(tmp_path / "twin", small.project)
    for batch in (fresh, _first_batch(), corrected, filled):
        twin.land(batch, known_at=None)
    twin.run("twin")
    for mart in COMPARED:
        with duckdb.connect() as con:
            con.execute(f"attach '{small.lake.root / 'marts.duckdb'}' as a (read_only)")
            con.execute(f"attach '{twin.lake.root / 'marts.duckdb'}' as b (read_only)")
            count = con.execute(f"select count(*) from b.{mart}").fetchall()[0][0]
            differing = con.execute(
                f"select count(*) from ((from a.{mart} except all from b.{mart}) union all "
                f"(from b.{mart} except all from a.{mart}))"
            ).fetchall()[0][0]
        assert count >= 10
        assert differing == 0, f"{mart}: {differing} rows differ from a full build"


def test_a_reader_never_sees_half_a_publication(small: Works, reader: list[tuple[int, Decimal, Decimal]]) -> None:
    assert len(reader) > 20
    assert {number for number, _, _ in reader} >= {2, 3, 4}
    assert all(monthly == daily for _, monthly, daily in reader)
    assert len({(number, monthly) for number, monthly, _ in reader}) == len({number for number, _, _ in reader})


DIE = """
import os, sys
from lake import build, doors, manifest, martfiles, publication
from lake.store import Lake
left = int(sys.argv[3])
def dying(inner):
    def wrapped(*a, **k):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return inner(*a, **k)
    return wrapped
martfiles.commit = dying(martfiles.commit)
manifest.write = dying(manifest.write)
doors.open_marts = dying(doors.open_marts)
doors.open_sealed = dying(doors.open_sealed)
lake = Lake(sys.argv[1])
publication.publish(lake, build.reopen(lake, sys.argv[2]))
"""


def test_a_publication_that_dies_is_undone_or_finished(small: Works, reader: list[object], tmp_path: Path) -> None:
    before = publication.last_manifest(small.lake)
    assert before is not None
    old = small.rows("select count(*) from energy.intervals")
    end = START + timedelta(days=DAYS)
    small.land([("one", end + QUARTER, use(QUARTERS)["one"][0] + Decimal(sum(use(QUARTERS)["one"])))])
    made = small.prepared("dying")
    shutil.copytree(made.folder, tmp_path / "kept")
    marts = len(made.worklist.rebuild.whole | made.worklist.rebuild.by_work)
    for steps, survives in ((0, False), (3, False), (marts, False), (marts + 1, True)):
        if not made.folder.exists():
            shutil.copytree(tmp_path / "kept", made.folder)
        done = subprocess.run(
            [sys.executable, "-c", DIE, str(small.lake.root), "dying", str(steps)], cwd=ROOT, check=False
        )
        assert done.returncode == 9
        assert small.rows("select count(*) from energy.intervals")[0][0] >= old[0][0]
        told = recovery.recover(small.lake)
        after = publication.last_manifest(small.lake)
        assert after is not None
        if survives:
            assert small.rows("select number from publication") == [(after.number,)]
            assert after.number == before.number + 1
        else:
            assert after.number == before.number
            assert bool(told) == (steps > 0)
            assert small.rows("select count(*) from energy.intervals") == old
        for name, mart in after.marts.items():
            files = {Path(path).name for path in small.lake.files("marts", name.replace(".", "/"))}
            assert files == {Path(path).name for path in mart.files}, name


def test_times_are_utc(small: Works) -> None:
    first = small.rows("select epoch(min(period_start_at)) from energy.intervals")[0][0]
    assert first == START.astimezone(UTC).timestamp()


def test_no_model_handles_more_rows_than_it_is_known_for(small: Works) -> None:
    """One that puts every interval of every unit in order, say, costs a large site minutes and this one nothing."""
    made = small.opened("rows", worklist.full(models.read(small.project), "rows are counted"))
    ((intervals,),) = small.rows("select count(*) from energy.intervals")
    rows = {name: count / float(str(intervals)) for name, count in model_rows.handled(made).items()}
    assert rows["int_energy__reading_step"] > 5
    assert {name: one for name, one in rows.items() if one > model_rows.CEILINGS.get(name, model_rows.OTHERS)} == {}
