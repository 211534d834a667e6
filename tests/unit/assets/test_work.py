"""What a run judges: what it rebuilt of the marts that are checked, and no month more."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from assets.work import Work
from lake import influence
from lake.engine import Engine
from lake.rebuild import Rebuild
from lake.worklist import Worklist

CHECKED = {"energy.intervals", "energy.consumption_monthly"}


def rebuilt(days: list[date], whole: set[str], *, is_full: bool = False) -> str:
    work = Work("lake", Path("site"), {}, Path("project"), Engine())
    rows = [{"point_id": "p", "local_date": day, "reason": "new reading"} for day in days]
    pairs = pa.Table.from_pylist(rows, influence.PAIRS)
    work.worklist = Worklist(True, is_full, pairs, Rebuild(whole=frozenset(whole)), ())
    return work.rebuilt(CHECKED)


@pytest.mark.parametrize(
    ("days", "whole", "condition"),
    [
        ([date(2025, 1, 31), date(2025, 2, 1)], set(), "month in (date '2025-01-01', date '2025-02-01')"),
        ([], {"carbon.emissions_monthly"}, "false"),
        ([date(2025, 2, 1)], {"carbon.emissions_monthly"}, "month in (date '2025-02-01')"),
        ([date(2025, 2, 1)], {"energy.consumption_monthly"}, "true"),
    ],
)
def test_months_are_judged_that_were_rebuilt(days: list[date], whole: set[str], condition: str) -> None:
    assert rebuilt(days, whole) == condition


def test_everything_is_judged_where_everything_was_rebuilt() -> None:
    assert rebuilt([], set(), is_full=True) == "true"
