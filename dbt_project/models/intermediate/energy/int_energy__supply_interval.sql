{{ config(meta={"only_with": {"int_energy__interval": "intervals"}}) }}
-- depends_on: {{ ref('int_energy__interval') }} {{ ref('intervals') }} {{ ref('int_energy__supply_point') }}
-- What passed the points in each interval of the days to rebuild: those that were just made, or the published ones of
-- the points of supply, new ones among them.
{% if rebuilds_whole("intervals") -%} select point_key, period_us, quantity, local_date from {{ ref("int_energy__interval") }}
{%- else -%}
    select supplies.point_key, {{ epoch_us("intervals.period_start_at") }} as period_us, intervals.quantity, intervals.local_date
    from {{ ref("intervals") }} as intervals
    inner join
        (select distinct point_id, point_key from {{ ref("int_energy__supply_point") }}) as supplies
        on intervals.point_id = supplies.point_id
    where {{ only_rebuilt_months("intervals.month") }} and {{ only_rebuilt_days("intervals.local_date") }}
{%- endif %}
