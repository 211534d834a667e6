{{ config(materialized="table") }}
-- How many intervals make up an hour of a residual unit's total: where one of them is absent the hour has no residual.
select
    series.total_key,
    series.segment_from,
    series.segment_to,
    cast(count(*) * {{ intervals_per_hour() }} as integer) as interval_count
from {{ ref("int_energy__series_point") }} as series
inner join {{ ref("int_energy__consumption_total") }} as totals on series.total_key = totals.total_key
inner join {{ ref("stg_site__energy_unit") }} as units on totals.energy_unit_id = units.energy_unit_id and units.is_residual
group by series.total_key, series.segment_from, series.segment_to
