-- How much time one value of an interval-kind point covers: the distance between readings that is most frequent in the
-- month, the shorter one where two are equally frequent.
with
    counted as (

        select point_key, utc_month, reading_us - before_us as distance_us, count(*) as times
        from {{ ref("int_energy__reading_neighboured") }}
        where kind = 'interval' and before_us is not null
        group by point_key, utc_month, reading_us - before_us

    ),

    ranked as (

        select counted.*, row_number() over (partition by point_key, utc_month order by times desc, distance_us) as place
        from counted

    )

select point_key, utc_month, distance_us as covers_us
from ranked
where place = 1
