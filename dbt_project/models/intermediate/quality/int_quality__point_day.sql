{{ config(materialized="table") }}
-- How many intervals of each point and local day were read, estimated or never known, and the energy that hangs on
-- them: what was estimated, and for what is missing the point's mean of the month. A month is made from its days: those
-- that this run rebuilds, and the published ones.
with
    rebuilt as (  -- by the day alone: grouping by its month too costs ten times as much

        select
            slots.point_key,
            hours.local_date,
            cast(sum(slots.interval_count) as integer) as expected,
            cast(sum(slots.missing_count) as integer) as missing_count,
            cast(sum(slots.estimated_count) as integer) as estimated_count,
            cast(sum(slots.quantity) as decimal(18, 6)) as quantity,
            cast(sum(slots.estimated_quantity) as decimal(18, 6)) as estimated_quantity
        from {{ ref("int_energy__point_slot") }} as slots
        inner join
            {{ source("meta", "calendar_hour") }} as hours
            on {{ integer_divide("slots.slot_number", slots_per_hour()) }} = hours.hour_number
        where {{ only_rebuilt_days("hours.local_date") }}
        group by slots.point_key, hours.local_date

    ),

    daily as (

        select
            points.point_id,
            rebuilt.local_date,
            {{ month_of("rebuilt.local_date") }} as month,
            rebuilt.expected,
            rebuilt.missing_count,
            rebuilt.estimated_count,
            rebuilt.quantity,
            rebuilt.estimated_quantity
        from rebuilt
        inner join {{ ref("int_energy__point") }} as points on rebuilt.point_key = points.point_key
        {% if not is_full_rebuild() -%}
            union all
            select point_id, local_date, month, expected, missing_count, estimated_count, quantity, estimated_quantity
            from {{ source("published", "quality__completeness_daily") }}
            where {{ only_rebuilt_months("month") }} and not ({{ only_rebuilt_days("local_date") }})
        {%- endif %}

    ),

    monthly as (

        select
            point_id,
            month,
            cast(sum(abs(quantity)) as decimal(24, 6)) as gross_quantity,
            sum(expected - missing_count) as known_count
        from daily
        group by point_id, month

    ),

    at_stake as (

        select
            daily.*,
            cast(
                coalesce(daily.estimated_quantity, 0)
                + cast(daily.missing_count as decimal(10, 0))
                * cast({{ divide_decimal("monthly.gross_quantity", "monthly.known_count") }} as decimal(24, 6)) as decimal(18, 6)
            ) as stake_quantity
        from daily
        inner join monthly on daily.point_id = monthly.point_id and daily.month = monthly.month

    )

select
    points.point_id,
    points.organization_id,
    at_stake.local_date,
    at_stake.month,
    at_stake.expected,
    at_stake.missing_count,
    at_stake.estimated_count,
    at_stake.quantity,
    points.quantity_unit,
    at_stake.estimated_quantity,
    case
        when at_stake.stake_quantity = 0
        then cast(0 as decimal(18, 6))
        else {{ product("at_stake.stake_quantity", 6, "factors.gj_per_unit", 12, 6) }}
    end as energy_at_stake_gj
from at_stake
inner join {{ ref("int_energy__point") }} as points on at_stake.point_id = points.point_id
left join
    {{ ref("int_factors__coal_equivalent") }} as factors
    on points.carrier = factors.carrier
    and points.quantity_unit = factors.unit
    and (factors.valid_from is null or at_stake.local_date >= factors.valid_from)
    and (factors.valid_to is null or at_stake.local_date < factors.valid_to)
