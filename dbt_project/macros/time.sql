-- fmt: off
-- The formatter takes the integer division of DuckDB for a comment.
-- Time as integers: buckets, steps and shares are computed on microseconds since 1970 (UTC), so that both engines
-- agree to the last digit and no function depends on a session's zone.

{% macro epoch_us(instant) %}{{ return(adapter.dispatch('epoch_us', 'nengtan')(instant)) }}{% endmacro %}

{% macro default__epoch_us(instant) %}unix_micros({{ instant }}){% endmacro %}

{% macro duckdb__epoch_us(instant) %}epoch_us({{ instant }}){% endmacro %}

{% macro from_epoch_us(microseconds) %}
    {{- return(adapter.dispatch('from_epoch_us', 'nengtan')(microseconds)) -}}
{% endmacro %}

{% macro default__from_epoch_us(microseconds) %}timestamp_micros({{ microseconds }}){% endmacro %}

{% macro duckdb__from_epoch_us(microseconds) %}make_timestamptz({{ microseconds }}){% endmacro %}

-- The calendar day of an instant in the site's zone. Hot paths join the calendar of hours instead.
{% macro local_date(instant) %}{{ return(adapter.dispatch('local_date', 'nengtan')(instant)) }}{% endmacro %}

{% macro default__local_date(instant) %}
    cast(from_utc_timestamp({{ instant }}, '{{ var("timezone") }}') as date)
{%- endmacro %}

{% macro duckdb__local_date(instant) %}cast(timezone('{{ var("timezone") }}', {{ instant }}) as date){% endmacro %}

-- The minute of the local day of an instant. Hot paths join the calendar of hours instead.
{% macro local_minute(instant) %}{{ return(adapter.dispatch('local_minute', 'nengtan')(instant)) }}{% endmacro %}

{% macro default__local_minute(instant) %}
    (hour(from_utc_timestamp({{ instant }}, '{{ var("timezone") }}')) * 60
    + minute(from_utc_timestamp({{ instant }}, '{{ var("timezone") }}')))
{%- endmacro %}

{% macro duckdb__local_minute(instant) %}
    cast(extract(hour from timezone('{{ var("timezone") }}', {{ instant }})) * 60
    + extract(minute from timezone('{{ var("timezone") }}', {{ instant }})) as integer)
{%- endmacro %}

-- The first day of the month of a date.
{% macro month_of(day) %}cast(date_trunc('month', {{ day }}) as date){% endmacro %}

{% macro local_month(instant) %}{{ month_of(local_date(instant)) }}{% endmacro %}

-- Whole quotient of two positive integers.
{% macro integer_divide(dividend, divisor) %}
    {{- return(dividend if divisor | string | trim == '1' else adapter.dispatch('integer_divide', 'nengtan')(dividend, divisor)) -}}
{% endmacro %}

{% macro default__integer_divide(dividend, divisor) %}(({{ dividend }}) div ({{ divisor }})){% endmacro %}

{% macro duckdb__integer_divide(dividend, divisor) %}(({{ dividend }}) // ({{ divisor }})){% endmacro %}

{% macro interval_us() %}{{ var('interval_minutes') * 60000000 }}{% endmacro %}

{% macro intervals_per_hour() %}{{ 60 // var('interval_minutes') }}{% endmacro %}

{% macro short_gap_us() %}{{ var('short_gap_minutes') * 60000000 }}{% endmacro %}

-- How far the site's wall-clock hours are ahead of UTC's.
{% macro hour_phase_us() %}{{ var('hour_phase_seconds') * 1000000 }}{% endmacro %}

-- The number of the hour that holds an instant; hours begin on the site's wall-clock hour, also in a zone of half hours.
{% macro hour_number(microseconds) %}
    {{- integer_divide(microseconds ~ ' + ' ~ hour_phase_us(), 3600000000) -}}
{% endmacro %}

-- Whether a step fills exactly one interval, which most do: these skip the cutting.
{% macro is_exact_step(to_us="to_us") %}
    ({{ to_us }} % {{ interval_us() }} = 0 and {{ to_us }} - from_us = {{ interval_us() }})
{%- endmacro %}

-- The number of the slot of one price that holds an instant; a slot never crosses an hour.
{% macro slot_number(microseconds) %}
    {{- integer_divide(
        microseconds ~ ' + ' ~ hour_phase_us(), var('price_minutes') * 60000000
    ) -}}
{% endmacro %}

{% macro slots_per_hour() %}{{ 60 // var('price_minutes') }}{% endmacro %}

{% macro hour_of_bucket(bucket) %}{{ hour_number(bucket ~ ' * ' ~ interval_us()) }}{% endmacro %}

-- The place of an interval in its local day, counted in intervals.
{% macro local_slot(bucket, local_hour) %}
    ({{ local_hour }} * {{ 60 // var('interval_minutes') }}
    + {{ integer_divide('(' ~ bucket ~ ' * ' ~ interval_us() ~ ' + ' ~ hour_phase_us() ~ ') % 3600000000', interval_us()) }})
{%- endmacro %}

-- How far profiles look back.
{% macro profile_us() %}{{ var('profile_days') }} * 86400000000{% endmacro %}
