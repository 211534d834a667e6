{{ config(materialized="table") }}
-- The different ways in which a point counts: with a weight, at a price, over a stretch of time. Every total that counts
-- it so takes the same hours of it.
select
    cast(row_number() over (order by point_key, segment_from, weight, tariff_key) as integer) as share_key,
    point_key,
    tariff_key,
    segment_from,
    segment_to,
    weight
from
    (select distinct point_key, tariff_key, segment_from, segment_to, weight from {{ ref("int_energy__series_point") }}) as shares
