from datetime import date

import pytest

from assets.months import asked_for


@pytest.mark.parametrize(
    ("tags", "days"),
    [
        ({}, None),
        ({"nengtan/from": "2025-03-14", "nengtan/to": "2025-04-01"}, (date(2025, 3, 14), date(2025, 4, 1))),
        ({"dagster/partition": "2025-03-01"}, (date(2025, 3, 1), date(2025, 3, 31))),
        (
            {"dagster/asset_partition_range_start": "2024-12-01", "dagster/asset_partition_range_end": "2025-01-01"},
            (date(2024, 12, 1), date(2025, 1, 31)),
        ),
    ],
)
def test_the_days_that_a_run_was_asked_for(tags, days):
    assert asked_for(tags) == days
