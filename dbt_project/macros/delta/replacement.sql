-- A mart that is rebuilt by the worklist: of each month the files that hold days of the work are written anew, with the
-- model's rows for what is in the work and the published rows for the rest; other files are not opened.
{% macro replace_by_work(sql, relation, folder) %}
    {%- set keys = config.get("replaced_by", ["month"]) | join(", ") -%}
    {%- set mart = relation.schema ~ "." ~ relation.identifier -%}
    {%- set order_by = config.get("order_by") -%}
    {%- call statement("fresh", auto_begin=False) -%}
        create or replace temp table fresh_rows as
        select * from ({{ sql }}) semi join (select distinct {{ keys }} from meta.work) using ({{ keys }})
    {%- endcall -%}
    {%- set months = run_query("select distinct cast(month as varchar) from meta.work order by 1").columns[0].values() -%}
    {%- for month in months -%}
        {%- set touched = touched_files(mart, month, keys == "month") -%}
        {%- set rows -%}
            select * from fresh_rows where month = date '{{ month }}'
            {% if touched and keys != 'month' -%}
                union all by name
                select *, date '{{ month }}' as month
                from (select * from read_parquet(['{{ touched | join("', '") }}'], hive_partitioning = false))
                anti join (select distinct {{ keys }} from meta.work where month = date '{{ month }}') using ({{ keys }})
            {%- endif -%}
        {%- endset -%}
        {%- for part in parts_of(month, config.get("month_by_month")) -%}
            {%- set any_rows = "select count(*) from (select 1 from (" ~ rows ~ ") where " ~ part.condition ~ " limit 1)" -%}
            {%- if run_query(any_rows).columns[0].values()[0] -%}
                {%- call statement("month", auto_begin=False) -%}
                    {{ copy_part(rows, folder, month, part, order_by) }}
                {%- endcall -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if touched -%}
            {%- call statement("replaced", auto_begin=False) -%}
                insert into meta.replaced
                select '{{ mart }}', unnest(['{{ touched | join("', '") }}'])
            {%- endcall -%}
        {%- endif -%}
    {%- endfor -%}
    {%- call statement("done", auto_begin=False) -%} drop table fresh_rows {%- endcall -%}
{% endmacro %}

-- The published files of a month that have to be written anew: those whose days overlap the work, and the small ones
-- where there are too many.
{% macro touched_files(mart, month, all_of_month) %}
    {%- set published -%}
        select path from meta.mart_files where mart = '{{ mart }}' and month = date '{{ month }}' order by path
    {%- endset -%}
    {%- set files = run_query(published).columns[0].values() | list -%}
    {%- if all_of_month or not files -%} {{ return(files) }} {%- endif -%}
    {#- So many files may a month have before its small ones are merged. -#}
    {%- set handful = 6 -%}
    {%- set listed = "['" ~ files | join("', '") ~ "']" -%}
    {%- set overlapping -%}
        with
            touched as (
                select distinct groups.file_name
                from parquet_metadata({{ listed }}) as groups
                inner join
                    (select distinct local_date from meta.work where month = date '{{ month }}') as work
                    on work.local_date between
                        coalesce(cast(groups.stats_min_value as date), date '0001-01-01')
                        and coalesce(cast(groups.stats_max_value as date), date '9999-12-31')
                where groups.path_in_schema = 'local_date'
            ),

            rest as (
                select file_name, num_rows, count(*) over () as files, max(num_rows) over () as largest, min(num_rows) over () as smallest
                from parquet_file_metadata({{ listed }})
                where file_name not in (select file_name from touched)
            )

        select file_name from touched
        union all
        select file_name from rest where files >= {{ handful }} and (num_rows * 2 <= largest or smallest * 2 > largest)
    {%- endset -%}
    {{ return(run_query(overlapping).columns[0].values() | list) }}
{% endmacro %}
