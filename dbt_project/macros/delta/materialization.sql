-- Materialisation `delta`: the engine writes the rows of a mart as Parquet files into the folder of its Delta table,
-- under names that carry the run's id. Nothing refers to them before the publication commits them. Until then the mart
-- is a view of the new files and of the published files that this run does not replace.
-- config: partition_by (a date column, first of month) for time series; without it the whole table is written anew.
-- replaced_by: the columns of meta.work that say which rows a run by worklist replaces; the month where none are named.
-- month_by_month: each month is read, ordered and written by itself, in little memory; for large marts. Their newest days
-- lie in a file of their own, so that the next day rewrites little.
-- With the variable `only_views` nothing is written: the mart is a view of its parents.
{% materialization delta, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set partition_by = config.get('partition_by') -%}
    {%- set folder = var('marts_root') ~ '/' ~ this.schema ~ '/' ~ this.identifier -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set by_work = partition_by and not is_full_rebuild() -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none -%} {%- do adapter.drop_relation(existing) -%} {%- endif -%}

    {%- if var('only_views', false) -%}
        {%- call statement('main') -%} create view {{ target_relation }} as {{ sql }} {%- endcall -%}
        {% do adapter.commit() %}
        {{ return({'relations': [target_relation]}) }}
    {%- endif %}

    {%- if by_work -%}
        {%- do replace_by_work(sql, this, folder) -%}
        {%- call statement('main') -%} select 1 {%- endcall -%}
    {%- elif config.get('month_by_month') -%}
        {%- for month in run_query('select cast(month as varchar) from meta.month order by month').columns[0].values() -%}
            {%- for part in parts_of(month, true) -%}
                {%- call statement('month', auto_begin=False) -%}
                    {{ copy_part("select * from (" ~ sql ~ ") where month = date '" ~ month ~ "'", folder, month, part, config.get('order_by')) }}
                {%- endcall -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- call statement('main') -%} select 1 {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}
            {{ copy_to_folder(sql, folder, partition_by, config.get('order_by')) }}
        {%- endcall -%}
    {%- endif %}

    {%- set files = new_files(folder) + (retained_files(this) if by_work else []) -%}
    {%- call statement('view') -%}
        create view {{ target_relation }} as {{ files_as_rows(files, sql, partition_by) }}
    {%- endcall -%}
    {%- call statement('built') -%}
        insert into meta.built values (
            '{{ this.schema }}', '{{ this.identifier }}', {{ "'" ~ partition_by ~ "'" if partition_by else 'null' }}, null
        )
    {%- endcall -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro copy_to_folder(sql, folder, partition_by, order_by) %}
    copy (
        select * from (
        {{ sql }}
        )
        {%- if order_by %} order by {{ order_by | join(', ') }}{% endif %}
    ) to '{{ folder }}{{ "" if partition_by else "/" ~ var("run_id") ~ ".parquet" }}' (
        {{ written() }}
        {%- if partition_by %},
        partition_by ({{ partition_by }}), overwrite_or_ignore true, filename_pattern '{{ var("run_id") }}_{i}'
        {%- endif %}
    )
{% endmacro %}

-- The files that the rows of a month go to: the days before the newest ones, and those.
{% macro parts_of(month, is_large) %}
    {%- set newest = var("newest_days_from") -%}
    {%- if not is_large or not newest or month < newest[:8] ~ '01' -%}
        {{ return([{'number': 0, 'condition': 'true'}]) }}
    {%- elif month == newest -%}
        {{ return([{'number': 1, 'condition': 'true'}]) }}
    {%- elif month == newest[:8] ~ '01' -%}
        {{ return([
            {'number': 0, 'condition': "local_date < date '" ~ newest ~ "'"},
            {'number': 1, 'condition': "local_date >= date '" ~ newest ~ "'"},
        ]) }}
    {%- else -%}
        {{ return([{'number': 1, 'condition': 'true'}]) }}
    {%- endif -%}
{% endmacro %}

{% macro copy_part(rows, folder, month, part, order_by=none) %}
    copy (
        select * exclude (month) from ({{ rows }}) where {{ part.condition }}
        {%- if order_by %} order by {{ order_by | join(', ') }}{% endif %}
    ) to '{{ folder }}/month={{ month }}/{{ var("run_id") }}_{{ part.number }}.parquet' (
        {{ written() }}
    )
{% endmacro %}

-- How every file is written. Words are categories or few: a column of other values is not tried as a dictionary for long.
{% macro written() %}
    format parquet, parquet_version v2, compression zstd, row_group_size 122880, dictionary_size_limit 5000
{%- endmacro %}

{% macro new_files(folder) %}
    {%- set found -%} select file from glob('{{ folder }}/**/{{ var("run_id") }}*.parquet') order by file {%- endset -%}
    {{ return(run_query(found).columns[0].values() | list) }}
{% endmacro %}

{% macro retained_files(relation) %}
    {%- set found -%}
        select path from meta.mart_files as published
        where mart = '{{ relation.schema }}.{{ relation.identifier }}'
            and path not in (select path from meta.replaced where mart = published.mart)
        order by path
    {%- endset -%}
    {{ return(run_query(found).columns[0].values() | list) }}
{% endmacro %}

{% macro files_as_rows(files, sql, partition_by) %}
    {%- if not files -%}
        select
            {% for name, type in run_query("select column_name, column_type from (describe select * from (" ~ sql ~ "))").rows -%}
                {{ 'cast("' ~ name ~ '" as varchar) as ' if type.startswith('ENUM') }}"{{ name }}"{{ ', ' if not loop.last }}
            {%- endfor %}
        from ({{ sql }})
        where false
    {%- else -%}
        select * from read_parquet(
            ['{{ files | join("', '") }}']
            {%- if partition_by %}, hive_partitioning = true, hive_types = {'{{ partition_by }}': date}{% endif %}
        )
    {%- endif -%}
{% endmacro %}
