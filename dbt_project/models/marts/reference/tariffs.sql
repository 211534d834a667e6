{{ config(order_by=["energy_unit_id", "carrier", "valid_from", "band", "start_time"]) }}
-- The prices of the site: by unit, carrier, band, time of day and months.
select
    cast(units.organization_id as string) as organization_id,
    cast(tariffs.energy_unit_id as string) as energy_unit_id,
    cast(tariffs.carrier as string) as carrier,
    cast(carriers.name_zh as string) as carrier_name_zh,
    cast(carriers.name_en as string) as carrier_name_en,
    cast(tariffs.band as string) as band,
    cast(tariffs.start_time as string) as start_time,
    cast(tariffs.end_time as string) as end_time,
    cast(tariffs.months as string) as months,
    cast(tariffs.price_cny_per_unit as decimal(18, 6)) as price_cny_per_unit,
    cast(carriers.unit as string) as unit,
    cast(tariffs.valid_from as date) as valid_from,
    cast(tariffs.valid_to as date) as valid_to
from {{ source("site", "tariffs") }} as tariffs
inner join {{ ref("stg_site__energy_unit") }} as units on tariffs.energy_unit_id = units.energy_unit_id
left join {{ source("factors", "carriers") }} as carriers on tariffs.carrier = carriers.carrier
