{{ config(partition_by="month", order_by=["month", "organization_id", "energy_unit_id"]) }}
-- The electric load of each unit in each month, from its whole hours: the highest hour and its day, the load that never
-- goes away, the mean. Load is what is used: bought, generated and recovered electricity less what is passed on. An hour
-- that lacks intervals is left out, so that a gap is no base load.
-- Clause: nengtan.load
with
    hours as (

        select
            energy_unit_id,
            month,
            local_date,
            period_start_at,
            cast(sum({{ less_if_sold("quantity", "role") }}) as decimal(18, 6)) as quantity_kwh,
            cast(sum({{ less_if_sold("cost_cny", "role") }}) as decimal(18, 6)) as cost_cny
        from {{ ref("consumption_hourly") }}
        where {{ only_rebuilt_months("month") }} and carrier like 'electricity%' and quantity_unit = 'kWh'
        group by energy_unit_id, month, local_date, period_start_at
        having max(missing_ratio) = 0

    ),

    days as (

        select
            energy_unit_id,
            month,
            local_date,
            min(quantity_kwh) as lowest_kw,
            max(quantity_kwh) as highest_kw,
            cast(sum(quantity_kwh) as decimal(18, 6)) as quantity_kwh,
            count(*) as hours_count
        from hours
        group by energy_unit_id, month, local_date

    ),

    months as (

        select
            energy_unit_id,
            month,
            max(highest_kw) as peak_kw,
            cast(sum(lowest_kw) as decimal(18, 6)) as lowest_kw,
            cast(sum(quantity_kwh) as decimal(18, 6)) as quantity_kwh,
            sum(hours_count) as hours_count,
            count(*) as days_count
        from days
        group by energy_unit_id, month

    ),

    idle as (

        select
            hours.energy_unit_id,
            hours.month,
            count(*) as hours_count,
            cast(sum(hours.quantity_kwh) as decimal(18, 6)) as quantity_kwh,
            cast(sum(hours.cost_cny) as decimal(18, 6)) as cost_cny
        from hours
        inner join months on hours.energy_unit_id = months.energy_unit_id and hours.month = months.month
        where hours.quantity_kwh > 0 and hours.quantity_kwh < months.peak_kw * 0.3
        group by hours.energy_unit_id, hours.month

    ),

    measured as (

        select
            months.*,
            (
                select min(days.local_date)
                from days
                where
                    days.energy_unit_id = months.energy_unit_id and days.month = months.month and days.highest_kw = months.peak_kw
            ) as peak_date,
            {{ divide_decimal("months.lowest_kw", "months.days_count") }} as base_load_kw,
            {{ divide_decimal("months.quantity_kwh", "months.hours_count") }} as mean_kw
        from months

    )

select
    cast(measured.month as date) as month,
    cast(units.organization_id as string) as organization_id,
    cast(units.organization_name_zh as string) as organization_name_zh,
    cast(units.organization_name_en as string) as organization_name_en,
    cast(organizations.level as integer) as organization_level,
    cast(units.energy_unit_id as string) as energy_unit_id,
    cast(units.energy_unit_name_zh as string) as energy_unit_name_zh,
    cast(units.energy_unit_name_en as string) as energy_unit_name_en,
    cast(units.level as integer) as level,
    cast(measured.peak_kw as decimal(18, 6)) as peak_kw,
    cast(measured.peak_date as date) as peak_date,
    cast(measured.base_load_kw as decimal(18, 6)) as base_load_kw,
    cast(measured.mean_kw as decimal(18, 6)) as mean_kw,
    cast({{ divide_decimal("measured.base_load_kw", "measured.mean_kw") }} as decimal(9, 6)) as base_load_ratio,
    cast({{ divide_decimal("measured.mean_kw", "measured.peak_kw") }} as decimal(9, 6)) as load_factor_ratio,
    cast(measured.hours_count as integer) as hours_count,
    cast(coalesce(idle.hours_count, 0) as integer) as idle_hours_count,
    cast(coalesce(idle.quantity_kwh, 0) as decimal(18, 6)) as idle_kwh,
    cast(idle.cost_cny as decimal(18, 6)) as idle_cny
from measured
left join idle on measured.energy_unit_id = idle.energy_unit_id and measured.month = idle.month
inner join {{ ref("energy_units") }} as units on measured.energy_unit_id = units.energy_unit_id
inner join {{ ref("organizations") }} as organizations on units.organization_id = organizations.organization_id
