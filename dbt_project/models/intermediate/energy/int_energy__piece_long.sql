{{ config(materialized="table") }}
-- The pieces that a profile is wanted for, each with its place in the local day and the kind of that day.
select pieces.*, hours.is_weekend, {{ local_slot("pieces.bucket", "hours.local_hour") }} as local_slot
from {{ ref("int_energy__interval_piece") }} as pieces
inner join {{ ref("int_energy__point") }} as points on pieces.point_key = points.point_key
inner join {{ source("meta", "history_hour") }} as hours on {{ hour_of_bucket("pieces.bucket") }} = hours.hour_number
where pieces.is_long and (pieces.nature <> 'gap' or points.substitution = 'like_days')
