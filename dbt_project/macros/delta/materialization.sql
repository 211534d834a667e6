-- Materialisation `delta`: the engine writes the rows of a mart as Parquet files into the folder of its Delta table,
-- under names that carry the run's id. Nothing refers to them before the publication commits them. Until then the mart
-- is a view of the new files and of the published files whose month this run does not rebuild.
-- config: partition_by (a date column, first of month) for time series; without it the whole table is written anew.
-- month_by_month: the parents are tables ordered by month, so each month is read and written by itself, in little
-- memory and in half the time; for large marts.
{% materialization delta, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set partition_by = config.get('partition_by') -%}
    {%- set folder = var('marts_root') ~ '/' ~ this.schema ~ '/' ~ this.identifier -%}
    {%- set existing = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none -%} {%- do adapter.drop_relation(existing) -%} {%- endif -%}

    {%- if config.get('month_by_month') -%}
        {#- The parents are ordered by time: each month is read, joined and written by itself, in little memory. -#}
        {%- for month in run_query('select cast(month as varchar) from meta.month order by month').columns[0].values() -%}
            {%- call statement('month', auto_begin=False) -%}
                {{ copy_one_month(sql, folder, month) }}
            {%- endcall -%}
        {%- endfor -%}
        {%- call statement('main') -%} select 1 {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}
            {{ copy_to_folder(sql, folder, partition_by, config.get('order_by')) }}
        {%- endcall -%}
    {%- endif %}

    {%- set files = new_files(folder) + (retained_files(this) if partition_by else []) -%}
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
        format parquet, compression zstd, row_group_size 122880
        {%- if partition_by %},
        partition_by ({{ partition_by }}), overwrite_or_ignore true, filename_pattern '{{ var("run_id") }}_{i}'
        {%- endif %}
    )
{% endmacro %}

{% macro copy_one_month(sql, folder, month) %}
    copy (
        select * exclude (month) from (
        {{ sql }}
        ) where month = date '{{ month }}'
    ) to '{{ folder }}/month={{ month }}/{{ var("run_id") }}_0.parquet' (
        format parquet, compression zstd, row_group_size 122880
    )
{% endmacro %}

{% macro new_files(folder) %}
    {%- set found -%} select file from glob('{{ folder }}/**/{{ var("run_id") }}*.parquet') order by file {%- endset -%}
    {{ return(run_query(found).columns[0].values() | list) }}
{% endmacro %}

{% macro retained_files(relation) %}
    {%- set found -%}
        select path from meta.mart_files
        where mart = '{{ relation.schema }}.{{ relation.identifier }}' and not ({{ only_rebuilt_months('month') }})
        order by path
    {%- endset -%}
    {{ return(run_query(found).columns[0].values() | list) }}
{% endmacro %}

{% macro files_as_rows(files, sql, partition_by) %}
    {%- if not files -%}
        select * from ({{ sql }}) where false
    {%- else -%}
        select * from read_parquet(
            ['{{ files | join("', '") }}']
            {%- if partition_by %}, hive_partitioning = true, hive_types = {'{{ partition_by }}': date}{% endif %}
        )
    {%- endif -%}
{% endmacro %}
