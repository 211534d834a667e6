-- Counts and shares of expected intervals; `received` are those read at both ends or within a short gap of them.
{% macro completeness_columns() %}
    cast(days.expected as integer) as expected,
    cast(days.expected - days.missing_count - days.estimated_count as integer) as received,
    cast(days.estimated_count as integer) as estimated_count,
    cast(days.missing_count as integer) as missing_count,
    cast(
        {{ divide_decimal("days.expected - days.missing_count - days.estimated_count", "days.expected") }} as decimal(9, 6)
    ) as completeness_ratio,
    cast({{ divide_decimal("days.estimated_count", "days.expected") }} as decimal(9, 6)) as estimated_ratio,
    cast(days.energy_at_stake_gj as decimal(18, 6)) as energy_at_stake_gj,
    cast(days.month as date) as month
{% endmacro %}
