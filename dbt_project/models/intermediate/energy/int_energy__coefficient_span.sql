{{ config(materialized="table") }}
-- The coefficients of each total as far as they hold on days of the rebuilt months; spans [valid_from, valid_to) do not overlap.
with reach as (select min(local_date) as first_date, max(local_date) as last_date from {{ source("meta", "calendar_hour") }})

select
    totals.total_key,
    coalesce(factors.valid_from, date '0001-01-01') as valid_from,
    coalesce(factors.valid_to, date '9999-12-31') as valid_to,
    cast(factors.gj_per_unit as decimal(18, 12)) as gj_per_unit,
    cast(factors.tce_calorific_per_unit as decimal(18, 12)) as tce_calorific_per_unit,
    cast(factors.tce_equivalent_per_unit as decimal(18, 12)) as tce_equivalent_per_unit
from {{ ref("int_energy__consumption_total") }} as totals
cross join reach
inner join
    {{ ref("int_factors__coal_equivalent") }} as factors
    on totals.carrier = factors.carrier
    and totals.quantity_unit = factors.unit
    and (factors.valid_from is null or reach.last_date >= factors.valid_from)
    and (factors.valid_to is null or reach.first_date < factors.valid_to)
