{{ config(partition_by="month", order_by=["month", "energy_unit_id", "carrier"]) }}
-- What each unit consumed of each carrier in each month, its children included. Never sum over levels. Added up from
-- days, new and retained ones.
-- Clause: gbt_2589.coal_equivalent
with
    sums as (

        select energy_unit_id, carrier, use_type, role, quantity_unit, month, {{ consumption_sums() }}
        from {{ ref("consumption_daily") }}
        where {{ only_rebuilt_months("month") }}
        group by energy_unit_id, carrier, use_type, role, quantity_unit, month

    )

select
    {{ consumption_columns() }},
    cast({{ role_word("totals.role", "zh") }} as string) as role_name_zh,
    cast({{ role_word("totals.role", "en") }} as string) as role_name_en,
    cast(sums.month as date) as month
from sums
inner join
    {{ ref("int_energy__consumption_total") }} as totals
    on sums.energy_unit_id = totals.energy_unit_id
    and sums.carrier = totals.carrier
    and sums.use_type = totals.use_type
    and sums.role = totals.role
    and sums.quantity_unit = totals.quantity_unit
