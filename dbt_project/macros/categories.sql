-- Words that repeat over millions of rows, as categories: an engine that knows them stores and writes a small number for
-- each and hashes no text. Readers see text everywhere.
-- A column of words for a mart, whether it is a category or text.
{% macro words_of(column) %} {{ return(adapter.dispatch("words_of", "nengtan")(column)) }}{% endmacro %}

{% macro default__words_of(column) %} cast({{ column }} as string){% endmacro %}

{% macro duckdb__words_of(column) %} {{ column }}{% endmacro %}

-- A word of quality as a category.
{% macro quality_word(word) %} {{ return(adapter.dispatch("quality_word", "nengtan")(word)) }}{% endmacro %}

{% macro default__quality_word(word) %} {{ word }}{% endmacro %}

{% macro duckdb__quality_word(word) %}
    cast({{ word }} as enum('measured', 'interpolated', 'estimated', 'substituted', 'missing'))
{%- endmacro %}
