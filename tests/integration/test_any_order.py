"""However readings arrive, the marts are the same to the last bit: in any order, twice, in batches, with runs."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lake.store import Lake
from tests.integration import any_streams
from tests.integration.small_works import ROOT, Works, works

pytestmark = pytest.mark.integration

#: What tells of the arrival itself.
OF_THE_ARRIVAL = {"received_at", "batch_id", "last_seen_at", "batch_count", "repeated_count"}
#: Findings and checks are made by a run, not by the models.
MADE_IN_RUNS = {"quality.checks", "quality.findings", "main.publication"}

seeds = st.integers(min_value=0, max_value=2**32 - 1)
how = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)


def prove(stream: int, order: int, count: int) -> None:
    """Deliver the rows of a seed in batches with a run and a restart after each, and all at once: no mart differs.

    After the first run it turns out that a transformer's ratio is another one.
    """
    rows = any_streams.readings(stream)
    with tempfile.TemporaryDirectory() as folder:
        slowly = works(Path(folder) / "slowly", ROOT / "dbt_project", any_streams.site())
        at_once = works(Path(folder) / "at_once", ROOT / "dbt_project", any_streams.site(ratio="20"))
        deliveries = any_streams.batches(order, rows, count)
        for number, delivery in enumerate(deliveries):
            slowly = Works(Lake(str(slowly.lake.root)), slowly.site, slowly.project, slowly.landed)
            slowly.take(delivery)
            if number == 1:
                slowly.lake.snapshot("meters", at_once.site.tables["meters"], datetime(2025, 12, 2, tzinfo=UTC))
            assert slowly.work().is_full == (number == 0)
            slowly.run(f"run{number}")
        at_once.take(row._replace(status="good") if row.status == "late" else row for row in rows)
        at_once.run("once")
        assert differing(slowly, at_once) == {}


def differing(one: Works, other: Works) -> dict[str, list[tuple[object, ...]]]:
    """Return the marts in which the two differ, with some of the rows."""
    found = {}
    with duckdb.connect() as con:
        con.execute(f"attach '{one.lake.root / 'marts.duckdb'}' as a (read_only)")
        con.execute(f"attach '{other.lake.root / 'marts.duckdb'}' as b (read_only)")
        described = con.sql(
            "select schema_name || '.' || table_name, list(column_name order by column_index) "
            "from duckdb_columns() where database_name = 'b' group by all"
        ).fetchall()
        marts = {name: [column for column in columns if column not in OF_THE_ARRIVAL] for name, columns in described}
        assert len(marts.keys() - MADE_IN_RUNS) >= 15
        for name in sorted(marts.keys() - MADE_IN_RUNS):
            columns = ", ".join(f'"{column}"' for column in marts[name])
            rows = con.sql(
                f"(select 'in batches' as delivered, {columns} from a.{name} "
                f"except all select 'in batches', {columns} from b.{name}) union all "
                f"(select 'at once' as delivered, {columns} from b.{name} "
                f"except all select 'at once', {columns} from a.{name}) order by all limit 4"
            ).fetchall()
            if rows:
                found[name] = rows
    return found


@settings(how, max_examples=1)
@given(stream=seeds, order=seeds)
def test_marts_do_not_depend_on_how_readings_arrive(stream: int, order: int) -> None:
    prove(stream, order, 2)


@pytest.mark.soak
@settings(how, max_examples=25)
@given(stream=seeds, order=seeds, count=st.integers(min_value=2, max_value=4))
def test_marts_do_not_depend_on_how_readings_arrive_many_times(stream: int, order: int, count: int) -> None:
    prove(stream, order, count)
