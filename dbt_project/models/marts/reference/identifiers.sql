{{ config(order_by=["organization_id", "subject_kind", "identifier"]) }}
-- The industrial-internet identifiers (Handle, prefix 88) that the organisations gave, with what each stands for.
select
    cast(identifiers.identifier as string) as identifier,
    cast(identifiers.subject_kind as string) as subject_kind,
    cast(identifiers.subject_id as string) as subject_id,
    cast(coalesce(subjects.name_zh, units.name_zh) as string) as subject_name_zh,
    cast(coalesce(subjects.name_en, units.name_en) as string) as subject_name_en,
    cast(identifiers.organization_id as string) as organization_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(organizations.name_en as string) as organization_name_en,
    cast(identifiers.node as string) as node,
    cast(identifiers.registered_on as date) as registered_on,
    cast(identifiers.is_public as boolean) as is_public
from {{ source("site", "identifiers") }} as identifiers
inner join {{ ref("stg_site__organization") }} as organizations on identifiers.organization_id = organizations.organization_id
left join
    {{ ref("stg_site__organization") }} as subjects
    on identifiers.subject_id = subjects.organization_id
    and identifiers.subject_kind = 'organization'
left join
    {{ source("site", "meters") }} as meters on identifiers.subject_id = meters.meter_id and identifiers.subject_kind = 'meter'
left join {{ ref("stg_site__energy_unit") }} as units on meters.energy_unit_id = units.energy_unit_id
