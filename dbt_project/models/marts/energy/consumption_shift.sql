{{
    config(
        partition_by="month",
        replaced_by=["local_date"],
        month_by_month=true,
        order_by=["energy_unit_id", "carrier", "local_date"],
    )
}}
-- What each unit that works in shifts consumed of each carrier on each local day in each shift, its children included.
-- What falls outside of every shift is a row as well, so that the rows of a day add up to it exactly. A shift over
-- midnight has a row on either day; together they are those of its first day. An hour in which shifts change is divided
-- by time. Empty where the site names no shifts. Never sum over levels.
-- Depends on: {{ source("site", "calendar") }}
-- Clause: gbt_2589.coal_equivalent
{% set amounts = ["quantity", "energy_gj", "energy_tce_calorific", "energy_tce_equivalent", "cost_cny"] %}
with
    pieces as (

        select
            hours.energy_unit_id,
            hours.carrier,
            hours.use_type,
            hours.role,
            hours.quantity_unit,
            hours.local_date,
            hours.month,
            kinds.day_type,
            shifts.shift,
            shifts.shift_name_zh,
            shifts.shift_name_en,
            shifts.shift_start_date,
            shifts.minute_to - shifts.minute_from as minutes,
            {%- for amount in amounts %}
                case
                    when shifts.minute_from = 0 and shifts.minute_to = 60
                    then hours.{{ amount }}
                    else
                        {{ first_part("hours." ~ amount, "shifts.minute_to", "60") }}
                        - {{ first_part("hours." ~ amount, "shifts.minute_from", "60") }}
                end as {{ amount }},
            {%- endfor %}
            hours.estimated_ratio,
            hours.missing_ratio
        from {{ ref("consumption_hourly") }} as hours
        inner join {{ source("meta", "shift_unit") }} as units on hours.energy_unit_id = units.energy_unit_id
        inner join
            {{ source("meta", "shift_hour") }} as shifts
            on units.plan_key = shifts.plan_key
            and hours.local_date = shifts.local_date
            and hours.local_hour = shifts.local_hour
        inner join
            {{ source("meta", "shift_kind") }} as kinds on units.kind_key = kinds.kind_key and hours.local_date = kinds.local_date
        where {{ only_rebuilt_months("hours.month") }} and {{ only_rebuilt_days("hours.local_date") }}

    ),

    sums as (

        select
            energy_unit_id,
            carrier,
            use_type,
            role,
            quantity_unit,
            local_date,
            month,
            day_type,
            shift,
            shift_name_zh,
            shift_name_en,
            shift_start_date,
            {%- for amount in amounts %} sum({{ amount }}) as {{ amount }}, {%- endfor %}
            sum(abs(quantity)) as gross_quantity,
            sum(cast(abs(quantity) * estimated_ratio as decimal(18, 6))) as estimated_quantity,
            sum(minutes) as interval_count,
            sum(cast(missing_ratio * minutes as decimal(18, 6))) as missing_count
        from pieces
        group by
            energy_unit_id,
            carrier,
            use_type,
            role,
            quantity_unit,
            local_date,
            month,
            day_type,
            shift,
            shift_name_zh,
            shift_name_en,
            shift_start_date

    )

select
    cast(sums.local_date as date) as local_date,
    cast(sums.shift as string) as shift,
    cast(sums.shift_name_zh as string) as shift_name_zh,
    cast(sums.shift_name_en as string) as shift_name_en,
    cast(sums.shift_start_date as date) as shift_start_date,
    cast(sums.day_type as string) as day_type,
    cast({{ day_type_word("sums.day_type", "zh") }} as string) as day_type_name_zh,
    cast({{ day_type_word("sums.day_type", "en") }} as string) as day_type_name_en,
    {{ consumption_columns() }},
    cast(sums.month as date) as month
from sums
inner join
    {{ ref("int_energy__consumption_total") }} as totals
    on sums.energy_unit_id = totals.energy_unit_id
    and sums.carrier = totals.carrier
    and sums.use_type = totals.use_type
    and sums.role = totals.role
    and sums.quantity_unit = totals.quantity_unit
