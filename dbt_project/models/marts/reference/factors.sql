{{ config(order_by=["subject", "factor_set", "factor_key", "factor_id", "property"]) }}
-- Every number of the library and of the site's own factor base, one a row, with validity, source and confidence.
-- Versions stand side by side; which one counts says factor_rules.csv.
with
    numbers as (

        select *
        from {{ source("factors", "factor_numbers") }}

        union all

        select *
        from {{ source("accounting", "factor_numbers_own") }}

    )

select
    cast(factor_id as string) as factor_id,
    cast(property as string) as property,
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
    cast(value as decimal(18, 10)) as factor,
    cast(unit as string) as factor_unit,
    cast(source_id as string) as source_id,
    cast(locator as string) as locator,
    cast(source_url as string) as source_url,
    cast(confidence as string) as factor_confidence,
    cast(evidence as string) as evidence,
    cast(note as string) as note,
    cast(organization_id as string) as organization_id
from numbers
