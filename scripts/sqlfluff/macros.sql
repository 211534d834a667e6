-- Stand-ins for sqlfluff, which knows neither dbt's `return` nor the values of a run: each gives text of the same shape
-- as the macro of the same name in dbt_project/macros.
{% macro return(value) %}{{ value }}{% endmacro %}
{% macro instant_type() %}timestamp{% endmacro %}
{% macro interval_us() %}900000000{% endmacro %}
{% macro short_gap_us() %}3600000000{% endmacro %}
{% macro slots_per_hour() %}4{% endmacro %}
{% macro slot_number(microseconds) %}divided({{ microseconds }}){% endmacro %}
{% macro hour_number(microseconds) %}divided({{ microseconds }}){% endmacro %}
{% macro factor_set(subject, default) %}'{{ default }}'{% endmacro %}
{% macro has_factor_set(subject) %}{% endmacro %}
{% macro only_rebuilt_months(column='month') %}true{% endmacro %}
