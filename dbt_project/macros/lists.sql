-- The texts of a group as one text, in their order; NULL where there is none.
{% macro text_list(text) %} {{ return(adapter.dispatch("text_list", "nengtan")(text)) }}{% endmacro %}

{% macro default__text_list(text) %} nullif(array_join(sort_array(collect_list({{ text }})), '; '), ''){% endmacro %}

{% macro duckdb__text_list(text) %} string_agg({{ text }}, '; ' order by {{ text }}){% endmacro %}
