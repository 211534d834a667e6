-- A schema is called what the project calls it: marts lie at <schema>.<table>, without a prefix of the target.
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
