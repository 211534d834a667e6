-- From the last reading of each point that counts to where knowledge ends.
with
    last_reading as (

        select point_key, reading_us
        from {{ ref("int_energy__step_plain") }}
        where is_last
        union all
        select judged.point_key, judged.reading_us
        from {{ ref("int_energy__reading_judged") }} as judged
        left join
            {{ ref("int_energy__register_step") }} as steps
            on judged.point_key = steps.point_key
            and judged.reading_us = steps.reading_us
            and judged.side = steps.side
        where judged.refusal is null and coalesce(steps.verdict, '') <> 'unconfirmed'

    ),

    newest as (select point_key, max(reading_us) as reading_us from last_reading group by point_key)

select newest.point_key, newest.reading_us as from_us, horizon.horizon_us as to_us
from newest
cross join {{ source("meta", "horizon") }} as horizon
where newest.reading_us < horizon.horizon_us
