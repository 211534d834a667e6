{{ config(materialized="table") }}
-- Quantity, energy, standard coal and cost of each total and hour. Hours are rounded once, to six decimals, and every
-- longer period is their sum, so days and months add up to the last printed digit. Ordered by time, for whoever reads
-- month by month. A residual is only known where all its parts are: else the hour has none, and counts as missing.
-- Clause: gbt_2589.coal_equivalent   energy = quantity x coefficient of the day; cost = quantity x price of the slot
with
    weighted as (

        select
            shares.total_key,
            hours.hour_number,
            prices.price_cny_per_unit,
            slots.interval_count,
            slots.missing_count,
            {{ scaled_amount("slots.quantity", "shares.weight") }} as quantity,
            {{ scaled_amount("slots.gross_quantity", "abs(shares.weight)") }} as gross_quantity,
            {{ scaled_amount("slots.estimated_quantity", "abs(shares.weight)") }} as estimated_quantity
        from {{ ref("int_energy__point_slot") }} as slots
        inner join
            {{ source("meta", "calendar_hour") }} as hours
            on {{ integer_divide("slots.slot_number", slots_per_hour()) }} = hours.hour_number
        inner join
            {{ ref("int_energy__series_point") }} as shares
            on slots.point_key = shares.point_key
            and hours.local_date >= shares.segment_from
            and hours.local_date < shares.segment_to
        left join
            {{ ref("int_energy__price_slot") }} as prices
            on shares.tariff_key = prices.tariff_key
            and slots.slot_number = prices.slot_number

    ),

    hourly as (

        select
            total_key,
            hour_number,
            cast(sum(quantity) as decimal(18, 6)) as quantity,
            cast(sum(gross_quantity) as decimal(18, 6)) as gross_quantity,
            cast(sum(estimated_quantity) as decimal(18, 6)) as estimated_quantity,
            cast(sum(interval_count) as integer) as interval_count,
            cast(sum(missing_count) as integer) as missing_count,
            cast(sum({{ scaled_amount("quantity", "price_cny_per_unit", 6) }}) as decimal(18, 6)) as cost_cny
        from weighted
        group by total_key, hour_number

    ),

    judged as (

        select
            hourly.*,
            hours.local_date,
            hours.month,
            coalesce(residuals.interval_count, hourly.interval_count) as expected_count,
            residuals.interval_count is null
            or (hourly.interval_count = residuals.interval_count and hourly.missing_count = 0) as is_known
        from hourly
        inner join {{ source("meta", "calendar_hour") }} as hours on hourly.hour_number = hours.hour_number
        left join
            {{ ref("int_energy__residual_parts") }} as residuals
            on hourly.total_key = residuals.total_key
            and hours.local_date >= residuals.segment_from
            and hours.local_date < residuals.segment_to

    ),

    known as (

        select
            total_key,
            hour_number,
            local_date,
            month,
            case when is_known then quantity end as quantity,
            gross_quantity,
            estimated_quantity,
            expected_count as interval_count,
            missing_count + expected_count - interval_count as missing_count,
            case when is_known then cost_cny end as cost_cny
        from judged

    )

select
    known.total_key,
    known.hour_number,
    known.local_date,
    known.month,
    known.quantity,
    known.gross_quantity,
    known.estimated_quantity,
    known.interval_count,
    known.missing_count,
    {{ scaled_amount("known.quantity", "factors.gj_per_unit", 12) }} as energy_gj,
    {{ scaled_amount("known.quantity", "factors.tce_calorific_per_unit", 12) }} as energy_tce_calorific,
    {{ scaled_amount("known.quantity", "factors.tce_equivalent_per_unit", 12) }} as energy_tce_equivalent,
    known.cost_cny
from known
left join
    {{ ref("int_energy__coefficient_day") }} as factors
    on known.total_key = factors.total_key
    and known.local_date = factors.local_date
order by known.hour_number, known.total_key
