{{ config(materialized="table") }}
-- The places around the doubtful readings: those whose steps are worked out the long way (`is_core`) and, further out,
-- those that this needs to look at.
with
    doubtful as (

        select
            point_key,
            place - {{ glitch_span() }} - case when is_catch_up then {{ still_span() }} else 0 end as core_from,
            place + {{ glitch_span() }} + case when is_restamped then {{ still_span() }} else 0 end as core_to
        from {{ ref("int_energy__reading_step") }}
        where is_doubtful

    ),

    around as (

        select
            doubtful.point_key,
            doubtful.core_from - {{ glitch_span() }} + numbers.n as place,
            case
                when numbers.n >= {{ glitch_span() }} and numbers.n <= doubtful.core_to - doubtful.core_from + {{ glitch_span() }}
                then 1
                else 0
            end as is_core
        from doubtful
        inner join
            {{ source("meta", "number") }} as numbers
            on numbers.n <= {{ 4 * (glitch_span() | int) + 2 * (still_span() | int) }}
            and numbers.n <= doubtful.core_to - doubtful.core_from + 2 * {{ glitch_span() }}

    )

select {{ reading_key("point_key", "place") }} as reading_key, max(is_core) = 1 as is_core
from around
group by point_key, place
