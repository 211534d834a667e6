-- True for the months that this run rebuilds. Every partitioned parent of a partitioned mart is filtered by it, so that
-- files of other months are not even opened.
{% macro only_rebuilt_months(column="month") %}
    {%- set months = var("months") -%}
    {%- if months == "all" -%} true
    {%- elif months | length == 0 -%} false
    {%- else -%} {{ column }} in ({% for month in months %}date '{{ month }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- endif -%}
{% endmacro %}

{% macro is_full_rebuild() %} {{ return(var("months") == "all") }}{% endmacro %}
