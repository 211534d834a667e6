-- The type of an instant: UTC, microseconds.
{% macro instant_type() %} {{ return(adapter.dispatch("instant_type", "nengtan")()) }}{% endmacro %}

{% macro default__instant_type() %} timestamp{% endmacro %}

{% macro duckdb__instant_type() %} timestamp with time zone{% endmacro %}

-- After `as` of a CTE that is read more than once: engines that would reckon it each time are told not to.
{% macro materialized() %} {{ return(adapter.dispatch("materialized", "nengtan")()) }}{% endmacro %}

{% macro default__materialized() %} {% endmacro %}

{% macro duckdb__materialized() %} materialized{% endmacro %}
