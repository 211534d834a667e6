"""What rules watch, as SQL on the marts: every statement gives the same columns, ordered by rule, thing and period.

`alert_subjects` (rule_number, subject, energy_unit_id, carrier, measure) is what the rules name. A day or month counts
once it is over, that is, once something later is known; of a budget that is passed this is told in the running month.
"""

from methods.estimate.tables import KEPT

#: rule_number, series (what tells the series of a rule apart), subject, organization_id, energy_unit_id, carrier,
#: starts_at and ends_at in seconds, local_date, value, value_unit, and of one unit of it tce and CNY.
_SECONDS = "epoch(timezone($zone, {}))::bigint"
_FROM_TO = f"{_SECONDS} as starts_at, {_SECONDS} as ends_at"
_DAY = _FROM_TO.format("local_date::timestamp", "local_date + to_days(1)")
_MONTH = _FROM_TO.format("month::timestamp", "month + to_months(1)")
_NONE = "null::double as tce_per_unit, null::double as cny_per_unit"
_OVER = "local_date < (select max(local_date) from quality.completeness_daily)"
_MONTH_OVER = "month < (select max(month) from quality.completeness_daily)"
#: What enters a unit; what it makes or sells on is not its consumption.
_USED = "role not in ('sale', 'internal_sale', 'conversion')"
#: What one unit of a carrier is worth in a unit, by the days around it.
_WORTH = f"""
    worth as (
        select rule_number, subject, days.local_date,
            sum(energy_tce_calorific)::double / nullif(sum(quantity)::double, 0) as tce_per_unit,
            sum(cost_cny)::double / nullif(sum(quantity)::double, 0) as cny_per_unit
        from alert_subjects as watched
        inner join energy.consumption_daily as days
            on watched.energy_unit_id = days.energy_unit_id
            and (watched.carrier = days.carrier or watched.carrier = days.carrier_group)
        where {_USED}
        group by all
    )
"""
_CONSUMPTION_DAY = f"""
    select rule_number, watched.subject as series, watched.subject, days.organization_id, days.energy_unit_id,
        watched.carrier, {_DAY}, local_date,
        case when max(coalesce(missing_ratio, 0)) = 0 then sum(quantity)::double end as value,
        any_value(quantity_unit) as value_unit,
        sum(energy_tce_calorific)::double / nullif(sum(quantity)::double, 0) as tce_per_unit,
        sum(cost_cny)::double / nullif(sum(quantity)::double, 0) as cny_per_unit
    from alert_subjects as watched
    inner join energy.consumption_daily as days
        on watched.energy_unit_id = days.energy_unit_id
        and (watched.carrier = days.carrier or watched.carrier = days.carrier_group)
    where {_USED} and {_OVER}
    group by all having count(distinct quantity_unit) = 1
"""
_HOURS = f"""
    hours as (
        select rule_number, watched.subject, organization_id, hours.energy_unit_id, watched.carrier, local_date,
            local_hour, period_start_at, sum(quantity)::double as quantity, any_value(quantity_unit) as value_unit,
            bool_and(
                quantity is not null and coalesce(estimated_ratio, 0) = 0 and coalesce(missing_ratio, 0) = 0
            ) as is_known
        from alert_subjects as watched
        inner join energy.consumption_hourly as hours
            on watched.energy_unit_id = hours.energy_unit_id
            and (watched.carrier = hours.carrier or watched.carrier = hours.carrier_group)
        where {_USED} and local_hour < $hours
        group by all having count(distinct quantity_unit) = 1
    )
"""
_CONSUMPTION_HOUR = f"""
    with {_HOURS.replace("$hours", "24")}

    select rule_number, subject as series, subject, organization_id, energy_unit_id, carrier,
        epoch(period_start_at)::bigint as starts_at, epoch(period_start_at)::bigint + 3600 as ends_at, local_date,
        case when is_known then quantity end as value, value_unit, {_NONE}
    from hours
"""
#: A night that is not known as a whole decides nothing.
_NIGHT = f"""{_SECONDS.format("local_date::timestamp")} as starts_at,
        {_SECONDS.format("local_date + to_hours(6)")} as ends_at, local_date,
        case when bool_and(is_known) and count(*) >= 5 then min(quantity) end as value,
        any_value(value_unit) || '/h' as value_unit"""
