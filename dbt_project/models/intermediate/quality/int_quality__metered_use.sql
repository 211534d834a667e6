-- Which kinds of energy each unit uses that a level of GB 17167 asks meters of, and whether instruments measure all of
-- that use: a meter of its own counted in full, or those of all its parts. A share of a meter measures nobody, nor does a
-- declared amount; what ended before the newest reading, or was last declared a year before it, is no use.
with
    today as (

        select
            {{ local_date(from_epoch_us("newest_us")) }} as local_date,
            extract(year from {{ local_date(from_epoch_us("newest_us")) }}) * 12
            + extract(month from {{ local_date(from_epoch_us("newest_us")) }}) as month_number
        from {{ source("meta", "horizon") }}

    ),

    kinds as (

        select carrier, coalesce(equipping_key, carrier) as energy_kind
        from {{ source("factors", "carriers") }}
        where origin not in ('medium', 'material')

    ),

    units as (

        select
            energy_unit_id,
            organization_id,
            is_root,
            carriers,
            coalesce(
                gb17167_level,
                case
                    when is_residual
                    then 'none'
                    when is_root
                    then 'entity'
                    when kind in ('workshop', 'utility')
                    then 'sub_entity'
                    when kind = 'equipment'
                    then 'equipment'
                    else 'none'
                end
            ) as gb17167_level
        from {{ ref("stg_site__energy_unit") }}

    ),

    standing as (

        select distinct meters.energy_unit_id, kinds.energy_kind
        from {{ source("site", "meters") }} as meters
        inner join kinds on meters.carrier = kinds.carrier

    ),

    allocated as (

        select
            allocations.energy_unit_id,
            kinds.energy_kind,
            min(case when abs(allocations.weight) = 1 then 1 else 0 end) as is_metered
        from {{ ref("stg_site__allocation") }} as allocations
        inner join kinds on allocations.carrier = kinds.carrier
        cross join today
        where allocations.valid_from <= today.local_date and today.local_date < allocations.valid_to
        group by allocations.energy_unit_id, kinds.energy_kind

    ),

    -- units of one organisation above others; what has allocations of its own stands for its parts
    above as (

        select closure.ancestor_id, closure.descendant_id, closure.distance
        from {{ ref("stg_site__unit_closure") }} as closure
        inner join units as whole on closure.ancestor_id = whole.energy_unit_id
        inner join units as part on closure.descendant_id = part.energy_unit_id and whole.organization_id = part.organization_id

    ),

    stood_for as (

        select distinct above.ancestor_id, below.descendant_id, allocated.energy_kind
        from allocated
        inner join above on allocated.energy_unit_id = above.descendant_id
        inner join above as below on allocated.energy_unit_id = below.ancestor_id and below.distance > 0

    ),

    by_parts as (

        select above.ancestor_id as energy_unit_id, allocated.energy_kind, min(allocated.is_metered) as is_metered
        from allocated
        inner join above on allocated.energy_unit_id = above.descendant_id and above.distance > 0
        left join
            stood_for
            on above.ancestor_id = stood_for.ancestor_id
            and allocated.energy_unit_id = stood_for.descendant_id
            and allocated.energy_kind = stood_for.energy_kind
        where stood_for.ancestor_id is null
        group by above.ancestor_id, allocated.energy_kind

    ),

    declared as (

        {% for thing in ["activity", "stock"] -%}
            select rows.organization_id, rows.energy_unit_id, kinds.energy_kind
            from {{ source("accounting", thing) }} as rows
            inner join kinds on rows.item = kinds.carrier
            cross join today
            where extract(year from rows.month) * 12 + extract(month from rows.month) > today.month_number - 12
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}

    ),

    used as (

        select energy_unit_id, energy_kind, is_metered, 1 as place
        from allocated

        union all

        select energy_unit_id, energy_kind, 0 as is_metered, 1 as place
        from declared
        where energy_unit_id is not null

        union all

        select units.energy_unit_id, declared.energy_kind, 0 as is_metered, 1 as place
        from declared
        inner join units on declared.organization_id = units.organization_id and units.is_root

        union all

        select
            by_parts.energy_unit_id,
            by_parts.energy_kind,
            case when standing.energy_unit_id is null then by_parts.is_metered else 1 end as is_metered,
            1 as place
        from by_parts
        left join standing on by_parts.energy_unit_id = standing.energy_unit_id and by_parts.energy_kind = standing.energy_kind

        union all

        -- what only the site says: metered where a meter of it stands there
        select
            units.energy_unit_id,
            kinds.energy_kind,
            max(case when standing.energy_unit_id is null then 0 else 1 end) as is_metered,
            2 as place
        from units
        inner join kinds on ';' || units.carriers || ';' like '%;' || kinds.carrier || ';%'
        left join standing on units.energy_unit_id = standing.energy_unit_id and kinds.energy_kind = standing.energy_kind
        group by units.energy_unit_id, kinds.energy_kind

    ),

    ranked as (

        select energy_unit_id, energy_kind, place, min(is_metered) as is_metered
        from used
        group by energy_unit_id, energy_kind, place

    ),

    known as (select energy_unit_id, energy_kind, min(place) as place from ranked group by energy_unit_id, energy_kind)

select
    ranked.energy_unit_id,
    units.organization_id,
    units.gb17167_level,
    ranked.energy_kind,
    cast(ranked.is_metered as integer) as is_metered
from ranked
inner join
    known
    on ranked.energy_unit_id = known.energy_unit_id
    and ranked.energy_kind = known.energy_kind
    and ranked.place = known.place
inner join units on ranked.energy_unit_id = units.energy_unit_id
where units.gb17167_level <> 'none'
