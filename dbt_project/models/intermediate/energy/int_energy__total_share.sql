{{ config(materialized="table") }}
-- The shares that make up each total. One that stands alone over its stretch of time is the total, and is not added up.
select series.total_key, shares.share_key, count(*) over (partition by series.total_key, series.segment_from) = 1 as is_alone
from {{ ref("int_energy__series_point") }} as series
inner join
    {{ ref("int_energy__point_share") }} as shares
    on series.point_key = shares.point_key
    and series.segment_from = shares.segment_from
    and series.segment_to = shares.segment_to
    and series.weight = shares.weight
    and coalesce(series.tariff_key, 0) = coalesce(shares.tariff_key, 0)
