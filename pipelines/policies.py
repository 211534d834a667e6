"""What holds for the whole graph, said once."""

from collections.abc import Sequence
from datetime import timedelta

import dagster as dg

#: Marts are rebuilt every hour; three missed hours are worth a look, a day is a failure.
FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=3))


def applied(assets: Sequence[dg.AssetsDefinition | dg.AssetSpec]) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Return the graph with the freshness policy on every asset that a run makes anew."""
    return list(dg.map_asset_specs(_fresh, assets))


def _fresh(spec: dg.AssetSpec) -> dg.AssetSpec:
    if spec.partitions_def is not None:
        return spec  # an old month is never rebuilt for its age
    return spec.replace_attributes(freshness_policy=FRESHNESS)
