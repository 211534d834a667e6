-- CO2 of a kilowatt-hour from the grid, by kind of factor, region and period: the factor published for the year; after
-- the last published year, and in a year without one, the latest before it, and the row says so.
-- Clause: mee.average_factor
with
    published as (

        select
            factor_id,
            factor_type,
            region,
            data_year,
            cast(factor as decimal(18, 12)) as factor,
            factor_unit,
            confidence,
            valid_from,
            valid_to,
            lead(valid_from, 1, date '9999-12-31') over (partition by factor_type, region order by valid_from) as next_from
        from {{ source("factors", "factor_grid") }}
        where data_year is not null and factor is not null

    )

select
    factor_id,
    factor_type,
    region,
    data_year,
    factor,
    factor_unit,
    confidence,
    'factor_of_the_year' as vintage_rule,
    valid_from,
    valid_to
from published

union all

select
    factor_id,
    factor_type,
    region,
    data_year,
    factor,
    factor_unit,
    confidence,
    'latest_published' as vintage_rule,
    valid_to as valid_from,
    next_from as valid_to
from published
where next_from > valid_to

union all

select
    factor_id,
    factor_type,
    region,
    data_year,
    cast(factor as decimal(18, 12)) as factor,
    factor_unit,
    confidence,
    'without_year' as vintage_rule,
    date '0001-01-01' as valid_from,
    date '9999-12-31' as valid_to
from {{ source("factors", "factor_grid") }}
where data_year is null and factor is not null
