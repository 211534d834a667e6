-- The published grid factors of the library and those that the site imported; `publication` counts the times that the
-- factor of a kind, region and year was published, 1 being the first. Averages of provinces, regions and the nation are
-- one family: a place has one of them.
with
    published as (

        select
            factor_id,
            factor_type,
            region,
            data_year,
            published_on,
            cast(factor as decimal(18, 12)) as factor,
            factor_unit,
            confidence,
            {{ open_from("valid_from") }} as year_from,
            {{ open_to("valid_to") }} as year_to
        from {{ source("factors", "factor_grid") }}
        where factor is not null

        union all

        select
            factor_id,
            factor_set as factor_type,
            region,
            data_year,
            published_on,
            cast(value as decimal(18, 12)) as factor,
            'kgCO2/kWh' as factor_unit,
            confidence,
            {{ open_from("coalesce(valid_from, cast(cast(data_year as string) || '-01-01' as date))") }} as year_from,
            {{ open_to("coalesce(valid_to, cast(cast(data_year + 1 as string) || '-01-01' as date))") }} as year_to
        from {{ source("accounting", "factors_grid") }}

    )

select
    published.*,
    case
        when factor_type in ('province_average', 'regional_average', 'national_average') then 'average' else factor_type
    end as family,
    row_number() over (
        partition by factor_type, region, data_year order by {{ open_from("published_on") }}, factor_id
    ) as publication
from published
