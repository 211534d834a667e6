"""The jobs: one, which takes in what is new, rebuilds what changed, checks and publishes."""

import dagster as dg

#: All steps share one process: a step of its own process costs four CPU-seconds and could not share the run's build.
EXECUTOR = dg.in_process_executor

refresh = dg.define_asset_job(
    "refresh_marts",
    selection=dg.AssetSelection.all(),
    executor_def=EXECUTOR,
    description="接收新数据、重算、检查、发布 | Take in what is new, rebuild what changed, check, publish.",
)
