"""Months as partitions, and the months that a run was asked to rebuild in any case."""

from collections.abc import Mapping
from datetime import date

import dagster as dg

from lake.periods import months_between

#: Tags of a run that was asked for months: the command line's, and those of the orchestrator's own screens.
FROM_TAG, TO_TAG = "nengtan/from", "nengtan/to"
_ONE = "dagster/partition"
_FIRST, _LAST = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def monthly(timezone: str) -> dg.MonthlyPartitionsDefinition:
    """Return the partitions of time-series marts: months of the site's own calendar, the current one included."""
    return dg.MonthlyPartitionsDefinition(start_date="2010-01-01", timezone=timezone, end_offset=1)


def asked_for(tags: Mapping[str, str]) -> list[date]:
    """Return the months that a run's tags name; none where it was asked for nothing in particular."""
    first = tags.get(FROM_TAG) or tags.get(_FIRST) or tags.get(_ONE)
    last = tags.get(TO_TAG) or tags.get(_LAST) or tags.get(_ONE) or first
    if not first or not last:
        return []
    return months_between(date.fromisoformat(first).replace(day=1), date.fromisoformat(last).replace(day=1))
