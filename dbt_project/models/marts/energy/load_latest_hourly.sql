{{ config(order_by=["organization_id", "energy_unit_id", "period_start_at"]) }}
-- The electric load of each unit in the last twenty-four hours of its organisation's data, beside what the unit usually
-- draws then: the mean of the same hour of the same weekday in the four weeks before. Load is what is used: bought,
-- generated and recovered electricity less what is passed on.
-- Clause: nengtan.load
with
    newest as (select organization_id, max(month) as month from {{ ref("consumption_monthly") }} group by organization_id),

    last_hours as (

        select hours.organization_id, max(hours.period_start_at) as last_at, max(hours.local_date) as last_date
        from {{ ref("consumption_hourly") }} as hours
        inner join newest on hours.organization_id = newest.organization_id and hours.month = newest.month
        where hours.carrier like 'electricity%' and hours.missing_ratio < 1
        group by hours.organization_id

    ),

    looked_at as (  -- the days of the last hours and the same days of the weeks before

        {% for days in [0, 1, 7, 8, 14, 15, 21, 22, 28, 29] -%}
            {{ "union all" if not loop.first }}
            select organization_id, last_at, cast(last_date - interval {{ days }} day as date) as local_date
            from last_hours
        {% endfor %}

    ),

    hours as (

        select
            hours.energy_unit_id,
            hours.period_start_at,
            hours.local_date,
            hours.local_hour,
            looked_at.last_at,
            cast(sum({{ less_if_sold("hours.quantity", "hours.role") }}) as decimal(18, 6)) as power_kw,
            max(hours.missing_ratio) as missing_ratio
        from {{ ref("consumption_hourly") }} as hours
        inner join newest on hours.organization_id = newest.organization_id
        inner join looked_at on hours.organization_id = looked_at.organization_id and hours.local_date = looked_at.local_date
        where
            hours.carrier like 'electricity%'
            and hours.quantity_unit = 'kWh'
            and hours.month >= newest.month - interval 1 month
            and hours.period_start_at > looked_at.last_at - interval 29 day
        group by hours.energy_unit_id, hours.period_start_at, hours.local_date, hours.local_hour, looked_at.last_at

    ),

    usual as (

        select energy_unit_id, local_date, local_hour, sum(power_kw) as power_kw, count(*) as weeks_count
        from
            (
                {% for days in [7, 14, 21, 28] -%}
                    {{ "union all" if not loop.first }}
                    select energy_unit_id, cast(local_date + interval {{ days }} day as date) as local_date, local_hour, power_kw
                    from hours
                    where missing_ratio = 0
                {% endfor %}
            ) as weeks_before
        group by energy_unit_id, local_date, local_hour

    )

select
    cast(hours.period_start_at as {{ instant_type() }}) as period_start_at,
    cast(hours.local_date as date) as local_date,
    cast(hours.local_hour as integer) as local_hour,
    cast(units.organization_id as string) as organization_id,
    cast(units.organization_name_zh as string) as organization_name_zh,
    cast(units.organization_name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(hours.energy_unit_id as string) as energy_unit_id,
    cast(units.energy_unit_name_zh as string) as energy_unit_name_zh,
    cast(units.energy_unit_name_en as string) as energy_unit_name_en,
    cast(units.level as integer) as level,
    cast(case when hours.missing_ratio < 1 then hours.power_kw end as decimal(18, 6)) as power_kw,
    cast({{ divide_decimal("usual.power_kw", "usual.weeks_count") }} as decimal(18, 6)) as usual_power_kw,
    cast(
        case when hours.missing_ratio < 1 then hours.power_kw end
        - {{ divide_decimal("usual.power_kw", "usual.weeks_count") }} as decimal(18, 6)
    ) as deviation_kw,
    cast(coalesce(usual.weeks_count, 0) as integer) as usual_weeks_count,
    cast(hours.missing_ratio as decimal(9, 6)) as missing_ratio,
    cast(hours.period_start_at = hours.last_at as boolean) as is_latest
from hours
inner join {{ ref("energy_units") }} as units on hours.energy_unit_id = units.energy_unit_id
inner join {{ ref("organizations") }} as organizations on units.organization_id = organizations.organization_id
left join
    usual
    on hours.energy_unit_id = usual.energy_unit_id
    and hours.local_date = usual.local_date
    and hours.local_hour = usual.local_hour
where hours.period_start_at > hours.last_at - interval 24 hour
