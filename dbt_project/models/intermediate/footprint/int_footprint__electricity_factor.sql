-- What a kilowatt-hour has behind it by origin, from its birth to the grid, and on the way to the user: the footprint
-- factor of the year, else the latest published one before it. Never a CO2 factor. Thermal power is taken as coal's where
-- nobody says which. The way includes the losses where they are published.
-- Clause: gbt_24067.electricity
with
    published as (

        select
            case
                when factor_type = 'footprint_national_average'
                then 'average'
                when factor_type = 'footprint_coal'
                then 'thermal'
                when factor_type like 'footprint_transmission%'
                then 'transmission'
                else replace(factor_type, 'footprint_', '')
            end as part,
            factor_id,
            factor,
            factor_unit,
            confidence,
            data_year,
            valid_from,
            row_number() over (
                partition by
                    case when factor_type like 'footprint_transmission%' then 'footprint_transmission' else factor_type end,
                    data_year
                order by factor_type desc
            ) as place
        from {{ source("factors", "factor_grid") }}
        where factor_type like 'footprint_%' and region = 'CN'

    ),

    followed as (

        select
            published.*,
            row_number() over (partition by part order by data_year) as edition,
            lead(valid_from) over (partition by part order by data_year) as next_from
        from published
        where place = 1

    )

select
    part,
    factor_id,
    cast(factor as decimal(18, 9)) as factor,
    factor_unit,
    confidence,
    data_year,
    -- a kind of station fits the plant better than the average of all; every figure is the nation's
    cast(case when part = 'average' then 2 else 1 end as decimal(4, 3)) as dqr_technology,
    cast(2 as decimal(4, 3)) as dqr_geography,
    case when edition = 1 then date '0001-01-01' else valid_from end as valid_from,
    coalesce(next_from, date '9999-12-31') as valid_to
from followed
