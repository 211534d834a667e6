"""What starts the job between the hours: raw tables that have a new version."""

import json

import dagster as dg

from lake.store import Lake
from pipelines.jobs import refresh
from pipelines.settings import Settings


def new_raw_versions(settings: Settings) -> dg.SensorDefinition:
    """Return the sensor: it asks for a run when the collector or anyone else has landed something."""

    @dg.sensor(
        name="new_raw_versions",
        job=refresh,
        minimum_interval_seconds=120,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="原始表有新版本时运行 | Runs the job when a raw table has a new version.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        versions = json.dumps(Lake(settings.lake).versions("raw"), sort_keys=True)
        if versions == "{}":
            return dg.SkipReason("nothing has landed yet")
        if versions == context.cursor:
            return dg.SkipReason("no raw table has a new version")
        if context.cursor is None:
            return dg.SensorResult(cursor=versions)
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=versions)], cursor=versions)

    return sensor
