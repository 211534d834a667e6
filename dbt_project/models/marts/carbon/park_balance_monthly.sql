{{ config(order_by=["month", "organization_id", "basis", "place", "part_id"]) }}
-- What a park's emissions are made of, by month and account: each member as it reports by itself, then what members
-- bought from and sold to each other taken off again (that is counted once, at the fuel it was made from), then the
-- park's boundary. What the parts and the boundary do not agree on is a row of its own, zero where they do. In the
-- statutory account the two sides of the trade cancel only where both guidelines count them.
-- Clause: gbt_32150.boundary, provincial.boundary
with
    accounts as (

        {% for account in ["location", "market", "statutory"] -%}
            select '{{ account }}' as account {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    totals as (

        select
            emissions.month,
            emissions.organization_id,
            accounts.account as basis,
            sum(emissions.emissions_tco2e) as emissions_tco2e,
            sum(
                case when emissions.is_internal and emissions.activity > 0 then emissions.emissions_tco2e else 0 end
            ) as bought_tco2e,
            sum(
                case when emissions.is_internal and emissions.activity < 0 then emissions.emissions_tco2e else 0 end
            ) as sold_tco2e,
            sum(case when emissions.emissions_tco2e is null then 1 else 0 end) as missing_count
        from {{ ref("emissions_monthly") }} as emissions
        inner join
            accounts
            on emissions.basis = accounts.account
            or (emissions.basis = 'all' and accounts.account in ('location', 'market'))
        group by emissions.month, emissions.organization_id, accounts.account

    ),

    members as (

        select above.ancestor_id as park_id, totals.*
        from totals
        inner join {{ ref("stg_site__organization_closure") }} as above on totals.organization_id = above.descendant_id
        inner join {{ ref("int_carbon__organization") }} as emitters on totals.organization_id = emitters.organization_id
        where above.distance > 0

    ),

    sums as (

        select
            park_id,
            month,
            basis,
            sum(emissions_tco2e) as emissions_tco2e,
            sum(bought_tco2e) as bought_tco2e,
            sum(sold_tco2e) as sold_tco2e
        from members
        group by park_id, month, basis

    ),

    parts as (

        select
            park_id, month, basis, 1 as place, 'member' as part_kind, organization_id as part_id, emissions_tco2e, missing_count
        from members

        union all

        select park_id, month, basis, 2 as place, 'internal_purchase', cast(null as string), - bought_tco2e, 0
        from sums

        union all

        select park_id, month, basis, 3 as place, 'internal_sale', cast(null as string), - sold_tco2e, 0
        from sums

        union all

        select
            sums.park_id, sums.month, sums.basis, 4 as place, 'boundary', sums.park_id, park.emissions_tco2e, park.missing_count
        from sums
        left join totals as park on sums.park_id = park.organization_id and sums.month = park.month and sums.basis = park.basis

        union all

        select
            sums.park_id,
            sums.month,
            sums.basis,
            5 as place,
            'difference',
            cast(null as string),
            coalesce(park.emissions_tco2e, 0) - (sums.emissions_tco2e - sums.bought_tco2e - sums.sold_tco2e),
            0
        from sums
        left join totals as park on sums.park_id = park.organization_id and sums.month = park.month and sums.basis = park.basis

    )

select
    cast(parts.month as date) as month,
    cast(parts.park_id as string) as organization_id,
    cast(parks.name_zh as string) as organization_name_zh,
    cast(parks.name_en as string) as organization_name_en,
    cast(parts.basis as string) as basis,
    cast(parts.place as integer) as place,
    cast(parts.part_kind as string) as part_kind,
    cast({{ emission_word("parts.part_kind", "zh") }} as string) as part_kind_name_zh,
    cast({{ emission_word("parts.part_kind", "en") }} as string) as part_kind_name_en,
    cast(parts.part_id as string) as part_id,
    cast(owners.name_zh as string) as part_name_zh,
    cast(owners.name_en as string) as part_name_en,
    cast(parts.emissions_tco2e as decimal(18, 6)) as emissions_tco2e,
    cast(parts.missing_count as integer) as missing_count
from parts
inner join {{ ref("stg_site__organization") }} as parks on parts.park_id = parks.organization_id
left join {{ ref("stg_site__organization") }} as owners on parts.part_id = owners.organization_id
