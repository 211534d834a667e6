-- The type of an instant: UTC, microseconds.
{% macro instant_type() %} {{ return(adapter.dispatch("instant_type", "nengtan")()) }}{% endmacro %}

{% macro default__instant_type() %} timestamp{% endmacro %}

{% macro duckdb__instant_type() %} timestamp with time zone{% endmacro %}
