"""A clock that went back is told before anything is written; one that is a little off is not."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from lake import clock
from lake.errors import LakeError
from lake.store import Lake

WRITTEN = datetime(2026, 6, 1, 8, tzinfo=UTC)


def test_a_clock_that_went_back_is_told(tmp_path: object) -> None:
    lake = Lake(str(tmp_path))
    clock.check(lake, WRITTEN)
    lake.snapshots({"site": pa.table({"a": ["b"]})}, WRITTEN)
    for later in (timedelta(0), timedelta(days=800), -timedelta(seconds=100)):
        clock.check(lake, WRITTEN + later)
    for earlier in (timedelta(minutes=3), timedelta(days=800)):
        with pytest.raises(LakeError, match=r"the clock of this machine says .* 2026-06-01 08:00 UTC: set the clock"):
            clock.check(lake, WRITTEN - earlier)
