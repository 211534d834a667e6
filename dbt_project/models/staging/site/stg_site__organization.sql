-- One row per legal entity with its depth: 0 for the head of the site.
select
    organizations.organization_id,
    organizations.parent_id,
    organizations.name_zh,
    coalesce(organizations.name_en, organizations.name_zh) as name_en,
    cast(closure.level as integer) as level
from {{ source("site", "organizations") }} as organizations
inner join
    {{ source("site", "organization_closure") }} as closure
    on organizations.organization_id = closure.descendant
    and closure.distance = 0
