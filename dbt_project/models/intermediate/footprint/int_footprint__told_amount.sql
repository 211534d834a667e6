{{ config(materialized="table") }}
-- Each exchange that a meter or a book tells, in every month of its organisation: with its amount in the unit of the
-- exchange and `quantity` in the unit it is told in, or with the word for what is missing.
-- Clause: gbt_24067.footprint
select
    exchanges.exchange_id,
    months.month,
    booked.amount,
    {{ product("booked.amount", 6, "conversion.factor", 9, 6) }} as quantity,
    booked.estimated_ratio,
    case
        when booked.exchange_id is null
        then 'no_' || exchanges.amount_source
        when booked.missing is not null
        then booked.missing
        when conversion.factor is null
        then 'unit_of_other_dimension'
    end as missing
from {{ ref("stg_site__exchange") }} as exchanges
inner join
    {{ ref("int_footprint__month") }} as months
    on exchanges.organization_id = months.organization_id
    and months.month >= exchanges.valid_from
    and months.month < exchanges.valid_to
left join
    {{ ref("int_footprint__booked") }} as booked on exchanges.exchange_id = booked.exchange_id and months.month = booked.month
left join
    {{ source("factors", "unit_conversions") }} as conversion
    on exchanges.unit = conversion.from_unit
    and exchanges.told_unit = conversion.to_unit
where exchanges.amount_source in ('meter', 'production', 'activity')
