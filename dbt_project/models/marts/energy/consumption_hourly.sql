{{
    config(
        partition_by="month",
        month_by_month=true,
        replaced_by=["local_date"],
        order_by=["energy_unit_id", "carrier", "period_start_at"],
    )
}}
-- What each unit consumed of each carrier in each hour, its children included. Never sum over levels.
-- Clause: gbt_2589.coal_equivalent
select
    cast(hours.hour_start_at as {{ instant_type() }}) as period_start_at,
    cast(hours.local_date as date) as local_date,
    cast(hours.local_hour as integer) as local_hour,
    {{ consumption_columns() }},
    cast(sums.month as date) as month
from {{ ref("int_energy__consumption_hour") }} as sums
inner join {{ source("meta", "calendar_hour") }} as hours on sums.hour_number = hours.hour_number
inner join {{ ref("int_energy__consumption_total") }} as totals on sums.total_key = totals.total_key
