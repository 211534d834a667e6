-- Secondary data by factor: what one unit of a thing has behind it, of the library and of the site's own factors.csv.
select
    factor_id,
    cast(factor_kgco2e_per_unit as decimal(18, 9)) as factor,
    unit,
    confidence,
    cast(dqr_technology as decimal(4, 3)) as dqr_technology,
    cast(dqr_time as decimal(4, 3)) as dqr_time,
    cast(dqr_geography as decimal(4, 3)) as dqr_geography,
    name_zh,
    name_en,
    source_id as source,
    data_year,
    {{ open_from("valid_from") }} as valid_from,
    {{ open_to("valid_to") }} as valid_to,
    false as is_own
from {{ source("factors", "factor_footprint") }}

union all

select
    factor_id,
    cast(value as decimal(18, 9)) as factor,
    unit,
    confidence,
    cast(null as decimal(4, 3)) as dqr_technology,
    cast(null as decimal(4, 3)) as dqr_time,
    cast(null as decimal(4, 3)) as dqr_geography,
    item as name_zh,
    item as name_en,
    source,
    data_year,
    {{ open_from("valid_from") }} as valid_from,
    {{ open_to("valid_to") }} as valid_to,
    true as is_own
from {{ source("accounting", "factors_footprint") }}
