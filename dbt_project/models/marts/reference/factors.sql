{{ config(order_by=["subject", "factor_set", "factor_key", "factor_id"]) }}
-- Every factor of the library and of the site, one number a row, with validity, source and confidence.
with
    library as (

        select
            factor_id,
            'standard_coal' as subject,
            factor_set,
            energy_key as factor_key,
            name_zh,
            cast(null as string) as gas,
            region,
            data_year,
            valid_from,
            valid_to,
            published_on,
            kgce_per_unit_max as factor,
            'kgce/' || unit as factor_unit,
            source_id,
            locator,
            source_url,
            confidence,
            evidence,
            note
        from {{ source("factors", "factor_coal_equivalent") }}

        union all

        select
            factor_id,
            'fuel_emission' as subject,
            factor_set,
            fuel_key as factor_key,
            name_zh,
            gas,
            region,
            data_year,
            valid_from,
            valid_to,
            published_on,
            coalesce(factor, tco2_per_unit) as factor,
            factor_unit,
            source_id,
            locator,
            source_url,
            confidence,
            evidence,
            note
        from {{ source("factors", "factor_fuel") }}

        union all

        select
            factor_id,
            'grid_emission' as subject,
            factor_type as factor_set,
            region as factor_key,
            name_zh,
            case when factor_type like 'footprint%' then 'CO2e' else 'CO2' end as gas,
            region,
            data_year,
            valid_from,
            valid_to,
            published_on,
            factor,
            factor_unit,
            source_id,
            locator,
            source_url,
            confidence,
            evidence,
            note
        from {{ source("factors", "factor_grid") }}

        union all

        select
            factor_id,
            'heat_and_process' as subject,
            category as factor_set,
            factor_key,
            name_zh,
            gas,
            region,
            data_year,
            valid_from,
            valid_to,
            published_on,
            factor,
            factor_unit,
            source_id,
            locator,
            source_url,
            confidence,
            evidence,
            note
        from {{ source("factors", "factor_heat_process") }}

        union all

        select
            factor_id,
            'warming_potential' as subject,
            gwp_set as factor_set,
            gas as factor_key,
            name_zh,
            gas,
            'WORLD' as region,
            cast(null as integer) as data_year,
            cast(null as date) as valid_from,
            cast(null as date) as valid_to,
            cast(null as date) as published_on,
            gwp as factor,
            unit as factor_unit,
            source_id,
            locator,
            source_url,
            confidence,
            evidence,
            note
        from {{ source("factors", "factor_gwp") }}

        union all

        select
            factor_id,
            'own' as subject,
            'site' as factor_set,
            carrier as factor_key,
            property as name_zh,
            cast(null as string) as gas,
            'site' as region,
            cast(null as integer) as data_year,
            valid_from,
            valid_to,
            cast(null as date) as published_on,
            value as factor,
            property as factor_unit,
            'site' as source_id,
            source as locator,
            cast(null as string) as source_url,
            confidence,
            'site' as evidence,
            reason as note
        from {{ source("accounting", "factors") }}

    )

select
    cast(factor_id as string) as factor_id,
    cast(subject as string) as subject,
    cast(factor_set as string) as factor_set,
    cast(factor_key as string) as factor_key,
    cast(name_zh as string) as factor_name_zh,
    cast(gas as string) as gas,
    cast(region as string) as region,
    cast(data_year as integer) as data_year,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    cast(published_on as date) as published_on,
    cast(factor as decimal(18, 10)) as factor,
    cast(factor_unit as string) as factor_unit,
    cast(source_id as string) as source_id,
    cast(locator as string) as locator,
    cast(source_url as string) as source_url,
    cast(confidence as string) as factor_confidence,
    cast(evidence as string) as evidence,
    cast(note as string) as note
from library
