"""The query that proves an alert: what its rule watched, to paste into `nengtan sql`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from methods.alerts.usual import DAYS

_UNIT = "energy_unit_id = '{subject}' and '{carrier}' in (carrier, carrier_group)"
_USED = "role not in ('sale', 'internal_sale', 'conversion')"
_QUERIES = {
    "consumption_day": "select local_date, sum(quantity) as quantity, any_value(quantity_unit) as unit "
    f"from energy.consumption_daily where {_UNIT} and {_USED} and local_date >= date '{{since}}' "
    "group by local_date order by local_date",
    "consumption_hour": "select period_start_at, sum(quantity) as quantity, any_value(quantity_unit) as unit "
    f"from energy.consumption_hourly where {_UNIT} and {_USED} and local_date >= date '{{since}}' "
    "group by period_start_at order by period_start_at",
    "night_minimum": "with hours as (select local_date, period_start_at, sum(quantity) as quantity "
    f"from energy.consumption_hourly where {_UNIT} and {_USED} and local_hour < 6 "
    "and local_date >= date '{since}' group by all) "
    "select local_date, min(quantity) as least from hours group by local_date order by local_date",
    "point": "with hours as (select local_date, date_trunc('hour', period_start_at) as hour_at, "
    "sum(quantity) as quantity from energy.intervals where point_id = '{subject}' "
    "and hour(timezone('{zone}', period_start_at)) < 6 and local_date >= date '{since}' group by all) "
    "select local_date, min(quantity) as least from hours group by local_date order by local_date",
    "demand_ratio": "select local_date, max(demand_kw) as demand_kw from energy.cost_bands_daily "
    "where energy_unit_id = '{subject}' and local_date >= date '{since}' group by local_date order by local_date",
    "power_factor": "select month, power_factor from energy.cost_bands_monthly "
    "where energy_unit_id = '{subject}' and month >= date '{since}' and power_factor is not null order by month",
    "completeness_day": "select local_date, completeness_ratio from quality.completeness_daily "
    "where '{subject}' in (point_id, organization_id) and local_date >= date '{since}' "
    "order by completeness_ratio, local_date",
    "calibration_days_left": "select month, calibrated_on, calibration_due_on, calibration_state "
    "from quality.meter_trust where meter_id = '{subject}' order by month",
    "emissions_month": "select month, sum(emissions_tco2e) as emissions_tco2e from carbon.emissions_monthly "
    "where organization_id = '{subject}' and basis = 'statutory' group by month order by month",
}
_QUERIES["emissions_breach_probability"] = (
    "select as_of_date, to_date_tco2e, expected_p10_tco2e, expected_p50_tco2e, expected_p90_tco2e, budget_tco2e, "
    "breach_probability from carbon.emissions_estimate_daily where organization_id = '{subject}' "
    "and basis = 'statutory' and as_of_date >= date '{since}' order by as_of_date"
)
_QUERIES["emissions_rise_ratio"] = _QUERIES["emissions_month"]
_BUDGET = (
    "select * from {mart}.budget_status_monthly where energy_unit_id = '{subject}' "
    "and coalesce(carrier, measure) = '{carrier}' order by month"
)


@dataclass(frozen=True)
class Of:
    """What a query is about."""

    subject: str
    carrier: str | None
    is_point: bool


def query(rule: Mapping[str, Any], of: Of, started: date, zone: str) -> str:
    """Return the query of an alert that began on a day; with eight weeks before where it is told against them."""
    quantity = str(rule["quantity"])
    since = started - timedelta(days=DAYS) if rule["kind"] in ("leak", "anomaly") else started
    places = {"subject": _quoted(of.subject), "carrier": _quoted(of.carrier), "since": since.isoformat(), "zone": zone}
    if quantity.startswith("budget"):
        return _BUDGET.format(mart="carbon" if str(of.carrier).startswith("emissions") else "energy", **places)
    return _QUERIES["point" if quantity == "night_minimum" and of.is_point else quantity].format(**places)


def _quoted(text: str | None) -> str:
    return (text or "").replace("'", "''")
