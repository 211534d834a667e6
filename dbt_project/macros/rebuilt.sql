-- What a run rebuilds. `whole` names the models that have to yield everything (or is `all`); the others only have to
-- yield what stands in meta.work, the points and local days that the run's worklist names, and may yield more.
-- True for the months that this run rebuilds. Every partitioned parent of a partitioned mart is filtered by it, so that
-- files of other months are not even opened.
{% macro only_rebuilt_months(column="month") %}
    {%- set months = var("months") -%}
    {%- if is_full_rebuild() -%} true
    {%- elif months | length == 0 -%} false
    {%- else -%} {{ column }} in ({% for month in months %}date '{{ month }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- endif -%}
{% endmacro %}

-- True for the local days that this run rebuilds.
{% macro only_rebuilt_days(column="local_date") %}
    {%- if is_full_rebuild() -%} true
    {%- else -%} {{ column }} in (select local_date from {{ source("meta", "work_day") }})
    {%- endif -%}
{% endmacro %}

-- Whether this model has to yield everything.
{% macro is_full_rebuild() %} {{ return(rebuilds_whole(model.name)) }}{% endmacro %}

-- Whether another model yields everything in this run.
{% macro rebuilds_whole(name) %} {{ return(var("whole") == "all" or name in var("whole")) }}{% endmacro %}
