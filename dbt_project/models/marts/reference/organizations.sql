{{ config(order_by=["level", "organization_id"]) }}
-- The legal entities of the site and the park they belong to; level 0 is the head.
select
    cast(organizations.organization_id as string) as organization_id,
    cast(organizations.parent_id as string) as parent_id,
    cast(organizations.name_zh as string) as organization_name_zh,
    cast(coalesce(organizations.name_en, organizations.name_zh) as string) as organization_name_en,
    cast(staged.level as integer) as level,
    cast(roots.energy_unit_id as string) as root_energy_unit_id,
    cast(organizations.industry_code as string) as industry_code,
    cast(organizations.guideline as string) as guideline,
    cast(guidelines.doc_no as string) as guideline_document,
    cast(guidelines.name_zh as string) as guideline_name_zh,
    cast(organizations.credit_code as string) as credit_code,
    cast(identifiers.identifier as string) as identifier
from {{ source("site", "organizations") }} as organizations
inner join {{ ref("stg_site__organization") }} as staged on organizations.organization_id = staged.organization_id
left join {{ ref("stg_site__energy_unit") }} as roots on organizations.organization_id = roots.organization_id and roots.is_root
left join {{ source("factors", "guidelines") }} as guidelines on organizations.guideline = guidelines.guideline
left join
    {{ ref("stg_site__first_identifier") }} as identifiers
    on organizations.organization_id = identifiers.subject_id
    and identifiers.subject_kind = 'organization'
