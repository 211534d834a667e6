{{ config(materialized="table") }}
-- The coefficients of each total on each day of the rebuilt months.
select
    totals.total_key,
    days.local_date,
    cast(factors.gj_per_unit as decimal(18, 12)) as gj_per_unit,
    cast(factors.tce_calorific_per_unit as decimal(18, 12)) as tce_calorific_per_unit,
    cast(factors.tce_equivalent_per_unit as decimal(18, 12)) as tce_equivalent_per_unit
from {{ ref("int_energy__consumption_total") }} as totals
cross join (select distinct local_date from {{ source("meta", "calendar_hour") }}) as days
inner join
    {{ ref("int_factors__coal_equivalent") }} as factors
    on totals.carrier = factors.carrier
    and totals.quantity_unit = factors.unit
    and (factors.valid_from is null or days.local_date >= factors.valid_from)
    and (factors.valid_to is null or days.local_date < factors.valid_to)