_NIGHT_MINIMUM = f"""
    with {_WORTH},

    {_HOURS.replace("$hours", "6")},

    points as (
        select rule_number, subject, intervals.organization_id, watched.energy_unit_id, named.carrier,
            intervals.local_date,
            sum(quantity)::double as quantity, any_value(quantity_unit) as value_unit,
            bool_and(quality in ('measured', 'interpolated')) as is_known
        from alert_subjects as watched
        inner join energy.intervals as intervals on watched.subject = intervals.point_id
        inner join reference.points as named on watched.subject = named.point_id
        where hour(timezone($zone, period_start_at)) < 6
        group by rule_number, subject, intervals.organization_id, watched.energy_unit_id, named.carrier,
            intervals.local_date, date_trunc('hour', period_start_at)
    ),

    nights as (
        select rule_number, subject, organization_id, energy_unit_id, carrier, {_NIGHT}
        from hours group by all
        union all
        select rule_number, subject, organization_id, energy_unit_id, carrier, {_NIGHT}
        from points group by all
    )

    select rule_number, subject as series, subject, organization_id, energy_unit_id, carrier, starts_at, ends_at,
        local_date, value, value_unit, tce_per_unit, cny_per_unit
    from nights left join worth using (rule_number, subject, local_date)
"""
_DEMAND_RATIO = f"""
    select rule_number, watched.subject as series, watched.subject, days.organization_id, days.energy_unit_id,
        null as carrier, {_DAY}, local_date, max(demand_kw)::double / any_value(contract_kw)::double as value,
        '1' as value_unit, {_NONE}
    from alert_subjects as watched
    inner join energy.cost_bands_daily as days using (energy_unit_id)
    inner join ref.supply_contracts as contracts
        on days.energy_unit_id = contracts.energy_unit_id
        and days.local_date >= coalesce(contracts.valid_from, days.local_date)
        and days.local_date < coalesce(contracts.valid_to, days.local_date + to_days(1))
    where role = 'purchase' and contract_kw is not null and {_OVER}
    group by all
"""
_POWER_FACTOR = f"""
    select rule_number, watched.subject as series, watched.subject, organization_id, energy_unit_id, null as carrier,
        {_MONTH}, month as local_date, max(power_factor)::double as value, '1' as value_unit, {_NONE}
    from alert_subjects as watched
    inner join energy.cost_bands_monthly using (energy_unit_id)
    where role = 'purchase' and {_MONTH_OVER}
    group by all
"""


def _budget(value: str, only: str = "true") -> str:
    """Return the statement of a share of the budget; each year is a series of its own, which an infinity ends."""
    of_both = " union all by name ".join(
        f"select * exclude (carrier), carrier::varchar as carrier from {mart}"
        for mart in ("energy.budget_status_monthly", "carbon.budget_status_monthly")
    )
    return f"""
        with budgets as ({of_both}),

        seen as (
            select organization_id, energy_unit_id, measure, carrier, month, as_of_date, ({value})::double as value
            from budgets where {only}
            union all
            select organization_id, energy_unit_id, measure, carrier, make_date(year(month), 12, 31) as month,
                make_date(year(month), 12, 31) as as_of_date, 'infinity'::double as value
            from budgets
            where year(month) < (select year(max(local_date)) from quality.completeness_daily)
            group by all
        )

        select rule_number, concat_ws('/', subject, seen.measure, seen.carrier, year(month)) as series, subject,
            organization_id, energy_unit_id, coalesce(seen.carrier, seen.measure) as carrier,
            {_SECONDS.format("month::timestamp")} as starts_at,
            {_SECONDS.format("as_of_date + to_days(1)")} as ends_at, month as local_date, value,
            '1' as value_unit, {_NONE}
        from alert_subjects as watched inner join seen using (energy_unit_id)
        where (watched.measure is null or watched.measure = seen.measure)
            and (watched.carrier is null or watched.carrier = seen.carrier)
    """


