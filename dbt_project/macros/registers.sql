-- How far the doubt about a reading goes, in readings of its point: a glitch lasts at most three readings and is judged
-- by the kept ones within `glitch_span`; a register that stood still is followed back, a clock forward, over
-- `still_span`. The worklist
-- widens what a reading changes to lake.neighbours.REACH, which is at least the sum of all of these.
{% macro glitch_span() %} 12{% endmacro %}

{% macro still_span() %} 48{% endmacro %}

-- By how much a clock may be wrong before a jump of the register is taken for an exchange: four hours.
{% macro clock_tolerance_us() %} 14400000000{% endmacro %}

-- By how much the delay of readings must grow, and stay, before their clock is held for wrong: half an hour.
{% macro clock_suspicion_us() %} 1800000000{% endmacro %}

{% macro forever_us() %} cast(9000000000000000 as bigint){% endmacro %}

-- One whole number for a reading of a point, for joins of tens of millions of rows.
{% macro reading_key(point_key, place) %}(cast({{ point_key }} as bigint) * 4294967296 + {{ place }}){% endmacro %}

-- How much time a value of a point that counts by intervals covers: the median of its distances to the reading before,
-- of that one to its own, and to the reading after; never more than the first.
{% macro interval_covers(before, before_that, after) %}
    least(
        coalesce({{ before }}, {{ after }}, {{ interval_us() }}),
        greatest(
            least({{ before }}, coalesce({{ before_that }}, {{ after }}, {{ before }})),
            least(
                greatest({{ before }}, coalesce({{ before_that }}, {{ after }}, {{ before }})),
                coalesce({{ after }}, {{ before_that }}, {{ before }})
            )
        )
    )
{% endmacro %}

-- The rows of `relation` with `refused`: a run of `length` readings outside of what the kept readings before and after
-- it leave room for, these two fitting each other. Registers that an event gives are never refused.
{% macro refused_runs(relation, length) %}
    select
        beside.*,
        not is_given
        and (
            {%- for before in range(1, length + 1) %}
                {%- set after = length + 1 - before %}
                {{ "or " if not loop.first }} coalesce(
                    before{{ before }}_value <= after{{ after }}_value
                    and after{{ after }}_place - before{{ before }}_place <= {{ glitch_span() }}
                    and (value < before{{ before }}_value or value > after{{ after }}_value),
                    false
                )
            {%- endfor %}
        ) as is_refused
    from
        (
            select
                point_key,
                reading_us,
                side,
                place,
                is_core,
                epoch,
                value,
                late_us,
                is_given
                {%- for n in range(1, length + 1) %}
                    ,
                    lag(value, {{ n }}) over (partition by point_key, epoch order by reading_us, side) as before{{ n }}_value,
                    lag(place, {{ n }}) over (partition by point_key, epoch order by reading_us, side) as before{{ n }}_place,
                    lead(value, {{ n }}) over (partition by point_key, epoch order by reading_us, side) as after{{ n }}_value,
                    lead(place, {{ n }}) over (partition by point_key, epoch order by reading_us, side) as after{{ n }}_place
                {%- endfor %}
            from {{ relation }}
        ) as beside
{% endmacro %}
