{{
    config(
        partition_by="month",
        replaced_by=["local_date"],
        order_by=["month", "energy_unit_id", "carrier", "local_date"],
    )
}}
-- What each unit consumed of each carrier on each local day, its children included. Never sum over levels.
-- Clause: gbt_2589.coal_equivalent
with
    sums as (

        select total_key, local_date, {{ consumption_sums() }}
        from {{ ref("int_energy__consumption_hour") }}
        group by total_key, local_date

    )

select
    cast(sums.local_date as date) as local_date,
    {{ consumption_columns(with_parts=true) }},
    {{ month_of("sums.local_date") }} as month
from sums
inner join {{ ref("int_energy__consumption_total") }} as totals on sums.total_key = totals.total_key
