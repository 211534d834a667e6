"""Months as partitions, and the days that a run was asked to rebuild in any case."""

from collections.abc import Mapping
from datetime import date, timedelta

import dagster as dg

from lake.periods import next_month

#: Tags of a run that was asked for days, from the command line, or for months, from the orchestrator's own screens.
FROM_TAG, TO_TAG = "nengtan/from", "nengtan/to"
_ONE = "dagster/partition"
_FIRST, _LAST = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def monthly(timezone: str) -> dg.MonthlyPartitionsDefinition:
    """Return the partitions of time-series marts: months of the site's own calendar, the current one included."""
    return dg.MonthlyPartitionsDefinition(start_date="2010-01-01", timezone=timezone, end_offset=1)


def asked_for(tags: Mapping[str, str]) -> tuple[date, date] | None:
    """Return the first and the last day that a run's tags name; None where it was asked for nothing in particular."""
    if FROM_TAG in tags:
        return date.fromisoformat(tags[FROM_TAG]), date.fromisoformat(tags[TO_TAG])
    first = tags.get(_FIRST) or tags.get(_ONE)
    last = tags.get(_LAST) or tags.get(_ONE) or first
    if not first or not last:
        return None
    return date.fromisoformat(first), next_month(date.fromisoformat(last)) - timedelta(days=1)
