"""What was known when: marts as of a time before a correction, a price and a piece of maintenance."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from lake import recovery
from tests.integration.small_works import QUARTER, ROOT, START, register, use, works

pytestmark = pytest.mark.integration

DAY = 96


def test_a_look_back_gives_the_old_numbers_and_leaves_the_published_ones_alone(tmp_path: Path) -> None:
    made = works(tmp_path, ROOT / "dbt_project")
    steps = use(2 * DAY)["main"]
    first = register("main", steps)
    wrong = [(p, t, v + 40) if t >= START + DAY * QUARTER else (p, t, v) for p, t, v in first]
    made.land(wrong)  # known at 1:00 of 1 January 2026
    made.land([(p, t, v) for p, t, v in first if t >= START + DAY * QUARTER])  # known at 2:00
    prices = made.site.tables["tariffs"]
    dearer = prices.set_column(
        prices.schema.get_field_index("price_cny_per_unit"),
        prices.schema.field("price_cny_per_unit"),
        pa.array([Decimal(1)] * prices.num_rows, prices.schema.field("price_cny_per_unit").type),
    )
    made.lake.snapshot("tariffs", dearer, datetime(2026, 1, 1, 3, tzinfo=UTC))
    made.run("now")
    before = (made.lake.root / "marts.duckdb").read_bytes()
    made.lake.compact("hand", thoroughly=True)
    recovery.recover(made.lake)

    then = made.look_back("then", datetime(2026, 1, 1, 1, 30, tzinfo=UTC))

    query = (
        "select local_date, quantity, cost_cny from energy.consumption_daily "
        "where carrier = 'electricity_grid' order by local_date"
    )
    with duckdb.connect(str(then), read_only=True) as con:
        old = con.sql(query).fetchall()
    new = made.rows(query)
    true = [sum(steps[:DAY]), sum(steps[DAY:])]
    assert [quantity for _, quantity, _ in new] == true
    assert [quantity for _, quantity, _ in old] == [true[0] + 40, true[1]]
    assert [cost for _, _, cost in new] == true  # one yuan a kilowatt-hour
    valley = sum(steps[DAY : DAY + 32])
    assert old[1][2] == valley * Decimal("0.3") + (true[1] - valley) * Decimal("0.7")
    assert (made.lake.root / "marts.duckdb").read_bytes() == before
    assert then.parent == made.lake.root / "marts_asof" / "20260101T013000Z"
