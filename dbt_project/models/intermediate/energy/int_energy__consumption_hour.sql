{{ config(materialized="table") }}
-- Quantity, energy, standard coal and cost of each total and hour. Hours are rounded once, to six decimals, and every
-- longer period is their sum, so days and months add up to the last printed digit. A residual
-- is only known where all its parts are: else the hour has none, and counts as missing.
-- Clause: gbt_2589.coal_equivalent   energy = quantity x coefficient of the day; cost = quantity x price of the slot
with
    hourly as (

        select
            shares.total_key,
            hours.hour_number,
            hours.quantity,
            hours.gross_quantity,
            hours.estimated_quantity,
            hours.interval_count,
            hours.missing_count,
            hours.cost_cny
        from {{ ref("int_energy__share_hour") }} as hours
        inner join {{ ref("int_energy__total_share") }} as shares on hours.share_key = shares.share_key and shares.is_alone
        union all
        select
            shares.total_key,
            hours.hour_number,
            cast(sum(hours.quantity) as decimal(18, 6)),
            cast(sum(hours.gross_quantity) as decimal(18, 6)),
            cast(sum(hours.estimated_quantity) as decimal(18, 6)),
            cast(sum(hours.interval_count) as integer),
            cast(sum(hours.missing_count) as integer),
            cast(sum(hours.cost_cny) as decimal(18, 6))
        from {{ ref("int_energy__share_hour") }} as hours
        inner join {{ ref("int_energy__total_share") }} as shares on hours.share_key = shares.share_key and not shares.is_alone
        group by shares.total_key, hours.hour_number

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
    {{ ref("int_energy__coefficient_span") }} as factors
    on known.total_key = factors.total_key
    and known.local_date >= factors.valid_from
    and known.local_date < factors.valid_to
