"""The graph of a site: every asset, check, job, schedule and sensor, named group by group; no folder is scanned."""

import dagster as dg

from assets import (
    alerts,
    baselines,
    benchmarks,
    budgets,
    carbon_assets,
    closings,
    data_plan,
    dispatch,
    drivers,
    estimate,
    evidence,
    flows,
    footprint,
    gate,
    matching,
    network,
    operating,
    origins,
    projects,
    quota,
    reference,
    releases,
    restatements,
    stack,
    strategy,
    suppliers,
    trail,
    uncertainty,
)
from assets.arrivals import arrivals_asset
from assets.checks import checks_definition
from assets.dbt_graph import marts
from assets.marts import marts_asset
from assets.notices import notice_assets
from assets.publish import publication_asset
from assets.raw import raw_assets
from assets.uplinks import uplink_assets
from assets.work import Work
from lake.site.load import read_site
from pipelines import jobs, policies, resources, schedules, sensors, trails
from pipelines.settings import Settings
from quality.suites.every import SUITES


def definitions(settings: Settings, run: Work | None = None) -> dg.Definitions:
    """Return the definitions of the site that the settings name; the lake is not touched.

    `run` is the state of the one run that a caller in this process is about to start and wants to look at.
    """
    site = run.site if run else read_site(settings.site, settings.environment)
    timezone = site.settings.timezone
    found = marts(settings.dbt_project)
    keys = [dg.AssetKey(mart.key) for mart in found]
    made = [
        key
        for step in (
            network,
            uncertainty,
            stack,
            gate,
            flows,
            dispatch,
            operating,
            drivers,
            origins,
            baselines,
            budgets,
            estimate,
            quota,
            carbon_assets,
            matching,
            footprint,
            alerts,
            benchmarks,
            projects,
            suppliers,
            strategy,
            data_plan,
            closings,
            releases,
            evidence,
            trail,
            restatements,
        )
        for key in step.KEYS
    ]
    graph = [
        reference.site,
        reference.factors,
        *raw_assets(site.sources),
        arrivals_asset(site.sources),
        marts_asset(settings.dbt_project, timezone),
        network.network_asset(),
        uncertainty.uncertainty_asset(),
        stack.stack_asset(),
        gate.gate_asset(),
        flows.flows_asset(),
        dispatch.dispatch_asset(),
        operating.operating_asset(),
        drivers.drivers_asset(),
        benchmarks.benchmarks_asset(),
        projects.projects_asset(),
        suppliers.suppliers_asset(settings.marts),
        origins.origins_asset(),
        baselines.baselines_asset(),
        budgets.budgets_asset(),
        estimate.estimate_asset(),
        quota.quota_asset(),
        carbon_assets.carbon_assets_asset(),
        matching.matching_asset(),
        footprint.footprint_asset(),
        strategy.strategy_asset(),
        data_plan.data_plan_asset(),
        closings.closings_asset(),
        releases.releases_asset(),
        trail.taking_asset(trails.registers(settings), site.sources),
        evidence.sealed,
        evidence.evidence_asset(),
        trail.trail_asset(),
        restatements.restatements_asset(),
        alerts.alerts_asset(settings.marts),
        publication_asset([*keys, *made]),
        *uplink_assets(site.uplinks, settings.marts),
        *notice_assets(site, settings.marts),
    ]
    return dg.Definitions(
        assets=policies.applied(graph),
        asset_checks=[checks_definition(SUITES, {f"{mart.schema}.{mart.name}" for mart in found})],
        jobs=[jobs.refresh],
        schedules=schedules.schedules(timezone),
        sensors=[sensors.new_raw_versions(settings)],
        resources=resources.resources(settings, run),
        executor=jobs.EXECUTOR,
    )
