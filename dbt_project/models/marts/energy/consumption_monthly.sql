{{ config(partition_by="month", order_by=["month", "energy_unit_id", "carrier"]) }}
-- What each unit consumed of each carrier in each month, its children included. Never sum over levels.
-- Clause: gbt_2589.coal_equivalent
with
    sums as (

        select total_key, {{ month_of("local_date") }} as month, {{ consumption_sums() }}
        from {{ ref("int_energy__consumption_hour") }}
        group by total_key, {{ month_of("local_date") }}

    )

select {{ consumption_columns() }}, cast(sums.month as date) as month
from sums
inner join {{ ref("int_energy__consumption_total") }} as totals on sums.total_key = totals.total_key