_COMPLETENESS_DAY = f"""
    with days as (
        select point_id as subject, organization_id, local_date, completeness_ratio from quality.completeness_daily
        union all
        select organization_id, organization_id, local_date, completeness_ratio
        from quality.completeness_by_organization_daily
    )

    select rule_number, subject as series, subject, organization_id, null as energy_unit_id, null as carrier, {_DAY},
        local_date, completeness_ratio::double as value, '1' as value_unit, {_NONE}
    from alert_subjects inner join days using (subject)
    where {_OVER}
"""
#: `due` is the table of quality.calibrations, which says until when each instrument is calibrated on each day.
#: One that was over before the first readings came is told from the day after its last.
_EXPIRED = "least(due.day::timestamp, due.calibration_due_on + to_days(1))"
_CALIBRATION = f"""
    select rule_number, subject as series, subject, units.organization_id, meters.energy_unit_id,
        null as carrier, {_SECONDS.format(_EXPIRED)} as starts_at, {_SECONDS.format(_EXPIRED)} as ends_at,
        due.day as local_date,
        date_diff('day', due.day, due.calibration_due_on)::double as value, 'd' as value_unit, {_NONE}
    from alert_subjects as watched
    inner join due on watched.subject = due.meter_id
    inner join ref.meters as meters using (meter_id)
    inner join ref.energy_units as units on meters.energy_unit_id = units.energy_unit_id
"""
_EMITTED = """
    emitted as (
        select organization_id, month, sum(emissions_tco2e)::double as emissions
        from carbon.emissions_monthly where basis = 'statutory'
        group by all having count(*) > 0
    )
"""
_EMISSIONS_MONTH = f"""
    with {_EMITTED}

    select rule_number, subject as series, subject, organization_id, null as energy_unit_id, null as carrier, {_MONTH},
        month as local_date, emissions as value, 'tCO2e' as value_unit, {_NONE}
    from alert_subjects inner join emitted on subject = organization_id
    where {_MONTH_OVER}
"""
_EMISSIONS_RISE = f"""
    with {_EMITTED}

    select rule_number, subject as series, subject, later.organization_id, null as energy_unit_id, null as carrier,
        {_MONTH.replace("month::", "later.month::").replace("month +", "later.month +")}, later.month as local_date,
        later.emissions / nullif(before.emissions, 0) - 1 as value, '1' as value_unit, {_NONE}
    from alert_subjects
    inner join emitted as later on subject = later.organization_id
    inner join emitted as before
        on later.organization_id = before.organization_id and later.month = before.month + to_months(12)
    where later.month < (select max(month) from quality.completeness_daily)
"""
#: Asked on two days of each month, which stay in the mart; a series is one month, which an infinity ends.
_EMISSIONS_BREACH = f"""
    with seen as (
        select organization_id, month, as_of_date as local_date, breach_probability::double as value
        from carbon.emissions_estimate_daily
        where basis = 'statutory' and day(as_of_date) in {KEPT} and breach_probability is not null
        union all
        select distinct organization_id, month, last_day(month), 'infinity'::double
        from carbon.emissions_estimate_daily
        where breach_probability is not null and {_MONTH_OVER}
    )

    select rule_number, concat_ws('/', subject, month) as series, subject, organization_id, null as energy_unit_id,
        null as carrier, {_DAY}, local_date, value, '1' as value_unit, {_NONE}
    from alert_subjects inner join seen on subject = organization_id
"""
STATEMENTS = {
    "consumption_day": _CONSUMPTION_DAY,
    "consumption_hour": _CONSUMPTION_HOUR,
    "night_minimum": _NIGHT_MINIMUM,
    "demand_ratio": _DEMAND_RATIO,
    "power_factor": _POWER_FACTOR,
    "budget_month_ratio": _budget("actual::double / nullif(budget, 0)", "is_complete or actual > budget"),
    "budget_to_date_ratio": _budget(
        "actual_to_date::double / nullif(budget_to_date, 0)", "is_complete or actual_to_date > budget_to_date"
    ),
    "budget_breach_probability": _budget("breach_probability"),
    "completeness_day": _COMPLETENESS_DAY,
    "calibration_days_left": _CALIBRATION,
    "emissions_month": _EMISSIONS_MONTH,
    "emissions_rise_ratio": _EMISSIONS_RISE,
    "emissions_breach_probability": _EMISSIONS_BREACH,
}
#: What a statement reads, where a site or an older lake may not have it.
NEEDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("budget_month_ratio", "budget_to_date_ratio", "budget_breach_probability"),
        ("energy.budget_status_monthly", "carbon.budget_status_monthly"),
    ),
    "emissions_breach_probability": ("carbon.emissions_estimate_daily",),
}
