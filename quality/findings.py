"""Gathers what the detectors find, with the place, the energy at stake and the state, as rows of quality.findings."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from quality import closed_periods, released_footprints, tables
from quality.detectors import (
    accounting,
    arrivals,
    carbon_assets,
    certificates,
    channels,
    coefficients,
    derived,
    entered,
    faults,
    jumps,
    laboratory,
    network,
    packages,
    registers,
    reminders,
    rules,
    site_rows,
)
from quality.finding import Finding
from quality.plan import rows as plan

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: A detector with the relations it needs; it is left out where one does not exist yet.
DETECTORS = (
    (derived.detect, ("recent_reading", "behaviour_reading", "ref.points")),
    (registers.detect, ("behaviour_reading", "ref.points")),
    (faults.detect, ("quality.reading_faults", "ref.points")),
    (jumps.detect, ("quality.completeness_daily", "energy.intervals", "ref.points")),
    (arrivals.detect, ("behaviour_reading", "energy.readings_latest", "ref.allocations")),
    (
        rules.detect,
        ("ref.factor_rules", "ref.factor_numbers", "ref.factor_numbers_own", "ref.factor_uncertainty"),
    ),
    (laboratory.detect, ("ref.lab_results", "ref.lab_values", "ref.fuel_bands")),
    (coefficients.detect, ("energy.consumption_monthly", "ref.carriers")),
    (certificates.detect, ("carbon.emissions_monthly", "ref.certificates", "ref.unit_conversions")),
    (
        reminders.detect,
        ("quality.completeness_daily", "ref.site", "ref.meters", "ref.meter_events", "ref.people"),
    ),
    (packages.detect, ("ref.method_packages",)),
    (site_rows.detect, ("ref.refused_rows",)),
    (entered.detect, ("ref.review_doubts",)),
    (accounting.detect, ("carbon.emissions_monthly", "ref.organizations")),
)


def find(connection: "DuckDBPyConnection") -> list[Finding]:
    """Run every detector whose relations exist."""
    found: list[Finding] = []
    for detect, needs in DETECTORS:
        if all(tables.exists(connection, name) for name in needs):
            found += detect(connection)
    return found


def rows(
    connection: "DuckDBPyConnection", found: Sequence[Finding], earlier: pa.Table | None, run_id: str, at: datetime
) -> pa.Table:
    """Return the findings as rows: place and energy filled in, `earlier` ones that are gone closed.

    A finding keeps the instant at which it was first seen for as long as it is found again. What was found in a source
    that this run did not look at stays as it is.
    """
    known = {row["finding_id"]: row for row in (earlier.to_pylist() if earlier is not None else [])}
    looked_at = {source for (source,) in connection.execute("select distinct source from recent_reading").fetchall()}
    places = _places(connection)
    records = []
    for finding in found:
        place = places.get(finding.subject, {})
        before = known.pop(finding.finding_id, None)
        first = before["first_seen_at"] if before and (before["state"] == "open" or finding.closed_at) else at
        organization = finding.organization_id or place.get("organization_id")
        records.append(
            {
                **{name: getattr(finding, name) for name in tables.FINDING_TEXTS},
                "finding_id": finding.finding_id,
                "organization_id": organization,
                "energy_unit_id": place.get("energy_unit_id"),
                "evidence": finding.evidence_text(),
                "energy_at_stake_gj": place.get("energy_gj"),
                "energy_tce_calorific": place.get("energy_tce_calorific"),
                "owner": finding.owner or organization,
                "state": "closed" if finding.closed_at else "open",
                "closed_by": finding.closed_by,
                "closing_reason": finding.closing_reason,
                "first_seen_at": first,
                "found_at": at,
                "closed_at": finding.closed_at,
                "run_id": run_id,
            }
        )
    records += [
        row if _is_kept(row, looked_at) else {**row, "state": "closed", "closed_at": at} for row in known.values()
    ]
    return pa.Table.from_pylist(records, schema=tables.FINDINGS)


def _is_kept(row: Mapping[str, object], looked_at: Set[str]) -> bool:
    """Whether an earlier finding that was not found again stays as it is."""
    of_readings = row["kind"] not in (
        "point_silent",
        "coefficient_missing",
        *network.KINDS,
        *accounting.KINDS,
        *carbon_assets.KINDS,
        *certificates.KINDS,
        *channels.KINDS,
        *packages.KINDS,
        *reminders.KINDS,
        *site_rows.KINDS,
        *entered.KINDS,
        *plan.KINDS,
        *closed_periods.KINDS,
        *released_footprints.KINDS,
    )
    return row["state"] == "closed" or (of_readings and row["source"] not in looked_at)


def _places(connection: "DuckDBPyConnection") -> dict[str, dict[str, str | Decimal | None]]:
    """Return where each point hangs and what energy of the latest month rests on it."""
    has_marts = tables.exists(connection, "energy.consumption_monthly")
    energy = (
        """
        select energy_unit_id, carrier, sum(energy_gj) as energy_gj, sum(energy_tce_calorific) as energy_tce_calorific
        from energy.consumption_monthly
        where month = (select max(month) from energy.consumption_monthly)
        group by energy_unit_id, carrier
        """
        if has_marts
        else "select null::varchar as energy_unit_id, null::varchar as carrier, null::decimal(18, 6) as energy_gj, "
        "null::decimal(18, 6) as energy_tce_calorific where false"
    )
    found = connection.execute(
        f"""
        with energy as ({energy}),

        counted as (
            select
                allocations.point_id,
                sum(energy.energy_gj) as energy_gj,
                sum(energy.energy_tce_calorific) as energy_tce_calorific
            from (select distinct point_id, energy_unit_id, carrier from ref.allocations) as allocations
            inner join energy using (energy_unit_id, carrier)
            group by allocations.point_id
        )

        select points.point_id, meters.energy_unit_id, units.organization_id, counted.energy_gj,
            counted.energy_tce_calorific
        from ref.points as points
        inner join ref.meters as meters on points.meter_id = meters.meter_id
        inner join ref.energy_units as units on meters.energy_unit_id = units.energy_unit_id
        left join counted on points.point_id = counted.point_id
        """
    ).fetchall()
    names = ("energy_unit_id", "organization_id", "energy_gj", "energy_tce_calorific")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}
