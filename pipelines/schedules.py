"""When the job runs by the clock."""

import dagster as dg

from pipelines.jobs import refresh


def schedules(timezone: str) -> list[dg.ScheduleDefinition]:
    """Return the schedules: every hour at five past, when the last quarter of the hour has arrived."""
    return [
        dg.ScheduleDefinition(
            name="refresh_hourly",
            job=refresh,
            cron_schedule="5 * * * *",
            execution_timezone=timezone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="每小时 05 分运行 | Every hour at five past.",
        )
    ]
